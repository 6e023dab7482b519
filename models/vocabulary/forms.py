"""What people make of a register's name: without legal form and county, and with everyday words for parts of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from models.grids.names import aliases, short_name

_LEGAL = re.compile(r"(?:\(.*\)$|有限责任公司|股份有限公司|集团有限公司|有限公司|分公司)$")
_REGION = re.compile(r"^(?:[^省]{2,3}省)?(?:[^市]{2}市(?!场))?")
_SHORTEST = 2
_MANY = 40  # Forms of one name; more are combinations that nobody says.

# Parts of names that people replace by each other (P). The first that stands in a name is replaced by the others.
SAME = (
    ("烟花爆竹", "烟花鞭炮", "鞭炮", "炮竹", "爆竹", "烟花", "炮仗", "花炮"),
    ("零售点", "店", "门市", "零售店", "铺子", "摊"),
    ("客运站", "汽车站", "车站", "长途车站", "长途站"),
    ("停靠点", "码头", "点"),
    ("竹筏", "竹排", "排筏"),
    ("养殖场", "猪场", "鸡场", "鸭场", "牛场", "羊场", "养猪场", "养鸡场", "猪圈"),
    ("液化气", "煤气", "燃气", "气"),
    ("燃气", "煤气", "天然气", "液化气", "气"),
    ("涂料", "油漆", "漆"),
    ("油漆", "涂料"),
    ("建材市场", "建材城", "建材大市场"),
    ("农贸市场", "菜场", "菜市场"),
    ("加油站", "加油点", "油站"),
    ("加油点", "加油站", "油站"),
    ("养老服务站", "养老站", "养老院", "敬老院", "养老点", "养老服务点", "老人院"),
    ("养老服务中心", "养老院", "敬老院"),
    ("敬老院", "养老院", "福利院"),
    ("卫生院", "医院"),
    ("幼儿园", "幼稚园", "幼园"),
    ("小学", "学校", "村小", "中心小学", "完小"),
    ("中学", "学校", "初中"),
    ("便民超市", "便民店", "小店", "超市", "小卖部"),
    ("超市", "商店", "小店", "小卖部"),
    ("旅舍", "旅社", "旅馆", "客栈", "民宿"),
    ("客栈", "旅馆", "旅店", "旅社", "民宿"),
    ("民宿", "客栈", "旅馆", "客房"),
    ("宾馆", "酒店", "旅馆", "大酒店", "大宾馆"),
    ("酒店", "宾馆", "饭店"),
    ("农家乐", "农庄", "饭店", "农家饭店"),
    ("饭店", "饭馆", "餐馆", "酒店"),
    ("采石场", "石场", "石料场", "采石厂", "石料厂", "石子厂", "石头场"),
    ("石灰石矿", "石矿", "石灰矿", "矿山", "矿"),
    ("木竹加工厂", "木竹厂", "竹木厂", "木材厂", "木头厂", "木器厂", "锯木厂", "竹器厂", "木料厂", "加工厂"),
    ("木业", "木材", "木材厂", "木厂", "木头厂", "木器厂"),
    ("旅行服务部", "旅行社", "旅游公司", "旅游服务部"),
    ("维保站", "维修站", "维保点", "维保公司", "公司"),
    ("茶叶加工厂", "茶厂", "茶叶厂", "制茶厂"),
    ("茶叶", "茶"),
    ("水泥制品厂", "水泥厂", "水泥制件厂", "水泥预制厂", "预制厂", "预制板厂"),
    ("纸品厂", "纸厂", "造纸厂", "纸制品厂"),
    ("电缆配件厂", "电缆厂", "线缆厂"),
    ("制品厂", "厂"),
    ("加工厂", "厂"),
    ("配件厂", "厂"),
    ("机械厂", "机器厂", "机修厂"),
    ("公司", "厂", "企业"),
    ("宣纸作坊", "宣纸厂", "纸坊", "宣纸坊", "纸作坊", "造纸作坊"),
    ("作坊", "厂", "坊"),
    ("水库管理站", "水库站", "水管站", "水库管理所", "水库管理房"),
    ("水电站", "电站", "发电站", "发电厂"),
    ("代充点", "充气点", "换气点", "气站", "代充站"),
    ("储配站", "气站", "站"),
    ("安置房", "安置小区", "安置点", "回迁房"),
    ("漂流点", "漂流", "漂流站", "漂流公司"),
    ("砂石", "沙石", "砂", "沙", "沙子"),
    ("渡口", "渡船", "码头", "摆渡口"),
    ("农机合作社", "农机社", "农机站", "农机队", "合作社", "农机"),
    ("合作社", "农合社"),
)


# Words that could as well be said of somebody else: there may be an inn beside the hotel.
_LOOSE = (
    "饭店", "农家饭店", "饭馆", "餐馆", "商店", "小店", "小卖部", "旅馆", "旅店", "旅社", "客栈", "民宿", "酒店",
    "大酒店",
)  # fmt: skip


def is_loose(name: str, form: str) -> bool:
    """Tell whether a form has a word in the place of the name's own that may mean another enterprise."""
    return any(word in form and word not in name for word in _LOOSE)


def plain_text(text: str) -> str:
    """Half-width, small letters; one blank for any."""
    return re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFKC", text)).lower().strip()


def bare_name(name: str, *, county: str = "") -> str:
    """An enterprise's name without legal form and without the county in front: 宏达液化气站."""
    plain = plain_text(name).replace(" ", "")
    bare = _LEGAL.sub("", plain)
    for region in (_REGION.match(bare), re.match(re.escape(county), bare) if county else None):
        if region and len(bare) - region.end() >= _SHORTEST:
            bare = bare[region.end() :]
    if county and bare.startswith(county) and len(bare) - len(county) >= _SHORTEST:
        bare = bare.removeprefix(county)
    return bare if len(bare) >= _SHORTEST else plain


def grid_forms(name: str) -> tuple[str, ...]:
    """What a grid may be called, the longest first, without the committee's full name."""
    return tuple(form for form in aliases(short_name(name)) if len(form) >= _SHORTEST)


def everyday_forms(bare: str) -> list[str]:
    """The same name in everyday words; the name itself comes first."""
    pieces: list[tuple[str, ...]] = []
    for piece, words in _pieces(bare):
        pieces.append((piece, *words))
    every = ("".join(chosen) for chosen in product(*pieces))
    return list(dict.fromkeys(form for form, _n in zip(every, range(_MANY), strict=False)))


def _pieces(bare: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A name cut at the words that have everyday ones beside them, the longest word first."""
    rest = bare
    while rest:
        found = [(rest.index(word), -len(word), word, others) for word, *others in SAME if word in rest]
        if not found:
            yield rest, ()
            return
        at, _length, word, others = min(found, key=lambda item: (item[0], item[1]))
        if at:
            yield rest[:at], ()
        yield word, tuple(others)
        rest = rest[at + len(word) :]
