"""随手拍: a chat that belongs to nobody reports a hazard with photo and place, and hears what becomes of it.

Nothing is said to it but its own words, names of towns and villages, numbers and outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.dialog import WORDS, Answers, Choice, Flow, Position, Step, Taken
from handlers.drafts import continue_dialog, do_close, field_lines, open_dialog, show_draft
from handlers.hazards.photos import add_photos, show_photos
from handlers.hazards.place import choose_place, guess_place, look_for_place, place_of, read_place, show_place
from handlers.people.menu import chat_of
from handlers.registry import Answer, Registry, Request
from handlers.router import NUMBER
from models.access import local_day
from models.content import Button, Card, Place, say
from models.drafts import Draft, find_done
from models.errors import InvalidInput, NotFound
from models.hazards.captions import is_stated
from models.hazards.kinds import guess_kind
from models.hazards.places import Spot
from models.hazards.public import (
    PUBLIC_FLOW,
    check_may_report,
    check_public,
    find_progress,
    find_typed,
    is_blocked,
    is_outside,
    public_actor,
)
from models.hazards.recognise import Found
from models.hazards.register import Report, check_description
from models.hazards.wording import guess_days, guess_level
from models.texts import Line, Text, _

START = frozenset({"随手拍", "上报", "上报隐患", "隐患", "报隐患", "/report"})
JOIN = frozenset({"加入", "开始", "/start"})


def register(registry: Registry) -> None:
    """Add the dialog and the button of this module."""
    registry.flow(PUBLIC)
    registry.public = answer_public
    registry.press("public", strangers=True)(press_public)


# -- the ways in -------------------------------------------------------------------------------------------


def answer_public(request: Request) -> Answer:
    """Answer whatever a stranger sends that has nothing to do with joining."""
    incoming, text = request.incoming, request.incoming.text.strip()
    if incoming.kind == "press":
        return replace(say(_("已提交。")), fresh=True) if _is_submitted(request) else show_both(request)
    if NUMBER.fullmatch(text):
        return _show_progress(request, text.upper())
    draft = _take_draft(request)
    if text in START:
        return start(request)
    if text in JOIN or (text.startswith("/") and text not in WORDS):
        return show_both(request)
    if draft:
        return continue_dialog(request, draft)
    if incoming.attachments or incoming.place or is_stated(text, request.rules.hazards, ""):
        return _open(request)
    return show_both(request)


def press_public(request: Request, ident: str, action: str) -> Answer:
    """The button 随手拍; whoever has joined since reports as everybody else does.

    Raises: NotFound: made up.
    """
    if request.actor:
        return request.registry.commands["report"].run(request)
    if not request.rules.public.enabled and request.registry.stranger:
        return request.registry.stranger(request)
    return start(request)


def start(request: Request) -> Answer:
    """Begin with the first question, or go on with what is open."""
    draft = _take_draft(request)
    if draft:
        return show_draft(request, draft)
    return _open(replace(request, incoming=replace(request.incoming, text="")))


def show_both(request: Request) -> Card:
    """The first card: those of the roster join, everybody else may report."""
    lines: tuple[Line, ...] = (_("工作人员请点「加入」。"),)
    buttons: tuple[Button, ...] = (Button(_("加入"), "join:door:show"),)
    if not is_blocked(request.session, chat_of(request)):
        lines += (_("群众发现身边的安全隐患，请点「随手拍」，也可以直接发一张照片并写明问题。"),)
        buttons += (Button(_("随手拍"), "public:new:start", "primary"),)
    return Card(title=_("您好，这里是网格工作平台"), lines=lines, buttons=(buttons,), fresh=True)


def _show_progress(request: Request, number: str) -> Card:
    try:
        progress = find_progress(request.session, chat_of(request), number)
    except NotFound:
        return replace(say(_("没有找到这个编号，请核对。")), fresh=True)
    return replace(say(_("{number}：{state}", number=number, state=Text(progress.label))), fresh=True)


def _is_submitted(request: Request) -> bool:
    """Tell whether somebody has tapped 提交 twice."""
    incoming = request.incoming
    subject, _sep, rest = incoming.data.partition(":")
    ident = rest.partition(":")[0] if subject == "draft" else ""
    return find_done(request.session, ident, incoming.platform, incoming.chat, None) is not None


def _take_draft(request: Request) -> Draft | None:
    """The stranger's open report; what somebody has left behind in this chat is closed, unread."""
    draft = request.find_draft()
    if draft is None or (draft.flow == PUBLIC_FLOW and draft.person_id is None):
        return draft
    do_close(draft, "cancelled", request)
    return None


