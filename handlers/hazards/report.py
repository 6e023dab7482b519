"""Reporting a hazard: guided by /report, or fast, by a photo with a caption at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.dialog import EDIT, Answers, Flow, Position, Step, Taken
from handlers.drafts import continue_dialog, field_lines, open_dialog, show_draft
from handlers.hazards.acknowledge import show_registered, show_responsible, show_supplemented
from handlers.hazards.card import start_move
from handlers.hazards.chatter import access_aside, keep_photos, offer_report, set_aside
from handlers.hazards.guessing import guess, has_parts
from handlers.hazards.late_photos import await_photos, follow_photos
from handlers.hazards.original import ORIGINAL, ORIGINALS, guess_original
from handlers.hazards.photos import NO_PHOTO, add_photos, ask_more_photos, read_photos, show_late, show_photos
from handlers.hazards.place import choose_place, place_of, read_place, show_place, swap_place
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
    read_remark,
    show_category,
    show_deadline,
    show_level,
    swap_category,
    swap_deadline,
    swap_level,
)
from handlers.hazards.several import (
    FIELDS,
    choose_split,
    count_parts,
    is_one_place,
    key_of,
    list_parts,
    own_keys,
    part_of,
    read_split,
    show_parts,
    show_split,
    steps_of_parts,
)
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, Place, say
from models.errors import InvalidInput, NotFound
from models.hazards.captions import MANY
from models.hazards.flow import moves_from
from models.hazards.lessons import do_learn
from models.hazards.places import Spot, list_near, list_usual, report_grids
from models.hazards.register import Registered, Report, check_description, check_register
from models.hazards.supplement import check_supplement
from models.hazards.tables import Hazard
from models.hazards.unnamed import means_another
from models.texts import Line, _

NAME = "hazard-report"
COORDINATE_DIGITS = 5  # About one metre; the button's data has 64 bytes.


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.flow(REPORT)
    words = ("上报隐患", "上报", "隐患", "报隐患", "report")
    registry.command("report", words, _("上报隐患"), flow=NAME)(start_report)
    registry.fallback(take_photos)
    registry.fallback(take_location)
    registry.fallback(take_words)
    registry.press("aside")(take_up)
    registry.keeper = take_unused


# -- the ways in -------------------------------------------------------------------------------------------


def start_report(request: Request) -> Answer:
    """Begin with the first question, or with photos, or with what follows the command: a text, or `lat,lon`."""
    if request.incoming.photos:
        return take_photos(replace(request, incoming=replace(request.incoming, text=request.args)))
    answers: dict[str, Any] = {}
    pin = _read_point(request.args)
    if pin:
        answers = {"search": pin, "pin": pin}
    elif request.args:
        answers["description"] = check_description(request.args, request.rules)
    return _open(request, answers)


def take_photos(request: Request) -> Answer:
    """A photo or an album, with or without the command: the caption says where and what, as far as it can be told."""
    incoming = request.incoming
    taken = add_photos(request, {})
    if taken is None:
        return None
    answers, hint = dict(taken.also), taken.hint
    if incoming.place:
        answers["pin"] = {"lat": incoming.place.lat, "lon": incoming.place.lon}
    if incoming.text.strip():
        try:
            answers["description"] = check_description(incoming.text, request.rules)
        except InvalidInput as error:
            hint = error.text
    complete = all(photo.sha for photo in incoming.photos) and len(incoming.photos) == len(answers.get("photos", ()))
    if request.find_draft() is None and (aside := set_aside(request, NAME, answers, hint)):
        return aside
    return _open(request, answers, "" if complete and "description" in answers else hint)


def take_unused(request: Request) -> Answer:
    """Photos that came with another command: they join the open report, else they are kept for one."""
    incoming = replace(request.incoming, text="")
    draft = request.find_draft()
    if draft and draft.flow == NAME:
        return continue_dialog(replace(request, incoming=incoming), draft)
    taken = add_photos(request, {})
    if taken is None or "photos" not in taken.also or not _has_scope(request):
        return say(_("照片没有用上，也没有保留。"))
    return keep_photos(request, NAME, dict(taken.also))


def take_words(request: Request) -> Answer:
    """Words without a photo: chatter is answered, a hazard that they state is offered to be reported."""
    incoming = request.incoming
    if incoming.attachments or incoming.place or not incoming.text.strip() or not _has_scope(request):
        return None
    return offer_report(request, NAME)


def take_up(request: Request, ident: str, action: str) -> Answer:
    """Report what was set aside after all, or search the ledger for it.

    Raises: NotFound: made up, somebody else's, or taken up already.
    """
    aside = access_aside(request, NAME, ident)
    if action == "search":
        return request.registry.commands["ledger"].run(replace(request, args=aside.answers.get("description", "")))
    if action != "report":
        raise NotFound
    if draft := request.find_draft():
        return show_draft(request, draft)
    aside.status = "cancelled"
    return _open(request, dict(aside.answers))


def take_location(request: Request) -> Answer:
    """A location alone: offer to report there."""
    place = request.incoming.place
    if place is None or request.incoming.text.strip():
        return None
    if not _has_scope(request):
        return _no_scope()
    near = list_near(request.session, request.person, place, near_m=request.rules.hazards.near_m)
    here = near[-1].path if near else ""
    line = _("收到定位：{path}附近。要在这里上报隐患吗？", path=here) if here else _("收到定位。要在这里上报隐患吗？")
    point = f"{place.lat:.{COORDINATE_DIGITS}f},{place.lon:.{COORDINATE_DIGITS}f}"
    return Card(lines=(line,), buttons=((Button(_("上报隐患"), f"cmd:report:{point}", "primary"),),))


def _open(request: Request, answers: dict[str, Any], hint: Line = "") -> Answer:
    if not _has_scope(request):
        return _no_scope()
    if not report_grids(request.person) and not _means_another(request, answers):
        own = list_usual(request.session, request.person)
        if len(own) == 1:
            answers["place"] = own[0].at(place_of(answers.get("pin"))).to_json()
    return open_dialog(request, REPORT, answers, hint)


def _means_another(request: Request, answers: Answers) -> bool:
    """Tell whether a manager writes of somebody else's enterprise, so that the own one is no matter of course."""
    text = answers.get("description", "")
    return bool(text) and means_another(request.session, request.person, text, request.rules.hazards)


