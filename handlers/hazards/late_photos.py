"""Photos that come late: into the report while it is open, else to the case that it has become."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.dialog import Answers
from handlers.drafts import continue_dialog, show_draft
from handlers.hazards.photos import LATE, add_photos, late_of
from handlers.registry import Answer, Registry, Request
from models.content import Attachment, Card, say
from models.drafts import Draft
from models.hazards.late_photos import SUBJECT, do_add_photo, do_await, do_follow, find_late, find_running
from models.hazards.tables import Hazard, LatePhoto
from models.texts import Line, _


def register(registry: Registry) -> None:
    """Add the arrivals of this module."""
    registry.arrival(SUBJECT)(take_late)


def await_photos(request: Request, draft: Draft) -> None:
    """Note the photos that a draft still waits for."""
    if late := late_of(draft.answers):
        do_await(request.session, draft, late, now=request.now)


def follow_photos(request: Request, answers: Answers, hazard_id: int) -> None:
    """Let the photos that a report still waits for go to a case."""
    if late := late_of(answers):
        do_follow(request.session, request.person.person_id, [photo["ref"] for photo in late], hazard_id)


def take_late(request: Request, ident: str) -> Answer:
    """Take a photo that has come after all, or say once that it is given up; nothing if nobody waits for it."""
    found = find_late(request.session, ident, request.person.person_id)
    if found is None:
        return None
    row, draft = found
    (photo,) = request.incoming.attachments
    if draft.status == "open":
        return _into_draft(request, draft, row, photo)
    hazard = find_running(request.session, row.hazard_id)
    return _into_case(request, hazard, row, photo, draft.flow) if hazard else None


def _into_draft(request: Request, draft: Draft, row: LatePhoto, photo: Attachment) -> Answer:
    before = late_of(draft.answers)
    late = [item for item in before if item["ref"] != row.ref]
    if len(late) == len(before):
        return None  # the photos were emptied in the meantime
    answers: dict[str, Any] = {**draft.answers, LATE: late}
    draft.answers = answers
    if "command" in draft.pending:
        # The question what becomes of the draft stands, and stays; the photo is there when it goes on.
        taken = add_photos(request, answers)
        draft.answers = {**answers, **taken.also} if taken else answers
        return None
    if photo.sha:
        return continue_dialog(request, draft)
    shown = show_draft(request, draft)
    hint = _explain(row, photo)
    return replace(shown, lines=(hint, *shown.lines)) if isinstance(shown, Card) else shown


def _into_case(request: Request, hazard: Hazard, row: LatePhoto, photo: Attachment, flow: str) -> Card:
    if photo.sha:
        do_add_photo(request.session, request.person, hazard, photo.sha, flow, rules=request.rules, now=request.now)
        return say(_("第{which}张照片收到了，已补到{number}。", which=row.number, number=hazard.number))
    return say(_("{number}：{what}", number=hazard.number, what=_explain(row, photo)), tone="warn")


def _explain(row: LatePhoto, photo: Attachment) -> Line:
    if photo.reason:
        return _("第{which}张照片没有收下：{reason}", which=row.number, reason=photo.reason)
    return _("第{which}张照片一直没有收到，请重发照片。", which=row.number)
