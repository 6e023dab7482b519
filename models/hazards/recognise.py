"""What a caption says: the place, the category, the level. Guesses for a human to confirm, nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.access import Actor, is_inside
from models.content import Place
from models.enterprises.directory import Spotted, spot_enterprises
from models.grids.names import aliases
from models.grids.tables import Grid
from models.grids.tree import spot_grids
from models.hazards.places import Spot, grid_spots, report_grids, spots_of
from models.places import metres_between
from models.rules import HazardRules
from models.session import Session

# 非重大 and 不属于重大隐患 are not 重大.
_DENIED = re.compile(
    r"(?:非|无|(?:不|未|没有?|尚未|并非)(?:属于|是|算|构成|存在|有|到|达到)?)(?:特别)?(?:重大|严重|停产停业)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The spot a caption names, or the candidates between which only the person can choose; both may be empty."""

    spot: Spot | None = None
    candidates: tuple[Spot, ...] = ()


def find_place(session: Session, actor: Actor, text: str, rules: HazardRules, *, near: Place | None = None) -> Found:
    """Find the enterprise or grid that a caption names, within the person's scope.

    The longest part of a name wins: 靠山加油站 over the village 靠山, the village over the town around it. Between
    equals the place decides where the person stands (`near`), and without it nobody does: they become candidates.
    """
    grids = spot_grids(session, text, prefixes=report_grids(actor))
    words = {grid.code: next((alias for alias in aliases(grid.name) if alias in text), "") for grid in grids}
    spotted = _telling(spot_enterprises(session, actor, text), text, rules, words)
    grids = _innermost(_said_besides(grids, words, spotted[0].part if spotted else "", text))
    spotted = _inside_named(spotted, grids) or spotted
    best = [item for item in spotted if len(item.part) == len(spotted[0].part)]
    named = [grid for grid in grids if len(words[grid.code]) == len(words[grids[0].code])]
    if not best:
        return _choose(grid_spots(session, named), near, rules.near_m)
    # 溪口 is the village and half of the works' name: only the person knows which is meant.
    same = [grid for grid in grids if best[0].part == words[grid.code]]
    elsewhere = [grid for grid in named if not is_inside(best[0].enterprise.grid_code, grid.code)]
    doubtful = same or (elsewhere if len(named) == 1 else [])
    spots = [*spots_of(session, [item.enterprise for item in best]), *grid_spots(session, doubtful)]
    return _choose(spots, None if doubtful else near, rules.near_m)


def _telling(spotted: Iterable[Spotted], text: str, rules: HazardRules, grids: dict[str, str]) -> list[Spotted]:
    """Leave out enterprises of which only a word stands in the caption that says what is wrong, or where."""
    words = {word for category in rules.categories for word in category.words if word in text}
    words |= {word for level in rules.levels for word in level.words if word in text}
    places = set(grids.values())
    return [
        item
        for item in spotted
        if not any(item.part in word for word in words)
        and not any(item.part in place and item.part != place for place in places)
    ]


def _said_besides(grids: Iterable[Grid], words: dict[str, str], part: str, text: str) -> list[Grid]:
    """Leave out grids that are named only by characters inside the longer name of an enterprise."""
    rest = text.replace(part, "\n") if part else text
    return [grid for grid in grids if words[grid.code] == part or words[grid.code] in rest]


def _innermost(grids: list[Grid]) -> list[Grid]:
    """Of a town and a village in it the village; a village of that name in another town is not meant then."""
    inner = [
        grid for grid in grids if not any(is_inside(other.code, grid.code) for other in grids if other is not grid)
    ]
    nested = [grid for grid in inner if any(is_inside(grid.code, other.code) for other in grids if other is not grid)]
    return nested or inner


def _inside_named(spotted: list[Spotted], grids: list[Grid]) -> list[Spotted]:
    """Of equals those in the grid that the caption names too."""
    if not spotted:
        return []
    best = [item for item in spotted if len(item.part) == len(spotted[0].part)]
    return [item for item in best if any(is_inside(item.enterprise.grid_code, grid.code) for grid in grids)]


def _choose(spots: list[Spot], near: Place | None, near_m: int) -> Found:
    if len(spots) == 1:
        return Found(spots[0])
    placed = [
        (metres_between(near, Place(spot.lat, spot.lon)), spot)
        for spot in spots
        if near and spot.lat is not None and spot.lon is not None
    ]
    close = [spot for metres, spot in placed if metres <= near_m]
    return Found(close[0]) if len(close) == 1 else Found(candidates=tuple(spots))


def guess_category(text: str, rules: HazardRules, *, name: str = "") -> str:
    """The category whose words take up most of a caption; the last one (其他) if none has any.

    `name`: of the enterprise; its part in the caption does not count (the 液化气 in 宏达液化气站).
    """
    part = named_part(name, text)
    said = text.replace(part, " ") if part else text
    scores = {category.code: sum(len(word) for word in category.words if word in said) for category in rules.categories}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] else rules.categories[-1].code


def named_part(name: str, text: str) -> str:
    """The longest part of a name, of two characters and more, that stands in a text; "" if none does."""
    for n in range(len(name), 1, -1):
        for i in range(len(name) - n + 1):
            if name[i : i + n] in text:
                return name[i : i + n]
    return ""


def guess_level(text: str, rules: HazardRules) -> str:
    """The level whose words stand in a caption, the gravest first; else the first of the rules (一般)."""
    said = _DENIED.sub(" ", text)
    for level in sorted(rules.levels, key=lambda level: not level.is_major):
        if any(word in said for word in level.words):
            return level.code
    return rules.levels[0].code
