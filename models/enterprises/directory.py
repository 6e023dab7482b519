"""Finding enterprises (生产经营单位) within what a person may see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Integer, Select, String, bindparam, func, or_, select
from sqlalchemy.orm import Session

from models.access import Actor, within
from models.content import Place
from models.enterprises.tables import Enterprise
from models.errors import NotFound
from models.grids.names import aliases
from models.grids.tables import Grid
from models.places import lon_shrink, metres_between

# Parts of names that distinguish nobody.
_LEGAL = ("有限责任公司", "股份有限公司", "有限公司", "分公司", "公司", "有限", "责任")
_SHORTEST, _LONGEST = 2, 24


@dataclass(frozen=True, slots=True)
class Nearby:
    """An enterprise and how far it is away, in metres."""

    enterprise: Enterprise
    metres: float


@dataclass(frozen=True, slots=True)
class Spotted:
    """An enterprise, the longest part of its name that stands in a sentence, and how much of it does."""

    enterprise: Enterprise
    part: str
    score: int


# Statements are kept for those who write these minutes: building one costs as much as running it. They are values.
@lru_cache(maxsize=128)
def visible_enterprises(actor: Actor) -> Select[Enterprise]:
    """The enterprises of the actor's grids and industries, and those the actor answers for in person."""
    area = within(actor, Enterprise.grid_code, Enterprise.industry)
    return select(Enterprise).where(or_(area, Enterprise.id.in_(actor.enterprise_ids)))


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


def spot_enterprises(session: Session, actor: Actor, text: str, *, limit: int = 8) -> list[Spotted]:
    """Find the enterprises that a sentence names, wholly or in part, those named by most first.

    Words that many share (公司, the names of the enclosing towns) name nobody. The first is certain only if
    its score is higher than the second's.
    """
    rows = session.execute(
        visible_enterprises(actor).with_only_columns(Enterprise.id, Enterprise.name, Enterprise.grid_code)
    ).all()
    if not rows:
        return []
    pieces = _pieces(text)
    common = _common_words(session, {row.grid_code for row in rows})
    # Most names share nothing with the sentence, which their pairs tell at once.
    scored = [(score, row) for row in rows if (score := _score(row.name, pieces))]
    found = [
        (part, score, row.id) for score, row in scored if (part := _shared(row.name, pieces, common, longest=score + 1))
    ]
    found.sort(key=lambda item: (-item[1], item[2]))
    best = found[:limit]
    loaded = session.scalars(select(Enterprise).where(Enterprise.id.in_([row_id for *_part, row_id in best])))
    by_id = {enterprise.id: enterprise for enterprise in loaded}
    return [Spotted(by_id[row_id], part, score) for part, score, row_id in best]


def _score(name: str, pieces: set[str]) -> int:
    """How many pairs of neighbouring characters of a name stand in the sentence: 溪口小学 in 溪口村小学 has two."""
    return sum(name[i : i + 2] in pieces for i in range(len(name) - 1))


def _pieces(text: str) -> set[str]:
    """All parts of a sentence of two characters and more; of a longer name a part is enough."""
    clean = text[:300]
    return {clean[i : i + n] for n in range(_SHORTEST, _LONGEST + 1) for i in range(len(clean) - n + 1)}


def _shared(name: str, pieces: set[str], common: re.Pattern[str], *, longest: int) -> str:
    """The longest part of a name, of `longest` at most, that stands in the sentence and names the enterprise."""
    for n in range(min(len(name), _LONGEST, longest), _SHORTEST, -1):
        for i in range(len(name) - n + 1):
            part = name[i : i + n]
            if part in pieces and len(common.sub("", part)) >= _SHORTEST:
                return part
    # Two characters alone are a coincidence, unless they are those by which people call it: the first.
    first = common.sub("", name)[:_SHORTEST]
    return first if first in pieces else ""


def _common_words(session: Session, codes: Iterable[str]) -> re.Pattern[str]:
    """Legal forms and the names of towns and counties: they stand in many names and distinguish none."""
    words = set(_LEGAL)
    tops = {code[:n] for code in codes for n in (4, 6, 9)}
    for name in session.scalars(select(Grid.name).where(Grid.code.in_(tops))):
        words.update(aliases(name))
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


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
