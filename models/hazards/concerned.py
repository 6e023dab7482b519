"""People by name in the ledger: who reported a hazard, who has to do with it; a tip's author stays unknown."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select

from models.access import AREA_ROLES, Actor, within
from models.hazards.access import is_visible
from models.hazards.tables import Hazard, HazardOwner, Source
from models.people.tables import Person
from models.session import Session


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
