"""Who may make a move, in what quality, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.access import Actor, load_actors
from models.errors import Forbidden, InvalidInput
from models.hazards.access import deputised_by
from models.hazards.flow import Guard, Move, Side, State
from models.hazards.tables import Hazard, HazardEvent, HazardMeasure, HazardOwner
from models.people.tables import Role
from models.rules import Rules
from models.session import Session
from models.texts import _

# A second return goes to the office for decision. Source: domain.md, section 3, guards.
BOUNCED = 2

# What somebody must not have done who passes it, or decides on it.
HANDED_IN, ASKED_FOR = ("submit", "fix"), ("extend",)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who makes a move and in what quality; `person_id` None is the system."""

    person_id: int | None = None
    name: str = ""
    role: str = ""
    on_behalf_of: int | None = None

    @property
    def people(self) -> frozenset[int]:
        """Whose act it is: whoever made it, and for whom. Nobody passes the own work, nor a deputy for them."""
        return frozenset(person for person in (self.person_id, self.on_behalf_of) if person is not None)


SYSTEM = Hand()


def find_hand(
    actor: Actor,
    hazard: Hazard,
    move: Move,
    owners: Collection[tuple[int, Side]],
    absent: Iterable[Actor] = (),
) -> Hand | None:
    """In what quality a person may make a move: by own right, or for one of the `absent` who owns it; or None."""
    if quality := _quality(actor, hazard, move, owners):
        return Hand(actor.person_id, actor.name, quality)
    owning = {person_id for person_id, _side in owners}
    for other in absent:
        if other.person_id in owning and (quality := _quality(other, hazard, move, owners)):
            return Hand(actor.person_id, actor.name, quality, other.person_id)
    return None


def _quality(actor: Actor, hazard: Hazard, move: Move, owners: Collection[tuple[int, Side]]) -> str:
    """Own role, own enterprise, or owner; empty if none of them allows the move."""
    roles = move.roles - {Role.MANAGER}
    for area in actor.areas:
        if area.role in roles and actor.covers({area.role}, grid_code=hazard.grid_code, industry=hazard.industry):
            return area.role.value
    if Role.MANAGER in move.roles and hazard.enterprise_id in actor.enterprise_ids:
        return Role.MANAGER.value
    return next((side.value for owner, side in owners if owner == actor.person_id and side in move.sides), "")


def owners_of(session: Session, hazard_id: int) -> list[tuple[int, Side]]:
    """Who owns a hazard, in what quality."""
    rows = select(HazardOwner.person_id, HazardOwner.side).where(HazardOwner.hazard_id == hazard_id)
    return [(person_id, side) for person_id, side in session.execute(rows.order_by(HazardOwner.id))]


def deputised(session: Session, actor: Actor, *, now: datetime) -> list[Actor]:
    """For whom this person stands in today."""
    people = session.scalars(deputised_by(actor)).all()
    return list(load_actors(session, sorted(people), now=now).values()) if people else []


Refusal = Forbidden | InvalidInput | None


def rectified_by(session: Session, hazard: Hazard) -> set[int]:
    """Who handed in a rectification, in person or through a deputy."""
    return _done_by(session, hazard, HANDED_IN)


def _done_by(session: Session, hazard: Hazard, actions: Iterable[str]) -> set[int]:
    rows = session.execute(
        select(HazardEvent.person_id, HazardEvent.on_behalf_of).where(
            HazardEvent.hazard_id == hazard.id, HazardEvent.action.in_(actions)
        )
    )
    return {person_id for row in rows for person_id in row if person_id is not None}


def _not_reporter(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    own = hazard.reporter_id in hand.people
    return Forbidden(_("自己上报的隐患要由别人核实。")) if own else None


def _not_rectifier(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    if hazard.state is State.EXTENSION and not hand.people.isdisjoint(_done_by(session, hazard, ASKED_FOR)):
        return Forbidden(_("自己申请的延期要由别人审批。"))
    own = not hand.people.isdisjoint(rectified_by(session, hazard))
    return Forbidden(_("整改和复查不能是同一个人。")) if own else None


def _not_bounced(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    bounced = hazard.returned >= BOUNCED
    return Forbidden(_("这条隐患已被退回两次，请由领导组办公室改派。")) if bounced else None


def _six_items(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    if not hazard.is_major:
        return None
    filled = set(session.scalars(select(HazardMeasure.item).where(HazardMeasure.hazard_id == hazard.id)))
    missing = [item.name for item in rules.hazards.measures if item.code not in filled]
    return InvalidInput(_("重大隐患要先填好“{item}”，才能提交整改。", item=missing[0])) if missing else None


_GUARDS: dict[Guard, Callable[[Session, Hazard, Hand, Rules], Refusal]] = {
    "not-reporter": _not_reporter,
    "not-rectifier": _not_rectifier,
    "not-bounced": _not_bounced,
    "six-items": _six_items,
}


def check_guards(session: Session, hazard: Hazard, move: Move, hand: Hand, rules: Rules) -> None:
    """Raises: Forbidden, InvalidInput: a guard stands in the way of this move."""
    for guard in move.guards:
        if (refusal := _GUARDS[guard](session, hazard, hand, rules)) is not None:
            raise refusal


def is_free(session: Session, hazard: Hazard, move: Move, hand: Hand, rules: Rules) -> bool:
    """Tell whether no guard stands in this hand's way (a button that would be refused is not shown)."""
    return all(_GUARDS[guard](session, hazard, hand, rules) is None for guard in move.guards)
