"""The closest names to a word that is none: what somebody who mistyped it may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

OFFERED: Final = 3
# Percent of alike characters below which a name is no offer (P): 溪囗村 for 溪口村 has 67.
_LEAST_ALIKE: Final = 50


def closest(word: str, names: Iterable[str] | Mapping[str, str], *, limit: int = OFFERED) -> list[str]:
    """Give the names most like `word`, the closest first; of a mapping its keys, compared by their values."""
    from rapidfuzz import fuzz, process

    choices = names if isinstance(names, Mapping) else {name: name for name in dict.fromkeys(names)}
    found = process.extract(word, choices, scorer=fuzz.ratio, score_cutoff=_LEAST_ALIKE, limit=limit)
    return [str(name) for _compared, _score, name in found]
