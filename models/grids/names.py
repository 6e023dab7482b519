"""What people call a grid: 茂林镇 is also 茂林, 靠山村村委会 is 靠山村 and 靠山."""

from __future__ import annotations

import re

# The division list names the committee that runs a village, people name the village.
_COMMITTEES = ("", "村民委员会", "居民委员会", "村委会", "居委会")
_KINDS = ("经济开发区", "开发区", "街道", "社区", "县", "区", "镇", "乡", "村")
_COMMITTEE = re.compile(r"^(.+?)(村民委员会|居民委员会|村委会|居委会)$")
_SHORTEST = 2  # One character is no name: 高村 stays 高村.


def short_name(name: str) -> str:
    """Give a village without its committee: 靠山村村委会 → 靠山村, 官塘社区居委会 → 官塘社区."""
    found = _COMMITTEE.match(name)
    if not found:
        return name
    place, committee = found.groups()
    # 靠山村委会 has one 村 for two words.
    return place if place.endswith(_KINDS) or not committee.startswith("村") else f"{place}村"


def aliases(name: str) -> tuple[str, ...]:
    """All that people may call a grid, the longest first, beginning with the full name."""
    short = short_name(name)
    stem = _without_kind(short)
    return tuple(dict.fromkeys([name, short, stem, _without_kind(stem)]))


def _without_kind(name: str) -> str:
    for kind in _KINDS:
        if name.endswith(kind) and len(name) - len(kind) >= _SHORTEST:
            return name.removesuffix(kind)
    return name


def full_names(text: str) -> tuple[str, ...]:
    """Every full name of which `text` may be an alias (of at most two kinds, as in 茂林村社区居委会)."""
    stems = [text, *(text + kind for kind in _KINDS), *(text + a + b for a in _KINDS for b in _KINDS)]
    return tuple(dict.fromkeys(stem + committee for stem in stems for committee in _COMMITTEES)) + (
        (f"{text}委会", f"{text}民委员会") if text.endswith("村") else ()
    )
