"""Finding enterprises (生产经营单位) within what a person may see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, func, or_, select
from sqlalchemy.orm import Session

from models.access import Actor, within
from models.content import Place
from models.enterprises.tables import Enterprise
from models.errors import NotFound
from models.places import lon_shrink, metres_between


@dataclass(frozen=True, slots=True)
class Nearby:
    """An enterprise and how far it is away, in metres."""

    enterprise: Enterprise
    metres: float


def is_theirs(actor: Actor) -> ColumnElement[bool]:
    """The condition that an enterprise lies in the actor's grids and industries, or is one of the actor's own."""
    return or_(within(actor, Enterprise.grid_code, Enterprise.industry), Enterprise.id.in_(actor.enterprise_ids))


# Statements are kept for those who write these minutes: building one costs as much as running it. They are values.
@lru_cache(maxsize=128)
def visible_enterprises(actor: Actor) -> Select[Enterprise]:
    """The enterprises of the actor's grids and industries, and those the actor answers for in person."""
    return select(Enterprise).where(is_theirs(actor))


def access_enterprise(session: Session, actor: Actor, enterprise_id: int) -> Enterprise:
    """Fetch an enterprise as this person.

    Raises: NotFound: there is none, or it is not this person's.
    """
    found = session.scalars(_by_id(actor), {"enterprise": enterprise_id}).first()
    if found is None:
        raise NotFound
    return found


@lru_cache(maxsize=128)
def _by_id(actor: Actor) -> Select[Enterprise]:
    return visible_enterprises(actor).where(Enterprise.id == bindparam("enterprise"))


def find_enterprises(session: Session, actor: Actor, name: str, *, limit: int = 8) -> list[Enterprise]:
    """Find enterprises by name, part of it or credit code, the best first: whole name, beginning, part."""
    wanted = name.strip()
    if not wanted:
        return []
    bare = wanted.replace("/", "//").replace("%", "/%").replace("_", "/_")
    asked = {"whole": wanted, "part": f"%{bare}%", "begin": f"{bare}%", "code": wanted.upper(), "limit": limit}
    return list(session.scalars(_by_name(actor), asked))


@lru_cache(maxsize=128)
def _by_name(actor: Actor) -> Select[Enterprise]:
    return (
        visible_enterprises(actor)
        .where(
            or_(
                Enterprise.name.like(bindparam("part", type_=String), escape="/"),
                Enterprise.credit_code == bindparam("code"),
            )
        )
        .order_by(
            Enterprise.name != bindparam("whole"),
            ~Enterprise.name.like(bindparam("begin", type_=String), escape="/"),
            func.length(Enterprise.name),
            Enterprise.id,
        )
        .limit(bindparam("limit", type_=Integer))
    )


def list_nearest(session: Session, actor: Actor, place: Place, *, within_m: float, limit: int = 8) -> list[Nearby]:
    """The actor's enterprises around a place, the nearest first; those without coordinates are left out."""
    reach = within_m / 111_000  # Metres in a degree of latitude, a little short so that the box is wide enough.
    shrink = lon_shrink(place.lat)
    north, east = Enterprise.lat - place.lat, (Enterprise.lon - place.lon) * shrink
    rows = session.scalars(
        visible_enterprises(actor)
        .where(
            Enterprise.lat.between(place.lat - reach, place.lat + reach),
            Enterprise.lon.between(place.lon - reach / shrink, place.lon + reach / shrink),
        )
        .order_by(north * north + east * east, Enterprise.id)
        .limit(limit)
    )
    found = [Nearby(row, metres_between(place, Place(row.lat or 0, row.lon or 0))) for row in rows]
    return [near for near in found if near.metres <= within_m]
