"""Where a hazard can be, as far as the person who reports it is concerned: enterprises and grids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, select

from models.access import Actor, is_inside
from models.content import Place
from models.enterprises.directory import access_enterprise, find_enterprises, list_nearest, visible_enterprises
from models.enterprises.tables import Enterprise
from models.errors import NotFound
from models.grids.names import short_name
from models.grids.tables import Grid
from models.grids.tree import find_grid, find_grids, find_nearest_grid, list_children, name_path, name_paths
from models.people.tables import Role
from models.places import metres_between
from models.session import Session

MANY = 24  # Buttons of one question; who has more places types a name.
FAR_M = 2_000  # Whoever stands so far away reports from elsewhere: the enterprise's own point is better.
FEW = 8  # So few enterprises are offered without being asked for.


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in words of the county: an enterprise, or a grid and what was said about where in it.

    `name`: the enterprise's, "" for a public place; `path`: the grid (茂林镇·奎峰村); `text`: the place in the
    reporter's own words; `lat`, `lon` in degrees, WGS-84, where known; `metres` from where the person stands;
    `trade`: the code of the enterprise's industry.
    """

    grid_code: str
    path: str
    enterprise_id: int | None = None
    name: str = ""
    text: str = ""
    lat: float | None = None
    lon: float | None = None
    metres: int | None = None
    trade: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Spot:
        """Rebuild from `to_json`."""
        return cls(**values)

    def at(self, place: Place | None) -> Spot:
        """The same spot, with the point where somebody stands, unless that is far from the enterprise."""
        if place is None:
            return self
        if self.enterprise_id is not None and self.lat is not None and self.lon is not None:
            far = metres_between(place, Place(self.lat, self.lon)) > FAR_M
            place = Place(self.lat, self.lon) if far else place
        return replace(self, lat=place.lat, lon=place.lon)

    def told(self, text: str) -> Spot:
        """The same spot, with the place in the reporter's own words."""
        return replace(self, text=text)


def report_grids(actor: Actor) -> tuple[str, ...]:
    """The grids in which a person may report; a manager's role counts for the own enterprises only."""
    return actor.grids(frozenset(Role) - {Role.MANAGER})


def spots_of(session: Session, enterprises: Sequence[Enterprise]) -> list[Spot]:
    """Enterprises as spots, in their order. One query."""
    paths = name_paths(session, [item.grid_code for item in enterprises]) if enterprises else {}
    return [
        Spot(item.grid_code, paths[item.grid_code], item.id, item.name, lat=item.lat, lon=item.lon, trade=item.industry)
        for item in enterprises
    ]


def grid_spot(session: Session, grid: Grid) -> Spot:
    """A grid as a public place."""
    return Spot(grid.code, name_path(session, grid.code), lat=grid.lat, lon=grid.lon)


def grid_spots(session: Session, grids: Iterable[Grid]) -> list[Spot]:
    """Several grids as public places. One query."""
    found = list(grids)
    paths = name_paths(session, [grid.code for grid in found]) if found else {}
    return [Spot(grid.code, paths[grid.code], lat=grid.lat, lon=grid.lon) for grid in found]


def spots_by_id(session: Session, actor: Actor, ids: Sequence[int | str]) -> list[Spot]:
    """The enterprises (by id) and grids (by code) among `ids` that are still the person's, in their order."""
    numbers = [ident for ident in ids if isinstance(ident, int)]
    codes = [ident for ident in ids if isinstance(ident, str)]
    enterprises = session.scalars(visible_enterprises(actor).where(Enterprise.id.in_(numbers))).all()
    mine = report_grids(actor)
    grids = [grid for code in codes if (grid := find_grid(session, code)) and _is_mine(grid.code, mine)]
    found: dict[int | str, Spot] = {spot.enterprise_id or "": spot for spot in spots_of(session, enterprises)}
    found |= {spot.grid_code: spot for spot in grid_spots(session, grids)}
    return [found[ident] for ident in ids if ident in found]


