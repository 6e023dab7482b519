"""How characters sound: syllables without tones, folded so that what people confuse is alike.

The table is made by `tools/sounds.py` from pypinyin, which itself stays outside of the running bot (57 MB, 0.4 s).
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

_TABLE = Path(__file__).with_name("sounds.txt")
_RETROFLEX = re.compile(r"^([zcs])h")
_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))  # 5星村 is 五星村.
_NASAL = re.compile(r"(?<=[aei])ng$")


def fold(syllable: str) -> str:
    """Make syllables alike that the county's people say and type alike.

    zh z, ch c, sh s; n l; -ang -an, -eng -en, -ing -in. Source (P): the usual fuzzy settings of pinyin keyboards.
    """
    plain = _NASAL.sub("n", _RETROFLEX.sub(r"\1", syllable))
    return f"l{plain[1:]}" if plain.startswith("n") and len(plain) > 1 else plain


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Read the table once, with the first text: 3 MB and 15 ms that a bot at rest does without."""
    found: dict[str, tuple[str, ...]] = {}
    alone: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        syllable, characters = line.split(" ")
        folded = fold(syllable)
        only = alone.setdefault(folded, (folded,))
        for character in characters:
            known = found.get(character)
            if known is None:
                found[character] = only
            elif folded not in known:
                found[character] = (*known, folded)
    return found | {digit: found[character] for digit, character in _DIGITS.items()}


def readings(character: str) -> tuple[str, ...]:
    """How a character may sound; whatever has no sound stands for itself."""
    return _table().get(character) or (character,)


def sounds_alike(one: str, other: str) -> bool:
    """Tell whether two characters may be meant for each other by their sound."""
    return one == other or not set(readings(one)).isdisjoint(readings(other))


def pairs(text: str) -> set[str]:
    """Every pair of neighbouring sounds in a text; characters with two readings are in more than one."""
    every = [readings(character) for character in text]
    return {f"{first} {second}" for before, after in pairwise(every) for first in before for second in after}
