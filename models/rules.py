"""The county's rules: every number that a rule text or the county decides, read from `rules.toml`.

Validated as a whole when the program starts: an unknown key or an impossible value is refused with its place.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

import attrs

from models.reading import WrongValues, read_values, some, text_like, texts, whole


@attrs.frozen(kw_only=True)
class JoiningRules:
    """Invites and lock-out."""

    code_days: int = whole(ge=1, le=30)
    wrong_codes: int = whole(ge=1, le=20)
    lock_minutes: int = whole(ge=1, le=1440)
    stranger_messages_per_minute: int = whole(ge=1, le=600)


@attrs.frozen(kw_only=True)
class LevelRule:
    """A hazard level: its words in captions, and the choices of days for its deadline (first = default)."""

    code: str
    name: str
    is_major: bool
    words: tuple[str, ...] = texts()
    deadline_days: tuple[int, ...] = some()


# What is derived from the words is kept by them (models/hazards/wording.py), so they are hashed once.
@attrs.frozen(kw_only=True, cache_hash=True)
class CategoryRule:
    """A hazard category: its name and the words in a caption that suggest it.

    `hints` suggest it only where no word does, `clues` not by themselves: what they point at is only offered.

    "门/口…堵/锁" stands for one of each with up to four characters between them.
    `industry`: the trade (a code) whose department answers for it where no enterprise is involved; "" for none.
    `alike_m`: how near two of them are taken for one, in metres; None for the rules' own.
    """

    code: str
    name: str
    words: tuple[str, ...] = texts()
    hints: tuple[str, ...] = texts()
    clues: tuple[str, ...] = texts()
    industry: str = ""
    alike_m: int | None = whole(ge=10, le=5000, default=None)


@attrs.frozen(kw_only=True)
class MeasureRule:
    """One of the items that must be laid down before a major hazard may leave 整改中 (五落实)."""

    code: str
    name: str


@attrs.frozen(kw_only=True)
class HazardRules:
    """The closed loop."""

    verify_hours: int = whole(ge=1)
    dispatch_hours: int = whole(ge=1)
    accept_working_days: int = whole(ge=1)
    review_working_days: int = whole(ge=1)
    extension_working_days: int = whole(ge=1)
    sign_working_days: int = whole(ge=1)
    spot_hours: int = whole(ge=1, le=24)
    due_soon_days: int = whole(ge=1, le=30)
    overdue_head_days: int = whole(ge=0)
    overdue_supervisor_days: int = whole(ge=0)
    near_m: int = whole(ge=10, le=5000)
    alike_m: int = whole(ge=10, le=5000)
    alike_days: int = whole(ge=1, le=365)
    alike_words: int = whole(ge=1, le=100)
    alike_bits: int = whole(ge=0, le=9)
    photos_max: int = whole(ge=1, le=30)
    description_min: int = whole(ge=1)
    description_max: int = whole(ge=10, le=4000)
    levels: tuple[LevelRule, ...] = some()
    categories: tuple[CategoryRule, ...] = some()
    measures: tuple[MeasureRule, ...] = ()

    def level(self, code: str) -> LevelRule | None:
        """Give the level with this code."""
        return next((level for level in self.levels if level.code == code), None)

    def alike_metres(self, code: str) -> int:
        """How near another hazard of this category may be the same one."""
        found = self.category(code)
        return found.alike_m if found and found.alike_m else self.alike_m

    def category(self, code: str) -> CategoryRule | None:
        """Give the category with this code."""
        return next((category for category in self.categories if category.code == code), None)


@attrs.frozen(kw_only=True)
class CalendarRules:
    """Days off (`holidays`) and make-up working days (`workdays`) that the county adds to the Chinese calendar."""

    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()


@attrs.frozen(kw_only=True)
class QuietRules:
    """Quiet hours, in full hours of the county's clock; two equal ones: there are none."""

    starts_hour: int = whole(ge=0, le=23)
    ends_hour: int = whole(ge=0, le=23)

    def has_hour(self, hour: int) -> bool:
        """Tell whether an hour of the county's clock is a quiet one."""
        if self.starts_hour <= self.ends_hour:
            return self.starts_hour <= hour < self.ends_hour
        return hour >= self.starts_hour or hour < self.ends_hour


@attrs.frozen(kw_only=True)
class ReminderRules:
    """Who is reminded when (docs/reminders.md). `hour`: of the county's clock, for reminders and digests.

    `before_days`: so many days before the deadline, 0 for its day. `late_working_days`: after what a step was due, the
    grid head is told. `leader_days`: overdue so long, it comes into the leaders' digest.
    """

    hour: int = whole(ge=0, le=23)
    before_days: tuple[int, ...] = ()
    late_working_days: int = whole(ge=1, le=30)
    leader_days: int = whole(ge=1, le=365)
    digest_rows: int = whole(ge=1, le=20)


@attrs.frozen(kw_only=True)
class Rules:
    """All rules of a county."""

    county: str = text_like(r"\d{6}")
    visit_word: Literal["巡查", "走访"]
    joining: JoiningRules
    hazards: HazardRules
    reminders: ReminderRules
    quiet: QuietRules
    calendar: CalendarRules = CalendarRules()


class WrongRules(WrongValues):
    """The rules file cannot be used."""


def read_rules(path: Path) -> Rules:
    """Read and validate a rules file.

    Raises: WrongRules: missing, not TOML, or with wrong, unknown or missing keys (all are listed).
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongRules([f"{path}: cannot be read ({error.__class__.__name__})"]) from error
    except tomllib.TOMLDecodeError as error:
        raise WrongRules([f"{path}: not TOML: {error}"]) from error
    try:
        rules = read_values(Rules, values)
    except WrongValues as error:
        raise WrongRules([f"{path}: {problem}" for problem in error.problems]) from error
    if problems := _contradictions(rules):
        raise WrongRules([f"{path}: {problem}" for problem in problems])
    return rules


def _contradictions(rules: Rules) -> list[str]:
    """What is right by itself and wrong together."""
    hazards, reminders, quiet = rules.hazards, rules.reminders, rules.quiet
    both = sorted(set(rules.calendar.holidays) & set(rules.calendar.workdays))
    found = [f"calendar: {day.isoformat()} is both a holiday and a working day" for day in both]
    wrong = (days for days in reminders.before_days if not 0 <= days <= 365)
    found += [f"reminders.before_days: {days} is not from 0 to 365" for days in wrong]
    levels = (hazards.overdue_head_days, hazards.overdue_supervisor_days, reminders.leader_days)
    if list(levels) != sorted(levels):
        found.append("reminders.leader_days: overdue has to come to the grid head, supervisor and leader in this order")
    if quiet.has_hour(reminders.hour):
        found.append("reminders.hour: lies in the quiet hours")
    return found


def without_quiet(rules: Rules) -> Rules:
    """The same rules, and no quiet hours."""
    return attrs.evolve(rules, quiet=QuietRules(starts_hour=0, ends_hour=0))
