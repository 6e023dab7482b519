"""Finding grids: by code, by what people call them, by where somebody stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, false, or_, select
from sqlalchemy.orm import Session, aliased

from models.access import inside, is_inside
from models.content import Place
from models.grids.names import aliases, full_names, short_name
from models.grids.tables import Grid
from models.places import lon_shrink, metres_between

_SHORTEST_CODE = 2  # Source: GB/T 2260: the two digits of the province are the shortest code.


def enclosing(code: str) -> list[str]:
    """Every code that a grid enclosing `code` can have: itself first, then ever larger ones."""
    return [code[:n] for n in range(len(code), _SHORTEST_CODE - 1, -1) if is_inside(code, code[:n])]


def within_prefixes(prefixes: Iterable[str] | None) -> ColumnElement[bool] | None:
    """The condition that a grid lies inside one of the prefixes; None for the whole tree, nothing for none."""
    if prefixes is None:
        return None
    parts = [inside(Grid.code, prefix) for prefix in prefixes]
    return or_(*parts) if parts else false()


def _grids(prefixes: Iterable[str] | None) -> Select[Grid]:
    condition = within_prefixes(prefixes)
    return select(Grid) if condition is None else select(Grid).where(condition)


def find_grid(session: Session, code: str) -> Grid | None:
    """Give the grid with this code."""
    return session.get(Grid, code)


def find_grids(session: Session, name: str, *, prefixes: Iterable[str] | None = None, limit: int = 8) -> list[Grid]:
    """Find grids by code, full name, short name (靠山村) or stem (茂林 is 茂林镇), the best first.

    `prefixes` limits the search to grids inside them (None: the whole tree; empty: nothing).
    """
    wanted = name.strip()
    if not wanted:
        return []
    names = full_names(wanted)
    found = session.scalars(_grids(prefixes).where(or_(Grid.code == wanted, Grid.name.in_(names)))).all()

    def rank(grid: Grid) -> tuple[int, int, str]:
        words = (grid.code, *aliases(grid.name))
        # Equally near: the larger grid, because people who say 茂林 mean the town and not its village.
        return (words.index(wanted) if wanted in words else len(words), len(grid.code), grid.code)

    return sorted(found, key=rank)[:limit]


def spot_grids(session: Session, text: str, *, prefixes: Iterable[str] | None = None) -> list[Grid]:
    """Find the grids that a sentence names, those named by the longest words first.

    A name inside a longer one that was found does not count: 茂林镇 in 茂林镇溪口村 does, 溪口 alone does not.
    """
    found: list[tuple[str, Grid]] = []
    for grid in session.scalars(_grids(prefixes)):
        word = next((alias for alias in aliases(grid.name) if alias in text), None)
        if word:
            found.append((word, grid))
    words = {word for word, _grid in found}
    alone = {word for word in words if _stands_alone(word, text, words)}
    named = [(word, grid) for word, grid in found if word in alone and not _is_meant_wider(word, grid, found)]
    return [grid for _word, grid in sorted(named, key=lambda item: (-len(item[0]), item[1].code))]


def _is_meant_wider(word: str, grid: Grid, found: list[tuple[str, Grid]]) -> bool:
    """茂林 means the town, not the village of the same name inside it."""
    return any(
        other_word == word and other.code != grid.code and is_inside(grid.code, other.code)
        for other_word, other in found
    )


def _stands_alone(word: str, text: str, others: set[str]) -> bool:
    bare = text
    for other in others:
        if word != other and word in other:
            bare = bare.replace(other, "\n")
    return word in bare


def list_children(session: Session, code: str) -> list[Grid]:
    """The grids directly below one, by code."""
    return list(session.scalars(_CHILDREN, {"parent": code}))


# Built once, as they run in every dialog: building a statement costs more than running it.
_CHILDREN = select(Grid).where(Grid.parent_code == bindparam("parent")).order_by(Grid.code)
_GRIDS = cast("Table", Grid.__table__)
_NAMES = select(_GRIDS.c.code, _GRIDS.c.name, _GRIDS.c.parent_code).where(
    _GRIDS.c.code.in_(bindparam("codes", expanding=True))
)


def list_roots(session: Session) -> list[Grid]:
    """The grids that lie in no other: the county."""
    return list(session.scalars(select(Grid).where(Grid.parent_code.is_(None)).order_by(Grid.code)))


def name_path(session: Session, code: str) -> str:
    """Say where a grid lies, 茂林镇·奎峰村; the county is named only when it is meant itself."""
    return name_paths(session, [code])[code]


def name_paths(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """`name_path` of several grids with one query; an unknown code stands for itself."""
    wanted = {code: enclosing(code) for code in codes}
    every = {candidate for candidates in wanted.values() for candidate in candidates}
    rows = session.execute(_NAMES, {"codes": sorted(every)})
    known = {code: (name, parent_code) for code, name, parent_code in rows}
    paths = {}
    for code, candidates in wanted.items():
        chain = [candidate for candidate in reversed(candidates) if candidate in known]
        shown = [candidate for candidate in chain if known[candidate][1] is not None] or chain
        paths[code] = "·".join(short_name(known[candidate][0]) for candidate in shown) or code
    return paths


def find_nearest_grid(
    session: Session, place: Place, *, prefixes: Iterable[str] | None = None
) -> tuple[Grid, float] | None:
    """Find the smallest grid whose middle is nearest, and how many metres away it is.

    Only grids without smaller ones inside them count, of those whose middle is known. None: there is none.
    """
    child = aliased(Grid)
    below = select(child.code).where(child.parent_code == Grid.code, child.lat.is_not(None)).exists()
    shrink = lon_shrink(place.lat)
    north = Grid.lat - place.lat
    east = (Grid.lon - place.lon) * shrink
    grid = session.scalars(
        _grids(prefixes)
        .where(Grid.lat.is_not(None), Grid.lon.is_not(None), ~below)
        .order_by(north * north + east * east, Grid.code)
        .limit(1)
    ).first()
    if grid is None or grid.lat is None or grid.lon is None:
        return None
    return grid, metres_between(place, Place(grid.lat, grid.lon))
