"""Ledger words in any order, `云岭镇 重大 逾期`, with or without blanks, Chinese or English."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.access import Actor, is_inside, local_day
from models.enterprises.directory import find_enterprises
from models.enterprises.industries import industry_key, known_industries
from models.grids.names import aliases, short_name
from models.grids.tree import find_grids, spot_grids
from models.hazards.concerned import find_concerned
from models.hazards.flow import OPEN, RUNNING, State
from models.ledgers.filters import Filter
from models.rules import Rules
from models.session import Session
from models.texts import Text, _
from models.vocabulary.closest import find_nicknamed

# Groups of states that people have a word for.
STATES: dict[str, frozenset[State]] = {
    **{state.value: frozenset({state}) for state in State},
    "open": OPEN,
    "running": RUNNING,
    "rectified": frozenset({State.REVIEW, State.DELISTING, State.CLOSED}),
}

_STATE_WORDS = {
    "reported": ("待核实", "unverified", "reported"),
    "dismissed": ("不属实", "dismissed"),
    "merged": ("已并案", "并案", "merged"),
    "accepted": ("待派遣", "undispatched"),
    "assigned": ("待接收", "assigned"),
    "rectifying": ("整改中", "rectifying"),
    "extension": ("延期审批中", "延期", "extension"),
    "review": ("待复查", "复查", "review"),
    "delisting": ("待销号", "delisting"),
    "closed": ("已销号", "销号", "已办结", "closed", "done"),
    "suspended": ("挂起", "suspended"),
    "open": ("未销号", "未闭环", "未办结", "未完成", "open"),
    "running": ("未整改", "待整改", "unrectified"),
    "rectified": ("已整改", "rectified"),
}
_GROUP_LABELS = {"open": _("未销号"), "running": _("未整改"), "rectified": _("已整改")}
_DUE_WORDS = {"overdue": ("逾期", "超期", "已逾期", "overdue", "late"), "soon": ("临期", "快到期", "due-soon", "soon")}
_DUE_LABELS = {"overdue": _("逾期"), "soon": _("临期")}
_LISTED_WORDS = ("挂牌", "已挂牌", "挂牌督办", "listed")
_MINE_WORDS = ("我的", "我上报的", "我负责的", "mine", "my")
_LEVEL_WORDS = {"major": ("major",), "general": ("general", "minor")}
_PERIODS = {
    "today": ("今天", "今日", "today"),
    "yesterday": ("昨天", "昨日", "yesterday"),
    "week": ("本周", "这周", "this-week"),
    "last-week": ("上周", "last-week"),
    "month": ("本月", "这个月", "this-month"),
    "last-month": ("上月", "上个月", "last-month"),
    "year": ("今年", "本年", "this-year"),
}
_PERIOD_LABELS = {
    "today": _("今天"), "yesterday": _("昨天"), "week": _("本周"), "last-week": _("上周"), "month": _("本月"),
    "last-month": _("上月"), "year": _("今年"),
}  # fmt: skip
_PHRASES = (
    (re.compile(r"\b(this|last) (week|month|year)\b", re.IGNORECASE), r"\1-\2"),
    (re.compile(r"\bdue soon\b", re.IGNORECASE), "due-soon"),
    (re.compile(r"\blast (\d{1,3}) days?\b", re.IGNORECASE), r"last-\1-days"),
)
# Words that ask for the ledger itself, and those that only hold a sentence together.
_ASKING = frozenset({"台账", "查询", "查", "全部", "所有", "全部隐患", "所有隐患", "ledger", "all"})
_FILLERS = frozenset(
    {"的", "隐患", "有", "有哪些", "哪些", "看看", "看", "帮我查", "了", "hazards", "hazard", "in", "of"}
)
_BREAKS = re.compile(r"[\s,，、;；。/|+]+")
_LAST_DAYS = re.compile(r"(?:最?近|过去|last-?)(\d{1,3})(?:天|日|-?days?)")
_NUMBER = re.compile(r"YH\d{0,8}(?:-\d{0,6})?", re.IGNORECASE)
_YEARS = (1900, 2999)  # Beyond them the arithmetic of days and zones may leave the calendar.
_NUMBER_END = re.compile(r"\d{4}", re.ASCII)
_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?")
_SHORTEST = 2  # One character is no word to search for.
_LONGEST_SENTENCE, _LONGEST_WORD = 40, 12


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a message means: the filters understood, the words that name nothing, and whether it asks at all."""

    filters: tuple[Filter, ...]
    unknown: tuple[str, ...]
    is_asking: bool

    @property
    def everything(self) -> list[Filter]:
        """The filters, with the unknown words searched as text."""
        return [*self.filters, *(text_filter(word) for word in self.unknown)]


