"""Which place a caption names. A guess for a human to confirm, and a question whenever there could be two.

The words speak first, the location decides between what they leave. docs/vocabulary.md says when a guess is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.access import Actor, is_inside
from models.content import Place
from models.hazards.naming import (
    ANOTHER,
    BESIDE,
    CLOSE,
    FAR_M,
    FIRMLY,
    HOMELY_KINDS,
    OUR_VILLAGE,
    PUBLIC,
    PUBLIC_KINDS,
    VILLAGE,
    WORDS,
    Scene,
    foreign_grids,
    has_kind,
    is_certain,
    is_foreign,
    is_grid,
    is_landmark,
    is_of,
    is_sure_grid,
    is_weak,
    look,
    metres_to,
    stands_at,
    words_of,
)
from models.hazards.places import Spot, report_grids, spots_by_id
from models.rules import HazardRules
from models.session import Session
from models.vocabulary.mentions import Mention, find_mentions

# What stands between one and the next, and counts or joins them.
_COUNTER = re.compile(
    r"[\s,，;；。、和与及]*(?:[\s,，;；。、（(【]第?[1-9一二三四五六七八九][)）】、.．:：]*|[1-9一二三四五六七八九][)）】、.．:：]+|[一二三四五六七八九]是)?"
    r"[\s,，;；。、和与及]*$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The spot a caption names, or the candidates between which only the person can choose; both may be empty.

    `others`: what else it could have been, though it is less likely; `said`: the words that name the spot.
    """

    spot: Spot | None = None
    candidates: tuple[Spot, ...] = ()
    others: tuple[Spot, ...] = ()
    said: str = ""


def find_place(session: Session, actor: Actor, text: str, rules: HazardRules, *, near: Place | None = None) -> Found:
    """Find the enterprise or grid that a caption names, within the person's scope.

    What is certain becomes the spot; what could mean several, or is only half certain, becomes candidates. Names
    outside of the scope are never offered; they only keep something like them from being guessed.
    """
    return find_named(session, actor, look(session, actor, text, rules, near))


def find_named(session: Session, actor: Actor, scene: Scene) -> Found:
    """The same, of a caption that has been looked at."""
    keys, certain = _decide(scene, actor)
    spots = {spot.enterprise_id or spot.grid_code: spot for spot in spots_by_id(session, actor, keys)}
    known = tuple(spots[key] for key in keys if key in spots)
    said = next((words_of(mention, scene) for mention in (*scene.enterprises, *scene.grids)), "")
    if certain and known and keys[0] in spots:
        return Found(known[0], others=known[1:3], said=said)
    return Found(candidates=known, said=said)


def find_places(session: Session, actor: Actor, text: str, rules: HazardRules) -> list[str]:
    """The texts of a caption that names several enterprises, one for each; nothing if it names one at most."""
    scene = look(session, actor, text, rules, None)
    named = [mention for mention in scene.enterprises if is_certain(mention, scene)]
    apart: list[Mention] = []
    for mention in named:
        if not any(mention.overlaps(other) for other in apart):
            apart.append(mention)
    if len(apart) < 2:
        return []
    apart.sort(key=lambda mention: mention.start)
    ends = [mention.start for mention in apart[1:]] + [len(scene.text)]
    parts = [_COUNTER.sub("", scene.text[mention.start : end]) for mention, end in zip(apart, ends, strict=True)]
    rest = parts[-1][apart[-1].end - apart[-1].start :]
    # 溪口小学和溪口便民超市都没有灭火器: what is wrong is said once, for all of them.
    bare = [part == words_of(mention, scene) for part, mention in zip(parts, apart, strict=True)]
    return [f"{part}{rest}" if is_bare else part for part, is_bare in zip(parts, bare, strict=True)]


# -- deciding ------------------------------------------------------------------------------------------------


def _decide(scene: Scene, actor: Actor) -> tuple[list[int | str], bool]:
    """The keys of what is meant, the likeliest first, and whether the first is certain."""
    grids = grids_named(scene)
    firms = [mention for mention in scene.enterprises if not is_foreign(mention, scene)]
    if not firms:
        return _choose_grid(scene, grids, actor)
    best = _best(firms)
    around = [grid for grid in grids if not grid.overlaps(best[0])]
    best = [
        firm for firm in best if any(is_inside(firm.heard.grid_code, grid.heard.grid_code) for grid in around)
    ] or best
    same = [grid for grid in grids if grid.overlaps(best[0])]
    if same:
        return _village_or_firm(scene, best, grids, actor)
    apart = [grid for grid in around if not is_inside(best[0].heard.grid_code, grid.heard.grid_code)]
    if apart and is_weak(best[0], scene):
        return _choose_grid(scene, grids, actor, _keys(best))
    if apart or any(not is_inside(best[0].heard.grid_code, grid.heard.grid_code) for grid in foreign_grids(scene)):
        return [*_keys(best), *_keys(apart)], False
    return _choose_firm(scene, best, actor)


def _best(firms: Sequence[Mention]) -> list[Mention]:
    """Those that the words name as well as the first; a whole name to the letter beats those that sound like it."""
    best = [mention for mention in firms if mention.size > firms[0].size - CLOSE]
    if best[0].is_literal and best[0].has_head and best[0].is_whole:
        return [mention for mention in best if mention.is_literal and not mention.everyday] or best
    return best


