"""What names a caption holds, and how sure it is that each of them is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.access import Actor, is_inside
from models.content import Place
from models.grids.tree import find_nearest_grid
from models.hazards.places import report_grids
from models.hazards.wording import find_words
from models.places import metres_between
from models.rules import HazardRules
from models.session import Session
from models.vocabulary.forms import is_loose, plain_text
from models.vocabulary.hearing import Heard, hear_names
from models.vocabulary.index import HEARD
from models.vocabulary.mentions import Mention, find_mentions
from models.vocabulary.tables import Standing

VILLAGE, _TOWN = 12, 9  # Digits of a code.
FAR_M = 2_000  # Words that could mean others, and so far from where the person stands, are not believed.
CLOSE = 0.35  # Two names are equally likely if they differ by less: like sounds and everyday words are.

# Words after which a name may stand, though they run into it.
_BEFORE = re.compile(
    r"(?:^|[^\w]|在|去|到|是|对|发现|检查|巡查|走访|查看|位于|于|和|与|及|跟|的|村|镇|乡|里|内|个|家|处|"
    r"我们|咱|本|我|您|领导|路过|电话|群众|反映|举报|今天|刚才|上午|下午|昨天|查|看)$"
)
# What stands right after a name and says that it is another's: 靠山 加工厂, 为民超市 分店.
ANOTHER = re.compile(
    r"^[^\s,，。;；、:：]{0,6}?(?:加油站|加油点|厂|店|超市|小学|中学|学校|幼儿园|宾馆|客栈|民宿|旅舍|酒店|饭店|公司|作坊|"
    r"矿|工地|医院|卫生院|养老院|码头|渡口|合作社|经营部|服务部|门市)"
)
_ANY = frozenset({"码头", "学校", "公司", "企业", "车站", "医院", "酒店"})  # By themselves they may be others', too.
_LOOKS_ON = re.compile(r"[的在里有门没未不是把被内外上下东西南北前后旁边又还都也一二三四五六七八九十两]")
_NUMBERED = re.compile(r"^第?[一二三四五六七八九十\d]+(?:期|店|厂|分)")
BESIDE = re.compile(
    r"^(?:的|门口|大门口?)?(?:旁边|旁|对面|附近|隔壁|边上|斜对面|往[东南西北前后里]|再往|到|至|对过|前面路|门前路|前方|"
    r"后山|后面(?:的)?山)"
)
# A village and the works named after it: these words mean the village.
PUBLIC = re.compile(
    r"^\s?(?:村|社区|那边|那里|这边|这里|街上|街道|桥头)?[^\s,，。;；、]{0,3}?"
    r"(?:祠堂|庙|桥|路|街|巷|河|塘|渠|坝|水库|山|林子|树|田|广场|公园|老屋|老房|房子|民房|农户|人家|村口|村部|村委|井|亭|电线杆|电杆|变压器|路灯|护栏|坡|沟|组|有人|活动中心|服务中心|文化|礼堂|停车场|垃圾|公厕|厕所|菜市|古民居|古建|村民|老人|居民|小区|一户|户|家|屋|井|农田|菜地|晒场|老街|庄)"
)
PUBLIC_KINDS = frozenset({"road", "water", "landslide", "forest_fire"})
# Words of the rules that are places, and stand in names as such.
_PLACES = frozenset({"水库", "桥", "坝", "塘", "堤", "码头", "渡口"})
# A place in a village, unless the words are about a firm: 小岭 车间, 靠山 油枪.
FIRMLY = re.compile(
    r"^[^\s,，。;；、]{0,5}?(?:车间|仓库|厂|店|柜台|食堂|厨房|办公|宿舍|机|锅炉|油|罐|枪|叉车|老板|员工|工人|客人|游客|学生|"
    r"里面|门卫|保安|大厅|楼|客房|灶|卸|站|点|矿|场)"
)
HOMELY_KINDS = PUBLIC_KINDS | {"electricity", "building", "height", "confined_space"}
_BEFORE_IT = re.compile(
    r"^(?:的|大)?(?:门口|门前|门外|外面|院外|围墙外|前面|后面|屋后|背后)[^，。,; ]{0,5}?"
    r"(?:路|桥|河|塘|沟|渠|山|坡|堤|井|土|水)"
)
OUR_VILLAGE = re.compile(
    r"(?:我们?|咱们?|俺们?|本|全)村|村(?:里|口|头|部|东|西|南|北|中|后|前|边|尾|子里|委会|道|民组)|庄上|组里"
)
# Village names that are everyday words: without their 村 they name nobody.
WORDS = frozenset(
    {
        "后山", "高山", "山口", "泉水", "天井", "建设", "河西", "光明", "新民", "红星", "小康", "爱民", "山水", "双河",
        "长征", "新桥", "中桥", "马头", "中村", "新元", "城南", "城东", "城西", "城北", "团结", "和平", "东风", "前进",
        "胜利", "幸福", "新村", "大桥", "河口", "水口", "桥头", "街道", "中心", "新建", "东山", "西山", "南山", "北山",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
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


def is_of(scene: Scene, kinds: frozenset[str]) -> bool:
    """Tell whether all words of what is wrong speak for these categories."""
    return bool(scene.kinds) and scene.kinds <= kinds


# -- looking -------------------------------------------------------------------------------------------------


def look(session: Session, actor: Actor, text: str, rules: HazardRules, near: Place | None) -> Scene:
    """See what names a caption holds, the person's own and those of others."""
    plain = plain_text(text)
    grids = report_grids(actor)
    words = find_words(plain, rules)
    dull = frozenset(index for word in words if word.text not in _PLACES for index in range(word.start, word.end))
    mentions = _find(session, actor, plain, grids, dull)
    mine = [mention for mention in mentions if mention.heard.is_mine]
    width = min((len(code) for code in grids), default=VILLAGE)
    pin_grid = find_nearest_grid(session, near, prefixes=grids) if near and mine else None
    return Scene(
        plain,
        near,
        rules.near_m,
        width,
        width >= _TOWN or all(area.industry for area in actor.areas),
        dull,
        frozenset(word.category for word in words if not word.tier),
        tuple(mention for mention in mine if mention.heard.enterprise_id is not None),
        tuple(mention for mention in mine if mention.heard.enterprise_id is None),
        tuple(mention for mention in mentions if not mention.heard.is_mine),
        pin_grid[0].code if pin_grid else "",
    )


