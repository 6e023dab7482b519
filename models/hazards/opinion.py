"""A second opinion about a caption: which kind of hazard sentences like it spoke of, or whether they were chatter.

Learned from `sentences.txt` when first asked: naive Bayes over the one to three characters that follow each other. It
knows no words and no grammar, but it errs elsewhere than the words of the rules do, so the two are worth comparing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from pathlib import Path

SENTENCES = Path(__file__).with_name("sentences.txt")
CHATTER = "chatter"

_LONGEST = 3
_SEEN = 2  # What stands in one sentence alone is no knowledge but a memory of it.
_UNSEEN = 0.3  # How often what was never seen is taken to have been seen.
_HOLD = 0.3  # Neighbouring pieces share their characters, so each counts for less than one witness.
_SHARES = (1.0, 0.4, 0.2, 0.1)  # A sentence speaks for the first of its kinds, and a little for the others.
_BREAK = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was learned: per kind what it starts from and what an unknown piece costs; per piece what it adds."""

    start: Mapping[str, float]
    costs: Mapping[str, float]
    gains: Mapping[str, tuple[tuple[str, float], ...]]

    def weigh(self, text: str) -> dict[str, float]:
        """The logarithm of the likelihood of each kind, together they are one; nothing if no piece is known."""
        known = [self.gains[piece] for piece in sorted(pieces(text)) if piece in self.gains]
        if not known:
            return {}
        scores = {kind: start + len(known) * self.costs[kind] for kind, start in self.start.items()}
        for gains in known:
            for kind, gain in gains:
                scores[kind] += gain
        return normal(scores)


def normal(scores: Mapping[str, float]) -> dict[str, float]:
    """The same logarithms, moved so that the likelihoods sum up to one."""
    if not scores:
        return {}
    most = max(scores.values())
    whole = most + log(sum(exp(score - most) for score in scores.values()))
    return {kind: score - whole for kind, score in scores.items()}


def pieces(text: str) -> set[str]:
    """What stands in a text: each character, and two and three in a row that no break divides."""
    return {
        run[start : start + length]
        for run in _BREAK.split(text.lower())
        for length in range(1, _LONGEST + 1)
        for start in range(len(run) - length + 1)
    }


def learn(sentences: Iterable[tuple[str, tuple[str, ...]]]) -> Opinion:
    """Count which pieces stand in the sentences of which kinds."""
    starts: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    counts: dict[str, defaultdict[str, float]] = {}
    for text, kinds in sentences:
        found = pieces(text)
        seen.update(found)
        for kind, share in zip(kinds, _SHARES, strict=False):
            starts[kind] += 1
            of_kind = counts.setdefault(kind, defaultdict(float))
            for piece in found:
                of_kind[piece] += share
    costs = {
        kind: _HOLD * log(_UNSEEN / (sum(of_kind.values()) + _UNSEEN * len(seen))) for kind, of_kind in counts.items()
    }
    gains = {
        piece: tuple(
            (kind, _HOLD * log(1 + of_kind[piece] / _UNSEEN)) for kind, of_kind in counts.items() if piece in of_kind
        )
        for piece, times in seen.items()
        if times >= _SEEN
    }
    return Opinion({kind: log(times) / 2 for kind, times in starts.items()}, costs, gains)


def read_sentences(path: Path = SENTENCES) -> list[tuple[str, tuple[str, ...]]]:
    """The sentences of the file, each with its kinds, the first the best. docs/vocabulary.md describes the file."""
    found: list[tuple[str, tuple[str, ...]]] = []
    kind = ""
    for line in path.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            kind = line.strip("[]")
        else:
            text, _bar, others = line.partition(" | ")
            found.append((text, (kind, *others.split())))
    return found


@lru_cache(maxsize=1)
def opinion() -> Opinion:
    """What the sentences of the file teach; learned once."""
    return learn(read_sentences())


def chattiness(text: str) -> float:
    """How much likelier it is chatter than a report of anything (a logarithm); 0 if nothing of it is known."""
    scores = opinion().weigh(text)
    chatter = scores.pop(CHATTER, 0.0)
    return chatter - log(sum(exp(score) for score in scores.values())) if scores else 0.0
