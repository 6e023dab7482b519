"""Days as people write them: 今天, 明天, 11月30日, 2026-11-30, 3天."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from models.errors import InvalidInput
from models.texts import _

_WORDS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "大后天": 3}
_NUMERALS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?")
_SHORT = re.compile(r"(\d{1,2})[-/.月](\d{1,2})[日号]?")
_LENGTH = re.compile(r"(\d{1,3}|[一两二三四五六七八九十])\s*(?:个)?(天|日|周|星期|days?|weeks?)")


def read_day(text: str, *, today: date) -> date:
    """Read a day; one without a year is the next such day.

    Raises: InvalidInput: no day.
    """
    plain = _plain(text)
    if plain in _WORDS:
        return today + timedelta(days=_WORDS[plain])
    try:
        if full := _FULL.fullmatch(plain):
            return date(int(full[1]), int(full[2]), int(full[3]))
        if short := _SHORT.fullmatch(plain):
            day = date(today.year, int(short[1]), int(short[2]))
            return day if day >= today else day.replace(year=today.year + 1)
    except ValueError:  # the thirty-first of a month that has thirty
        pass
    raise InvalidInput(_("没有看懂日期，请发「今天」「11月30日」或「2026-11-30」。"))


def read_last_day(text: str, *, starts_on: date, today: date) -> date:
    """Read the last day: a day, or how many days from the first one on (3天 with the first one counted).

    Raises: InvalidInput: neither.
    """
    length = _LENGTH.fullmatch(_plain(text))
    if length is None:
        return read_day(text, today=today)
    count = _NUMERALS.get(length[1]) or int(length[1])
    days = count * 7 if length[2] in ("周", "星期", "week", "weeks") else count
    return starts_on + timedelta(days=days - 1)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