def _find(session: Session, actor: Actor, plain: str, grids: Sequence[str], dull: frozenset[int]) -> list[Mention]:
    """The mentions that count; kept with what was heard, as a caption is looked at from several sides."""
    heard = hear_names(session, actor, plain, grids=grids)
    known: dict[object, list[Mention]] = session.info.setdefault(HEARD, {})
    key = ("mentions", actor.person_id, plain)
    if key not in known:
        found = _outermost([m for m in find_mentions(plain, heard) if _counts(m) and not _is_dull(m, dull)], dull)
        known[key] = [mention for mention in found if not _is_only_town(mention, found)]
    return known[key]


def _is_only_town(mention: Mention, mentions: Sequence[Mention]) -> bool:
    """Tell whether nothing of an enterprise is named but the town in front of its name: 茂林 of 茂林兴盛公司."""
    return mention.heard.enterprise_id is not None and any(
        grid.covers(mention) and is_inside(mention.heard.grid_code, grid.heard.grid_code)
        for grid in mentions
        if grid.heard.enterprise_id is None and len(grid.heard.grid_code) <= _TOWN
    )


def _counts(mention: Mention) -> bool:
    """Tell whether a mention may count at all: a nickname only whole and to the letter."""
    is_learned = mention.heard.standing is not Standing.OFFICIAL
    return not is_learned or (mention.is_whole and mention.is_literal and len(mention.form) == len(mention.heard.text))


def _outermost(mentions: Sequence[Mention], dull: frozenset[int]) -> list[Mention]:
    """Leave out what is named only by characters inside a larger mention: 靠山村 in 靠山加油站."""
    sized = [(mention, mention.size) for mention in mentions]
    # Whatever covers another has three characters at least.
    whole = [(other.start, other.end, size) for other, size in sized if size > 2 and not _is_half_dull(other, dull)]
    return [
        mention
        for mention, own in sized
        if not any(start <= mention.start and mention.end <= end and size >= own + 1 for start, end, size in whole)
    ]


# -- is it certain? ------------------------------------------------------------------------------------------


def is_certain(mention: Mention, scene: Scene) -> bool:
    """Tell whether the words themselves leave no doubt that this name is meant (others may be meant as well)."""
    if mention.heard.standing is Standing.CANDIDATE or (
        mention.everyday and is_loose(mention.heard.text, mention.form)
    ):
        return False
    if _is_half_dull(mention, scene.dull) or _goes_on(mention, scene):
        return False
    return _is_named(mention, scene) and not is_landmark(mention, scene)


def words_of(mention: Mention, scene: Scene) -> str:
    """The words of a caption that make a mention."""
    return scene.text[mention.start : mention.end].strip()


def is_landmark(mention: Mention, scene: Scene) -> bool:
    """Tell whether it is named to say where something else is: 加油站对面, 小学门口的路."""
    after = scene.text[mention.end :]
    return bool(BESIDE.match(after)) or (is_of(scene, PUBLIC_KINDS) and bool(_BEFORE_IT.match(after)))


def _is_named(mention: Mention, scene: Scene) -> bool:
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
    is_told = matched > 2 or (scene.is_narrow and words_of(mention, scene) not in _ANY) or stands_at(mention, scene)
    enough = mention.has_tail and is_told
    return enough and _is_free(mention, scene)


