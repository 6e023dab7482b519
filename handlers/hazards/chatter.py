"""What is no report: chatter is answered and opens nothing; what it came with is kept for one tap."""

from __future__ import annotations

import re
from typing import Any

from handlers.dialog import WORDS, Answers
from handlers.registry import Answer, Request
from models.content import Button, Card
from models.drafts import Draft, do_set_aside, find_aside
from models.errors import InvalidInput, NotFound
from models.hazards.captions import is_stated, read_caption
from models.hazards.recognise import Found, find_place
from models.hazards.register import check_description
from models.ledgers.words import read_words
from models.texts import Line, _


def set_aside(request: Request, flow: str, answers: Answers, hint: Line) -> Card | None:
    """Answer a photo whose caption reports nothing; None if it is, or may well be, a report."""
    text = answers.get("description", "")
    if not text:
        return None
    found = _place_in(request, text)
    kind = read_caption(text, request.rules.hazards, has_place=_names_place(found), said=found.said)
    if kind not in {"chatter", "unclear"}:
        return None
    return _ask(request, flow, answers, kind, hint)


def offer_report(request: Request, flow: str) -> Answer:
    """Answer words without a photo: chatter, or a hazard stated with its place; None if they are neither.

    What the ledger understands to the last word is a query and not meant here.
    """
    text = request.incoming.text.strip()
    if text.lower() in WORDS or not re.search(r"[^\W\d_]", text):
        return None
    rules = request.rules.hazards
    kind = read_caption(text, rules, has_place=False)
    # Like sentences do not outweigh a place, a thing and its fault; only what could be that is searched for a place.
    if (kind == "unclear" and not is_stated(text, rules, "")) or _is_query(request, text):
        return None
    if kind == "chatter":
        return _likeliest(request)
    found = _place_in(request, text)
    if not (_names_place(found) and is_stated(text, rules, found.said)):
        return None
    try:
        answers = {"description": check_description(text, request.rules)}
    except InvalidInput:
        return None
    aside = _keep(request, flow, answers)
    return Card(
        lines=(_("这像是一条隐患：“{text}”。要上报吗？", text=text),),
        buttons=(
            (
                Button(_("上报隐患"), f"aside:{aside.id}:report", "primary"),
                Button(_("查台账"), f"aside:{aside.id}:search"),
            ),
        ),
        key=f"aside:{aside.id}",
    )


def keep_photos(request: Request, flow: str, answers: Answers) -> Card:
    """Keep photos that came with a command, for one tap."""
    aside = _keep(request, flow, answers)
    line = _("{count}张照片先留着，要用来上报隐患，请点「上报隐患」。", count=len(answers.get("photos") or ()))
    button = Button(_("上报隐患"), f"aside:{aside.id}:report", "primary")
    return Card(lines=(line,), buttons=((button,),), key=f"aside:{aside.id}", fresh=True)


def access_aside(request: Request, flow: str, ident: str) -> Draft:
    """What was set aside in this chat for this person.

    Raises: NotFound: there is none of this number.
    """
    incoming = request.incoming
    found = find_aside(
        request.session, ident, platform=incoming.platform, chat=incoming.chat,
        person_id=request.person.person_id, flow=flow,
    )  # fmt: skip
    if found is None:
        raise NotFound
    return found


def _place_in(request: Request, text: str) -> Found:
    return find_place(request.session, request.person, text, request.rules.hazards)


def _names_place(found: Found) -> bool:
    return bool(found.spot or found.candidates)


def _is_query(request: Request, text: str) -> bool:
    parsed = read_words(request.session, request.person, text, request.rules, now=request.now)
    return parsed.is_asking and not parsed.unknown


def _keep(request: Request, flow: str, answers: Answers) -> Draft:
    incoming = request.incoming
    return do_set_aside(
        request.session, dict(answers), platform=incoming.platform, chat=incoming.chat,
        person_id=request.person.person_id, flow=flow, now=request.now,
    )  # fmt: skip


def _ask(request: Request, flow: str, answers: Answers, kind: str, hint: Line) -> Card:
    aside = _keep(request, flow, answers)
    count = len(answers.get("photos") or ())
    question: dict[str, Any] = {"count": count}
    if kind == "chatter":
        line = _("已看到，没有登记隐患。{count}张照片先留着，要用它上报，请点「上报隐患」。", **question)
    else:
        line = _("没有看出这里有什么隐患，先没有登记。{count}张照片先留着，要用它上报，请点「上报隐患」。", **question)
    lost = (hint,) if hint and count < len(request.incoming.photos) else ()
    return Card(
        lines=(*lost, line),
        buttons=((Button(_("上报隐患"), f"aside:{aside.id}:report", "primary"), *_shortcuts(request, but="report")),),
        key=f"aside:{aside.id}",
    )


def _likeliest(request: Request) -> Card:
    line = _("您好。要上报隐患，请发现场照片并写明地点和问题；要查台账，直接发地名或单位名。")
    return Card(lines=(line,), buttons=(_shortcuts(request),))


def _shortcuts(request: Request, *, but: str = "") -> tuple[Button, ...]:
    likeliest = request.registry.shortcuts(request.person, 3)
    return tuple(Button(item.title, f"cmd:{item.name}:") for item in likeliest if item.name != but)
