"""The ledger's queries: what a person may see of the hazards, filtered, counted, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select

from models.access import COUNTY_ZONE, Actor, inside
from models.enterprises.tables import Enterprise
from models.grids.names import short_name
from models.grids.tables import Grid
from models.grids.tree import name_paths
from models.hazards.access import is_visible
from models.hazards.concerned import concerns_people
from models.hazards.flow import OPEN, RUNNING, Side
from models.hazards.tables import Hazard, HazardListing, HazardOwner
from models.ledgers.filters import Filter, Kind
from models.ledgers.words import STATES
from models.rules import HazardRules
from models.session import Session
from models.vocabulary.closest import list_closest

PAGE = 8  # Rows. Source: conversations.md, rules for every conversation.


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the ledger: the hazard, its enterprise's name ("" for none), and where it is."""

    hazard: Hazard
    enterprise: str
    path: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the ledger. `number` counts from 0; `total` is all that fits the filters."""

    rows: Sequence[Row]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many hazards a person may see, by the usual filters."""

    total: int
    open: int
    overdue: int
    soon: int
    major: int
    month: int
    mine: int


def list_hazards(
    session: Session, actor: Actor, filters: Sequence[Filter], *, page: int, now: datetime, rules: HazardRules
) -> Page:
    """A page of what this person may see, the newest first, or the most urgent if time matters. Three queries."""
    where = and_(is_visible(actor), *_conditions(actor, filters, now, rules))
    joined = select(Hazard, Enterprise.name).outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
    counted = select(func.count(Hazard.id)).outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
    total = session.scalar(counted.where(where)) or 0
    number = min(page, max(0, (total - 1) // PAGE))
    urgent = any(item.kind == "due" for item in filters)
    order = (Hazard.deadline, Hazard.id) if urgent else (Hazard.id.desc(),)
    rows = session.execute(joined.where(where).order_by(*order).limit(PAGE).offset(number * PAGE)).all()
    paths = name_paths(session, list({hazard.grid_code for hazard, _name in rows})) if rows else {}
    return Page([Row(hazard, name or "", paths[hazard.grid_code]) for hazard, name in rows], total, number)


def tally(session: Session, actor: Actor, *, now: datetime, rules: HazardRules) -> Tally:
    """Count what the usual filters would show. One query."""
    major = [level.code for level in rules.levels if level.is_major]
    month = now.astimezone(COUNTY_ZONE).date().replace(day=1)
    row = session.execute(
        select(
            func.count(Hazard.id),
            func.count(Hazard.id).filter(Hazard.state.in_(OPEN)),
            func.count(Hazard.id).filter(_due("overdue", now, rules)),
            func.count(Hazard.id).filter(_due("soon", now, rules)),
            func.count(Hazard.id).filter(Hazard.level.in_(major)),
            func.count(Hazard.id).filter(Hazard.reported_at >= _midnight(month)),
            func.count(Hazard.id).filter(_mine(actor)),
        ).where(is_visible(actor))
    ).one()
    return Tally(*row)


def _conditions(
    actor: Actor, filters: Iterable[Filter], now: datetime, rules: HazardRules
) -> list[ColumnElement[bool]]:
    """Filters of one kind are alternatives; words of text must all occur."""
    kinds: dict[Kind, list[ColumnElement[bool]]] = {}
    words: list[ColumnElement[bool]] = []
    for item in filters:
        condition = _condition(actor, item, now, rules)
        if item.kind == "text":
            words.append(condition)
        else:
            kinds.setdefault(item.kind, []).append(condition)
    return [*(or_(*conditions) for conditions in kinds.values()), *words]


@dataclass(frozen=True, slots=True)
class _Context:
    actor: Actor
    now: datetime
    rules: HazardRules


def _condition(actor: Actor, item: Filter, now: datetime, rules: HazardRules) -> ColumnElement[bool]:
    return _CONDITIONS[item.kind](item.value, _Context(actor, now, rules))


def _trade(value: str, _context: _Context) -> ColumnElement[bool]:
    categories, industry, word = (*value.split("/"), "")[:3]
    return or_(
        Hazard.category.in_(categories.split(",")),
        *([Hazard.industry == industry] if industry else []),
        *([_text(word, _context)] if word else []),
    )


def _called(value: str, context: _Context) -> ColumnElement[bool]:
    word, _slash, codes = value.partition("/")
    return or_(_text(word, context), *(inside(Hazard.grid_code, code) for code in codes.split(",")))


def _number(value: str, _context: _Context) -> ColumnElement[bool]:
    if value.startswith("-"):
        return Hazard.number.endswith(value, autoescape=True)
    return Hazard.number.startswith(value, autoescape=True)


def _days(value: str, _context: _Context) -> ColumnElement[bool]:
    first, _dots, last = value.partition("..")
    after = _midnight(date.fromisoformat(last) + timedelta(days=1))
    return and_(Hazard.reported_at >= _midnight(date.fromisoformat(first)), Hazard.reported_at < after)


def _text(value: str, _context: _Context) -> ColumnElement[bool]:
    columns = (Hazard.description, Hazard.place, Enterprise.name)
    return or_(*(column.contains(value, autoescape=True) for column in columns))


_CONDITIONS: dict[Kind, Callable[[str, _Context], ColumnElement[bool]]] = {
    "grid": lambda value, _context: inside(Hazard.grid_code, value),
    "state": lambda value, _context: Hazard.state.in_(STATES[value]),
    "level": lambda value, _context: Hazard.level == value,
    "trade": _trade,
    "enterprise": lambda value, _context: Hazard.enterprise_id == int(value),
    "due": lambda value, context: _due(value, context.now, context.rules),
    "listed": lambda _value, _context: _listed(),
    "mine": lambda _value, context: _mine(context.actor),
    "days": _days,
    "number": _number,
    "called": _called,
    "person": lambda value, context: concerns_people(context.actor, map(int, value.split(","))),
    "text": _text,
}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COUNTY_ZONE)


def _due(value: str, now: datetime, rules: HazardRules) -> ColumnElement[bool]:
    running = Hazard.state.in_(RUNNING)
    if value == "overdue":
        return and_(running, Hazard.deadline < now)
    return and_(running, Hazard.deadline.between(now, now + timedelta(days=rules.due_soon_days)))


def _listed() -> ColumnElement[bool]:
    return Hazard.id.in_(select(HazardListing.hazard_id).where(HazardListing.lifted_at.is_(None)))


def _mine(actor: Actor) -> ColumnElement[bool]:
    """What the person reported, or has to put right."""
    own = select(HazardOwner.hazard_id).where(
        HazardOwner.person_id == actor.person_id, HazardOwner.side == Side.RECTIFIER
    )
    return or_(Hazard.reporter_id == actor.person_id, Hazard.id.in_(own))


def list_similar(session: Session, actor: Actor, word: str, *, limit: int = 4) -> list[Filter]:
    """The grids and enterprises of the person's scope whose names come closest to a word."""
    found = list_closest(session, actor, word, limit=limit)
    ids = [name.enterprise_id for name in found if name.enterprise_id is not None]
    codes = [name.grid_code for name in found if name.enterprise_id is None]
    rows = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(ids)))
    firms = {row.id: row.name for row in rows}
    named = session.execute(select(Grid.code, Grid.name).where(Grid.code.in_(codes)))
    grids = {row.code: row.name for row in named}
    return [
        Filter("grid", name.grid_code, short_name(grids[name.grid_code]))
        if name.enterprise_id is None
        else Filter("enterprise", str(name.enterprise_id), firms[name.enterprise_id])
        for name in found
    ]
