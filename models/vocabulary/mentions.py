"""Where a text mentions a name: wholly, in part, shortened, by everyday words, by its sound, or with one slip.

Pure functions over one text and the names that `hear_names` gives; nothing here knows about hazards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from models.vocabulary.forms import everyday_forms, grid_forms
from models.vocabulary.hearing import Heard
from models.vocabulary.sounds import readings, sounds_alike

_FILLERS = " 的村镇乡"
_MOST_FILLERS = 2
# One of these for another is another place, not a slip: 城东 is not 城西, 一期 is not 二期.
_TELLING = frozenset("东西南北中上下前后左右大小新老旧一二三四五六七八九十甲乙丙丁0123456789")
# After the last character of a name they make another word of it: 场地, 站着.
_GOES_ON = frozenset("地所着立子址")

alike = lru_cache(maxsize=65_536)(sounds_alike)
_forms = lru_cache(maxsize=8_192)(everyday_forms)
_grid_forms = lru_cache(maxsize=2_048)(grid_forms)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, from `start` to `end`.

    `form`: what of the name was looked for; `at`: which of its characters stand in the text; `sounds`: how many of
    these are other characters that sound like them; `slips`: characters that are wrong, missing or too many;
    `everyday`: the form has everyday words for parts of the name.
    """

    heard: Heard
    form: str
    start: int
    end: int
    at: tuple[int, ...]
    sounds: int = 0
    slips: int = 0
    everyday: bool = False

    @property
    def size(self) -> float:
        """How many characters speak for it; a like sound counts a little less, a slip takes one away."""
        return len(self.at) - 0.05 * self.sounds - self.slips - 0.2 * self.everyday

    @property
    def is_whole(self) -> bool:
        """Tell whether all of the name stands there."""
        return len(self.at) + self.slips >= len(self.form)

    @property
    def has_head(self) -> bool:
        """Tell whether the first two characters, by which people call it, stand there."""
        return self.at[:2] == (0, 1)

    @property
    def has_tail(self) -> bool:
        """Tell whether its last character stands there."""
        return self.at[-1] == len(self.form) - 1

    @property
    def is_unbroken(self) -> bool:
        """Tell whether what stands there follows each other in the name, too."""
        return self.at[-1] - self.at[0] + 1 == len(self.at)

    @property
    def is_literal(self) -> bool:
        """Tell whether it stands there to the letter."""
        return not (self.sounds or self.slips)

    def covers(self, other: Mention) -> bool:
        """Tell whether another mention lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Mention) -> bool:
        """Tell whether both claim the same characters."""
        return self.start < other.end and other.start < self.end


def find_mentions(text: str, heard: Iterable[Heard]) -> list[Mention]:
    """The best mention of each name in a text, the largest first."""
    places = _pair_places(text)
    best: list[Mention] = []
    for name in heard:
        every = _forms(name.text) if name.enterprise_id is not None else _grid_forms(name.text)
        found = [
            mention
            for index, form in enumerate(every)
            for mention in _in_form(text, places, name, form, everyday=bool(index) and name.enterprise_id is not None)
        ]
        if found:
            best.append(max(found, key=_worth))
    return sorted(best, key=lambda mention: (-mention.size, mention.start))


def _worth(mention: Mention) -> tuple[bool, float, bool, bool, int]:
    """Of two readings the larger one; of a grid one that ends where a name of it ends: 榔桥 in 榔桥街上.

    Of two as large the one without a slip: 靠山进村路 is 靠山, and no 靠山村 with a character too many.
    """
    is_grid = mention.heard.enterprise_id is None
    return not is_grid or mention.has_tail, mention.size, mention.is_whole, not mention.slips, -mention.start


def _pair_places(text: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, (one, other) in enumerate(pairwise(text)):
        for first in readings(one):
            for second in readings(other):
                places.setdefault(f"{first} {second}", []).append(index)
    return places


@lru_cache(maxsize=16_384)
def _form_pairs(form: str) -> tuple[tuple[str, int], ...]:
    return tuple((pair, index) for pair, indexes in _pair_places(form).items() for index in indexes)


def _in_form(text: str, places: dict[str, list[int]], name: Heard, form: str, *, everyday: bool) -> Iterator[Mention]:
    starts = {(start, at) for pair, at in _form_pairs(form) for start in places.get(pair, ())}
    for start, at in starts:
        if (start - 1, at - 1) in starts:
            continue  # The match that begins a character earlier comes through here, and is larger.
        yield _Match(text, form).extend(name, start, at, everyday=everyday)


class _Match:
    """One attempt to read a name in a text, character by character, from a pair that both have in common."""

    def __init__(self, text: str, form: str) -> None:
        self._text, self._form = text, form
        self._at: list[int] = []
        self._here: list[int] = []
        self._slips = self._skipped = 0

    def extend(self, name: Heard, start: int, at: int, *, everyday: bool) -> Mention:
        here, there = start, at
        while here < len(self._text) and there < len(self._form):
            step = self._step(here, there)
            if step is None:
                break
            here, there = step
        self._drop_echo()
        sounds = sum(self._text[h] != self._form[a] for h, a in zip(self._here, self._at, strict=True))
        end = max(self._here) + 1
        return Mention(name, self._form, start, end, tuple(self._at), sounds, self._slips, everyday)

    def _drop_echo(self) -> None:
        """What only sounds like the next character, and is not the last, is not of the name: 靠山 消防."""
        while (
            len(self._at) > 2
            and self._at[-1] != len(self._form) - 1
            and self._text[self._here[-1]] != self._form[self._at[-1]]
        ):
            self._at.pop()
            self._here.pop()

    def _step(self, here: int, there: int) -> tuple[int, int] | None:
        """Go on by one character: give where both stand then; None: the name ends here."""
        text, form = self._text, self._form
        if alike(text[here], form[there]):
            self._take(here, there)
            return here + 1, there + 1
        if text[here] in _FILLERS and self._skipped < _MOST_FILLERS and self._is_next(here + 1, there):
            self._skipped += 1
            return here + 1, there
        is_swapped = text[here : here + 2] == form[there : there + 2][::-1] != ""
        later = -1 if is_swapped else form.find(text[here], there + 1)
        if later > 0 and self._may_jump(here, later):
            self._take(here, later)
            return here + 1, later + 1
        return self._slip(here, there)

    def _is_next(self, here: int, there: int) -> bool:
        text = self._text
        if here < len(text) and text[here] in _FILLERS and not alike(text[here], self._form[there]):
            here += 1
        return here < len(text) and alike(text[here], self._form[there])

    def _may_jump(self, here: int, later: int) -> bool:
        """Shortened names leave characters out: 靠山站, 木竹厂; 场地 is no 场."""
        is_last = later == len(self._form) - 1
        return not (is_last and here + 1 < len(self._text) and self._text[here + 1] in _GOES_ON)

    def _take(self, here: int, there: int) -> None:
        self._at.append(there)
        self._here.append(here)

    def _slip(self, here: int, there: int) -> tuple[int, int] | None:
        text, form = self._text, self._form
        if self._slips or len(self._at) < 2 or here + 1 >= len(text):
            return None
        if {text[here], form[there]} <= _TELLING or text[here] in " \n,，。;；、":
            return None
        if there + 1 < len(form) and text[here] == form[there + 1] and text[here + 1] == form[there]:
            self._slips += 1
            self._at += [there, there + 1]
            self._here += [here + 1, here]
            return here + 2, there + 2
        if there + 1 < len(form) and text[here + 1] == form[there + 1]:
            self._slips += 1
            return here + 1, there + 1
        if text[here + 1] == form[there]:
            self._slips += 1
            return here + 1, there
        return None
