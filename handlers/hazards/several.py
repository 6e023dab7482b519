"""Several hazards in one caption: 分别登记 or 合并为一条, and the questions of those that are registered apart.

The first of them has the steps of any report; each further one has its own, with its number after the key. So have
the hidden answers of these steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from handlers.dialog import Answers, Choice, Position, Step, Taken
from handlers.hazards.place import choose_place, read_place, show_place
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
from models.hazards.access import access_hazard
from models.hazards.captions import MANY
from models.hazards.places import Spot
from models.texts import Line, _

APART, TOGETHER = "apart", "together"
FIELDS = ("place", "description", "category", "level", "deadline")
_OWN = frozenset({*FIELDS, "search", "instead", "pin", "original", "like", "at", "unlike", "join"})


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
    """The answers that belong to one of the hazards, under the keys of an ordinary report, and its number as `part`.

    Unless it has a location of its own, that of the photos is its, too.
    """
    shared = {name: value for name, value in answers.items() if name == "pin" or name.rstrip("0123456789") not in _OWN}
    own = {name: answers[key] for name in _OWN if (key := key_of(name, number)) in answers}
    return {**shared, **own, "part": number}


def own_keys(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Answers under the keys of an ordinary report, as those of one of the hazards."""
    return {key_of(name, number) if name in _OWN else name: value for name, value in values.items()}


def list_parts(answers: Answers) -> list[dict[str, Any]]:
    """The answers of each hazard."""
    return [part_of(answers, number) for number in range(1, count_parts(answers) + 1)]


def has_part(number: int, answers: Answers) -> bool:
    """Tell whether there is a hazard of this number."""
    return number <= count_parts(answers)


def for_part(work: Callable[[Request, Answers], Any], number: int) -> Callable[[Request, Answers], Any]:
    """Let a function of the questions look at one of the hazards, and answer for it."""

    def looking(request: Request, answers: Answers) -> Any:
        found = work(request, part_of(answers, number))
        if isinstance(found, list):
            return [replace(choice, value=_answer_of(choice.value, number)) for choice in found]
        return _answer_of(found, number)

    return looking


def _answer_of(value: Any, number: int) -> Any:
    return replace(value, also=own_keys(value.also, number)) if isinstance(value, Taken) else value


def steps_of_parts() -> tuple[Step, ...]:
    """The steps of the second hazard and of those after it."""
    return tuple(step for number in range(2, MANY + 1) for step in _steps_of(number))


def _steps_of(number: int) -> tuple[Step, ...]:
    when = partial(has_part, number)
    fields: Mapping[str, Step] = {
        "place": Step(
            "", _("地点{number}", number=number),
            _("第{number}条在哪里？请发定位，或输入单位、地点的名称，也可以点下面的按钮。", number=number),
            for_part(read_place, number), choices=for_part(choose_place, number), ask="place", show=show_place,
        ),
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
            for_part(read_deadline, number), choices=for_part(choose_deadline, number),
            still=for_part(fits_level, number), show=show_deadline,
        ),
    }  # fmt: skip
    return tuple(replace(step, key=key_of(name, number), when=when) for name, step in fields.items())


def is_one_place(answers: Answers) -> bool:
    """Tell whether all of the hazards are at the same place."""
    spots = [Spot.from_json(part["place"]) for part in list_parts(answers)]
    return len({(spot.enterprise_id, spot.grid_code, spot.text) for spot in spots}) == 1


def show_parts(request: Request, position: Position, show_people: Callable[[Answers], Sequence[Line]]) -> list[Line]:
    """The summary of hazards that are registered apart, guesses marked: what, where, of which kind, and for whom.

    Where all are at one place, that is said above, and who answers for it only once.
    """
    parts, one_place = list_parts(position.answers), is_one_place(position.answers)
    people = [() if part.get("original") else tuple(show_people(part)) for part in parts]
    told = [names for names in people if names]
    same_people = all(names == told[0] for names in told)
    lines: list[Line] = []
    for part, names in zip(parts, people, strict=True):
        lines.append(_("{number}. {text}", number=part["part"], text=part["description"]))
        if original := part.get("original"):
            hazard = access_hazard(request.session, request.person, original)
            lines.append(_("并入{hazard}，不再新建", hazard=hazard.number))
            continue
        if not one_place:
            shown = _mark(position, "place", part["part"], show_place(request, part["place"]))
            lines.append(_("地点：{place}", place=shown))
        lines += [_show_kind(request, position, part), *(() if same_people else names)]
    return [*lines, *(told[0] if told and same_people else ())]


def _show_kind(request: Request, position: Position, part: Answers) -> Line:
    number = part["part"]
    category = show_category(request, part["category"])
    unsure = key_of("unsure", number) in position.answers
    known = {
        "category": _("类别没有认出") if unsure else _mark(position, "category", number, category),
        "level": _mark(position, "level", number, show_level(request, part["level"])),
        "deadline": _mark(position, "deadline", number, show_deadline(request, part["deadline"])),
    }
    return _("{category}，{level}，{deadline}", **known)


def _mark(position: Position, field: str, number: int, shown: Line) -> Line:
    return _("{value}「推测」", value=shown) if key_of(field, number) in position.guesses else shown