def stands_at(mention: Mention, scene: Scene) -> bool:
    """Tell whether the person stands at the place."""
    metres = metres_to(mention.heard, scene.near)
    return metres is not None and metres <= scene.near_m


def metres_to(heard: Heard, near: Place | None) -> float | None:
    """How far away a place is, where both points are known."""
    if near is None or heard.lat is None or heard.lon is None:
        return None
    return metres_between(near, Place(heard.lat, heard.lon))


def _is_free(mention: Mention, scene: Scene) -> bool:
    """Tell whether nothing runs into the words from the left: 奎峰超市 is not 超市, 水西宾馆 is not 宾馆."""
    around = [grid for grid in (*scene.grids, *scene.foreign) if grid.end == mention.start]
    if around:
        return any(
            grid.heard.enterprise_id is None and is_inside(mention.heard.grid_code, grid.heard.grid_code)
            for grid in around
        )
    return is_break(scene.text, mention.start)


def is_break(text: str, at: int) -> bool:
    """Tell whether another word may begin here: nothing stands before, or something that never runs into a name."""
    return bool(_BEFORE.search(text[:at]))


def _goes_on(mention: Mention, scene: Scene) -> bool:
    """Tell whether the words after it make another name of it: 靠山 in 靠山茶叶加工厂."""
    if mention.is_whole or mention.has_tail:
        return bool(
            re.match(
                r"(?:[一二三四五六七八九十\d东西南北新老]?分?店|[二三四五六七八九\d]号店|分[厂公]|监管|监督)",
                scene.text[mention.end :],
            )
        )
    after = scene.text[mention.end :]
    is_place = words_of(mention, scene).endswith(tuple(_PLACES))
    if _NUMBERED.match(after) or (is_of(scene, PUBLIC_KINDS) and not is_place):
        return True
    if len(mention.at) > 2 and after[:1].isalpha() and mention.end not in scene.dull:
        # 厚岸水泥路 is no works, and 孤峰养殖户 no farm of that name.
        return not (is_place or _LOOKS_ON.match(after) or FIRMLY.match(after))
    end = next((index for index in range(mention.end, len(scene.text)) if index in scene.dull), len(scene.text))
    return bool(ANOTHER.match(after[: max(0, end - mention.end)]))


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


# -- grids --------------------------------------------------------------------------------------------------


def is_grid(grid: Mention, scene: Scene) -> bool:
    """Tell whether a grid is named: to the letter, or by its sound with most of it right."""
    if grid.slips:
        return False
    if grid.is_literal and grid.is_whole:
        return True
    if not grid.sounds:  # 茂林社区 for 茂林村社区
        return grid.has_head and grid.has_tail and len(grid.at) > 3
    at_home = scene.width >= VILLAGE and (has_kind(grid) or grid.start == 0)
    return grid.is_whole and (len(grid.at) - grid.sounds >= 2 or (at_home and grid.sounds < len(grid.at)))


def has_kind(grid: Mention) -> bool:
    """Tell whether a grid is named with its kind: 溪口村, 茂林镇."""
    return grid.form.endswith(("村", "镇", "乡", "社区", "街道", "开发区", "居委会", "村委会", "县", "区"))


def is_sure_grid(grid: Mention, scene: Scene) -> bool:
    """Tell whether a grid's name can be nothing else: with its kind, or at a break and no everyday word."""
    if has_kind(grid) and len(grid.at) > 2:
        return True
    if grid.form in WORDS and not has_kind(grid):
        return False
    around = [other for other in (*scene.grids, *scene.foreign) if other.end == grid.start and other is not grid]
    return bool(around) or is_break(scene.text, grid.start)


def foreign_grids(scene: Scene) -> list[Mention]:
    """Grids of others that are named beyond doubt: with their kind, to the letter."""
    return [
        grid for grid in scene.foreign
        if grid.heard.enterprise_id is None and grid.is_literal and grid.is_whole and has_kind(grid)
        and not any(mine.overlaps(grid) and mine.size >= grid.size for mine in (*scene.grids, *scene.enterprises))
    ]  # fmt: skip


def is_foreign(mention: Mention, scene: Scene) -> bool:
    """Tell whether the words name something of somebody else's better."""
    return any(
        other.overlaps(mention) and other.size >= mention.size + 0.5
        and not (mention.has_head and other.heard.enterprise_id is None and not has_kind(other))
        and (other.is_whole or other.has_head)
        for other in scene.foreign
    )  # fmt: skip


def is_weak(mention: Mention, scene: Scene) -> bool:
    """Tell whether no more than two uncertain characters speak for it."""
    return not is_certain(mention, scene) and len(mention.at) <= 2
