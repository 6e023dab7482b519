"""People by name: who reported a hazard, who has to do with it; a tip's author stays unknown."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select

from models.access import AREA_ROLES, Actor, within
from models.hazards.access import is_visible
from models.hazards.besides import SUPPLEMENTS
from models.hazards.tables import Hazard, HazardEvent, HazardOwner, Source
from models.people.tables import Person, Role
from models.session import Session

_TRUSTED = AREA_ROLES | {Role.MANAGER}  # Whose word is no tip.


def unnamed(hazard: Hazard, events: Iterable[HazardEvent]) -> frozenset[int]:
    """Whoever gave a tip, by reporting the hazard or by adding to it: kept from those it is about."""
    added = {event.person_id for event in events if event.action in SUPPLEMENTS and event.role not in _TRUSTED}
    reporters = {hazard.reporter_id} if hazard.source is Source.TIP else set()
    return frozenset(person_id for person_id in added | reporters if person_id is not None)


def concerns_people(actor: Actor, ids: Iterable[int]) -> ColumnElement[bool]:
    """The hazards of which one of these people is an owner or, as far as the actor may know it, the reporter."""
    people = list(ids)
    known = or_(
        Hazard.source != Source.TIP,
        Hazard.reporter_id == actor.person_id,
        within(actor, Hazard.grid_code, Hazard.industry, roles=AREA_ROLES),
    )
    owned = select(HazardOwner.hazard_id).where(HazardOwner.person_id.in_(people))
    return or_(and_(Hazard.reporter_id.in_(people), known), Hazard.id.in_(owned))


def find_concerned(session: Session, actor: Actor, name: str) -> list[int]:
    """The ids of the people of this name, if any of them has to do with what the actor may see."""
    ids = list(session.scalars(select(Person.id).where(Person.name == name).order_by(Person.id)))
    if not ids:
        return []
    seen = select(Hazard.id).where(is_visible(actor), concerns_people(actor, ids)).limit(1)
    return ids if session.scalar(seen) is not None else []