def _has_scope(request: Request) -> bool:
    return bool(report_grids(request.person) or request.person.enterprise_ids)


def _no_scope() -> Card:
    return say(_("您名下还没有登记企业，暂时不能上报。请联系网格员或管理员。"))


def _read_point(text: str) -> dict[str, float] | None:
    try:
        lat, lon = (float(part) for part in text.split(","))
        return {"lat": Place(lat, lon).lat, "lon": lon}
    except ValueError:
        return None


# -- what can be told without asking, and what arrives besides ---------------------------------------------


def guess_all(request: Request, known: Answers) -> dict[str, Any]:
    """What can be told without asking; once all is known, also whether it has been reported before."""
    guessed = guess(request, known)
    answers = {**guessed, **known}
    for part in list_parts(answers):
        if part.keys() >= {"photos", *FIELDS}:
            number = part["part"]
            guessed |= own_keys(guess_original(request, report_of(part), part_of(known, number)), number)
    return guessed


def absorb(request: Request, answers: Answers, step: str) -> Taken | None:
    """Take what a message holds besides the answer to the open step: photos, a location, a caption."""
    asked_all = step in ("", EDIT) or step in {doubt.key for doubt in ORIGINALS}
    photos = add_photos(request, answers) if step != "photos" else None
    also: dict[str, Any] = dict(photos.also) if photos else {}
    hint: Line = photos.hint if photos else ""
    place = request.incoming.place
    if place and step.rstrip("0123456789") != "place":
        also["pin"] = {"lat": place.lat, "lon": place.lon}
        hint = hint or _("已收到定位。")
    text = request.incoming.text.strip()
    if text and (text not in NO_PHOTO if step == "photos" else request.incoming.photos and asked_all):
        try:
            also["description"] = _caption(request, answers)
        except InvalidInput as error:
            hint = error.text
    return Taken(hint=hint, also=also) if also or hint else None


def _caption(request: Request, answers: Answers) -> str:
    """A caption that is no answer: it says what is wrong, or adds to it when all questions are answered.

    Raises: InvalidInput: together it would be too long.
    """
    before = answers.get("description", "")
    text = request.incoming.text.strip()
    return check_description(f"{before}\n{text}" if before else text, request.rules)


# -- the end -----------------------------------------------------------------------------------------------


def report_of(answers: Answers) -> Report:
    """The answers as a report."""
    camera = answers.get("camera") or {}
    spot = Spot.from_json(answers["place"]).at(place_of(answers.get("pin")))
    return Report(
        spot=spot,
        description=answers["description"],
        category=answers["category"],
        level=answers["level"],
        days=answers["deadline"],
        photos=tuple(answers.get("photos") or ()),
        remark=answers.get("remark") or "",
        found_at=datetime.fromisoformat(camera["at"]) if "at" in camera else None,
        unlike=tuple((ident, action) for ident, action in answers.get("unlike") or ()),
    )


