"""Which place a caption names. A guess for a human to confirm, and a question whenever there could be two.

The words speak first, the location decides between what they leave. docs/vocabulary.md says when a guess is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.access import Actor, is_inside
from models.content import Place
from models.grids.tree import find_nearest_grid
from models.hazards.places import Spot, report_grids, spots_by_id
from models.hazards.wording import find_words
from models.places import metres_between
from models.rules import HazardRules
from models.session import Session
from models.vocabulary.forms import is_loose, plain_text
from models.vocabulary.hearing import Heard, hear_names
from models.vocabulary.mentions import Mention, find_mentions
from models.vocabulary.tables import Standing

_VILLAGE, _TOWN = 12, 9  # Digits of a code.
_FAR_M = 2_000  # Words that could mean others, and so far from where the person stands, are not believed.
_CLOSE = 0.35  # Two names are equally likely if they differ by less: like sounds and everyday words are.

# Words after which a name may stand, though they run into it.
_BEFORE = re.compile(
    r"(?:^|[^\w]|在|去|到|是|对|发现|检查|巡查|走访|查看|位于|于|和|与|及|跟|的|村|镇|乡|里|内|个|家|处|我们|咱|本|我|您|领导|路过|今天|刚才|上午|下午|昨天|查|看)$"
)
# What stands right after a name and says that it is another's: 靠山 加工厂, 为民超市 分店.
_ANOTHER = re.compile(
    r"^[^\s,，。;；、:：]{0,6}?(?:加油站|加油点|厂|店|超市|小学|中学|学校|幼儿园|宾馆|客栈|民宿|旅舍|酒店|饭店|公司|作坊|矿|工地|医院|卫生院|养老院|码头|渡口|合作社|经营部|服务部|门市)"
)
_NUMBERED = re.compile(r"^第?[一二三四五六七八九十\d]+(?:期|店|厂|分)")
_BESIDE = re.compile(
    r"^(?:的|门口|大门口?)?(?:旁边|旁|对面|附近|隔壁|边上|斜对面|往[东南西北前后里]|再往|到|至|对过|前面路|门前路|前方|后山|后面(?:的)?山)"
)
# A village and the works named after it: these words mean the village.
_PUBLIC = re.compile(
    r"^\s?(?:村|社区|那边|那里|这边|这里|街上|街道|桥头)?[^\s,，。;；、]{0,3}?"
    r"(?:祠堂|庙|桥|路|街|巷|河|塘|渠|坝|水库|山|林子|树|田|广场|公园|老屋|老房|房子|民房|农户|人家|村口|村部|村委|井|亭|电线杆|电杆|变压器|路灯|护栏|坡|沟|组|有人|活动中心|服务中心|文化|礼堂|停车场|垃圾|公厕|厕所|菜市|古民居|古建|村民|老人|居民|小区|一户|户|家|屋|井|农田|菜地|晒场|老街|庄)"
)
_PUBLIC_KINDS = frozenset({"road", "water", "landslide", "forest_fire"})
# Words of the rules that are places, and stand in names as such.
_PLACES = frozenset({"水库", "桥", "坝", "塘", "堤", "码头", "渡口"})
# A place in a village, unless the words are about a firm: 小岭 车间, 靠山 油枪.
_FIRMLY = re.compile(
    r"^[^\s,，。;；、]{0,5}?(?:车间|仓库|厂|店|柜台|食堂|厨房|办公|宿舍|机|锅炉|油|罐|枪|叉车|老板|员工|工人|客人|游客|学生|"
    r"里面|门卫|保安|大厅|楼|客房|灶|卸|站|点|矿|场)"
)
_HOMELY_KINDS = _PUBLIC_KINDS | {"electricity", "building", "height", "confined_space"}
_BEFORE_IT = re.compile(r"^(?:的|大)?(?:门口|门前|门外|外面|院外|围墙外|前面|后面|屋后|背后)")
_OUR_VILLAGE = re.compile(
    r"(?:我们?|咱们?|俺们?|本|全)村|村(?:里|口|头|部|东|西|南|北|中|后|前|边|尾|子里|委会|道|民组)|庄上|组里"
)
# Village names that are everyday words: without their 村 they name nobody.
_WORDS = frozenset(
    {"后山", "高山", "山口", "泉水", "天井", "建设", "河西", "光明", "新民", "红星", "小康", "爱民", "山水", "双河", "长征",
     "新桥", "中桥", "马头", "中村", "新元", "城南", "城东", "城西", "城北", "团结", "和平", "东风", "前进", "胜利", "幸福",
     "新村", "大桥", "河口", "水口", "桥头", "街道", "中心", "新建", "东山", "西山", "南山", "北山"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """The spot a caption names, or the candidates between which only the person can choose; both may be empty.

    `others`: what else it could have been, though it is less likely; `said`: the words that name the spot.
    """

    spot: Spot | None = None
    candidates: tuple[Spot, ...] = ()
    others: tuple[Spot, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Scene:
    """One caption, and what stands in it."""

    text: str
    near: Place | None
    near_m: int
    width: int  # Digits of the shortest grid in which the person reports: 6 a county, 9 a town, 12 a village.
    is_narrow: bool  # A town, or the enterprises of a few trades: what is called 林场 there is the only one.
    dull: frozenset[int]  # Positions of words that say what is wrong.
    kinds: frozenset[str]  # Categories of these words.
    enterprises: tuple[Mention, ...]
    grids: tuple[Mention, ...]
    foreign: tuple[Mention, ...]
    pin_grid: str = ""


def _is_of(scene: _Scene, kinds: frozenset[str]) -> bool:
    return bool(scene.kinds) and scene.kinds <= kinds


def find_place(session: Session, actor: Actor, text: str, rules: HazardRules, *, near: Place | None = None) -> Found:
    """Find the enterprise or grid that a caption names, within the person's scope.

    What is certain becomes the spot; what could mean several, or is only half certain, becomes candidates. Names
    outside of the scope are never offered; they only keep something like them from being guessed.
    """
    scene = _look(session, actor, text, rules, near)
    keys, certain = _decide(scene, session, actor)
    spots = {spot.enterprise_id or spot.grid_code: spot for spot in spots_by_id(session, actor, keys)}
    known = tuple(spots[key] for key in keys if key in spots)
    said = next((_said(scene, mention) for mention in (*scene.enterprises, *scene.grids)), "")
    if certain and known and keys[0] in spots:
        return Found(known[0], others=known[1:3], said=said)
    return Found(candidates=known, said=said)


def _said(scene: _Scene, mention: Mention) -> str:
    return scene.text[mention.start : mention.end].strip()


def find_places(session: Session, actor: Actor, text: str, rules: HazardRules) -> list[str]:
    """The texts of a caption that names several enterprises, one for each; nothing if it names one at most."""
    scene = _look(session, actor, text, rules, None)
    named = [mention for mention in scene.enterprises if _is_certain(mention, scene)]
    apart: list[Mention] = []
    for mention in named:
        if not any(mention.overlaps(other) for other in apart):
            apart.append(mention)
    if len(apart) < 2:
        return []
    apart.sort(key=lambda mention: mention.start)
    ends = [mention.start for mention in apart[1:]] + [len(scene.text)]
    parts = [
        scene.text[mention.start : end].strip(" \n,，;；。、和与及") for mention, end in zip(apart, ends, strict=True)
    ]
    rest = parts[-1][apart[-1].end - apart[-1].start :]
    # 溪口小学和溪口便民超市都没有灭火器: what is wrong is said once, for all of them.
    bare = [part == _said(scene, mention) for part, mention in zip(parts, apart, strict=True)]
    return [f"{part}{rest}" if is_bare else part for part, is_bare in zip(parts, bare, strict=True)]


# -- looking -------------------------------------------------------------------------------------------------


def _look(session: Session, actor: Actor, text: str, rules: HazardRules, near: Place | None) -> _Scene:
    plain = plain_text(text)
    grids = report_grids(actor)
    heard = hear_names(session, actor, plain, grids=grids)
    words = find_words(plain, rules)
    dull = frozenset(index for word in words if word.text not in _PLACES for index in range(word.start, word.end))
    mentions = _outermost([mention for mention in find_mentions(plain, heard) if not _is_dull(mention, dull)], dull)
    mine = [mention for mention in mentions if mention.heard.is_mine]
    width = min((len(code) for code in grids), default=_VILLAGE)
    pin_grid = find_nearest_grid(session, near, prefixes=grids) if near and mine else None
    return _Scene(
        plain,
        near,
        rules.near_m,
        width,
        width >= _TOWN or all(area.industry for area in actor.areas),
        dull,
        frozenset(word.category for word in words),
        tuple(mention for mention in mine if mention.heard.enterprise_id is not None),
        tuple(mention for mention in mine if mention.heard.enterprise_id is None),
        tuple(mention for mention in mentions if not mention.heard.is_mine),
        pin_grid[0].code if pin_grid else "",
    )


def _outermost(mentions: Sequence[Mention], dull: frozenset[int]) -> list[Mention]:
    """Leave out what is named only by characters inside a larger mention: 靠山村 in 靠山加油站."""
    whole = [mention for mention in mentions if not _is_half_dull(mention, dull)]
    return [
        mention
        for mention in mentions
        if not any(other.covers(mention) and other.size >= mention.size + 1 for other in whole if other is not mention)
    ]


# -- is it certain? ------------------------------------------------------------------------------------------


def _is_certain(mention: Mention, scene: _Scene) -> bool:
    """Tell whether the words themselves leave no doubt that this name is meant (others may be meant as well)."""
    if mention.heard.standing is Standing.CANDIDATE or (
        mention.everyday and is_loose(mention.heard.text, mention.form)
    ):
        return False
    if _is_half_dull(mention, scene.dull) or _goes_on(mention, scene):
        return False
    return _is_named(mention, scene) and not _is_landmark(mention, scene)


def _is_landmark(mention: Mention, scene: _Scene) -> bool:
    """Tell whether it is named to say where something else is: 加油站对面, 小学门口的路."""
    after = scene.text[mention.end :]
    return bool(_BESIDE.match(after)) or (_is_of(scene, _PUBLIC_KINDS) and bool(_BEFORE_IT.match(after)))


def _is_named(mention: Mention, scene: _Scene) -> bool:
    matched = len(mention.at)
    if mention.slips:
        # A slip in the first two characters makes another name; a short name has too little left.
        return mention.is_whole and mention.has_head and matched >= 4
    if mention.sounds:
        alike = mention.sounds <= matched / 2 and (mention.has_head or mention.has_tail)
        return alike and (matched >= 4 or (matched == 3 and mention.sounds == 1)) and _is_free(mention, scene)
    if mention.is_whole:
        return matched > 2 or _is_free(mention, scene)
    if mention.has_head:
        much = mention.is_unbroken or mention.has_tail or matched > 4
        return (matched > 2 or _is_free(mention, scene)) and much
    # Without its head a name is a kind of place: certain where there is but one, and little room.
    enough = mention.has_tail and (matched > 2 or scene.is_narrow or _stands_at(mention, scene))
    return enough and _is_free(mention, scene)


def _stands_at(mention: Mention, scene: _Scene) -> bool:
    """Tell whether the person stands at the place."""
    metres = _metres(mention.heard, scene.near)
    return metres is not None and metres <= scene.near_m


def _metres(heard: Heard, near: Place | None) -> float | None:
    if near is None or heard.lat is None or heard.lon is None:
        return None
    return metres_between(near, Place(heard.lat, heard.lon))


def _is_free(mention: Mention, scene: _Scene) -> bool:
    """Tell whether nothing runs into the words from the left: 奎峰超市 is not 超市, 水西宾馆 is not 宾馆."""
    before = scene.text[: mention.start]
    around = [grid for grid in (*scene.grids, *scene.foreign) if grid.end == mention.start]
    if around:
        return any(
            grid.heard.enterprise_id is None and is_inside(mention.heard.grid_code, grid.heard.grid_code)
            for grid in around
        )
    return bool(_BEFORE.search(before))


def _goes_on(mention: Mention, scene: _Scene) -> bool:
    """Tell whether the words after it make another name of it: 靠山 in 靠山茶叶加工厂."""
    if mention.is_whole or mention.has_tail:
        return bool(
            re.match(
                r"(?:[一二三四五六七八九十\d东西南北新老]?分?店|[二三四五六七八九\d]号店|分[厂公])",
                scene.text[mention.end :],
            )
        )
    after = scene.text[mention.end :]
    if _NUMBERED.match(after):
        return True
    end = next((index for index in range(mention.end, len(scene.text)) if index in scene.dull), len(scene.text))
    return bool(_ANOTHER.match(after[: max(0, end - mention.end)]))


def _is_dull(mention: Mention, dull: frozenset[int]) -> bool:
    """Tell whether nothing but words that say what is wrong speaks for it: 消防 of 消防器材经营部 in 消防通道."""
    if mention.heard.enterprise_id is not None and mention.sounds and len(mention.at) < 3:
        return True
    return all(index in dull for index in range(mention.start, mention.end)) and not (
        mention.is_whole and len(mention.at) > 2
    )


def _is_half_dull(mention: Mention, dull: frozenset[int]) -> bool:
    """Tell whether it ends in such words: 蔡村电梯 may be the lift in 蔡村, and 安吴水库 the water itself."""
    return mention.end - 1 in dull and not mention.has_tail


# -- deciding ------------------------------------------------------------------------------------------------


def _decide(scene: _Scene, session: Session, actor: Actor) -> tuple[list[int | str], bool]:
    """The keys of what is meant, the likeliest first, and whether the first is certain."""
    grids = _grids_named(scene)
    firms = [mention for mention in scene.enterprises if not _is_foreign(mention, scene)]
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
    if apart and _is_weak(best[0], scene):
        return _choose_grid(scene, grids, actor, _keys(best))
    if apart or any(not is_inside(best[0].heard.grid_code, grid.heard.grid_code) for grid in _foreign_grids(scene)):
        return [*_keys(best), *_keys(apart)], False
    return _choose_firm(scene, best, actor)


def _best(firms: Sequence[Mention]) -> list[Mention]:
    """Those that the words name as well as the first; a whole name to the letter beats those that sound like it."""
    best = [mention for mention in firms if mention.size > firms[0].size - _CLOSE]
    if best[0].is_literal and best[0].has_head and best[0].is_whole:
        return [mention for mention in best if mention.is_literal and not mention.everyday] or best
    return best


def _choose_firm(scene: _Scene, best: Sequence[Mention], actor: Actor) -> tuple[list[int | str], bool]:
    keys = _keys(best)
    own = set(actor.enterprise_ids)
    if len(keys) > 1:
        close = _closest(best, scene)
        return ([close, *(key for key in keys if key != close)], True) if close else (keys, False)
    first = best[0]
    metres = _metres(first.heard, scene.near)
    is_far = metres is not None and metres > _FAR_M and not first.has_head
    certain = _is_certain(first, scene) and not is_far
    if not certain and _is_landmark(first, scene) and first.heard.enterprise_id not in own:
        return [*keys, first.heard.grid_code], False
    return keys, certain


def _closest(best: Iterable[Mention], scene: _Scene) -> int | str | None:
    """The only one of several at which the person stands."""
    here = _keys([mention for mention in best if _stands_at(mention, scene)])
    return here[0] if len(here) == 1 else None


def _village_or_firm(
    scene: _Scene, best: Sequence[Mention], grids: Sequence[Mention], actor: Actor
) -> tuple[list[int | str], bool]:
    """A village and what is named after it: 溪口村 is the village, 黄田祠堂 lies in it, 靠山 alone may be either."""
    firm = best[0]
    same = [grid for grid in grids if grid.overlaps(firm)]
    grid = same[0]
    if firm.size > grid.size and firm.covers(grid) and _is_certain(firm, scene):
        return _choose_firm(scene, best, actor)
    after = scene.text[grid.end :]
    is_there = _is_of(scene, _PUBLIC_KINDS) or _PUBLIC.match(after) is not None
    is_there = is_there or (
        _is_of(scene, _HOMELY_KINDS)
        and after[:1].isalpha()
        and not (_FIRMLY.match(after) or _ANOTHER.match(after) or _BESIDE.match(after))
    )
    if grid.size >= firm.size and (_has_kind(grid) or (is_there and grid.form not in _WORDS)):
        return _choose_grid(scene, grids, actor)
    return [*_keys(best), *_keys(same)], False


def _choose_grid(
    scene: _Scene, grids: Sequence[Mention], actor: Actor, besides: Sequence[int | str] = ()
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
        grid for grid in _foreign_grids(scene)
        if not is_inside(first.heard.grid_code, grid.heard.grid_code) and grid.start < first.start
    ]  # fmt: skip
    is_home = scene.width >= _VILLAGE and len(report_grids(actor)) == 1  # Whoever has one village means it.
    return [*keys, *besides], (is_home or _is_sure_grid(first, scene)) and not (elsewhere or besides)


def _our_village(scene: _Scene, actor: Actor) -> tuple[list[int | str], bool]:
    """我们村 of somebody who has but one."""
    mine = report_grids(actor)
    if len(mine) == 1 and len(mine[0]) >= _VILLAGE and _OUR_VILLAGE.search(scene.text) and not _foreign_grids(scene):
        return [mine[0]], True
    return [], False


def _longer_names(scene: _Scene, grid: Mention) -> list[str]:
    """Grids whose name ends in the words that name this one: 凤村 may be what people say for 溪里凤村."""
    words = scene.text[grid.start : grid.end]
    return [
        other.heard.grid_code
        for other in find_mentions(words, [mention.heard for mention in scene.grids])
        if other.has_tail and len(other.form) > len(words) and other.is_literal
    ]


def _innermost(grids: Sequence[Mention]) -> list[Mention]:
    """Of a town and a village in it the village, if both are named by words of their own."""
    largest = [grid for grid in grids if grid.size > grids[0].size - _CLOSE]
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


def _grids_named(scene: _Scene) -> list[Mention]:
    """The grids of the person's that are named: to the letter, or by their sound with most of it right."""
    named = [grid for grid in scene.grids if _is_grid(grid, scene)]
    return sorted(named, key=lambda grid: (-grid.size, len(grid.heard.grid_code)))