def text_filter(word: str) -> Filter:
    """A word to be found in descriptions, places and names."""
    return Filter("text", word, _("“{word}”", word=word))


def read_words(session: Session, actor: Actor, text: str, rules: Rules, *, now: datetime) -> Parsed:
    """Read what somebody typed; names count only within the person's scope."""
    reader = _Reader(session, actor, rules, now)
    filters: list[Filter] = []
    unknown: list[str] = []
    is_asking = False
    for token in _tokens(text):
        if token.lower() in _ASKING:
            is_asking = True
        elif token.lower() not in _FILLERS:
            found = reader.find(token) or reader.split(token)
            filters += found
            unknown += [] if found or len(token) < _SHORTEST else [token]
    kept = {(item.kind, item.value): item for item in filters}
    return Parsed(tuple(kept.values()), tuple(dict.fromkeys(unknown)), is_asking or bool(filters))


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text)
    for phrase, word in _PHRASES:
        plain = phrase.sub(word, plain)
    return [token for token in _BREAKS.split(plain) if token]


class _Reader:
    """Looks words up; what stands in tables first, what costs a query last."""

    def __init__(self, session: Session, actor: Actor, rules: Rules, now: datetime) -> None:
        self._session = session
        self._actor = actor
        self._today = local_day(now)
        self._fixed = dict(_fixed_words(rules))
        self._trades: dict[str, str] | None = None
        self._rules = rules

    def find(self, token: str) -> list[Filter]:
        """What one word means; nothing if it names nothing."""
        lookups: tuple[Callable[[str], list[Filter]], ...] = (
            self._word, self._period, self._trade, self._called, self._grid, self._enterprise, self._person,
        )  # fmt: skip
        return next((found for look in lookups if (found := look(token))), [])

    def split(self, token: str) -> list[Filter]:
        """What words written without blanks mean, if the whole of it is made of them: 云岭镇重大逾期."""
        if len(token) > _LONGEST_SENTENCE:
            return []
        places = {word: self._called(word) or found for word, found in self._places_in(token).items()}
        filters: list[Filter] = []
        rest = token
        while rest:
            for n in range(min(len(rest), _LONGEST_WORD), 0, -1):
                word = rest[:n]
                found = places.get(word) or self._word(word) or self._period(word) or self._trade(word)
                if found or word in _FILLERS or word in _ASKING:
                    filters += found
                    break
            else:
                return []
            rest = rest[n:]
        return filters

    def _places_in(self, text: str) -> dict[str, list[Filter]]:
        """The grids that a text names, by the word it uses."""
        found: dict[str, list[Filter]] = {}
        for grid in spot_grids(self._session, text):
            word = next((alias for alias in aliases(grid.name) if alias in text), "")
            if word and concerns(self._actor, grid.code):
                found.setdefault(word, []).append(Filter("grid", grid.code, short_name(grid.name)))
        return found

    def _word(self, token: str) -> list[Filter]:
        found = self._fixed.get(token.lower())
        if found:
            return [found]
        if _NUMBER.fullmatch(token):
            return [Filter("number", token.upper(), token.upper())]
        if _NUMBER_END.fullmatch(token):
            return [Filter("number", f"-{token}", token)]
        return []

    def _period(self, token: str) -> list[Filter]:
        for key, words in _PERIODS.items():
            if token.lower() in words:
                return [_days_filter(*_period(key, self._today), _PERIOD_LABELS[key])]
        if last := _LAST_DAYS.fullmatch(token.lower()):
            days = max(1, int(last[1]))
            return [_days_filter(self._today - timedelta(days=days - 1), self._today, _("近{days}天", days=days))]
        if named := _MONTH.fullmatch(token):
            year = int(named[1] or self._today.year)
            return _calendar(year, int(named[2]), int(named[3]) if named[3] else None, token)
        return []

    def _trade(self, token: str) -> list[Filter]:
        """A category, an industry, or what is the name of both (燃气)."""
        if self._trades is None:
            self._trades = known_industries(self._session)
        exact = [item for item in self._rules.hazards.categories if token in {item.name, item.code}]
        industry = self._trades.get(industry_key(token), "")
        part = [] if exact or token.isascii() or len(token) < _SHORTEST else [
            item for item in self._rules.hazards.categories if token in item.name
        ]  # fmt: skip
        if not (exact or part or industry):
            return []
        codes = ",".join(item.code for item in exact or part)
        value = f"{codes}/{industry}" + (f"/{token}" if part else "")
        return [Filter("trade", value, Text(exact[0].name if exact else token))]

    def _called(self, token: str) -> list[Filter]:
        """A word that is the stem of a grid's name and stands in an enterprise's too: all that is called so."""
        grids = [grid for grid in find_grids(self._session, token) if concerns(self._actor, grid.code)]
        if not grids or any(token in {grid.code, grid.name, short_name(grid.name)} for grid in grids):
            return []
        if not find_enterprises(self._session, self._actor, token, limit=1):
            return []
        return [Filter("called", f"{token}/{','.join(grid.code for grid in grids)}", _("“{word}”", word=token))]

    def _grid(self, token: str) -> list[Filter]:
        found = [grid for grid in find_grids(self._session, token) if concerns(self._actor, grid.code)]
        same = [grid for grid in found if grid.name == found[0].name]
        return [Filter("grid", grid.code, short_name(grid.name)) for grid in same]

    def _enterprise(self, token: str) -> list[Filter]:
        found = find_enterprises(self._session, self._actor, token, limit=2) if len(token) >= _SHORTEST else []
        exact = [item for item in found if item.name == token]
        named = exact or found or (find_nicknamed(self._session, self._actor, token) if len(token) >= _SHORTEST else [])
        return [Filter("enterprise", str(named[0].id), named[0].name)] if len(named) == 1 else []

    def _person(self, token: str) -> list[Filter]:
        """Somebody who has to do with what the actor may see."""
        ids = find_concerned(self._session, self._actor, token) if _SHORTEST <= len(token) <= _LONGEST_WORD else []
        return [Filter("person", ",".join(map(str, ids)), token)] if ids else []


