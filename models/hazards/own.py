"""A person's own hazards: what the own enterprises (or the person) must put right, and what the person reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from sqlalchemy import ColumnElement, and_, func, or_, select

from models.access import Actor, load_actors
from models.enterprises.tables import Enterprise
from models.errors import NotFound
from models.grids.names import short_name
from models.grids.tables import Grid
from models.hazards.access import deputised_by, is_visible
from models.hazards.concerned import unnamed
from models.hazards.flow import FINAL, OPEN, Side
from models.hazards.hands import deputised
from models.hazards.nextstep import show_next
from models.hazards.search import PAGE
from models.hazards.tables import Hazard, HazardEvent, HazardOwner
from models.people.contacts import names_of
from models.rules import Rules
from models.session import Session
from models.texts import Text

# Which of them: OWN, REPORTED, or "e" and the id of one of the own enterprises.
View = NewType("View", str)
OWN, REPORTED = View("own"), View("reported")
FIRMS = 12  # Enterprises that have a button of their own.


@dataclass(frozen=True, slots=True)
class Brief:
    """What has to be known of a hazard in a list to say what happens next (`nextstep.Known`)."""

    hazard: Hazard
    owners: Sequence[tuple[int, Side]]
    events: Sequence[HazardEvent]
    actors: dict[int, Actor]
    names: dict[int, str]
    absent: Sequence[Actor]

    @property
    def unnamed(self) -> frozenset[int]:
        """Who gave a tip."""
        return unnamed(self.hazard, self.events)

    def name(self, person_id: int | None) -> str:
        """A person's name."""
        return self.names.get(person_id or 0, "")

    def absent_for(self, _actor: Actor) -> list[Actor]:
        """For whom the person who reads the list stands in today."""
        return list(self.absent)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One row: the hazard, where it is (an enterprise's name, or the place), and what happens next."""

    hazard: Hazard
    place: str
    step: Text | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page of one view. `open` and `closed` count the whole view; `number` counts from 0."""

    rows: Sequence[OwnRow]
    open: int
    closed: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class Firm:
    """One of the own enterprises, and how many of its hazards are open."""

    id: int
    name: str
    open: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How many hazards a person has by view; `firms` only where there are several."""

    own: int
    own_open: int
    reported: int
    reported_open: int
    firms: Sequence[Firm]


def read_view(actor: Actor, text: str) -> View:
    """Read a view of a button's data. Raises: NotFound: made up, or not this person's enterprise."""
    if text in (OWN, REPORTED):
        return View(text)
    if text[:1] != "e" or text[1:] not in map(str, actor.enterprise_ids):
        raise NotFound
    return View(text)


def overview(session: Session, actor: Actor) -> Overview:
    """Count a person's hazards by view. Two queries at most."""
    own, reported, is_open = _is_in(actor, OWN), _is_in(actor, REPORTED), Hazard.state.in_(OPEN)
    row = session.execute(
        select(
            func.count(Hazard.id).filter(own),
            func.count(Hazard.id).filter(own, is_open),
            func.count(Hazard.id).filter(reported),
            func.count(Hazard.id).filter(reported, is_open),
        ).where(is_visible(actor), or_(own, reported))
    ).one()
    firms = _list_firms(session, actor) if len(actor.enterprise_ids) > 1 else []
    return Overview(*row, firms=firms)


def _list_firms(session: Session, actor: Actor) -> list[Firm]:
    mine = and_(Hazard.enterprise_id == Enterprise.id, is_visible(actor), Hazard.state.in_(OPEN))
    rows = session.execute(
        select(Enterprise.id, Enterprise.name, func.count(Hazard.id))
        .outerjoin(Hazard, mine)
        .where(Enterprise.id.in_(actor.enterprise_ids))
        .group_by(Enterprise.id, Enterprise.name)
        .order_by(func.count(Hazard.id).desc(), Enterprise.id)
        .limit(FIRMS)
    )
    return [Firm(*row) for row in rows]


def list_own(
    session: Session, actor: Actor, view: View, *, is_closed: bool, page: int, rules: Rules, now: datetime
) -> OwnPage:
    """A page of one view: what is open, the most urgent first, or what is closed, the newest first."""
    where = and_(is_visible(actor), _is_in(actor, view))
    opened, closed = session.execute(
        select(
            func.count(Hazard.id).filter(Hazard.state.in_(OPEN)), func.count(Hazard.id).filter(Hazard.state.in_(FINAL))
        ).where(where)
    ).one()
    total = closed if is_closed else opened
    number = min(page, max(0, (total - 1) // PAGE))
    due = func.coalesce(Hazard.state_due, Hazard.deadline)
    order = (Hazard.closed_at.desc(), Hazard.id.desc()) if is_closed else (due.is_(None), due, Hazard.id)
    rows = session.execute(
        select(Hazard, Enterprise.name, Grid.name)
        .outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
        .join(Grid, Grid.code == Hazard.grid_code)
        .where(where, Hazard.state.in_(FINAL if is_closed else OPEN))
        .order_by(*order)
        .limit(PAGE)
        .offset(number * PAGE)
    ).all()
    briefs = _briefs(session, actor, [hazard for hazard, *_names in rows], now=now)
    shown = [
        OwnRow(
            hazard,
            firm or hazard.place or short_name(grid),
            show_next(session, briefs[hazard.id], actor, rules=rules, now=now),
        )
        for hazard, firm, grid in rows
    ]
    return OwnPage(shown, opened, closed, number, max(1, -(-total // PAGE)))


def _is_in(actor: Actor, view: View) -> ColumnElement[bool]:
    if view == REPORTED:
        return Hazard.reporter_id == actor.person_id
    if view != OWN:
        return Hazard.enterprise_id == int(view[1:])
    who = or_(HazardOwner.person_id == actor.person_id, HazardOwner.person_id.in_(deputised_by(actor)))
    owned = Hazard.id.in_(select(HazardOwner.hazard_id).where(HazardOwner.side == Side.RECTIFIER, who))
    return or_(owned, Hazard.enterprise_id.in_(actor.enterprise_ids)) if actor.enterprise_ids else owned


def _briefs(session: Session, actor: Actor, hazards: Sequence[Hazard], *, now: datetime) -> dict[int, Brief]:
    """What is to be known of the hazards of a page, read together."""
    ids = [hazard.id for hazard in hazards if hazard.state in OPEN]
    if not ids:
        return {hazard.id: Brief(hazard, (), (), {}, {}, ()) for hazard in hazards}
    owners: dict[int, list[tuple[int, Side]]] = {}
    for owner in session.scalars(select(HazardOwner).where(HazardOwner.hazard_id.in_(ids)).order_by(HazardOwner.id)):
        owners.setdefault(owner.hazard_id, []).append((owner.person_id, owner.side))
    events: dict[int, list[HazardEvent]] = {}
    for event in session.scalars(
        select(HazardEvent).where(HazardEvent.hazard_id.in_(ids)).order_by(HazardEvent.id)
    ):  # fmt: skip
        events.setdefault(event.hazard_id, []).append(event)
    people = _everyone(owners.values())
    actors, names = load_actors(session, people, now=now), names_of(session, people)
    absent = deputised(session, actor, now=now)
    return {
        hazard.id: Brief(hazard, owners.get(hazard.id, ()), events.get(hazard.id, ()), actors, names, absent)
        for hazard in hazards
    }


def _everyone(owners: Iterable[Iterable[tuple[int, Side]]]) -> list[int]:
    return list(dict.fromkeys(person_id for some in owners for person_id, _side in some))
