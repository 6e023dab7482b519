"""The county's rules: every number that a rule text or the county decides, read from `rules.toml`.

Validated as a whole when the program starts: an unknown key or an impossible value is refused with its place.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JoiningRules(_Section):
    """Invites and lock-out."""

    code_days: int = Field(ge=1, le=30)
    wrong_codes: int = Field(ge=1, le=20)
    lock_minutes: int = Field(ge=1, le=1440)
    stranger_messages_per_minute: int = Field(ge=1, le=600)


class LevelRule(_Section):
    """A hazard level: its words in captions, and the choices of days for its deadline (first = default)."""

    code: str
    name: str
    is_major: bool
    words: tuple[str, ...] = ()
    deadline_days: tuple[int, ...] = Field(min_length=1)


class CategoryRule(_Section):
    """A hazard category: its name and the words in a caption that suggest it.

    `hints` suggest it only where no word does, `clues` not by themselves: what they point at is only offered.

    "门/口…堵/锁" stands for one of each with up to four characters between them.
    `industry`: the trade (a code) whose department answers for it where no enterprise is involved; "" for none.
    `alike_m`: how near two of them are taken for one, in metres; None for the rules' own.
    """

    code: str
    name: str
    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    clues: tuple[str, ...] = ()
    industry: str = ""
    alike_m: int | None = Field(default=None, ge=10, le=5000)


class MeasureRule(_Section):
    """One of the items that must be laid down before a major hazard may leave 整改中 (五落实)."""

    code: str
    name: str


class HazardRules(_Section):
    """The closed loop."""

    verify_hours: int = Field(ge=1)
    dispatch_hours: int = Field(ge=1)
    accept_working_days: int = Field(ge=1)
    review_working_days: int = Field(ge=1)
    extension_working_days: int = Field(ge=1)
    spot_hours: int = Field(ge=1, le=24)
    due_soon_days: int = Field(ge=1, le=30)
    overdue_head_days: int = Field(ge=0)
    overdue_supervisor_days: int = Field(ge=0)
    near_m: int = Field(ge=10, le=5000)
    alike_m: int = Field(ge=10, le=5000)
    alike_days: int = Field(ge=1, le=365)
    alike_words: int = Field(ge=1, le=100)
    alike_bits: int = Field(ge=0, le=9)
    photos_max: int = Field(ge=1, le=30)
    description_min: int = Field(ge=1)
    description_max: int = Field(ge=10, le=4000)
    levels: tuple[LevelRule, ...] = Field(min_length=1)
    categories: tuple[CategoryRule, ...] = Field(min_length=1)
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


class Rules(_Section):
    """All rules of a county."""

    county: str = Field(pattern=r"^\d{6}$")
    visit_word: Literal["巡查", "走访"]
    joining: JoiningRules
    hazards: HazardRules


class WrongRules(Exception):
    """The rules file cannot be used; `problems` has one line per place and reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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
        return Rules.model_validate(values)
    except ValidationError as error:
        places = [f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise WrongRules(places) from error
