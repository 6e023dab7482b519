"""Amounts of money as people write them: 3.5 (万元), ８０００元, 3万5千, 自筹十二万元."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from models.errors import InvalidInput
from models.texts import _

MOST_YUAN = 10_000_000_000  # More than a county spends in a year: a slip of the finger (P).
_NOTHING = frozenset({"无", "没有", "不需要", "不用", "不花钱", "不需要资金", "无需资金", "none", "no"})
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNCLEAR = 1_000  # 8000 alone may be yuan or 万元.
_WAN, _YI = 10_000, 100_000_000
_N = rf"(\d+(?:\.\d+)?|[{''.join(_DIGITS)}])"
_AMOUNT = re.compile(rf"((?:\d+(?:\.\d+)?|[{''.join(_DIGITS)}十百千万亿])+)(元|块钱|块|圆)?")
_SMALL = re.compile(rf"(?:{_N}千)?零?(?:{_N}百)?零?(?:{_N}?(十))?零?{_N}?")


def read_amount(text: str) -> int:
    """Read an amount, in yuan; a bare number without 万 or 元 is one of 万元, as the item's name says.

    Raises: InvalidInput: no amount, or several.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = re.sub(r"(?<=\d),(?=\d{3})|\s|[¥。]", "", plain)
    if plain in _NOTHING:
        return 0
    plain = plain.replace("w", "万").replace("k", "千")
    if re.fullmatch(r"\d+(?:\.\d+)?", plain) and Decimal(plain) >= _UNCLEAR:
        raise InvalidInput(_("是{amount}元还是{amount}万元？请写上单位。", amount=plain))
    found = [
        match for match in _AMOUNT.finditer(plain) if match[0] == plain or match[2] or re.search("[万亿]", match[1])
    ]
    yuan = _yuan(found[0][1], is_yuan=bool(found[0][2])) if len(found) == 1 else None
    if yuan is None or yuan > MOST_YUAN:
        raise InvalidInput(_("没有看懂金额。请写一个数，单位万元，例如“3.5”；也可以写“8000元”，不用花钱写“0”。"))
    return int(yuan)


def show_amount(yuan: int) -> str:
    """An amount in 万元, without needless zeros."""
    return f"{(Decimal(yuan) / _WAN).normalize():f}"


def _yuan(number: str, *, is_yuan: bool) -> Decimal | None:
    """Read a number with its 亿 and 万; of what stands alone, 八千 are yuan and 3.5 or 十二 are 万元."""
    for unit, size in (("亿", _YI), ("万", _WAN)):
        head, found, tail = number.partition(unit)
        if found:
            many = _small(head)
            if many is None or not head:
                return None
            if len(tail) == 1 and not is_yuan and (tail.isdigit() or tail in _DIGITS):
                return many * size + _count(tail) * size / 10  # 3万5
            rest = _yuan(tail, is_yuan=True) if tail else Decimal(0)
            return None if rest is None or rest >= size else many * size + rest
    value = _small(number)
    is_small = is_yuan or bool(re.search("[百千]", number))
    return value if value is None or is_small else value * _WAN


def _small(number: str) -> Decimal | None:
    """Read a number below 万: 3500, 3.5, 三千五百, 十二; 5千2 is said for 5200."""
    if len(number) > 1 and number[-2] in "千百" and number[-1] in (*_DIGITS, *"123456789") and number[-1] != "零":
        number += "百" if number[-2] == "千" else "十"
    match = _SMALL.fullmatch(number)
    if match is None:
        return None
    thousands, hundreds, tens, ten, ones = match.groups()
    total = Decimal(0)
    for part, size in ((thousands, 1_000), (hundreds, 100), (tens or (ten and "1"), 10), (ones, 1)):
        total += _count(part) * size if part else 0
    return total


def _count(word: str) -> Decimal:
    return Decimal(_DIGITS[word]) if word in _DIGITS else Decimal(word)
