"""What waits for a person: the hazards on which the person's move is due, and those that are overdue below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from models.access import Actor, within
from models.enterprises.tables import Enterprise
from models.grids.names import short_name
from models.grids.tables import Grid
from models.hazards.deadlines import show_left
from models.hazards.flow import MOVES, RUNNING, Move, State
from models.hazards.hands import ASKED_FOR, HANDED_IN, deputised
from models.hazards.tables import Hazard, HazardEvent, HazardOwner
from models.people.tables import Role
from models.rules import HazardRules
from models.session import Session
from models.texts import N_, Line, Text, _

LIMIT = 400  # Nobody works off more in a day; the ledger shows the rest.
_EXCERPT = 14  # Characters of the description that fit on a button beside the place.

_WHAT = {
    State.REPORTED: N_("待核实"),
    State.ACCEPTED: N_("待派遣"),
    State.ASSIGNED: N_("待确认收到"),
    State.RECTIFYING: N_("待整改"),
    State.EXTENSION: N_("待审批延期"),
    State.REVIEW: N_("待复查"),
    State.DELISTING: N_("待签字销号"),
}


@dataclass(frozen=True, slots=True)
class TodoItem:
    """One row: a line to read, until when (aware, UTC), and the data of the button that opens the card."""

    hazard_id: int
    title: Line
    deadline: datetime | None
    button: str


def list_todo(session: Session, actor: Actor, now: datetime, rules: HazardRules) -> list[TodoItem]:
    """What waits for this person and for whom the person stands in, the most urgent first."""
    absent = deputised(session, actor, now=now)
    mine = or_(*(_may_make(actor, move, absent) for move in MOVES if move.duty))
    due = func.coalesce(Hazard.state_due, Hazard.deadline)
    rows = session.execute(
        select(Hazard, Enterprise.name, Grid.name, mine.label("mine"))
        .outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
        .join(Grid, Grid.code == Hazard.grid_code)
        .where(or_(mine, _overdue_below(actor, now, rules)))
        .order_by(due.is_(None), due, Hazard.id)
        .limit(LIMIT)
    )
    return [
        _item(hazard, enterprise or hazard.place or short_name(grid), bool(is_mine), now)
        for hazard, enterprise, grid, is_mine in rows
    ]


def _item(hazard: Hazard, place: str, is_mine: bool, now: datetime) -> TodoItem:  # noqa: FBT001 - a column of the row
    due = (hazard.state_due or hazard.deadline) if is_mine else hazard.deadline
    what = Text(_WHAT[hazard.state]) if is_mine else _("请督促整改")
    said = hazard.description.replace("\n", " ").removeprefix(place).strip()
    known = {"what": what, "place": place, "said": said if len(said) <= _EXCERPT else f"{said[:_EXCERPT]}…"}
    if due is None:
        title = _("{what}：{place} {said}", **known)
    else:
        title = _("{what}：{place} {said} · {left}", left=show_left(due, now), **known)
    return TodoItem(hazard.id, title, due, f"hazard:{hazard.id}:open")


def _may_make(actor: Actor, move: Move, absent: Iterable[Actor]) -> ColumnElement[bool]:
    """The condition that a duty is this person's: the SQL twin of `hands.find_hand` and the guards."""
    ways = [_has_right(actor, move)]
    for other in absent:
        owned = Hazard.id.in_(select(HazardOwner.hazard_id).where(HazardOwner.person_id == other.person_id))
        ways.append(and_(owned, _has_right(other, move), *_guards(other, move)))
    conditions = [Hazard.state.in_(move.sources), or_(*ways), *_guards(actor, move)]
    if move.level:
        conditions.append(Hazard.is_major.is_(move.level == "major"))
    return and_(*conditions)


def _has_right(actor: Actor, move: Move) -> ColumnElement[bool]:
    parts = [within(actor, Hazard.grid_code, Hazard.industry, roles=move.roles - {Role.MANAGER})]
    if Role.MANAGER in move.roles and actor.enterprise_ids:
        parts.append(Hazard.enterprise_id.in_(actor.enterprise_ids))
    if move.sides:
        own = HazardOwner.person_id == actor.person_id
        parts.append(Hazard.id.in_(select(HazardOwner.hazard_id).where(own, HazardOwner.side.in_(move.sides))))
    return or_(*parts)


def _guards(actor: Actor, move: Move) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if "not-reporter" in move.guards:
        conditions.append(Hazard.reporter_id != actor.person_id)
    if "not-rectifier" in move.guards:
        mine = HANDED_IN + (ASKED_FOR if State.EXTENSION in move.sources else ())
        conditions.append(~_has_done(actor, mine))
    return conditions


def _has_done(actor: Actor, actions: Iterable[str]) -> ColumnElement[bool]:
    return exists().where(
        HazardEvent.hazard_id == Hazard.id,
        HazardEvent.action.in_(actions),
        or_(HazardEvent.person_id == actor.person_id, HazardEvent.on_behalf_of == actor.person_id),
    )


def _overdue_below(actor: Actor, now: datetime, rules: HazardRules) -> ColumnElement[bool]:
    """Overdue for so long that it has come to the grid head, and later to the supervisor."""
    steps = ((Role.GRID_HEAD, rules.overdue_head_days), (Role.SUPERVISOR, rules.overdue_supervisor_days))
    late = [
        and_(within(actor, Hazard.grid_code, Hazard.industry, roles={role}), Hazard.deadline < now - timedelta(days))
        for role, days in steps
    ]
    return and_(Hazard.state.in_(RUNNING), or_(*late))