def concerns(actor: Actor, grid_code: str) -> bool:
    """Tell whether a grid is one of the person's or lies around one; the name of any other is a mere word."""
    return any(is_inside(grid_code, own) or is_inside(own, grid_code) for own in actor.grids())


def _fixed_words(rules: Rules) -> Iterator[tuple[str, Filter]]:
    for key, words in _STATE_WORDS.items():
        label = _GROUP_LABELS.get(key) or Text(State(key).label)
        yield from ((word, Filter("state", key, label)) for word in words)
    for key, words in _DUE_WORDS.items():
        yield from ((word, Filter("due", key, _DUE_LABELS[key])) for word in words)
    yield from ((word, Filter("mine", "", _("我的"))) for word in _MINE_WORDS)
    for level in rules.hazards.levels:
        words = (level.name, level.code, *level.words, *_LEVEL_WORDS.get(level.code, ()))
        yield from ((word, Filter("level", level.code, Text(level.name))) for word in words)
    # Last, because it is also a word that suggests the level.
    yield from ((word, Filter("listed", "", _("挂牌督办"))) for word in _LISTED_WORDS)


def _days_filter(first: date, last: date, label: Text | str) -> Filter:
    return Filter("days", f"{first.isoformat()}..{last.isoformat()}", label)


def _period(key: str, today: date) -> tuple[date, date]:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    periods = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (monday, today),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (first, today),
        "last-month": (before.replace(day=1), before),
        "year": (today.replace(month=1, day=1), today),
    }
    return periods[key]


def _calendar(year: int, month: int, day: int | None, token: str) -> list[Filter]:
    """A month or a day by its date; nothing if the calendar, or the memory of people, has none such."""
    try:
        first = date(year, month, day or 1)
        last = first if day else date(year, month, monthrange(year, month)[1])
    except ValueError:
        return []
    if not _YEARS[0] <= year <= _YEARS[1]:
        return []
    return [_days_filter(first, last, token)]


def preset_filter(key: str, rules: Rules, *, now: datetime) -> Filter | None:
    """One of the usual filters of `/ledger`: overdue, soon, open, major, month, mine; None for any other key."""
    if key == "month":
        return _days_filter(*_period(key, local_day(now)), _PERIOD_LABELS[key])
    if key == "major":
        level = next((level for level in rules.hazards.levels if level.is_major), None)
        return Filter("level", level.code, Text(level.name)) if level else None
    return dict(_fixed_words(rules)).get(key) if key in {"overdue", "soon", "open", "mine"} else None