def _choose_firm(scene: Scene, best: Sequence[Mention], actor: Actor) -> tuple[list[int | str], bool]:
    keys = _keys(best)
    own = set(actor.enterprise_ids)
    if len(keys) > 1:
        close = _closest(best, scene)
        return ([close, *(key for key in keys if key != close)], True) if close else (keys, False)
    first = best[0]
    metres = metres_to(first.heard, scene.near)
    is_far = metres is not None and metres > FAR_M and not first.has_head
    certain = is_certain(first, scene) and not is_far
    if not certain and is_landmark(first, scene) and first.heard.enterprise_id not in own:
        return [*keys, first.heard.grid_code], False
    return keys, certain


def _closest(best: Iterable[Mention], scene: Scene) -> int | str | None:
    """The only one of several at which the person stands."""
    here = _keys([mention for mention in best if stands_at(mention, scene)])
    return here[0] if len(here) == 1 else None


def _village_or_firm(
    scene: Scene, best: Sequence[Mention], grids: Sequence[Mention], actor: Actor
) -> tuple[list[int | str], bool]:
    """A village and what is named after it: 溪口村 is the village, 黄田祠堂 lies in it, 靠山 alone may be either."""
    firm = best[0]
    same = [grid for grid in grids if grid.overlaps(firm)]
    grid = same[0]
    if firm.size > grid.size and firm.covers(grid) and is_certain(firm, scene):
        return _choose_firm(scene, best, actor)
    after = scene.text[grid.end :]
    is_there = is_of(scene, PUBLIC_KINDS) or PUBLIC.match(after) is not None
    is_there = is_there or (
        is_of(scene, HOMELY_KINDS)
        and after[:1].isalpha()
        and not (FIRMLY.match(after) or ANOTHER.match(after) or BESIDE.match(after))
    )
    if grid.size >= firm.size and (has_kind(grid) or (is_there and grid.form not in WORDS)):
        return _choose_grid(scene, grids, actor)
    return [*_keys(best), *_keys(same)], False


def _choose_grid(
    scene: Scene, grids: Sequence[Mention], actor: Actor, besides: Sequence[int | str] = ()
) -> tuple[list[int | str], bool]:
    """The grid that is named, the innermost; of several with one name the one in which the person stands."""
    if not grids:
        return _our_village(scene, actor)
    inner = _innermost(grids)
    keys = list(dict.fromkeys([*_keys(inner), *_longer_names(scene, inner[0])]))
    if len(keys) > 1:
        return ([scene.pin_grid], True) if scene.pin_grid in keys else ([*keys, *besides], False)
    first = inner[0]
    elsewhere = [
        grid for grid in foreign_grids(scene)
        if not is_inside(first.heard.grid_code, grid.heard.grid_code) and grid.start < first.start
    ]  # fmt: skip
    is_home = scene.width >= VILLAGE and len(report_grids(actor)) == 1  # Whoever has one village means it.
    return [*keys, *besides], (is_home or is_sure_grid(first, scene)) and not (elsewhere or besides)


def _our_village(scene: Scene, actor: Actor) -> tuple[list[int | str], bool]:
    """我们村 of somebody who has but one."""
    mine = report_grids(actor)
    is_named_else = any(other.is_whole or other.has_head for other in scene.foreign)
    if len(mine) == 1 and len(mine[0]) >= VILLAGE and OUR_VILLAGE.search(scene.text) and not is_named_else:
        return [mine[0]], True
    return [], False


def _longer_names(scene: Scene, grid: Mention) -> list[str]:
    """Grids whose name ends in the words that name this one: 凤村 may be what people say for 溪里凤村."""
    words = scene.text[grid.start : grid.end]
    return [
        other.heard.grid_code
        for other in find_mentions(words, [mention.heard for mention in scene.grids])
        if other.has_tail and len(other.form) > len(words) and other.is_literal
    ]


def _innermost(grids: Sequence[Mention]) -> list[Mention]:
    """Of a town and a village in it the village, if both are named by words of their own."""
    largest = [grid for grid in grids if grid.size > grids[0].size - CLOSE]
    outer = {
        grid.heard.grid_code
        for grid in grids
        for other in grids
        if other is not grid and is_inside(other.heard.grid_code, grid.heard.grid_code) and not grid.overlaps(other)
    }
    nested = [
        grid for grid in grids
        if grid.heard.grid_code not in outer
        and any(is_inside(grid.heard.grid_code, code) and grid.heard.grid_code != code for code in outer)
    ]  # fmt: skip
    return nested or [grid for grid in largest if grid.heard.grid_code not in outer] or largest


def grids_named(scene: Scene) -> list[Mention]:
    """The grids of the person's that are named: to the letter, or by their sound with most of it right."""
    named = [grid for grid in scene.grids if is_grid(grid, scene)]
    return sorted(named, key=lambda grid: (-grid.size, len(grid.heard.grid_code)))


def _keys(mentions: Iterable[Mention]) -> list[int | str]:
    return list(dict.fromkeys(mention.heard.key for mention in mentions))
