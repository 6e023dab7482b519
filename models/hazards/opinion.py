"""A second opinion on what kind of hazard a caption describes: how alike it is to captions whose kind is known.

The words of the rules say why; this only counts. It fills in where no word is known, and it makes a guess a question
where it is sure of something else. docs/vocabulary.md says how much both gain.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.rules import CategoryRule

EXAMPLES = Path(__file__).with_name("examples.txt")
LONGEST = 3  # Characters of the longest pieces of a text that are counted.
_OF_TRADE = 1.5  # What the enterprise's trade adds (a logarithm).
_UNSEEN = 0.3  # What a piece counts that a category has never had (additive smoothing).


@dataclass(frozen=True, slots=True)
class _Model:
    """For each piece of text in how many texts of which category (by number) it stands; and how many in all."""

    codes: tuple[str, ...]
    pieces: dict[str, tuple[tuple[int, int], ...]]
    totals: tuple[int, ...]


def weigh_kinds(text: str, categories: tuple[CategoryRule, ...], *, trade: str = "") -> list[tuple[str, float]]:
    """The categories, the likeliest first, with the logarithm of how likely each makes the text (multinomial Bayes).

    Only differences mean something: 4 is a factor of 50. Without anything known in the text all are alike.
    `trade`: of the enterprise; its categories are likelier there.
    """
    model = _learn(categories)
    known = [piece for piece in _pieces(text) if piece in model.pieces]
    spread = _UNSEEN * len(model.pieces)
    scores = [len(known) * math.log(_UNSEEN / (total + spread)) for total in model.totals]
    for piece in known:
        for number, count in model.pieces[piece]:
            scores[number] += math.log1p(count / _UNSEEN)
    for number, category in enumerate(categories):
        scores[number] += _OF_TRADE * bool(known and trade and category.industry == trade)
    return sorted(zip(model.codes, scores, strict=True), key=lambda item: -item[1])


@lru_cache(maxsize=4)
def _learn(categories: tuple[CategoryRule, ...]) -> _Model:
    """Read the examples; the words of the rules are examples, too. Once per process, a fifth of a second."""
    codes = tuple(category.code for category in categories)
    counts: dict[str, Counter[int]] = {}
    totals = [0] * len(codes)
    for number, text in _texts(categories, codes):
        for piece in _pieces(text):
            counts.setdefault(piece, Counter())[number] += 1
            totals[number] += 1
    return _Model(codes, {piece: tuple(found.items()) for piece, found in counts.items()}, tuple(totals))


def _texts(categories: tuple[CategoryRule, ...], codes: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        kinds, _tab, text = line.partition("\t")
        for code in kinds.split(","):  # Some may be taken for one or the other.
            if code in codes:  # A county may have other categories.
                yield codes.index(code), text
    for number, category in enumerate(categories):
        for word in (*category.words, *category.hints):
            for part in word.replace("…", "/").split("/"):
                yield number, part


def _pieces(text: str) -> set[str]:
    bare = "".join(text.split())
    return {bare[start : start + n] for n in range(1, LONGEST + 1) for start in range(len(bare) - n + 1)}