def _open(request: Request) -> Answer:
    """Begin a report with what the message holds. Raises: InvalidInput: no more for now."""
    check_may_report(request.session, chat_of(request), rules=request.rules, now=request.now)
    incoming = request.incoming
    taken = absorb(request, {}, "")
    if taken is None and incoming.attachments:
        taken = Taken(hint=_explain(request))
    answers: dict[str, Any] = dict(taken.also) if taken else {}
    if "pin" in answers:
        answers["search"] = answers["pin"]
    if incoming.text.strip() and "description" not in answers and not incoming.photos:
        answers["description"] = _read_words(request, answers)
    lost = any(not photo.sha for photo in incoming.photos)
    hint: Line = taken.hint if taken and (lost or "description" not in answers) else ""
    return open_dialog(request, PUBLIC, answers, hint)


# -- the questions -----------------------------------------------------------------------------------------


def _as_public(request: Request) -> Request:
    """The same event, of somebody who may report in the whole county and sees nothing of it but its grids."""
    return replace(request, actor=public_actor(request.rules, now=request.now))


def read_photos(request: Request, answers: Answers) -> Taken:
    """Take the photos of a message.

    Raises: InvalidInput: there is none, or none of them could be had.
    """
    taken = add_photos(request, answers, limit=request.rules.public.photos_max)
    if taken is None:
        raise InvalidInput(_explain(request))
    if not taken.also.get("photos"):
        raise InvalidInput(taken.hint if isinstance(taken.hint, Text) else _explain(request))
    also = {name: value for name, value in taken.also.items() if name != "photos"}
    return Taken(taken.also["photos"], taken.hint, also)


def _explain(request: Request) -> Text:
    kinds = {item.kind for item in request.incoming.attachments}
    if "voice" in kinds:
        return _("暂时听不懂语音，请发现场照片。")
    if "file" in kinds:
        return _("请直接发照片，不要当作文件发送。")
    return _("请发现场照片，最多{count}张。", count=request.rules.public.photos_max)


def read_spot(request: Request, answers: Answers) -> Any:
    """Take a location, the name of a town or village, or the whole name of an enterprise.

    Raises: InvalidInput: none of them, or outside of the county.
    """
    place, text = request.incoming.place, request.incoming.text.strip()
    if place is not None:
        if is_outside(request.session, place, rules=request.rules):
            raise InvalidInput(_("这个位置好像不在本县。请发现场的位置，或点下面的按钮选择乡镇、村。"))
        return read_place(_as_public(request), answers)
    if typed := find_typed(request.session, text, place_of(answers.get("pin"))):
        return Taken(typed.to_json())
    return read_place(_as_public(request), answers)


def choose_spot(request: Request, answers: Answers) -> Sequence[Choice]:
    """The towns and villages to choose from."""
    return choose_place(_as_public(request), answers)


def _read_words(request: Request, answers: Answers) -> str:
    return check_description(request.incoming.text, request.rules, longest=request.rules.public.words_max)


