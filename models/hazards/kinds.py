"""Of which category a hazard is: what the words of the rules say and what like sentences spoke of, weighed together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.hazards.opinion import normal, opinion
from models.hazards.wording import Word, find_words, without_names
from models.rules import HazardRules

_LACKING = re.compile(
    r"(?:没有?|没装|没配|没设|没放|无|缺少?|少了?|未装|未设|未配|未安装|没安装)(?:[个把块条台具根]|任何|一[个把块条根])?$"
)
_TROUBLE = re.compile(
    r"没|无|未|缺|少|不|坏|破|裂|塌|漏|断|堵|松|掉|脱|锈|倒|歪|斜|鼓|翘|垂|露|裸|烂|老化|过期|失|烧|烫|冒|堆|占|停|放|挡|锁|焊|"
    r"超|乱|私|晒|泡|挂|拖|缠|搭|拉|拆|空|开着|敞|掏|冲|滑|落|撞|响|跳|挨|靠|摆|混"
)
# Logarithms of likelihoods; measured with the sentences of some files and the captions of another (docs/vocabulary.md).
_CHARACTER = 1.2  # What a character that speaks for a category adds to what like sentences say for it,
_CHARACTERS = 8  # so many of them at most;
_SHARES = (1.0, 0.6, 0.36)  # of a hint and of a clue it is a share.
_AHEAD = (1.0, 1.5, 2.5)  # So much likelier than the next a category must be, where words, hints or clues speak for it,
_AHEAD_ALONE = 3.0  # and where none does.
_OF_TRADE = 1.5  # What the trade of the enterprise adds.
_NOTHING = -1.4  # Below a quarter it is as good as unknown what is meant;
_OFFERED = -3.0  # from a twentieth on it is worth a button besides what is guessed.
_UNHEARD = -9.0  # Of which like sentences know nothing at all.


@dataclass(frozen=True, slots=True)
class Kind:
    """The category that a text suggests ("" if none, or if several suggest themselves alike), and the next best."""

    code: str
    others: tuple[str, ...] = ()


def guess_kind(text: str, rules: HazardRules, *, names: Iterable[str] = (), trade: str = "") -> Kind:
    """The category of which the words of the rules and like sentences both speak; none if that is not clear.

    `names`: of the enterprise and the grids around it; they do not count (the 液化气 in 宏达液化气站, 榔桥 is no 桥).
    `trade`: the enterprise's; what its trade is about is likelier there (储罐 of a gas station is gas).
    """
    said = without_names(text, names)
    told, tier = _told(said, rules)
    views = _views(said, rules)
    scores = {
        code: views.get(code, _UNHEARD) + _CHARACTER * min(told.get(code, 0), _CHARACTERS) for code in {*views, *told}
    }
    for category in rules.categories:
        if trade and category.industry == trade and category.code in scores:
            scores[category.code] += _OF_TRADE
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    if not ranked or (not told and scores[ranked[0]] < _NOTHING):
        return Kind("")
    ahead = _AHEAD[tier] if told else _AHEAD_ALONE
    if len(ranked) > 1 and scores[ranked[0]] - scores[ranked[1]] < ahead:
        return Kind("", tuple(ranked[:3]))
    return Kind(ranked[0], tuple(code for code in ranked[1:3] if code in told or views.get(code, 0) > _OFFERED))


def _views(text: str, rules: HazardRules) -> dict[str, float]:
    """What like sentences speak for; a category that no sentence knows of is the county's own: its words decide."""
    heard = opinion().weigh(text)
    if not heard:
        return {}
    views = normal({kind: score for kind, score in heard.items() if rules.category(kind)})
    most = max(views.values(), default=0.0)
    return {category.code: views.get(category.code, most) for category in rules.categories}


def _told(text: str, rules: HazardRules) -> tuple[dict[str, float], int]:
    """How many characters speak for each category, what is wrong or lacking more so; and how plainly (the tier).

    A hint counts only where no word does, a clue only where no hint does.
    """
    found = find_words(text, rules)
    tier = min((word.tier for word in found), default=0)
    words = [word for word in found if word.tier == tier]
    scores: dict[str, float] = {}
    seen: set[str] = set()
    subject = _subject(text, words)
    for word in words:
        is_lacking = _LACKING.search(text, 0, word.start) is not None
        weight = (0 if word.text in seen else word.weight) + 2 * ((word is subject) + is_lacking)
        scores[word.category] = scores.get(word.category, 0) + weight
        seen.add(word.text)
    return {code: score * _SHARES[tier] for code, score in scores.items()}, tier


def _subject(text: str, words: Sequence[Word]) -> Word | None:
    """The word of which the sentence says what is wrong: the last one before it does (桥头的电线 断了)."""
    for trouble in _TROUBLE.finditer(text):
        before = [word for word in words if word.end <= trouble.start() or word.start <= trouble.start() < word.end]
        if before:
            return before[-1]
    return words[0] if words else None
