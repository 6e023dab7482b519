"""How alike two descriptions are: what is wrong in two people's words, without where it is."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from models.grids.names import aliases
from models.hazards.wording import named_part

# What both say of any hazard tells nothing about this one.
_FILLERS = re.compile(
    r"重大|一般|严重|隐患|存在|已经|有人|没有|未|没|不|有|的|了|在|里|内|被|要|很|还|又|着|快|上|是|和"
)
_MARKS = re.compile(r"[\W_]+")
_CONTAINED = 0.8  # What a text is worth of which the other, a longer one, holds every word (P).
_TELLING = 4  # Characters; a shorter text may stand in any longer one by chance.


# The same few descriptions are compared with each message of a report, and with each report about one enterprise.
@lru_cache(maxsize=4_096)
def strip_places(text: str, names: tuple[str, ...]) -> str:
    """A description without the places it names: an enterprise or a part of its name, a grid under any name."""
    for name in names:
        part = named_part(name, text)
        text = text.replace(part, " ") if part else text
        for alias in aliases(name):
            text = text.replace(alias, " ")
    return text


@lru_cache(maxsize=4_096)
def likeness(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same), whatever the order of the words.

    The characters they share, or the pairs of characters of the shorter that stand in the longer. Source: of the
    measures tried on the pairs in tests/models/hazards/test_likeness.py (rapidfuzz's ratio and partial ratio,
    pairs alone, characters alone) this one was wrong least often.
    """
    one, other = _bare(one), _bare(other)
    letters, others = set(one), set(other)
    if not letters or not others:
        return 0.0
    shared = 2 * len(letters & others) / (len(letters) + len(others))
    if min(len(one), len(other)) < _TELLING:
        return shared
    pairs, more = _pairs(one), _pairs(other)
    return max(shared, _CONTAINED * len(pairs & more) / min(len(pairs), len(more)))


def _bare(text: str) -> str:
    return _FILLERS.sub("", _MARKS.sub("", unicodedata.normalize("NFKC", text).lower()))


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
