"""Who may make a move, in what quality, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from models.access import Actor, load_actors
from models.errors import Forbidden, InvalidInput
from models.hazards.access import deputised_by
from models.hazards.flow import Guard, Move, Side
from models.hazards.listings import find_listing
from models.hazards.tables import Hazard, HazardEvent, HazardMeasure, HazardOwner
from models.people.tables import Role
from models.rules import Rules
from models.session import Session
from models.texts import Text, When, _

# A second return goes to the office for decision. Source: domain.md, section 3, guards.
BOUNCED = 2


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
    if Side.REPORTER in move.sides and hazard.reporter_id == actor.person_id:
        return Side.REPORTER.value
    return next((side.value for owner, side in owners if owner == actor.person_id and side in move.sides), "")


def owners_of(session: Session, hazard_id: int) -> list[tuple[int, Side]]:
    """Who owns a hazard, in what quality."""
    return [(person_id, side) for person_id, side in session.execute(_OWNING, {"hazard": hazard_id})]


# Built once, as in models/access.py: these run with every card.
_OWNING = (
    select(HazardOwner.person_id, HazardOwner.side)
    .where(HazardOwner.hazard_id == bindparam("hazard"))
    .order_by(HazardOwner.id)
)
_MADE = (
    select(HazardEvent.id)
    .where(HazardEvent.hazard_id == bindparam("hazard"), HazardEvent.action == bindparam("action"))
    .limit(1)
)


def deputised(session: Session, actor: Actor, *, now: datetime) -> list[Actor]:
    """For whom this person stands in today."""
    people = session.scalars(deputised_by(actor)).all()
    return list(load_actors(session, sorted(people), now=now).values()) if people else []


Refusal = Forbidden | InvalidInput | None


def rectified_by(session: Session, hazard: Hazard) -> set[int]:
    """Who handed in a rectification, in person or through a deputy."""
    rows = session.execute(
        select(HazardEvent.person_id, HazardEvent.on_behalf_of).where(
            HazardEvent.hazard_id == hazard.id, HazardEvent.action.in_(("submit", "fix"))
        )
    )
    return {person_id for row in rows for person_id in row if person_id is not None}


def _not_reporter(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    own = hazard.reporter_id in hand.people
    return Forbidden(_("自己上报的隐患要由别人核实。")) if own else None


def _not_rectifier(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    own = not hand.people.isdisjoint(rectified_by(session, hazard))
    return Forbidden(_("整改和复查不能是同一个人。")) if own else None


def _not_bounced(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    bounced = hazard.returned >= BOUNCED
    return Forbidden(_("这条隐患已被退回两次，请由领导组办公室改派。")) if bounced else None


def _not_asker(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    asked = select(HazardEvent.person_id, HazardEvent.on_behalf_of).where(
        HazardEvent.hazard_id == hazard.id, HazardEvent.action == "extend"
    )
    own = any(not hand.people.isdisjoint(row) for row in session.execute(asked))
    return Forbidden(_("自己申请的延期要由别人审批。")) if own else None


def _once(action: str, said: Text) -> Callable[[Session, Hazard, Hand, Rules], Refusal]:
    """Make a guard: a move is made once in a case, a second time settles nothing."""

    def guard(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
        made = session.scalar(_MADE, {"hazard": hazard.id, "action": action})
        return Forbidden(said) if made is not None else None

    return guard


def _six_items(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    if not hazard.is_major:
        return None
    filled = set(session.scalars(select(HazardMeasure.item).where(HazardMeasure.hazard_id == hazard.id)))
    missing = [item.name for item in rules.hazards.measures if item.code not in filled]
    return InvalidInput(_("重大隐患要先填好“{item}”，才能提交整改。", item=missing[0])) if missing else None


def _listed(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    return None if find_listing(session, hazard) else Forbidden(_("这条隐患没有挂牌督办，不需要填报进展。"))


def _not_listed(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    listing = find_listing(session, hazard)
    if listing is None:
        return None
    known = {"unit": listing.unit, "document": listing.document, "at": When(listing.at)}
    return Forbidden(_("这条隐患已由{unit}于{at}挂牌督办（{document}）。", **known))


def _leader_if_listed(session: Session, hazard: Hazard, hand: Hand, rules: Rules) -> Refusal:
    if hand.role == Role.LEADER.value or find_listing(session, hazard) is None:
        return None
    return Forbidden(_("挂牌督办的隐患要由领导决定是否改为一般隐患。"))


_GUARDS: dict[Guard, Callable[[Session, Hazard, Hand, Rules], Refusal]] = {
    "not-reporter": _not_reporter,
    "not-rectifier": _not_rectifier,
    "not-bounced": _not_bounced,
    "six-items": _six_items,
    "listed": _listed,
    "not-listed": _not_listed,
    "leader-if-listed": _leader_if_listed,
    "not-asker": _not_asker,
    "not-objected": _once("object", _("这条隐患已经提过异议并重新核实，请按期整改，或电话联系派单人。")),
    "not-appealed": _once("appeal", _("这条隐患已经申诉过，请等待处理。")),
}


def check_guards(session: Session, hazard: Hazard, move: Move, hand: Hand, rules: Rules) -> None:
    """Raises: Forbidden, InvalidInput: a guard stands in the way of this move."""
    for guard in move.guards:
        if (refusal := _GUARDS[guard](session, hazard, hand, rules)) is not None:
            raise refusal


def is_free(session: Session, hazard: Hazard, move: Move, hand: Hand, rules: Rules) -> bool:
    """Tell whether no guard stands in this hand's way (a button that would be refused is not shown)."""
    return all(_GUARDS[guard](session, hazard, hand, rules) is None for guard in move.guards)
