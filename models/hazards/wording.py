"""What the words of a caption say about a hazard: which things they name, how bad, until when. Guesses only."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from models.rules import CategoryRule, HazardRules, LevelRule
from models.vocabulary.forms import bare_name
from models.vocabulary.hearing import Heard
from models.vocabulary.mentions import alike, find_mentions
from models.vocabulary.sounds import pairs
from models.vocabulary.tables import Standing

CLUE = 2  # The tier of what is too weak for a guess.
_GAP, _GAP_MOST = "…", 4  # What stands in a word for up to so many characters.
_SOUND_LENGTH = 3  # From so many characters on a word is known by its sound, too: 灭火气, 一洪道.

# -- things ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the rules in a text, from `start` to `end`, the category it speaks for, and how plainly (`tier`)."""

    category: str
    text: str
    start: int
    end: int
    tier: int = 0  # 0 a word, 1 a hint, 2 a clue.

    @property
    def weight(self) -> int:
        """How much it speaks for the category: its length; what follows a gap counts for one character."""
        first, gap, _rest = self.text.partition(_GAP)
        return len(first) + bool(gap)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word of the rules, the category it speaks for, and how early it is looked for."""

    text: str
    category: str
    tier: int

    @property
    def order(self) -> tuple[int, bool, int]:
        """Plain ones first; of these whole words before those with a gap, long ones before short ones."""
        return self.tier, _GAP in self.text, -len(self.text)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The words of the rules by their first character, and the longer ones by their first two sounds."""

    by_character: dict[str, list[_Entry]]
    by_sounds: dict[str, list[_Entry]]


@lru_cache(maxsize=8)
def _lexicon(categories: tuple[CategoryRule, ...]) -> _Lexicon:
    every = [
        _Entry(word, category.code, tier)
        for category in categories
        for tier, words in enumerate((category.words, category.hints, category.clues))
        for word in _spread(words)
    ]
    found = _Lexicon({}, {})
    for entry in every:
        found.by_character.setdefault(entry.text[0], []).append(entry)
        if len(entry.text) >= _SOUND_LENGTH and _GAP not in entry.text:
            for pair in pairs(entry.text[:2]):
                found.by_sounds.setdefault(pair, []).append(entry)
    return found


def _spread(words: Iterable[str]) -> Iterator[str]:
    """楼道/走廊…堆/停 is four words; what may follow stays together."""
    for word in words:
        first, gap, rest = word.partition(_GAP)
        yield from (f"{one}{gap}{rest}" for one in first.split("/"))


def find_words(text: str, rules: HazardRules) -> list[Word]:
    """The category words in a text, in order, without overlaps; the longer word wins (液化气罐 is no 气罐)."""
    taken = [False] * len(text)
    found: list[Word] = []
    for entry, start, end in sorted(
        _spots(text, _lexicon(rules.categories)), key=lambda spot: (*spot[0].order, spot[1])
    ):
        ends = {start, end - 1} if _GAP in entry.text else set(range(start, end))
        if not any(taken[index] for index in ends):
            for index in ends:
                taken[index] = True
            found.append(Word(entry.category, entry.text, start, end, entry.tier))
    return sorted(found, key=lambda item: item.start)


def _spots(text: str, lexicon: _Lexicon) -> Iterator[tuple[_Entry, int, int]]:
    """Where words stand, from and to: to the letter, with a gap, or one character written as another that sounds so."""
    for start, character in enumerate(text):
        for entry in lexicon.by_character.get(character, ()):
            if _GAP in entry.text:
                if match := _with_gap(entry.text).match(text, start):
                    yield entry, start, match.end()
            elif text.startswith(entry.text, start) and not _is_inside_word(entry.text, text, start):
                yield entry, start, start + len(entry.text)
        for pair in pairs(text[start : start + 2]):
            for entry in lexicon.by_sounds.get(pair, ()):
                end = start + len(entry.text)
                if _is_miswritten(entry.text, text[start:end]):
                    yield entry, start, end


def _is_inside_word(word: str, text: str, start: int) -> bool:
    """Tell whether an English word stands within another: dam in damaged. An s or es after it makes it no other."""
    if not word.isascii():
        return False
    before, after = text[:start][-1:], re.sub("^e?s(?![a-z])", "", text[start + len(word) :])
    return any(letter.isascii() and letter.isalpha() for letter in (before, after[:1]))


