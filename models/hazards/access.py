"""Who may see a hazard, nobody else learns that it exists.

The area roles of its grid and industry, its enterprise's managers, whoever reported it, its owners, and whoever
deputises for an owner today.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import aliased

from models.access import Actor, load_actor, within
from models.errors import NotFound
from models.hazards.flow import State
from models.hazards.tables import Hazard, HazardOwner
from models.people.tables import Deputy
from models.session import Session


# Kept for those who write these minutes, as in models/enterprises/directory.py.
@lru_cache(maxsize=128)
def visible_hazards(actor: Actor) -> Select[Hazard]:
    """The hazards this person may see; no scope, no rows."""
    return select(Hazard).where(is_visible(actor))


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """The same as a condition, for counts."""
    mine: list[ColumnElement[bool]] = [
        within(actor, Hazard.grid_code, Hazard.industry),
        Hazard.reporter_id == actor.person_id,
        Hazard.reporter_id.in_(deputised_by(actor)),
        Hazard.id.in_(owned_by(actor)),
        Hazard.id.in_(merged_for(actor)),
    ]
    if actor.enterprise_ids:
        # A tip about an enterprise is not shown to it before somebody has looked into it.
        unverified = Hazard.state.in_((State.REPORTED, State.DISMISSED))
        mine.append(and_(Hazard.enterprise_id.in_(actor.enterprise_ids), ~unverified))
    return or_(*mine)


def merged_for(actor: Actor) -> Select[int | None]:
    """The ids of the hazards into which reports of this person were merged, whose outcome is theirs to know."""
    other = aliased(Hazard)
    return select(other.merged_into).where(other.reporter_id == actor.person_id, other.state == State.MERGED)


def owned_by(actor: Actor) -> Select[int]:
    """The ids of the hazards that the person, or somebody the person deputises for today, owns."""
    own = HazardOwner.person_id == actor.person_id
    return select(HazardOwner.hazard_id).where(or_(own, HazardOwner.person_id.in_(deputised_by(actor))))


def deputised_by(actor: Actor) -> Select[int]:
    """The ids of the people for whom this person stands in on the actor's day."""
    mine = select(Deputy.person_id).where(Deputy.deputy_id == actor.person_id)
    if actor.day is None:
        return mine.where(false())
    return mine.where(Deputy.starts_on <= actor.day, Deputy.ends_on >= actor.day)


def access_hazard(session: Session, actor: Actor, ident: int | str) -> Hazard:
    """Fetch a hazard by id or number as this person.

    Raises: NotFound: there is none, or it is not this person's.
    """
    found = session.scalars(_one(actor, is_number=isinstance(ident, str)), {"ident": ident}).first()
    if found is None:
        raise NotFound
    return found


@lru_cache(maxsize=256)
def _one(actor: Actor, *, is_number: bool) -> Select[Hazard]:
    column = Hazard.number if is_number else Hazard.id
    return visible_hazards(actor).where(column == bindparam("ident")).execution_options(populate_existing=True)


def read_hazard_id(text: str) -> int:
    """Read the id of a button's data.

    Raises: NotFound: made up.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound
    return int(text)


def may_see(session: Session, person_id: int, ident: str, now: datetime) -> bool:
    """Tell whether a person may see the hazard a card shows, at the moment when it is sent."""
    actor = load_actor(session, person_id, now=now)
    if actor is None:
        return False
    try:
        access_hazard(session, actor, read_hazard_id(ident))
    except NotFound:
        return False
    return True
