"""What is odd about a county's rules though each of them is sound; `python -m bot check` warns of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from models.rules import HazardRules, Rules


def list_oddities(rules: Rules, industries: Collection[str] = ()) -> list[str]:
    """Name the rules that do not go together, one sentence each; `industries`: the codes of the county's trades."""
    hazards = rules.hazards
    return [
        *_codes(hazards), *_levels(hazards), *_reminders(hazards), *_overdue(hazards), *_lengths(hazards),
        *_words(hazards), *_industries(hazards, industries),
    ]  # fmt: skip


def _codes(hazards: HazardRules) -> Iterator[str]:
    for name in ("levels", "categories", "measures"):
        codes = Counter(row.code for row in getattr(hazards, name))
        yield from (f"hazards.{name}: the code {code} occurs {count} times" for code, count in _repeated(codes))


def _repeated(counts: Counter[str]) -> Iterable[tuple[str, int]]:
    return ((code, count) for code, count in counts.items() if count > 1)


def _levels(hazards: HazardRules) -> Iterator[str]:
    if all(level.is_major for level in hazards.levels):
        yield "hazards.levels: every level is major, so everything wants the six items and a leader's signature"
    if not any(level.is_major for level in hazards.levels):
        yield "hazards.levels: none is major"
    elif not hazards.measures:
        yield "hazards.measures: there are none, so a major hazard can be handed in without a plan"
    for level in hazards.levels:
        if len(set(level.deadline_days)) < len(level.deadline_days):
            yield f"hazards.levels ({level.code}): a number of deadline_days occurs twice"
        if any(days < 0 for days in level.deadline_days):
            yield f"hazards.levels ({level.code}): deadline_days lie in the past"
    majors = [days for level in hazards.levels if level.is_major for days in level.deadline_days]
    ahead = getattr(hazards, "extension_ahead_working_days", 0)
    if majors and ahead >= max(majors):
        yield f"hazards.extension_ahead_working_days: {ahead} is more than the longest deadline of a major hazard"


def _reminders(hazards: HazardRules) -> Iterator[str]:
    for level in hazards.levels:
        usual = level.deadline_days[0]
        if usual and hazards.due_soon_days >= usual:
            soon = hazards.due_soon_days
            yield (
                f"hazards.due_soon_days: {soon} days before the deadline is before a hazard of level {level.code}"
                f" is reported, which usually has {usual}"
            )


def _overdue(hazards: HazardRules) -> Iterator[str]:
    if hazards.overdue_head_days > hazards.overdue_supervisor_days:
        yield "hazards.overdue_supervisor_days: what is overdue reaches the supervisor before the grid head"


def _lengths(hazards: HazardRules) -> Iterator[str]:
    if hazards.description_min > hazards.description_max:
        yield "hazards.description_min: is more than description_max, so no description fits"


def _words(hazards: HazardRules) -> Iterator[str]:
    seen: dict[str, str] = {}
    for category in hazards.categories:
        for word in category.words:
            if seen.setdefault(word, category.code) != category.code:
                yield f"hazards.categories: {word} is a word of both {seen[word]} and {category.code}"
    levels: dict[str, str] = {}
    for level in hazards.levels:
        for word in level.words:
            if levels.setdefault(word, level.code) != level.code:
                yield f"hazards.levels: {word} is a word of both {levels[word]} and {level.code}"


def _industries(hazards: HazardRules, industries: Collection[str]) -> Iterator[str]:
    for category in hazards.categories:
        if category.industry and industries and category.industry not in industries:
            yield f"hazards.categories ({category.code}): there is no trade {category.industry}"
