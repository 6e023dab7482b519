"""What the words of a caption say about a hazard: which kind, how bad, until when. Guesses, nothing more."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from models.hazards.opinion import weigh_kinds
from models.rules import CategoryRule, HazardRules, LevelRule
from models.vocabulary.forms import bare_name
from models.vocabulary.hearing import Heard
from models.vocabulary.mentions import alike, find_mentions
from models.vocabulary.sounds import pairs
from models.vocabulary.tables import Standing

_LACKING = re.compile(
    r"(?:没有?|没装|没配|没设|没放|无|缺少?|少了?|未装|未设|未配|未安装|没安装)(?:[个把块条台具根]|任何|一[个把块条根])?$"
)
_TROUBLE = re.compile(
    r"没|无|未|缺|少|不|坏|破|裂|塌|漏|断|堵|松|掉|脱|锈|倒|歪|斜|鼓|翘|垂|露|裸|烂|老化|过期|失|烧|烫|冒|堆|占|停|放|挡|锁|焊|"
    r"超|乱|私|晒|泡|挂|拖|缠|搭|拉|拆|空|开着|敞|掏|冲|滑|落|撞|响|跳|挨|靠|摆|混"
)
_PASSIVE = re.compile(r"被|给|让|叫")
_CLUE = 2
# How much likelier the second opinion must find something else before a guess becomes a question, and how much
# likelier than the next before it guesses itself (logarithms; measured, see docs/vocabulary.md).
_DOUBT, _SURE = 6.0, 4.0
_SHORT = 4  # Characters that are too few to be like anything: 没检验.
_OF_TRADE = 2  # Characters that a category gains where the enterprise is of its trade.
_GAP, _GAP_MOST = "…", 6  # What stands in a word for up to so many characters.
_SOUND_LENGTH = 3  # From so many characters on a word is known by its sound, too: 灭火气, 一洪道.

# -- kind ----------------------------------------------------------------------------------------------------


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
    def order(self) -> tuple[int, int, bool]:
        """Plain ones first; of these the ones that say most, whole words before those with a gap."""
        first, gap, _rest = self.text.partition(_GAP)
        return self.tier, -len(first) - bool(gap), bool(gap)


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
            elif text.startswith(entry.text, start):
                yield entry, start, start + len(entry.text)
        for pair in pairs(text[start : start + 2]):
            for entry in lexicon.by_sounds.get(pair, ()):
                end = start + len(entry.text)
                if _is_miswritten(entry.text, text[start:end]):
                    yield entry, start, end


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


@dataclass(frozen=True, slots=True)
class Kind:
    """The category that a text suggests ("" if none, or if several suggest themselves alike), and the next best."""

    code: str
    others: tuple[str, ...] = ()


def guess_kind(text: str, rules: HazardRules, *, names: Iterable[str] = (), trade: str = "") -> Kind:
    """The category whose words take up most of a caption; none if two take up as much.

    `names`: of the enterprise and the grids around it; they do not count (the 液化气 in 宏达液化气站, 榔桥 is no 桥).
    `trade`: of the enterprise; of what a caption may mean, what its trade is about is likelier.
    """
    said = without_names(text, names)
    found = find_words(said, rules)
    tier = min((word.tier for word in found), default=0)
    words = [word for word in found if word.tier == tier]
    lengths, told = _by_length(words), _by_position(said, words)
    for category in rules.categories:
        if trade and category.industry == trade and category.code in told:
            lengths[category.code] += _OF_TRADE
            told[category.code] += _OF_TRADE
    ranked = sorted(told, key=lambda code: (-told[code], -lengths[code]))
    # Two views of one sentence: what most of it speaks of, and of what it says that it is wrong.
    is_told = bool(ranked) and tier != _CLUE and lengths[ranked[0]] >= max(lengths.values())
    return _consult(said, rules, ranked, is_told=is_told, trade=trade)


def _consult(said: str, rules: HazardRules, ranked: Sequence[str], *, is_told: bool, trade: str) -> Kind:
    """Hear the second opinion, too: it may fill in, or make a question of what the words tell (`ranked`)."""
    (likeliest, most), (_next, less), *_others = weighed = weigh_kinds(said, rules.categories, trade=trade)
    if is_told:
        is_doubtful = most - dict(weighed)[ranked[0]] > _DOUBT
        if is_doubtful:
            return Kind("", tuple(dict.fromkeys([ranked[0], likeliest, *ranked[1:]]))[:3])
        return Kind(ranked[0], tuple(ranked[1:3]))
    others = [code for code in dict.fromkeys([*ranked, *(code for code, _score in weighed)]) if code != likeliest]
    is_sure = most - less > _SURE and len(said.replace(" ", "")) > _SHORT
    return Kind(likeliest, tuple(others[:2])) if is_sure else Kind("", tuple(ranked[:3]))


def _by_length(words: Sequence[Word]) -> dict[str, float]:
    """How many characters of a text speak for each category."""
    scores: dict[str, float] = {}
    seen: set[str] = set()
    for word in words:
        scores[word.category] = scores.get(word.category, 0) + (0 if word.text in seen else word.weight)
        seen.add(word.text)
    return scores


def _by_position(text: str, words: Sequence[Word]) -> dict[str, float]:
    """The same, but what stands before the trouble, and what is lacking, counts more; of equals the later one."""
    scores = _by_length(words)
    subject = _subject(text, words)
    for word in words:
        is_lacking = _LACKING.search(text, 0, word.start) is not None
        scores[word.category] += 2 * ((word is subject) + is_lacking)
    for word in words:
        scores[word.category] += word.end / 10_000
    return scores


def _subject(text: str, words: Sequence[Word]) -> Word | None:
    """The word of which the sentence says what is wrong: the last one before it does (桥头的电线 断了)."""
    for trouble in _TROUBLE.finditer(text):
        before = [word for word in words if word.end <= trouble.start() or word.start <= trouble.start() < word.end]
        if before:
            # 消火栓被广告牌挡住: what stands before 被 is what something was done to.
            is_done_to = len(before) > 1 and _PASSIVE.search(text, before[-2].end, before[-1].start)
            return before[-2] if is_done_to else before[-1]
    return words[0] if words else None


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
    said = _DENIED.sub(" ", text)
    for level in sorted(rules.levels, key=lambda level: not level.is_major):
        if any(word in said for word in level.words):
            return level.code
    return rules.levels[0].code


# -- deadline ------------------------------------------------------------------------------------------------

_NUMBER = r"(\d{1,3}|半|[一二两三四五六七八九十]{1,3})"
_UNIT = r"(天|日|周|个?星期|个?礼拜|个?月|年|小时|个?钟头)"
_REPAIR = (
    r"整改|修复|处理|解决|清理|拆|换|完成|消除|到位|恢复|办结|改正|纠正|落实|加固|疏通|回填|关停|停用|报废|制止|劝阻|扑灭|断电|撤离|搬离|回复|"
    r"(?:把[^，。 ]{1,8}?)?(?![没未不])[一-龥]{1,2}(?:好|完|掉|齐|走|定|净|上)"
)
_SPAN = re.compile(
    rf"{_NUMBER}{_UNIT}(?:之?内|以内|内|之?前|限期|期限|的?时间|整改期|(?:时间)?(?:{_REPAIR}))"
    rf"|(?:限期?|限时|期限|整改期限?|整改|给)[:： ]?{_NUMBER}{_UNIT}"
    rf"|(?:^|[ ，,。;；\n]){_NUMBER}(天|个?月)(?=$|[ ，,。;；\n])"
    rf"|(?:^|[ ，,。;；\n]){_NUMBER}(年|周|个?星期|个?礼拜)$"
)
_AT_ONCE = re.compile(
    rf"(?:立即|立刻|马上|当场|现场|即刻|立马)(?!要[倒塌掉垮断])[^，。,; 已没未]{{0,5}}?"
    rf"(?:{_REPAIR}|改|停|关|撤|移|搬|收|补|挪|灭|盖|装|纠正)|立行立改|即查即改"
)
_TODAY = re.compile(
    rf"(?:下班|天黑|中午|晚上)(?:之?前)|(?:今天|今日|今晚|当天|当日)(?:之?内|以内|就|必须|要|下班前|之?前|上午|下午|中午|晚上|天黑|收工)*(?:{_REPAIR}|之?内|以内|之?前)"
    r"|(?:今天|今日|今晚|当天)(?:就|必须|一定)(?:要|得)(?![倒塌掉垮断])"
)
_TOMORROW = re.compile(
    rf"(?:明天|明日|明早)(?:之?内|以内|就|必须|要|之?前|上午|下午|中午|晚上)*(?:{_REPAIR}|之?内|以内|之?前)"
)
_WEEK = re.compile(rf"(?:本周|这周|这个?星期)(?:[五六日天末])?(?:之?内|以内|内|之?前)(?:{_REPAIR})?")
_DATE = re.compile(r"(?:(\d{1,2})月)?(\d{1,2})[日号](?:之?前|以前)")
_WEEKDAY = re.compile(r"(下下?|本|这)?(?:周|星期|礼拜)([一二三四五六日天末])(?:之?前|以前|下班前)")
_AFTER_TOMORROW = re.compile(rf"后天(?:之?内|以内|就|必须|要|之?前)*(?:{_REPAIR}|之?内|之?前)")
_YEAR_END = re.compile(r"年(?:底|末)(?:之?前)")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}
_MONTH_END = re.compile(r"(?:(\d{1,2})月(?:底|末)|本月底?|(?<!\d)月底|这个月)(?:之?前|内|之?内)")
_DONE_ALREADY = re.compile(r"(?:已经?|都)$")
_DIGITS = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365, "小时": 1 / 24, "钟头": 1 / 24}


def _count(word: str) -> float:
    """Read 15, 十五, 两; of 两三 and 二三十 the larger, as nobody is held to less than was said."""
    if word.isdigit():
        return int(word)
    if "十" in word:
        tens, _ten, ones = word.partition("十")
        return (_DIGITS.get(tens[-1:], 1)) * 10 + _DIGITS.get(ones[-1:], 0)
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
    if named := _MONTH_END.search(text):
        month = int(named[1] or today.month)
        first = date(today.year + (month < today.month), min(12, max(1, month)), 1)
        return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    if _YEAR_END.search(text):
        return today.replace(month=12, day=31)
    named = _DATE.search(text)
    return _next_date(int(named[1] or 0), int(named[2]), today) if named else None


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
