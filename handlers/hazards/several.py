"""Several hazards in one caption: 分别登记 or 合并为一条, and the questions of those that are registered apart.

The first of them has the steps of any report; each further one has its own, with its number after the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from handlers.dialog import Answers, Choice, Position, Step, Taken
from handlers.hazards.place import show_place
from handlers.hazards.questions import (
    choose_category,
    choose_deadline,
    choose_level,
    doubt_category,
    fits_level,
    read_category,
    read_deadline,
    read_description,
    read_level,
    show_category,
    show_deadline,
    show_level,
    swap_category,
)
from handlers.registry import Request
from models.errors import InvalidInput
from models.hazards.captions import MANY
from models.hazards.places import Spot
from models.texts import Line, _

APART, TOGETHER = "apart", "together"
FIELDS = ("place", "description", "category", "level", "deadline")


def count_parts(answers: Answers) -> int:
    """How many hazards are registered apart; 1 for an ordinary report."""
    return int(answers["count"]) if answers.get("split") == APART else 1


def read_split(request: Request, answers: Answers) -> Any:
    """Read 分别登记 or 合并. Raises: InvalidInput: neither."""
    text = request.incoming.text.strip()
    for choice in choose_split(request, answers):
        if text in {"分别登记", "分别", "分开"} and choice.key == APART:
            return choice.value
        if text in {"合并为一条", "合并", "一条"} and choice.key == TOGETHER:
            return choice.value
    raise InvalidInput(_("请点按钮选择：分别登记，还是合并为一条。"))


def choose_split(request: Request, answers: Answers) -> list[Choice]:
    """Both ways; too many at once can only be kept together."""
    parts = answers.get("parts") or []
    kept = {"parts": parts, "caption": answers.get("caption", answers.get("description", ""))}
    whole = Taken(TOGETHER, also={**kept, "description": kept["caption"]})
    together = Choice(_("合并为一条"), TOGETHER, whole)
    if not 1 < len(parts) <= MANY:
        return [together]
    texts = {key_of("description", number): part for number, part in enumerate(parts, start=1)}
    apart = Taken(APART, also={**kept, **texts, "count": len(parts)})
    return [Choice(_("分别登记{count}条", count=len(parts)), APART, apart), together]


def show_split(request: Request, value: Any) -> Line:
    """The way that was chosen."""
    return _("分别登记") if value == APART else _("合并为一条")


def key_of(field: str, number: int) -> str:
    """The key of a field of the hazard with this number: those of the first bear none."""
    return field if number == 1 else f"{field}{number}"


def part_of(answers: Answers, number: int) -> dict[str, Any]:
    """The answers that belong to one of the hazards, under the keys of an ordinary report."""
    shared = {name: value for name, value in answers.items() if name.rstrip("0123456789") not in FIELDS}
    own = {name: answers[key] for name in FIELDS if (key := key_of(name, number)) in answers}
    return {**shared, **own}


def list_parts(answers: Answers) -> list[dict[str, Any]]:
    """The answers of each hazard."""
    return [part_of(answers, number) for number in range(1, count_parts(answers) + 1)]


def _has(number: int, answers: Answers) -> bool:
    return number <= count_parts(answers)


def _for_part(work: Callable[[Request, Answers], Any], number: int) -> Callable[[Request, Answers], Any]:
    """Let a function of the questions look at one of the hazards."""

    def looking(request: Request, answers: Answers) -> Any:
        return work(request, part_of(answers, number))

    return looking


def steps_of_parts() -> tuple[Step, ...]:
    """The steps of the second hazard and of those after it."""
    return tuple(step for number in range(2, MANY + 1) for step in _steps_of(number))


def _steps_of(number: int) -> tuple[Step, ...]:
    when = partial(_has, number)
    fields: Mapping[str, Step] = {
        "description": Step(
            "", _("问题{number}", number=number), _("第{number}条有什么问题？", number=number), read_description
        ),
        "category": Step(
            "", _("类别{number}", number=number), _("第{number}条属于哪一类？", number=number), read_category,
            choices=choose_category, show=show_category,
            doubt=partial(doubt_category, key=str(number)), swaps=partial(swap_category, key=str(number)),
        ),
        "level": Step(
            "", _("等级{number}", number=number), _("第{number}条是一般隐患还是重大隐患？", number=number), read_level,
            choices=choose_level, show=show_level,
        ),
        "deadline": Step(
            "", _("期限{number}", number=number), _("第{number}条多少天内整改？", number=number),
            _for_part(read_deadline, number), choices=_for_part(choose_deadline, number),
            still=_for_part(fits_level, number), show=show_deadline,
        ),
    }  # fmt: skip
    return tuple(replace(step, key=key_of(name, number), when=when) for name, step in fields.items())


def show_parts(request: Request, position: Position) -> list[Line]:
    """The summary of hazards that are registered apart: one line for each, guesses marked."""
    lines: list[Line] = []
    for number, part in enumerate(list_parts(position.answers), start=1):
        lines.append(_("{number}. {text}", number=number, text=part["description"]))
        if number > 1 and part["place"] != position.answers["place"]:
            lines.append(_("地点：{place}「推测」", place=show_place(request, part["place"])))
        category = show_category(request, part["category"])
        unsure = f"unsure{number if number > 1 else ''}" in position.answers
        known = {
            "category": _("类别没有认出") if unsure else _mark(position, "category", number, category),
            "level": _mark(position, "level", number, show_level(request, part["level"])),
            "deadline": _mark(position, "deadline", number, show_deadline(request, part["deadline"])),
        }
        lines.append(_("{category}，{level}，{deadline}", **known))
    return lines


def _mark(position: Position, field: str, number: int, shown: Line) -> Line:
    return _("{value}「推测」", value=shown) if key_of(field, number) in position.guesses else shown


def spot_of(part: Mapping[str, Any]) -> Spot:
    """The place of one of the hazards."""
    return Spot.from_json(part["place"])
