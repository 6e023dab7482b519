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
_MANY = 24  # Forms of one name; more are combinations that nobody says.

# Parts of names that people replace by each other (P). The first that stands in a name is replaced by the others.
SAME = (
    ("烟花爆竹", "烟花鞭炮", "鞭炮", "炮竹", "爆竹", "烟花"),
    ("零售点", "店", "门市"),
    ("客运站", "汽车站", "车站"),
    ("停靠点", "码头"),
    ("竹筏", "竹排"),
    ("养殖场", "猪场", "鸡场", "鸭场", "牛场", "羊场", "养猪场", "养鸡场"),
    ("液化气", "煤气", "燃气", "气"),
    ("燃气", "煤气", "天然气", "液化气", "气"),
    ("涂料", "油漆"),
    ("油漆", "涂料"),
    ("建材市场", "建材城"),
    ("农贸市场", "菜场", "菜市场"),
    ("加油站", "加油点", "油站"),
    ("加油点", "加油站", "油站"),
    ("养老服务站", "养老站", "养老院", "敬老院"),
    ("养老服务中心", "养老院", "敬老院"),
    ("敬老院", "养老院"),
    ("卫生院", "医院"),
    ("幼儿园", "幼稚园"),
    ("超市", "商店", "小店", "小卖部"),
    ("旅舍", "旅社", "旅馆", "客栈"),
    ("客栈", "旅馆", "旅店", "旅社"),
    ("民宿", "客栈", "旅馆"),
    ("宾馆", "酒店", "旅馆", "大酒店"),
    ("酒店", "宾馆", "饭店"),
    ("农家乐", "农庄", "饭店"),
    ("饭店", "饭馆", "餐馆", "酒店"),
    ("采石场", "石场", "石料场", "采石厂"),
    ("石灰石矿", "石矿", "矿山", "矿上"),
    ("木竹", "竹木"),
    ("旅行服务部", "旅行社"),
    ("维保站", "维修站", "维保点"),
    ("茶叶", "茶"),
    ("纸品厂", "纸厂"),
    ("制品厂", "厂"),
    ("加工厂", "厂"),
    ("配件厂", "厂"),
    ("公司", "厂"),
    ("作坊", "厂", "坊"),
    ("水电站", "电站"),
    ("代充点", "充气点", "换气点", "气站"),
    ("储配站", "气站"),
    ("安置房", "安置小区"),
    ("漂流点", "漂流"),
)


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