def _is_miswritten(word: str, here: str) -> bool:
    """Tell whether just one character is another of the same sound; more would be a coincidence."""
    if len(word) != len(here):
        return False
    wrong = [(a, b) for a, b in zip(word, here, strict=True) if a != b]
    return len(wrong) == 1 and alike(*wrong[0])


@lru_cache(maxsize=4_096)
def _with_gap(word: str) -> re.Pattern[str]:
    """门…堵 is a 门 and, a few characters on, a 堵."""
    one, _gap, others = word.partition(_GAP)
    last = "|".join(map(re.escape, others.split("/")))
    return re.compile(f"{re.escape(one)}[^，。,;；\\n]{{0,{_GAP_MOST}}}?(?:{last})")


def without_names(text: str, names: Iterable[str]) -> str:
    """A text with blanks in the place of each name, however it is written there."""
    known = [Heard(bare_name(name), Standing.OFFICIAL, "", is_mine=True, enterprise_id=0) for name in names]
    for mention in find_mentions(text, known):
        # Of two characters a like sound is a coincidence.
        if mention.is_literal or len(mention.at) > 2:
            text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def named_part(name: str, text: str) -> str:
    """The longest part of a name, of two characters and more, that stands in a text; "" if none does."""
    for n in range(len(name), 1, -1):
        for i in range(len(name) - n + 1):
            if name[i : i + n] in text:
                return name[i : i + n]
    return ""


# -- level ---------------------------------------------------------------------------------------------------

# 非重大 and 不属于重大隐患 are not 重大; 重大节日 and 重大危险源 say nothing of the hazard.
_DENIED = re.compile(
    r"(?:非|无|(?:不|未|没有?|尚未|并非|谈不上|够不上)(?:属于|是|算|构成|存在|有|到|达到)?(?:什么|多)?)"
    r"(?:特别)?(?:重大|严重|停产停业|停产整顿)"
    r"|重大(?:节日|活动|危险源|项目|工程|事故(?!隐患)|会议|任务|行动|决策|节假日|变更|疫情|损失)"
)


def guess_level(text: str, rules: HazardRules) -> str:
    """The level whose words stand in a caption, the gravest first; else the first of the rules (一般)."""
    said = _DENIED.sub(" ", text.lower())
    for level in sorted(rules.levels, key=lambda level: not level.is_major):
        if any(word in said for word in level.words):
            return level.code
    return rules.levels[0].code


# -- deadline ------------------------------------------------------------------------------------------------

_NUMBER = r"(\d{1,3}|半|[一二两三四五六七八九十]{1,3})"
_UNIT = r"(天|日|周|个?星期|个?礼拜|个?月|年|小时|个?钟头)"
_REPAIR = (
    r"整改|修复|处理|解决|清理|拆|换|完成|消除|到位|恢复|办结|改正|纠正|落实|加固|疏通|回填|关停|停用|报废|"
    r"(?:把[^，。 ]{1,8}?)?(?![没未不])[一-龥]{1,2}(?:好|完|掉|齐|走|定|净|上)"
)
_SPAN = re.compile(
    rf"{_NUMBER}{_UNIT}(?:之?内|以内|内|之?前|限期|期限|的?时间|整改期|(?:时间)?(?:{_REPAIR}))"
    rf"|(?:限期?|限时|期限|整改期限?|整改|给)[:： ]?{_NUMBER}{_UNIT}"
    rf"|(?:^|[ ，,。;；\n]){_NUMBER}(天|个?月|年|周|个?星期|个?礼拜)(?=$|[ ，,。;；\n])"
    # 两年 没换 says for how long already.
    r"(?=[ ，,。;；\n]*(?:$|[^没未不都了就也还 ，,。;；\n]))"
)
_AT_ONCE = re.compile(
    rf"(?:立即|立刻|马上|当场|现场|即刻|立马)(?!要[倒塌掉垮断])[^，。,; 已没未]{{0,5}}?"
    rf"(?:{_REPAIR}|改|停|关|撤|移|搬|收|补|挪|灭|盖|装|纠正)|立行立改|即查即改"
)
_TODAY = re.compile(
    rf"(?:下班|天黑|中午|晚上)(?:之?前)|(?:今天|今日|今晚|当天|当日)(?:之?内|以内|就|必须|要|下班前|之?前|上午|下午|中午|晚上|天黑|收工)*(?:{_REPAIR}|之?内|以内|之?前)"
    rf"|今[天日](?:就|必须|一定)(?:要|得)|(?:当天|当日)[^，。 ]{{0,2}}(?:回复|反馈|报|办|完|改|撤|搬)"
)
_TOMORROW = re.compile(
    rf"(?:明天|明日|明早)(?:之?内|以内|就|必须|要|之?前|上午|下午|中午|晚上)*(?:{_REPAIR}|之?内|以内|之?前)"
)
_WEEK = re.compile(rf"(?:本周|这周|这个?星期)(?:[五六日天末])?(?:之?内|以内|内|之?前)(?:{_REPAIR})?")
_DATE = re.compile(r"(?:(\d{1,2})月)?(\d{1,2})[日号](?:之?前|以前)")
_WEEKDAY = re.compile(r"(下下?|本|这)?(?:周|星期|礼拜)([一二三四五六日天末])(?:之?前|以前|下班前)")
_AFTER_TOMORROW = re.compile(rf"后天(?:之?内|以内|就|必须|要|之?前)*(?:{_REPAIR}|之?内|之?前)")
_END_OF = re.compile(r"(\d{1,2}|十[一二]?|[一二三四五六七八九])月(?:底|末)(?:之?前|以前|内)")
_YEAR_END = re.compile(r"年(?:底|末)(?:之?前)")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}
_MONTH_END = re.compile(r"(?:本月底?|月底|这个月)(?:之?前|内|之?内)")
_DONE_ALREADY = re.compile(r"(?:已经?|都)$")
_DIGITS = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365, "小时": 1 / 24, "钟头": 1 / 24}


