"""The questions of a report but for photos and place: what is wrong, which kind, how bad, until when."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handlers.dialog import Answers, Choice
from handlers.registry import Request
from models.errors import InvalidInput
from models.hazards.register import check_description
from models.texts import Line, Text, _

LIKELY = 3  # Buttons beside one guess: what fits into a row of a phone.


def read_description(request: Request, answers: Answers) -> str:
    """Read what is wrong. Raises: InvalidInput: too short, too long, or spoken."""
    if not request.incoming.text and any(item.kind == "voice" for item in request.incoming.attachments):
        raise InvalidInput(_("暂时听不懂语音，请打字说明。"))
    return check_description(request.incoming.text, request.rules)


def read_category(request: Request, answers: Answers) -> str:
    """Read a category by its name or one of its words. Raises: InvalidInput: none of them."""
    text = request.incoming.text.strip()
    for category in request.rules.hazards.categories:
        if text and text in {category.name, category.code, *category.words}:
            return category.code
    raise InvalidInput(_("请点按钮选择类别。"))


def choose_category(request: Request, answers: Answers) -> list[Choice]:
    """The categories of the rules."""
    return [Choice(Text(item.name), item.code, item.code) for item in request.rules.hazards.categories]


def doubt_category(request: Request, answers: Answers, *, key: str = "") -> Line:
    """Say that no category was recognised; "" if one was."""
    return _("类别：没有认出，暂按「其他」，请点下面选一个") if f"unsure{key}" in answers else ""


def swap_category(request: Request, answers: Answers, *, key: str = "") -> list[Choice]:
    """The likeliest other categories; where none was recognised, those that are met most."""
    codes = answers.get(f"unsure{key}", answers.get(f"next{key}", ()))
    found = [item for code in codes if (item := request.rules.hazards.category(code))]
    label = _("类别：{name}") if f"unsure{key}" in answers else _("改为{name}")
    return [Choice(replace(label, args={"name": Text(item.name)}), item.code, item.code) for item in found[:LIKELY]]


def show_category(request: Request, value: Any) -> Line:
    """The category's name."""
    found = request.rules.hazards.category(value)
    return Text(found.name) if found else str(value)


def read_level(request: Request, answers: Answers) -> str:
    """Read a level by its name or one of its words. Raises: InvalidInput: none of them."""
    text = request.incoming.text.strip()
    for level in request.rules.hazards.levels:
        if text and text in {level.name, level.code, *level.words}:
            return level.code
    raise InvalidInput(_("请点按钮选择等级。"))


def choose_level(request: Request, answers: Answers) -> list[Choice]:
    """The levels of the rules."""
    return [Choice(Text(item.name), item.code, item.code) for item in request.rules.hazards.levels]


def swap_level(request: Request, answers: Answers) -> list[Choice]:
    """The other levels."""
    others = [item for item in request.rules.hazards.levels if item.code != answers["level"]]
    return [Choice(_("改为{name}", name=Text(item.name)), item.code, item.code) for item in others[:LIKELY]]


def show_level(request: Request, value: Any) -> Line:
    """The level's name."""
    found = request.rules.hazards.level(value)
    return Text(found.name) if found else str(value)


def _days(request: Request, answers: Answers) -> tuple[int, ...]:
    level = request.rules.hazards.level(answers.get("level", ""))
    return level.deadline_days if level else ()


def read_deadline(request: Request, answers: Answers) -> int:
    """Read a number of days among those of the level. Raises: InvalidInput: none of them."""
    text = re.sub(r"\s*(天内?|days?)$", "", request.incoming.text.strip().lower())
    days = (
        0
        if text in {"当场", "立即", "on the spot"}
        else int(text)
        if text.isascii() and text.isdigit() and len(text) < 5
        else None
    )
    if days not in _days(request, answers):
        raise InvalidInput(_("请点按钮选择整改期限。"))
    return days


def choose_deadline(request: Request, answers: Answers) -> list[Choice]:
    """The days of the level, the shortest first."""
    return [Choice(show_deadline(request, days), str(days), days) for days in sorted(_days(request, answers))]


def swap_deadline(request: Request, answers: Answers) -> list[Choice]:
    """The next shorter and the next longer time."""
    choices = choose_deadline(request, answers)
    at = next((index for index, choice in enumerate(choices) if choice.value == answers["deadline"]), 0)
    near = [choices[index] for index in (at - 1, at + 1) if 0 <= index < len(choices)]
    return [replace(choice, label=_("改为{name}", name=choice.label)) for choice in near]


def show_deadline(request: Request, value: Any) -> Line:
    """So many days, or at once."""
    return _("{days}天", days=value) if value else _("当场")


def fits_level(request: Request, answers: Answers) -> bool:
    """Tell whether the deadline is one of the level's."""
    return "level" not in answers or answers["deadline"] in _days(request, answers)


def read_remark(request: Request, answers: Answers) -> str:
    """Read a remark. Raises: InvalidInput: too long, or no text at all."""
    text, limit = request.incoming.text.strip(), request.rules.hazards.description_max
    if not text:
        raise InvalidInput(_("请输入文字，或点“跳过”。"))
    if len(text) > limit:
        raise InvalidInput(
            _("文字太长：最多{count}个字，现在是{length}个字，请删减后再发。", count=limit, length=len(text))
        )
    return text
