"""What a caption says of a place that it does not name: a trade, something public, somebody's home. Pure.

The words stand in `trades.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("trades.toml")


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of enterprise: how people speak of it, and what the register shows of it."""

    said: re.Pattern[str]
    things: re.Pattern[str]
    names: re.Pattern[str]
    loose: re.Pattern[str]
    industries: re.Pattern[str]

    def has(self, name: str, industry: str) -> bool:
        """Tell whether an enterprise of the register is of this kind."""
        return self.is_surely(name, industry) or bool(self.loose.search(name))

    def is_surely(self, name: str, industry: str) -> bool:
        """Tell whether people would call it so: a kindergarten is hardly 学校."""
        return bool(self.names.search(name) or self.industries.fullmatch(industry))


@dataclass(frozen=True, slots=True)
class _Words:
    trades: tuple[Trade, ...]
    public: re.Pattern[str]
    objects: re.Pattern[str]
    private: re.Pattern[str]
    plain: re.Pattern[str]
    elsewhere: re.Pattern[str]
    some_firm: re.Pattern[str]
    neighbour: re.Pattern[str]
    beside: re.Pattern[str]
    rooms: re.Pattern[str]
    before: re.Pattern[str]
    indefinite: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What one caption says.

    `trades`: kinds of enterprises that are spoken of, `at`: where these words begin; `things`: kinds whose things are;
    `is_beside`: a trade only says where something else is; `is_public`: something of the village's is meant,
    `is_private`: somebody's home, or a small trade that no register knows; `is_object`: something that stands in every
    street; `is_plain`: what any enterprise has; `is_elsewhere`: another village is meant; `is_some_firm`: 那家.
    """

    trades: tuple[Trade, ...]
    at: tuple[int, ...]
    things: tuple[Trade, ...]
    is_beside: bool
    is_public: bool
    is_private: bool
    is_object: bool
    is_plain: bool
    is_elsewhere: bool
    is_some_firm: bool


def hear(text: str) -> Said:
    """See what a caption, as `plain_text` gives it, says of its place without naming it."""
    words = _words()
    spots = {index: list(trade.said.finditer(text)) for index, trade in enumerate(words.trades)}
    spoken = [index for index, found in spots.items() if found]
    # 学校 in 学校门口的塘 only says where the pond is; that it is no pond itself is seen from what is left.
    beside = [match for found in spots.values() for match in found if words.beside.match(text[match.end() :])]
    rest = _without(text, [(match.start(), match.end()) for found in spots.values() for match in found])
    return Said(
        tuple(words.trades[index] for index in spoken),
        tuple(match.start() for found in spots.values() for match in found),
        tuple(trade for trade in words.trades if trade.things.search(rest)),
        bool(beside),
        bool(words.public.search(rest)),
        bool(words.private.search(rest)),
        bool(words.objects.search(rest)),
        bool(words.plain.search(rest)),
        bool(words.elsewhere.search(text)),
        bool(words.some_firm.search(text)),
    )


def is_torn(text: str, trades: Iterable[Trade]) -> bool:
    """Tell whether a caption speaks of the village as well, besides what belongs to these kinds of enterprises."""
    words = _words()
    spans = [span for trade in trades for part in (trade.said, trade.things) for span in _spans(part, text)]
    rest = _without(text, spans)
    return any(part.search(rest) for part in (words.public, words.private, words.objects))


def is_next_door(text: str) -> bool:
    """Tell whether something next door is spoken of: 隔壁超市."""
    return bool(_words().neighbour.search(text))


def leading_name(text: str, word: str) -> str:
    """What stands right before a word for a trade and may be the name of one that the register has not: 悦来."""
    if _words().rooms.match(word):
        return ""
    rest = _words().before.sub("", text)
    return rest if len(rest) > 1 else ""


def common_trades(trades: Iterable[Trade], firms: Iterable[tuple[str, str]]) -> list[int]:
    """The places of those (name, industry) that are of all these kinds; if there are none, of any of them."""
    kinds, known = list(trades), list(firms)
    every = [index for index, firm in enumerate(known) if kinds and all(trade.has(*firm) for trade in kinds)]
    return every or [index for index, firm in enumerate(known) if any(trade.has(*firm) for trade in kinds)]


def _spans(part: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in part.finditer(text)]


def is_indefinite(before: str) -> bool:
    """Tell whether the words before an enterprise leave open which it is: 有家 民宿."""
    return bool(_words().indefinite.search(before))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    left = list(text)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    return "".join(left)


@cache
def _words() -> _Words:
    """Read the file once, with the first caption."""
    values = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    trades = tuple(_trade(row) for row in values.pop("trade"))
    return _Words(trades, **{key: re.compile(value) for key, value in values.items()})


def _trade(row: dict[str, Any]) -> Trade:
    never = r"(?!)"
    return Trade(*(re.compile(row.get(key, never)) for key in ("said", "things", "names", "loose", "industries")))
