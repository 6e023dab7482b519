"""Which names of the registers a text may hold, by the sounds they have in common: one query, no list in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, cast, func, or_, select

from models.access import Actor, inside
from models.enterprises.directory import is_theirs
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.session import Session
from models.vocabulary.index import HEARD, do_index_names
from models.vocabulary.sounds import pairs
from models.vocabulary.tables import Name, NamePair, Standing

MANY = 240  # Names looked at closely; those with the most sounds in common.
LONGEST = 240  # Characters of a text that are listened to.
_SILENT = (Standing.REMOVED,)


@dataclass(frozen=True, slots=True)
class Heard:
    """A name that shares sounds with a text. Of an enterprise (`enterprise_id`), else of a grid.

    `is_mine`: within the scope of the person who wrote the text. What is not serves only to hold back a guess.
    """

    text: str
    standing: Standing
    grid_code: str
    is_mine: bool
    enterprise_id: int | None = None
    lat: float | None = None
    lon: float | None = None

    @property
    def key(self) -> int | str:
        """The enterprise's id, or the grid's code."""
        return self.enterprise_id if self.enterprise_id is not None else self.grid_code


def hear_names(session: Session, actor: Actor, text: str, *, grids: Iterable[str]) -> list[Heard]:
    """The grids and enterprises whose names share sounds with a text, the most alike first.

    `grids`: within which a grid is the person's own. Two queries, whatever the size of the county, and none for a text
    that has been listened to in this session: a caption is looked at from several sides.
    """
    key = (actor.person_id, text, grids := tuple(grids))
    known: dict[object, list[Heard]] = session.info.setdefault(HEARD, {})
    if key not in known:
        known[key] = _hear(session, actor, text, grids)
    return known[key]


def _hear(session: Session, actor: Actor, text: str, grids: tuple[str, ...]) -> list[Heard]:
    do_index_names(session)
    heard = sorted(pairs(text[:LONGEST]))
    if not heard:
        return []
    rows = session.execute(_alike(actor, grids), {"pairs": heard})
    return [Heard(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6]) for row in rows]


# Kept for those who write these minutes: building it costs more than running it.
@lru_cache(maxsize=128)
def _alike(actor: Actor, grids: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    common = (
        select(NamePair.name_id, func.count().label("shared"))
        .where(NamePair.pair.in_(bindparam("pairs", expanding=True)))
        .group_by(NamePair.name_id)
        .subquery()
    )
    own_grid = or_(*(inside(Grid.code, code) for code in grids)) if grids else None
    mine = case(
        (and_(Name.enterprise_id.is_not(None), is_theirs(actor)), 1),
        *([(and_(Name.grid_code.is_not(None), own_grid), 1)] if own_grid is not None else []),
        else_=0,
    )
    return (
        select(
            Name.text, Name.standing, func.coalesce(Name.grid_code, Enterprise.grid_code), cast(mine, Integer),
            Name.enterprise_id, func.coalesce(Enterprise.lat, Grid.lat), func.coalesce(Enterprise.lon, Grid.lon),
        )
        .join(common, common.c.name_id == Name.id)
        .outerjoin(Enterprise, Enterprise.id == Name.enterprise_id)
        .outerjoin(Grid, Grid.code == Name.grid_code)
        .where(Name.person_id.is_(None), Name.standing.not_in(_SILENT))
        .order_by(common.c.shared.desc(), mine.desc(), Name.id)
        .limit(MANY)
    )  # fmt: skip
