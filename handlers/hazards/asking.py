"""The questions that moves of the loop ask: words, photos, days, people, another case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from handlers.dialog import Answers, Choice, Taken
from handlers.hazards.photos import add_photos
from handlers.hazards.photos import read_photos as read_only_photos
from handlers.registry import Request
from models.access import local_day
from models.errors import InvalidInput, NotFound
from models.hazards.access import access_hazard
from models.hazards.cards import load_view, show_place, show_title
from models.hazards.duplicates import find_duplicates
from models.hazards.evidence import LONGEST_DAYS, base_of, list_days
from models.hazards.flow import OPEN, Move
from models.hazards.numbers import find_number
from models.hazards.owning import visible_colleagues, visible_rectifiers
from models.hazards.places import Spot
from models.hazards.register import Report, check_description
from models.hazards.tables import Hazard
from models.people.contacts import names_of
from models.people.days import read_last_day
from models.people.deputies import find_named, list_first
from models.people.tables import Person
from models.texts import Joined, Line, Text, _

_EXCERPT = 20  # Characters of a description that fit on a button.


def access_case(request: Request, answers: Answers) -> Hazard:
    """The case that a dialog is about. Raises: NotFound: not this person's any more."""
    return access_hazard(request.session, request.person, int(answers["hazard"]))


def show_case(request: Request, answers: Answers) -> list[Line]:
    """Which case it is: number, state and time left, place, what is wrong."""
    try:
        hazard = access_case(request, answers)
    except NotFound:
        return []
    view = load_view(request.session, hazard, now=request.now)
    return [show_title(hazard, request.now), _("{place}：{said}", place=show_place(view), said=hazard.description)]


# -- words and photos --------------------------------------------------------------------------------------


def read_note(request: Request, answers: Answers) -> str:
    """Read one sentence. Raises: InvalidInput: too short, too long, or no words at all."""
    if not request.incoming.text.strip() and request.incoming.attachments:
        raise InvalidInput(_("还差一句文字说明。"))
    return check_description(request.incoming.text, request.rules)


def read_photos(request: Request, answers: Answers) -> Taken:
    """Read photos; words that come before them are kept (`absorb` takes them).

    Raises: InvalidInput: there is none, or none of them could be had.
    """
    text = request.incoming.text.strip()
    if text and not request.incoming.attachments:
        raise InvalidInput(_("已记下说明，还差照片，请发照片。"))
    return read_only_photos(request, answers)


def read_more(request: Request, answers: Answers) -> Taken:
    """Read photos, words, or both. Raises: InvalidInput: neither, or the words do not fit."""
    text = request.incoming.text.strip()
    photos = add_photos(request, answers)
    also: dict[str, Any] = dict(photos.also) if photos else {}
    if text:
        also["note"] = check_description(text, request.rules)
    if not also.get("photos") and not text:
        missing = photos.hint if photos and isinstance(photos.hint, Text) else _("请发照片，或写一句说明。")
        raise InvalidInput(missing)
    return Taken(value=True, hint=photos.hint if photos else "", also=also)


# -- days --------------------------------------------------------------------------------------------------


def guess_days(move: Move, request: Request, known: Answers) -> dict[str, Any]:
    """The suggested time."""
    return {"days": list_days(access_case(request, known), move, request.rules.hazards, request.now)[0]}


def choose_days(move: Move, request: Request, answers: Answers) -> list[Choice]:
    """The times that are offered. Beside the reason they only change the time; the reason stays asked."""
    hazard = access_case(request, answers)
    days = list_days(hazard, move, request.rules.hazards, request.now)
    if move.asks[-1] != "days":
        return [Choice(show_length(each), f"d{each}", each) for each in days]
    taken = answers.get("days", days[0])
    return [
        Choice(_("期限改为{days}天", days=each), f"d{each}", Taken(also={"days": each}, done=False))
        for each in days
        if each != taken
    ]


def choose_beside(move: Move, request: Request, answers: Answers) -> list[Choice]:
    """What is offered beside the question for the reason: reasons of the rules, then other times."""
    level = request.rules.hazards.first_level(major=True) if move.action == "raise" else None
    reasons = [Choice(text, f"r{index}", text) for index, text in enumerate(level.clauses if level else ())]
    return [*reasons, *choose_days(move, request, answers)]


