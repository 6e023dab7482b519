"""What the ledger's export says about each hazard, read in pages, for whoever runs the program: no scope.

People in chats see hazards through `models.hazards.access`; this view is for the command line and for jobs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.access import local_day
from models.enterprises.tables import Enterprise, Industry
from models.grids.names import short_name
from models.grids.tables import Grid, Level
from models.grids.tree import enclosing
from models.hazards.cards import category_name, level_name, source_name
from models.hazards.flow import RUNNING, Side, State
from models.hazards.tables import Hazard, HazardEvent, HazardListing, HazardMeasure, HazardOwner, Source
from models.people.tables import Person
from models.rules import Rules
from models.session import Session

PAGE = 500  # Hazards; pages keep a long export from holding back the write-ahead log of SQLite.
# The work is handed in and not (or not yet) sent back.
_HANDED_IN = frozenset({State.REVIEW, State.DELISTING, State.CLOSED})
_RESULTS = {"pass": "通过", "propose": "通过", "fail": "未通过"}


@dataclass(frozen=True, slots=True)
class HazardRecord:
    """One hazard in the words of the ledger; times are aware and in UTC, empty texts mean that nothing is known."""

    id: int
    number: str
    town: str
    village: str
    grid: str
    place: str
    industry: str
    found_at: datetime
    source: str
    finder: str
    description: str
    category: str
    level: str
    unit: str
    rectifiers: str
    measure: str
    money: str
    deadline: datetime | None
    plan: str
    completed_at: datetime | None
    reviewer: str
    reviewed_at: datetime | None
    review: str
    closed_at: datetime | None
    state: str
    overdue_days: int
    extensions: int
    document: str
    remark: str


@dataclass(slots=True)
class _Page:
    """Everything that belongs to the hazards of one page, by id."""

    grids: dict[str, Grid]
    enterprises: dict[int, str]
    industries: dict[str, str]
    people: dict[int, Person]
    owners: dict[int, list[int]]
    events: dict[int, list[HazardEvent]]
    measures: dict[int, dict[str, str]]
    documents: dict[int, str]


def read_records(
    session: Session, rules: Rules, *, after: int = 0, limit: int = PAGE, now: datetime, zone: ZoneInfo
) -> list[HazardRecord]:
    """The hazards whose id is greater than `after`, in the order of registration. Nine queries."""
    hazards = session.scalars(select(Hazard).where(Hazard.id > after).order_by(Hazard.id).limit(limit)).all()
    if not hazards:
        return []
    page = _load(session, hazards)
    return [_record(hazard, page, rules, now, zone) for hazard in hazards]


def _load(session: Session, hazards: Sequence[Hazard]) -> _Page:
    ids = [hazard.id for hazard in hazards]
    codes = {code for hazard in hazards for code in enclosing(hazard.grid_code)}
    owners = session.scalars(
        select(HazardOwner)
        .where(HazardOwner.hazard_id.in_(ids), HazardOwner.side == Side.RECTIFIER)
        .order_by(HazardOwner.id)
    ).all()
    wanted = ("submit", "fix", *_RESULTS)
    events = session.scalars(
        select(HazardEvent)
        .where(HazardEvent.hazard_id.in_(ids), HazardEvent.action.in_(wanted))
        .order_by(HazardEvent.id)
    ).all()
    measures = session.scalars(select(HazardMeasure).where(HazardMeasure.hazard_id.in_(ids))).all()
    named = {hazard.reporter_id for hazard in hazards} | {owner.person_id for owner in owners}
    named |= {event.person_id for event in events if event.person_id is not None}
    page = _Page(
        grids={grid.code: grid for grid in session.scalars(select(Grid).where(Grid.code.in_(codes)))},
        enterprises=_enterprises(session, [hazard.enterprise_id for hazard in hazards]),
        industries={item.code: item.name for item in session.scalars(select(Industry))},
        people={person.id: person for person in session.scalars(select(Person).where(Person.id.in_(named)))},
        owners=defaultdict(list),
        events=defaultdict(list),
        measures=defaultdict(dict),
        documents=_documents(session, ids),
    )
    for owner in owners:
        page.owners[owner.hazard_id].append(owner.person_id)
    for event in events:
        page.events[event.hazard_id].append(event)
    for measure in measures:
        page.measures[measure.hazard_id][measure.item] = measure.text
    return page


def _documents(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The 督办文号 of each listed hazard, also of one that has been lifted; the last one counts."""
    listings = select(HazardListing.hazard_id, HazardListing.document).where(HazardListing.hazard_id.in_(ids))
    return {row.hazard_id: row.document for row in session.execute(listings.order_by(HazardListing.id))}


