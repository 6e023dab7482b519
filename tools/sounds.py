"""Make models/vocabulary/sounds.txt anew: which characters are read how, without tones.

Run it after an upgrade of pypinyin: `.venv/bin/python -m tools.sounds`. A line is a syllable and the characters that
are read so; a character with several common readings stands in several lines.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

from pypinyin.phrases_dict import phrases_dict
from pypinyin.pinyin_dict import pinyin_dict

TABLE = Path(__file__).resolve().parent.parent / "models" / "vocabulary" / "sounds.txt"
COMMON = 3, 0.03  # A further reading counts if so many phrases, and this share of the character's, have it.
# What the phrases do not know: readings in names of places and people.
ALSO = {
    "六": "lu",
    "单": "shan",
    "仇": "qiu",
    "堡": "pu",
    "解": "xie",
    "曾": "zeng",
    "区": "ou",
    "查": "zha",
    "朴": "piao",
}


def plain(reading: str) -> str:
    """A syllable without its tone; ü is written v, as people type it."""
    bare = "".join(c for c in unicodedata.normalize("NFD", reading) if not unicodedata.combining(c) or c == "\u0308")
    return unicodedata.normalize("NFC", bare).replace("ü", "v").replace("ê", "e")


def is_everyday(character: str) -> bool:
    """Tell whether a character is one of the 21,003 of GBK, that is of every Chinese phone and office program."""
    try:
        return len(character.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


def readings() -> dict[str, list[str]]:
    """The common readings of each character, the most common first."""
    heard: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, syllables in phrases_dict.items():
        for character, syllable in zip(phrase, syllables, strict=False):
            heard[character][plain(syllable[0])] += 1
    least, share = COMMON
    found = {}
    for code, listed in pinyin_dict.items():
        character = chr(code)
        if not is_everyday(character):
            continue
        first, *others = dict.fromkeys(plain(reading) for reading in listed.split(","))
        seen, total = heard[character], heard[character].total()
        kept = [reading for reading in others if seen[reading] >= max(least, share * total)]
        also = [ALSO[character]] if character in ALSO else []
        found[character] = list(dict.fromkeys([first, *kept, *also]))
    return found


def main() -> None:
    """Write the table."""
    lines: dict[str, list[str]] = defaultdict(list)
    for character, syllables in sorted(readings().items()):
        for syllable in syllables:
            lines[syllable].append(character)
    text = "".join(f"{syllable} {''.join(characters)}\n" for syllable, characters in sorted(lines.items()))
    TABLE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(lines)} syllables, {len(text.encode())} bytes\n")


if __name__ == "__main__":
    main()
