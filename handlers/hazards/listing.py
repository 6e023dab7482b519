"""挂牌督办: a major hazard is put under supervision; level and time by buttons, the unit guessed, 文号 typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from handlers.dialog import Answers, Choice, Flow, Position, Step
from handlers.drafts import field_lines
from handlers.hazards.asking import show_case
from handlers.hazards.card import show, tell_late
from handlers.registry import Answer, Registry, Request
from models.access import local_day
from models.content import Card, say
from models.errors import InvalidInput, Stale
from models.hazards.access import access_hazard
from models.hazards.majors import DOCUMENT_MAX, UNIT_MAX, Listing, check_list
from models.hazards.tables import ListingLevel
from models.people.days import read_last_day
from models.people.entries import day_of
from models.texts import Line, Text, When, _

WORDS = {
    "县": ListingLevel.COUNTY, "县级": ListingLevel.COUNTY, "乡": ListingLevel.TOWN, "镇": ListingLevel.TOWN,
    "乡镇": ListingLevel.TOWN, "乡镇级": ListingLevel.TOWN, "行业": ListingLevel.TRADE,
}  # fmt: skip
ACCEPTANCE_MAX = 200


def register(registry: Registry) -> None:
    """Add the dialog of this module."""
    registry.flow(LIST)


def read_level(request: Request, answers: Answers) -> str:
    """Read the level. Raises: InvalidInput: none of them."""
    found = WORDS.get(request.incoming.text.strip())
    if found is None:
        raise InvalidInput(_("请点下面的按钮，或写“县级”“乡镇级”“行业”。"))
    return found.value


def choose_level(request: Request, answers: Answers) -> Sequence[Choice]:
    """The levels."""
    return tuple(Choice(Text(level.label), level.value, level.value) for level in ListingLevel)


def _read_line(request: Request, label: Text, most: int) -> str:
    said = " ".join(request.incoming.text.split())
    if not said or len(said) > most:
        raise InvalidInput(_("请用文字写“{label}”，最多{count}个字。", label=label, count=most))
    return said


def read_unit(request: Request, answers: Answers) -> str:
    """Read who supervises. Raises: InvalidInput: nothing, or too much."""
    return _read_line(request, _("督办单位"), UNIT_MAX)


def read_document(request: Request, answers: Answers) -> str:
    """Read the number of the document. Raises: InvalidInput: nothing, or too much."""
    return _read_line(request, _("督办文号"), DOCUMENT_MAX)


def read_acceptance(request: Request, answers: Answers) -> str:
    """Read what will be looked at. Raises: InvalidInput: nothing, or too much."""
    return _read_line(request, _("验收要求"), ACCEPTANCE_MAX)


def read_until(request: Request, answers: Answers) -> str:
    """Read a day, or how many days. Raises: InvalidInput: neither, or past."""
    today = local_day(request.now)
    until = read_last_day(request.incoming.text, starts_on=today + timedelta(days=1), today=today)
    if until < today:
        raise InvalidInput(_("督办期限不能早于今天。"))
    return until.isoformat()


def choose_until(request: Request, answers: Answers) -> Sequence[Choice]:
    """The hazard's own deadline, and the times of the rules."""
    today = local_day(request.now)
    choices = [
        Choice(_("{days}天", days=days), f"d{days}", (today + timedelta(days=days)).isoformat())
        for days in request.rules.hazards.listing_days
    ]
    hazard = access_hazard(request.session, request.person, answers["hazard"])
    if hazard.deadline is not None and (own := local_day(hazard.deadline)) > today:
        choices.insert(
            0, Choice(_("整改期限（{day}）", day=When(day_of(own), "day")), "own", own.isoformat(), "primary")
        )
    return choices


def guess(request: Request, known: Answers) -> Mapping[str, Any]:
    """The unit of whoever lists it; nothing special to be looked at."""
    return {"unit": request.person.unit or None, "acceptance": ""}


def summarise(request: Request, position: Position) -> Card:
    """What will be submitted, and of which hazard."""
    hazard = access_hazard(request.session, request.person, position.answers["hazard"])
    title = _("挂牌督办{number}，请核对", number=hazard.number)
    return Card(title=title, lines=(*show_case(request, position.answers), *field_lines(request, LIST, position)))


def finish(request: Request, answers: Answers) -> Answer:
    """Put it under supervision and show its card."""
    listing = Listing(
        ListingLevel(answers["level"]), answers["unit"], answers["document"], date.fromisoformat(answers["until"]),
        answers.get("acceptance") or "",
    )  # fmt: skip
    ident = answers["hazard"]
    try:
        hazard = check_list(request.session, request.person, ident, listing, rules=request.rules, now=request.now)
    except Stale as late:
        return tell_late(request, ident, late)
    return [say(_("已挂牌督办，相关责任人和领导已收到通知。"), tone="good"), show(request, hazard)]


def _show_level(request: Request, value: Any) -> Line:
    return Text(ListingLevel(value).label)


def _show_day(request: Request, value: Any) -> Line:
    return When(day_of(date.fromisoformat(value)), "day")


LIST = Flow(
    "hazard-list",
    version=1,
    title=_("挂牌督办"),
    steps=(
        Step("level", _("督办级别"), _("挂牌督办的级别？"), read_level, choices=choose_level, show=_show_level),
        Step("unit", _("督办单位"), _("由哪个单位督办？"), read_unit),
        Step("document", _("督办文号"), _("督办文号是什么？例如“泾安督〔2026〕12号”。"), read_document),
        Step(
            "until", _("督办期限"), _("督办期限到哪天？点按钮，或写日期。"), read_until, choices=choose_until,
            show=_show_day,
        ),
        Step("acceptance", _("验收要求"), _("验收时看什么？"), read_acceptance, optional=True),
    ),
    finish=finish,
    summary=summarise,
    guess=guess,
    about=show_case,
)  # fmt: skip
