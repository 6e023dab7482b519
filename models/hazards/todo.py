"""What waits for a person: the hazards on which the person's move is due, and those that are overdue below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all

from models.access import Actor, within
from models.enterprises.tables import Enterprise
from models.grids.names import short_name
from models.grids.tables import Grid
from models.hazards.deadlines import show_left
from models.hazards.flow import MOVES, OPEN, RUNNING, Move, State
from models.hazards.hands import deputised
from models.hazards.tables import Hazard, HazardEvent, HazardOwner
from models.people.tables import Role
from models.rules import HazardRules, Rules
from models.session import Session
from models.texts import N_, Line, Text, _

LIMIT = 400  # Nobody works off more in a day; the ledger shows the rest.
_EXCERPT = 14  # Characters of the description that fit on a button beside the place.

# Says what the states say already, in the words of the index of what is open: few of a million are.
_RUNS = Hazard.closed_at.is_(None)

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


@dataclass(frozen=True, slots=True)
class Watched:
    """What a leader looks after, the most urgent first, and how many there are of each kind."""

    items: tuple[TodoItem, ...] = ()
    late: int = 0
    major: int = 0


def list_todo(session: Session, actor: Actor, now: datetime, rules: HazardRules) -> list[TodoItem]:
    """What waits for this person and for whom the person stands in, the most urgent first."""
    absent = deputised(session, actor, now=now)
    mine = [way for move in MOVES if move.duty for way in _ways(actor, move, absent)]
    found = _load(session, Hazard.id.in_(union_all(*mine)), now, _WHAT) if mine else []
    if below := _overdue_below(actor, now, rules):
        known = {item.hazard_id for item in found}
        found += [item for item in _load(session, or_(*below), now) if item.hazard_id not in known]
    return sorted(found, key=_urgency)[:LIMIT]


def list_watched(session: Session, actor: Actor, now: datetime, rules: Rules) -> Watched:
    """What a leader looks after: what has been overdue for long in the own area, and the major ones that are open."""
    mine = within(actor, Hazard.grid_code, Hazard.industry, roles={Role.LEADER})
    late = and_(_RUNS, Hazard.state.in_(RUNNING), Hazard.deadline < now - timedelta(rules.reminders.leader_days), mine)
    major = and_(_RUNS, Hazard.state.in_(OPEN), Hazard.is_major.is_(True), mine)
    if not actor.has({Role.LEADER}):
        return Watched()
    found = _load(session, major, now, dict.fromkeys(OPEN, N_("重大隐患未销号")))
    known = {item.hazard_id for item in found}
    found += [item for item in _load(session, late, now) if item.hazard_id not in known]
    late_count, major_count = (
        session.scalar(select(func.count()).select_from(Hazard).where(condition)) or 0 for condition in (late, major)
    )
    return Watched(tuple(sorted(found, key=_urgency)), late_count, major_count)


def _load(
    session: Session, condition: ColumnElement[bool], now: datetime, what: Mapping[State, str] = MappingProxyType({})
) -> list[TodoItem]:
    """The rows of these hazards, the most urgent first; `what` is to be done by state, else somebody is to be urged."""
    due = func.coalesce(Hazard.state_due, Hazard.deadline) if what is _WHAT else Hazard.deadline
    rows = session.execute(
        select(Hazard, Enterprise.name, Grid.name)
        .outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
        .join(Grid, Grid.code == Hazard.grid_code)
        .where(condition)
        .order_by(due.is_(None), due, Hazard.id)
        .limit(LIMIT)
    )
    return [
        _item(
            hazard,
            Text(what[hazard.state]) if what else _("请督促整改"),
            enterprise or hazard.place or short_name(grid),
            (hazard.state_due or hazard.deadline) if what is _WHAT else hazard.deadline,
            now,
        )
        for hazard, enterprise, grid in rows
    ]


def _urgency(item: TodoItem) -> tuple[bool, datetime, int]:
    return item.deadline is None, item.deadline or datetime.min.replace(tzinfo=UTC), item.hazard_id


def _item(hazard: Hazard, what: Text, place: str, due: datetime | None, now: datetime) -> TodoItem:
    said = hazard.description.replace("\n", " ").removeprefix(place).strip()
    known = {"what": what, "place": place, "said": said if len(said) <= _EXCERPT else f"{said[:_EXCERPT]}…"}
    if due is None:
        title = _("{what}：{place} {said}", **known)
    else:
        title = _("{what}：{place} {said} · {left}", left=show_left(due, now), **known)
    return TodoItem(hazard.id, title, due, f"hazard:{hazard.id}:open")


def _ways(actor: Actor, move: Move, absent: Iterable[Actor]) -> Iterator[Select[int]]:
    """The ids of the hazards on which a duty is this person's: the SQL twin of `hands.find_hand` and the guards.

    One statement for each quality in which it is: as alternatives of one condition no index would serve them.
    """
    conditions = [_RUNS, Hazard.state.in_(move.sources), *_guards(actor, move)]
    if move.level:
        conditions.append(Hazard.is_major.is_(move.level == "major"))
    for right in _rights(actor, move):
        yield select(Hazard.id).where(*conditions, right)
    for other in absent:
        owned = Hazard.id.in_(select(HazardOwner.hazard_id).where(HazardOwner.person_id == other.person_id))
        for right in _rights(other, move):
            yield select(Hazard.id).where(*conditions, owned, right, *_guards(other, move))


def _rights(actor: Actor, move: Move) -> Iterator[ColumnElement[bool]]:
    roles = move.roles - {Role.MANAGER}
    if actor.has(roles):
        yield within(actor, Hazard.grid_code, Hazard.industry, roles=roles)
    if Role.MANAGER in move.roles and actor.enterprise_ids:
        yield Hazard.enterprise_id.in_(actor.enterprise_ids)
    if move.sides:
        own = HazardOwner.person_id == actor.person_id
        yield Hazard.id.in_(select(HazardOwner.hazard_id).where(own, HazardOwner.side.in_(move.sides)))


def _guards(actor: Actor, move: Move) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if "not-reporter" in move.guards:
        conditions.append(Hazard.reporter_id != actor.person_id)
    if "not-rectifier" in move.guards:
        conditions.append(~_has_done(actor, ("submit", "fix")))
    if "not-asker" in move.guards:
        conditions.append(~_has_done(actor, ("extend",)))
    return conditions


def _has_done(actor: Actor, actions: Iterable[str]) -> ColumnElement[bool]:
    return exists().where(
        HazardEvent.hazard_id == Hazard.id,
        HazardEvent.action.in_(actions),
        or_(HazardEvent.person_id == actor.person_id, HazardEvent.on_behalf_of == actor.person_id),
    )


def _overdue_below(actor: Actor, now: datetime, rules: HazardRules) -> list[ColumnElement[bool]]:
    """Overdue for so long that it has come to the grid head, and later to the supervisor."""
    steps = ((Role.GRID_HEAD, rules.overdue_head_days), (Role.SUPERVISOR, rules.overdue_supervisor_days))
    return [
        and_(
            _RUNS,
            Hazard.state.in_(RUNNING),
            Hazard.deadline < now - timedelta(days),
            within(actor, Hazard.grid_code, Hazard.industry, roles={role}),
        )
        for role, days in steps
        if actor.has({role})
    ]