def finish(request: Request, answers: Answers) -> Answer:
    """Register the hazard, or each of several, or add to the one that is there, and say who was told."""
    parts = list_parts(answers)
    if len(parts) == 1 and not parts[0].get(ORIGINAL.key):
        spot, said = Spot.from_json(answers["place"]), answers["description"]
        do_learn(request.session, request.person, spot, said, rules=request.rules.hazards, now=request.now)
    done = [_finish_one(request, part) for part in parts]
    follow_photos(request, answers, done[0][0].id)
    return [*(card for _hazard, card in done), *_begin_handing_in(request, answers, [hazard for hazard, _card in done])]


def _finish_one(request: Request, part: Answers) -> tuple[Hazard, Card]:
    """Write one hazard, or what is added to one; the case and the acknowledgement."""
    if original := part.get(ORIGINAL.key):
        added = check_supplement(
            request.session, request.person, original, report_of(part), rules=request.rules, now=request.now
        )
        return added.hazard, show_supplemented(request, added)
    found = _register(request, report_of(part))
    return found.hazard, show_registered(request, found)


def _begin_handing_in(request: Request, answers: Answers, hazards: Sequence[Hazard]) -> list[Card]:
    """现场已整改: ask at once for the photo of what it looks like now."""
    if "fixed" not in answers or len(hazards) != 1 or answers.get(ORIGINAL.key):
        return []
    (hazard,) = hazards
    offered = (move for move in moves_from(hazard.state, is_major=hazard.is_major) if move.action in {"fix", "submit"})
    move = next(offered, None)
    asked = start_move(request, hazard.id, move.action) if move else None
    return [asked] if isinstance(asked, Card) else list(asked or ())


def _register(request: Request, report: Report) -> Registered:
    try:
        return check_register(request.session, request.person, report, rules=request.rules, now=request.now)
    except NotFound as error:
        raise InvalidInput(_("这个地点已不在您的范围内，请点「修改」换一个地点。")) from error


def summarise(request: Request, position: Position) -> Card:
    """What will be submitted, who will answer for it, and which parts are guesses."""
    late = show_late(position.answers)
    if count_parts(position.answers) == 1:
        lines = field_lines(request, REPORT, position)
        responsible = show_responsible(request, report_of(position.answers))
        fixed = (_("提交后请发整改后的照片，直接报请复查。"),) if "fixed" in position.answers else ()
        return Card(title=_("隐患上报，请核对"), lines=(*lines, *late, *responsible, *fixed))
    shared = field_lines(request, SHARED if is_one_place(position.answers) else SHARED_APART, position)
    title = _("{count}条隐患分别上报，请核对", count=count_parts(position.answers))
    parts = show_parts(request, position, lambda part: show_responsible(request, report_of(part)))
    return Card(title=title, lines=(*shared, *late, *parts))


REPORT = Flow(
    NAME,
    version=2,
    title=_("隐患上报"),
    steps=(
        Step(
            "photos", _("照片"), _("请发现场照片，可以一次发几张。没有照片就点“跳过”。"), read_photos,
            optional=True, show=show_photos, again=ask_more_photos,
        ),
        Step(
            "split", _("登记方式"), _("这里好像有几处隐患，要分别登记吗？"), read_split,
            choices=choose_split, when=has_parts, show=show_split,
        ),
        Step(
            "place", _("地点"), _("在哪里？请发定位，或输入单位、地点的名称，也可以点下面的按钮。"), read_place,
            choices=choose_place, ask="place", show=show_place, swaps=swap_place,
        ),
        Step("description", _("问题"), _("有什么问题？请用一两句话说明。"), read_description),
        Step(
            "category", _("类别"), _("属于哪一类？"), read_category, choices=choose_category, show=show_category,
            doubt=doubt_category, swaps=swap_category,
        ),
        Step(
            "level", _("等级"), _("是一般隐患还是重大隐患？"), read_level, choices=choose_level, show=show_level,
            swaps=swap_level,
        ),
        Step(
            "deadline", _("整改期限"), _("多少天内整改？"), read_deadline,
            choices=choose_deadline, still=fits_level, show=show_deadline, swaps=swap_deadline,
        ),
        Step("remark", _("补充说明"), _("还有什么要补充？"), read_remark, optional=True),
        *steps_of_parts(),
        *ORIGINALS,
    ),
    finish=finish,
    summary=summarise,
    guess=guess_all,
    after=await_photos,
    absorb=absorb,
    # 周五前 is a day, and a draft may lie a night.
    recheck=frozenset(
        key_of(name, number + 1) for name in ("like", ORIGINAL.key, "deadline") for number in range(MANY)
    ),
)  # fmt: skip
# What several hazards of one caption have in common.
SHARED = replace(REPORT, steps=tuple(step for step in REPORT.steps if step.key in {"photos", "place", "remark"}))
SHARED_APART = replace(SHARED, steps=tuple(step for step in SHARED.steps if step.key != "place"))