def show_length(days: int) -> Line:
    """So many days."""
    return _("{days}天", days=days)


def show_days(request: Request, days: int) -> Line:
    """So many days; the day on which they end is on the card once it is done."""
    return show_length(days)


def read_days(move: Move, request: Request, answers: Answers) -> int:
    """Read a number of days or a day. Raises: InvalidInput: neither, or out of bounds."""
    text = request.incoming.text.strip().removesuffix("内")
    hazard = access_case(request, answers)
    start = local_day(base_of(hazard, move, request.now))
    today = local_day(request.now)
    plain = f"{text}天" if text.isascii() and text.isdigit() and len(text) <= 3 else text
    last = read_last_day(plain, starts_on=start + timedelta(days=1), today=today)
    days = (last - start).days
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(_("请选1到{most}天。", most=LONGEST_DAYS))
    return days


# -- another case ------------------------------------------------------------------------------------------


def choose_original(request: Request, answers: Answers) -> list[Choice]:
    """The open cases that this one may repeat, the likeliest first."""
    hazard = access_case(request, answers)
    return [
        Choice(_("{number} {said}", number=other.number, said=other.description[:_EXCERPT]), f"h{other.id}", other.id)
        for other in _likely(request, hazard)
    ]


def _likely(request: Request, hazard: Hazard) -> Sequence[Hazard]:
    spot = Spot(hazard.grid_code, "", hazard.enterprise_id, "", hazard.place, hazard.lat, hazard.lon)
    report = Report(spot, hazard.description, hazard.category, hazard.level, 0)
    rules = request.rules.hazards
    found = find_duplicates(request.session, request.person, report, rules=rules, now=request.now)
    others = [access_hazard(request.session, request.person, one.hazard_id) for one in found if one.is_open]
    return [other for other in others if other.id != hazard.id]


def read_original(request: Request, answers: Answers) -> int:
    """Read the number of another case. Raises: InvalidInput: none, closed, or not this person's."""
    number = find_number(request.incoming.text)
    if not number:
        raise InvalidInput(_("请点选，或发送另一条隐患的编号，例如YH20261123-0001。"))
    try:
        other = access_hazard(request.session, request.person, number)
    except NotFound:
        raise InvalidInput(_("没有找到{number}，请核对编号。", number=number)) from None
    if other.id == answers["hazard"]:
        raise InvalidInput(_("请选择另一条隐患。"))
    if other.state not in OPEN:
        raise InvalidInput(_("{number}已经办结，不能并入。", number=number))
    return other.id


def show_original(request: Request, hazard_id: int) -> Line:
    """Its number and what is wrong there."""
    other = access_hazard(request.session, request.person, hazard_id)
    return _("{number} {said}", number=other.number, said=other.description)


# -- people ------------------------------------------------------------------------------------------------


def _visible(request: Request, answers: Answers, *, colleagues: bool) -> Any:
    hazard = access_case(request, answers)
    if colleagues:
        return visible_colleagues(request.person, hazard, now=request.now)
    return visible_rectifiers(hazard, now=request.now)


def choose_people(request: Request, answers: Answers, *, colleagues: bool = False) -> list[Choice]:
    """Whom it can be given to, by name and unit."""
    people = _visible(request, answers, colleagues=colleagues)
    if found := answers.get("found"):
        people = people.where(Person.id.in_(found))
    return [
        Choice(_("{name} · {unit}", name=one.name, unit=one.unit) if one.unit else one.name, f"p{one.id}", [one.id])
        for one in list_first(request.session, people)
    ]


def read_people(request: Request, answers: Answers, *, colleagues: bool = False) -> Any:
    """Read a name. Raises: InvalidInput: nobody of that name can be given it."""
    name = request.incoming.text.strip()[:64]
    found = find_named(request.session, _visible(request, answers, colleagues=colleagues), name) if name else []
    if not found:
        raise InvalidInput(_("没有找到可以办理的「{name}」，请点选，或发姓名。", name=name[:20]))
    if len(found) == 1:
        return [found[0].id]
    hint = _("名字含「{name}」的不止一位，请点选。", name=name[:20])
    return Taken(hint=hint, also={"found": [one.id for one in found]}, done=False)


def show_people(request: Request, people: Sequence[int]) -> Line:
    """Their names."""
    return Joined(tuple(names_of(request.session, people).values()))