def _is_mine(code: str, mine: Iterable[str]) -> bool:
    return any(is_inside(code, own) for own in mine)


def list_near(session: Session, actor: Actor, place: Place, *, near_m: int) -> list[Spot]:
    """What lies around a point within the person's scope: the nearest enterprises, then the nearest grid."""
    near = list_nearest(session, actor, place, within_m=near_m, limit=6)
    spots = spots_of(session, [item.enterprise for item in near])
    found = [replace(spot, metres=round(item.metres)).at(place) for spot, item in zip(spots, near, strict=True)]
    nearest = find_nearest_grid(session, place, prefixes=report_grids(actor))
    return [*found, grid_spot(session, nearest[0]).at(place)] if nearest else found


def is_elsewhere(session: Session, actor: Actor, place: Place) -> str:
    """Name the grid in which a point seems to lie if the person may not report there; "" if all is well."""
    nearest = find_nearest_grid(session, place)
    if nearest is None or _is_mine(nearest[0].code, report_grids(actor)):
        return ""
    return name_path(session, nearest[0].code)


def list_usual(session: Session, actor: Actor) -> list[Spot]:
    """The enterprises to offer unasked: a manager's own, or all of a small scope."""
    rows = session.scalars(_first_few(actor)).all()
    if len(rows) > FEW:
        rows = session.scalars(
            visible_enterprises(actor).where(Enterprise.id.in_(actor.enterprise_ids)).limit(FEW)
        ).all()
    return spots_of(session, rows)


@lru_cache(maxsize=128)
def _first_few(actor: Actor) -> Select[Enterprise]:
    return visible_enterprises(actor).order_by(Enterprise.name).limit(FEW + 1)


def list_grids(session: Session, actor: Actor, code: str = "") -> list[Grid]:
    """The grids to offer: those below `code`, or below each of the person's grids (itself if none is below).

    Raises: NotFound: `code` lies outside the person's scope.
    """
    mine = report_grids(actor)
    if code and not _is_mine(code, mine):
        raise NotFound
    found: list[Grid] = []
    for own in [code] if code else mine:
        below = list_children(session, own)
        itself = find_grid(session, own)
        found += below or ([itself] if itself else [])
    return list({grid.code: grid for grid in found}.values())[:MANY]


def with_parts(session: Session, grids: Sequence[Grid]) -> set[str]:
    """The codes of those grids that are divided further."""
    return set(session.scalars(_DIVIDED, {"codes": [grid.code for grid in grids]}))


# Built once, on the table itself: the question for the place comes with every report.
_GRIDS = cast("Table", Grid.__table__)
_DIVIDED = select(_GRIDS.c.parent_code).where(_GRIDS.c.parent_code.in_(bindparam("codes", expanding=True))).distinct()


def find_spots(session: Session, actor: Actor, text: str) -> list[Spot]:
    """Find the enterprises and grids of the person's scope that bear this name, or have it in theirs.

    Exactly one if the name is somebody's full name.
    """
    enterprises = find_enterprises(session, actor, text)
    exact = [item for item in enterprises if item.name == text]
    if exact:
        return spots_of(session, exact)
    grids = find_grids(session, text, prefixes=report_grids(actor))
    exact_grids = [grid for grid in grids if text in {grid.name, short_name(grid.name), grid.code}]
    if len(exact_grids) == 1:
        return grid_spots(session, exact_grids)
    return [*spots_of(session, enterprises), *grid_spots(session, grids)]


def access_spot(session: Session, actor: Actor, spot: Spot) -> tuple[Spot, str]:
    """Check once more that the person may report there; also gives the enterprise's industry ("" for none).

    Raises: NotFound: no such place, or outside the person's scope.
    """
    if spot.enterprise_id is not None:
        found = access_enterprise(session, actor, spot.enterprise_id)
        return replace(spot, grid_code=found.grid_code, name=found.name), found.industry
    grid = find_grid(session, spot.grid_code)
    if grid is None or not _is_mine(grid.code, report_grids(actor)):
        raise NotFound
    return spot, ""
