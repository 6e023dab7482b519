"""The conversations of the loop: one for each move that asks something, made from its row of `MOVES`.

What a move asks (`Move.asks`) are questions of handlers/hazards/asking.py, in the order of the row; the answers become
the evidence of the move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from handlers.dialog import Answers, Flow, Position, Step, Taken
from handlers.drafts import field_lines
from handlers.hazards import asking
from handlers.hazards.card import make_move
from handlers.hazards.late_photos import await_photos, follow_photos
from handlers.hazards.photos import add_photos, ask_more_photos, show_late, show_photos
from handlers.registry import Answer, Registry, Request
from models.content import Card, Picture, say
from models.errors import InvalidInput
from models.hazards.evidence import Evidence
from models.hazards.flow import MOVES, Ask, Move
from models.hazards.marks import is_unchanged, pair_picture
from models.hazards.register import check_description
from models.texts import Text, _

# What is looked at once more before it is written; everything else is done with its last answer.
_CONFIRMED: frozenset[tuple[Ask, ...]] = frozenset({("photos", "note"), ("original",)})


_LABELS = {"extend": _("延长"), "suspend": _("挂起时间")}
_QUESTIONS = {
    "extend": _("要延长多少天？请点选，或发天数、新的期限。"),
    "suspend": _("挂起多少天？请点选，或发天数、日期。"),
}


def register(registry: Registry) -> None:
    """Add the dialog of each move that asks something, unless it has one of its own (五落实, 挂牌督办)."""
    for move in MOVES:
        if move.asks and _STEPS.keys() >= set(move.asks):
            registry.flow(make_flow(move))


def make_flow(move: Move) -> Flow:
    """The conversation of one move; its name is `hazard-<action>`, the case is the answer `hazard`."""
    return Flow(
        f"hazard-{move.action}",
        version=1,
        title=Text(move.label),
        steps=tuple(_STEPS[ask](move) for ask in move.asks),
        finish=partial(finish, move),
        summary=partial(summarise, move) if "photos" in move.asks else None,
        guess=partial(asking.guess_days, move) if move.asks[-1] == "days" else None,
        absorb=partial(absorb, move) if "photos" in move.asks else None,
        after=await_photos if "photos" in move.asks else None,
        about=asking.show_case,
        confirm=move.asks in _CONFIRMED,
    )


def finish(move: Move, request: Request, answers: Answers) -> Answer:
    """Make the move."""
    answer = make_move(request, answers["hazard"], move.action, evidence_of(answers))
    if not isinstance(answer, Card):
        return answer
    follow_photos(request, answers, answers["hazard"])
    # The question makes way for one line; the card itself stays one, where it stands or at the end of the chat.
    return [say(_("{what}：已办理。", what=Text(move.label)), tone="good"), answer]


def evidence_of(answers: Answers) -> Evidence:
    """The answers as evidence."""
    return Evidence(
        note=answers.get("note") or "",
        photos=tuple(answers.get("photos") or ()),
        days=answers.get("days"),
        original=answers.get("original"),
        people=tuple(answers.get("people") or ()),
    )


def summarise(move: Move, request: Request, position: Position) -> Card:
    """What will be handed in, with its photos."""
    flow = request.registry.flows[f"hazard-{move.action}"]
    photos = tuple(position.answers.get("photos") or ())
    lines = [*asking.show_case(request, position.answers), *field_lines(request, flow, position)]
    lines += show_late(position.answers)
    hazard = asking.access_case(request, position.answers)
    compared = pair_picture(request.session, hazard, photos, request.now)
    if is_unchanged(request.session, hazard, photos, request.now, bits=request.rules.hazards.alike_bits):
        lines.append(_("整改后的照片与整改前几乎相同，请确认没有发错。"))
    pictures = (compared,) if compared else tuple(Picture(sha) for sha in photos)
    return Card(title=_("{what}，请核对", what=Text(move.label)), lines=tuple(lines), pictures=pictures)


def absorb(move: Move, request: Request, answers: Answers, step: str) -> Taken | None:
    """Take photos that come besides the answer to the open question, and the words under them."""
    photos = add_photos(request, answers) if step != "photos" else None
    also: dict[str, Any] = dict(photos.also) if photos else {}
    text = request.incoming.text.strip()
    if text and "note" in move.asks and step != "note" and (request.incoming.photos or step == "photos"):
        before = answers.get("note") or ""
        try:
            also["note"] = check_description(f"{before}\n{text}" if before else text, request.rules)
        except InvalidInput as error:
            return Taken(hint=error.text, also=also)
    return Taken(hint=photos.hint if photos else "", also=also) if also else None


def _photos(move: Move) -> Step:
    question = _("请发整改后的照片，可以一次发几张，并附一句说明。") if "note" in move.asks else _("请发现场照片。")
    return Step("photos", _("照片"), question, asking.read_photos, show=show_photos, again=ask_more_photos)


def _note(move: Move) -> Step:
    choices = partial(asking.choose_beside, move) if move.asks[-1] == "days" else None
    return Step("note", _("说明"), Text(move.question), asking.read_note, choices=choices)


def _more(move: Move) -> Step:
    return Step("more", _("补充"), Text(move.question), asking.read_more)


def _days(move: Move) -> Step:
    return Step(
        "days", _LABELS.get(move.action, _("新的整改期限")), _QUESTIONS.get(move.action, _("多少天内整改？")),
        partial(asking.read_days, move), choices=partial(asking.choose_days, move),
        show=asking.show_days,
    )  # fmt: skip


def _original(move: Move) -> Step:
    return Step(
        "original", _("并入"), Text(move.question), asking.read_original, choices=asking.choose_original,
        show=asking.show_original, takes_number=True,
    )  # fmt: skip


def _people(move: Move, *, colleagues: bool = False) -> Step:
    return Step(
        "people", _("办理人"), Text(move.question), partial(asking.read_people, colleagues=colleagues),
        choices=partial(asking.choose_people, colleagues=colleagues), show=asking.show_people,
    )  # fmt: skip


_STEPS: Mapping[Ask, Callable[[Move], Step]] = {
    "photos": _photos,
    "note": _note,
    "more": _more,
    "days": _days,
    "original": _original,
    "owners": _people,
    "colleague": partial(_people, colleagues=True),
}