def _count(word: str) -> float:
    """Read 15, 十五, 两; of 两三 and 二三十 the larger, as nobody is held to less than was said."""
    if word.isdigit():
        return int(word)
    if "十" in word:
        tens, _ten, ones = word.partition("十")
        return _DIGITS.get(tens[-1:], 1) * 10 + _DIGITS.get(ones[-1:], 0)
    return _DIGITS.get(word[-1:], 0)


def read_days(text: str, *, today: date) -> int | None:
    """The days that a caption leaves for putting it right, 0 for at once; None if it says nothing of that kind."""
    if (now := _AT_ONCE.search(text)) and not _DONE_ALREADY.search(text[: now.start()]):
        return 0
    if (named := _DATE.search(text)) and (until := _next_date(int(named[1] or 0), int(named[2]), today)):
        return (until - today).days
    if span := _SPAN.search(text):
        number, unit = [group for group in span.groups() if group]
        return int(_count(number) * _DAYS[unit.removeprefix("个")])
    for days, pattern in enumerate((_TODAY, _TOMORROW, _AFTER_TOMORROW)):
        if pattern.search(text):
            return days
    until = _read_day(text, today)
    return max(0, (until - today).days) if until else None


def _read_day(text: str, today: date) -> date | None:
    """The day before which it has to be done: 12月8日前, 25号前, 周五前, 下周一前, 年底前."""
    if weekday := _WEEKDAY.search(text):
        weeks = (weekday[1] or "").count("下")
        return today + timedelta(days=7 * weeks - today.weekday() + _WEEKDAYS[weekday[2]])
    if _WEEK.search(text):
        return today + timedelta(days=6 - today.weekday())
    if (end := _END_OF.search(text)) and (first := _next_date(int(_count(end[1])), 1, today.replace(day=1))):
        return _last_of_month(first)
    if _MONTH_END.search(text):
        return _last_of_month(today)
    if _YEAR_END.search(text):
        return today.replace(month=12, day=31)
    named = _DATE.search(text)
    return _next_date(int(named[1] or 0), int(named[2]), today) if named else None


def _last_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _next_date(month: int, day: int, today: date) -> date | None:
    """The next such day of the calendar; without a month (0) of this month or the next."""
    first = today.replace(day=1)
    if month == 0:
        firsts = [first, (first + timedelta(days=32)).replace(day=1)]
    else:
        firsts = [date(year, month, 1) for year in (today.year, today.year + 1) if month <= 12]
    for begin in firsts:
        with contextlib.suppress(ValueError):
            if (until := begin.replace(day=day)) >= today:
                return until
    return None


def guess_days(text: str, level: LevelRule, *, today: date) -> int:
    """The deadline: the level's choice that comes nearest to what is said without being later; else the usual one."""
    said = read_days(text, today=today)
    fitting = [days for days in level.deadline_days if said is not None and days <= said]
    return max(fitting, default=level.deadline_days[0])