def absorb(request: Request, answers: Answers, step: str) -> Taken | None:
    """Take what a message holds besides the answer to the open step: photos, a location, a caption."""
    photos = add_photos(request, answers, limit=request.rules.public.photos_max) if step != "photos" else None
    also: dict[str, Any] = dict(photos.also) if photos else {}
    hint: Line = photos.hint if photos else ""
    if (place := request.incoming.place) and step != "place":
        if is_outside(request.session, place, rules=request.rules):
            hint = _("这个位置好像不在本县，没有采用。")
        else:
            also["pin"] = also["search"] = {"lat": place.lat, "lon": place.lon}
            hint = hint or _("已收到定位。")
    if request.incoming.text.strip() and request.incoming.photos and "description" not in answers:
        try:
            also["description"] = _read_words(request, answers)
        except InvalidInput as error:
            hint = error.text
    return Taken(hint=hint, also=also) if also or hint else None


def guess(request: Request, known: Answers) -> dict[str, Any]:
    """The place, by the words or the location."""
    if "place" in known:
        return {}
    text, answers = known.get("description", ""), dict(known)
    camera = place_of(answers.get("camera"))
    if camera and is_outside(request.session, camera, rules=request.rules):
        del answers["camera"]
    pin = place_of(answers.get("pin")) or place_of(answers.get("camera"))
    if text and "grid" not in answers.get("search", {}) and (typed := find_typed(request.session, text, pin)):
        return {"place": typed.to_json()}
    inside = _as_public(request)
    return guess_place(inside, answers, look_for_place(inside, answers) if text else Found())


# -- the end -----------------------------------------------------------------------------------------------


def summarise(request: Request, position: Position) -> Card:
    """What will be submitted."""
    lines = (*field_lines(request, PUBLIC, position), _("提交后由网格员到现场核实，结果会发到这里。"))
    return Card(title=_("随手拍，请核对"), lines=lines)


def finish(request: Request, answers: Answers) -> Answer:
    """Register it, and give the number."""
    report = _report_of(request, answers)
    try:
        found = check_public(
            request.session, chat_of(request), report, lang=request.lang, rules=request.rules, now=request.now
        )
    except NotFound as error:
        raise InvalidInput(_("这个地点已失效，请点「修改」换一个地点。")) from error
    return Card(
        title=_("已收到，编号 {number}", number=found.hazard.number),
        lines=(
            _("核实后会把结果发到这里；也可以随时发送编号，查询办到哪一步。"),
            _("情况紧急，请直接拨打119、120或110。"),
        ),
        tone="good",
    )


def _report_of(request: Request, answers: Answers) -> Report:
    """The answers as a report; kind, level and deadline by the words alone: whoever verifies it sees them."""
    rules, text, camera = request.rules.hazards, answers["description"], answers.get("camera") or {}
    pin: Place | None = place_of(answers.get("pin"))
    spot = Spot.from_json(answers["place"]).at(pin)
    names = [name for name in (spot.name, *spot.path.split("·")) if name]
    kind = guess_kind(text, rules, names=names, trade=spot.trade)
    level = rules.level(guess_level(text, rules)) or rules.levels[0]
    return Report(
        spot=spot,
        description=text,
        category=kind.code or rules.categories[-1].code,
        level=level.code,
        days=guess_days(text, level, today=local_day(request.now)),
        photos=tuple(answers["photos"]),
        found_at=datetime.fromisoformat(camera["at"]) if "at" in camera else None,
    )


PUBLIC = Flow(
    PUBLIC_FLOW,
    version=1,
    title=_("随手拍"),
    steps=(
        Step("photos", _("照片"), _("请发现场照片。"), read_photos, show=show_photos),
        Step(
            "place", _("地点"), _("在哪里？请发定位，或写明村、单位的名称，也可以点下面的按钮。"), read_spot,
            choices=choose_spot, ask="place", show=show_place,
        ),
        Step("description", _("问题"), _("有什么问题？请用一两句话说明。"), _read_words),
    ),
    finish=finish,
    summary=summarise,
    guess=guess,
    absorb=absorb,
)  # fmt: skip