def _enterprises(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    wanted = {ident for ident in ids if ident is not None}
    rows = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _record(hazard: Hazard, page: _Page, rules: Rules, now: datetime, zone: ZoneInfo) -> HazardRecord:
    names = _grid_names(hazard.grid_code, page.grids)
    enterprise = page.enterprises.get(hazard.enterprise_id or 0, "")
    rectifiers = [page.people[ident] for ident in page.owners[hazard.id] if ident in page.people]
    work = _last(page.events[hazard.id], ("submit", "fix"))
    review = _last(page.events[hazard.id], _RESULTS)
    completed_at = work.at if work and hazard.state in _HANDED_IN else None
    measures = page.measures[hazard.id]
    return HazardRecord(
        id=hazard.id,
        number=hazard.number,
        **names,
        place=enterprise or hazard.place,
        industry=page.industries.get(hazard.industry, hazard.industry),
        found_at=hazard.found_at,
        source=source_name(rules, hazard.source).msgid,
        # Whoever gave a tip is kept from a table that goes from hand to hand.
        finder="" if hazard.source is Source.TIP else _name(page, hazard.reporter_id),
        description=hazard.description,
        category=category_name(rules, hazard).msgid,
        level=level_name(rules, hazard).msgid,
        unit=enterprise or _joined(person.unit for person in rectifiers),
        rectifiers=_joined(person.name for person in rectifiers),
        measure=measures.get("action", "") or (work.note if work else ""),
        money=measures.get("money", ""),
        deadline=hazard.deadline,
        plan=measures.get("plan", ""),
        completed_at=completed_at,
        reviewer=_name(page, review.person_id) if review else "",
        reviewed_at=review.at if review else None,
        review=_RESULTS[review.action] if review else "",
        closed_at=hazard.closed_at if hazard.state is State.CLOSED else None,
        state=hazard.state.label,
        overdue_days=_overdue_days(hazard, completed_at, now, zone),
        extensions=hazard.extensions,
        document=page.documents.get(hazard.id, ""),
        remark=hazard.remark,
    )


def _grid_names(code: str, grids: dict[str, Grid]) -> dict[str, str]:
    """The names of the town, the village and the smallest grid around a code."""
    chain = [grids[candidate] for candidate in enclosing(code) if candidate in grids]
    by_level = {grid.level: short_name(grid.name) for grid in reversed(chain)}
    smallest = short_name(chain[0].name) if chain else code
    return {"town": by_level.get(Level.TOWN, ""), "village": by_level.get(Level.VILLAGE, ""), "grid": smallest}


def _last(events: Sequence[HazardEvent], actions: Collection[str]) -> HazardEvent | None:
    return next((event for event in reversed(events) if event.action in actions), None)


def _name(page: _Page, person_id: int | None) -> str:
    person = page.people.get(person_id or 0)
    return person.name if person else ""


def _joined(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(word for word in words if word))


def _overdue_days(hazard: Hazard, completed_at: datetime | None, now: datetime, zone: ZoneInfo) -> int:
    """Days of the county's calendar from the deadline to the handing in, or to today while it runs."""
    end = completed_at or (now if hazard.state in RUNNING else None)
    if hazard.deadline is None or end is None:
        return 0
    return max(0, (local_day(end, zone) - local_day(hazard.deadline, zone)).days)