def _is_grid(grid: Mention, scene: _Scene) -> bool:
    if grid.slips:
        return False
    if grid.is_literal and grid.is_whole:
        return True
    if not grid.sounds:  # 茂林社区 for 茂林村社区
        return grid.has_head and grid.has_tail and len(grid.at) > 3
    at_home = scene.width >= _VILLAGE and (_has_kind(grid) or grid.start == 0)
    return grid.is_whole and (len(grid.at) - grid.sounds >= 2 or (at_home and grid.sounds < len(grid.at)))


def _has_kind(grid: Mention) -> bool:
    """Tell whether a grid is named with its kind: 溪口村, 茂林镇."""
    return grid.form.endswith(("村", "镇", "乡", "社区", "街道", "开发区", "居委会", "村委会", "县", "区"))


def _is_sure_grid(grid: Mention, scene: _Scene) -> bool:
    if _has_kind(grid) and len(grid.at) > 2:
        return True
    if grid.form in _WORDS and not _has_kind(grid):
        return False
    around = [other for other in (*scene.grids, *scene.foreign) if other.end == grid.start and other is not grid]
    return bool(around) or bool(_BEFORE.search(scene.text[: grid.start]))


def _foreign_grids(scene: _Scene) -> list[Mention]:
    """Grids of others that are named beyond doubt: with their kind, to the letter."""
    return [
        grid for grid in scene.foreign
        if grid.heard.enterprise_id is None and grid.is_literal and grid.is_whole and _has_kind(grid)
        and not any(mine.overlaps(grid) and mine.size >= grid.size for mine in (*scene.grids, *scene.enterprises))
    ]  # fmt: skip


def _is_foreign(mention: Mention, scene: _Scene) -> bool:
    """Tell whether the words name something of somebody else's better."""
    return any(
        other.overlaps(mention) and other.size >= mention.size + 0.5
        and not (mention.has_head and other.heard.enterprise_id is None and not _has_kind(other))
        and (other.is_whole or other.has_head)
        for other in scene.foreign
    )  # fmt: skip


def _is_weak(mention: Mention, scene: _Scene) -> bool:
    return not _is_certain(mention, scene) and len(mention.at) <= 2


def _keys(mentions: Iterable[Mention]) -> list[int | str]:
    return list(dict.fromkeys(mention.heard.key for mention in mentions))
