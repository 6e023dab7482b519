"""The card of a hazard: opened by its number or from a list; its buttons move it along the loop."""

from __future__ import annotations

from dataclasses import replace

from handlers.drafts import open_dialog
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, say
from models.errors import NotFound, Stale
from models.hazards.access import access_hazard, read_hazard_id
from models.hazards.cards import list_moves, load_view, show_events, show_hazard
from models.hazards.evidence import Evidence
from models.hazards.flow import find_move
from models.hazards.hands import check_guards
from models.hazards.moves import NO_EVIDENCE, access_move, check_move
from models.hazards.numbers import PREFIX
from models.hazards.tables import Hazard
from models.texts import _


def register(registry: Registry) -> None:
    """Add the buttons and the opener of this module."""
    registry.opener(PREFIX)(open_number)
    registry.press("hazard")(press_hazard)


def open_number(request: Request, number: str) -> Answer:
    """Open the card of a number, as a message of its own."""
    hazard = access_hazard(request.session, request.person, number)
    return show(request, hazard, fresh=True)


def press_hazard(request: Request, ident: str, action: str) -> Answer:
    """Open the card, show its whole history, make a move, or begin the conversation of one that asks something.

    Raises: NotFound: made up, or not this person's.
    """
    hazard_id = read_hazard_id(ident)
    if action == "open":
        return show(request, access_hazard(request.session, request.person, hazard_id), fresh=True)
    if action in {"show", "more"}:
        return show(request, access_hazard(request.session, request.person, hazard_id), rare=action == "more")
    if action == "events":
        view = load_view(
            request.session, access_hazard(request.session, request.person, hazard_id), now=request.now
        )  # fmt: skip
        return show_events(request.session, view, request.person, now=request.now)
    move = find_move(action)
    if move is None:
        raise NotFound
    return start_move(request, hazard_id, action) if move.asks else make_move(request, hazard_id, action)


def make_move(request: Request, hazard_id: int, action: str, evidence: Evidence = NO_EVIDENCE) -> Answer:
    """Make a move and show the card; whoever comes too late is told who was faster.

    Raises: DomainError: refused, see `check_move`.
    """
    session, actor = request.session, request.person
    try:
        hazard = check_move(
            session, actor, hazard_id, action, rules=request.rules, now=request.now, evidence=evidence
        )  # fmt: skip
    except Stale as late:
        return tell_late(request, hazard_id, late)
    return show(request, hazard)


def start_move(request: Request, hazard_id: int, action: str) -> Answer:
    """Open the conversation of a move that asks something: the flow `hazard-<action>`.

    Raises: NotFound: no such conversation, or not this person's. Forbidden, InvalidInput: a guard stands in the way.
    """
    flow = request.registry.flows.get(f"hazard-{action}")
    if flow is None:
        raise NotFound
    try:
        hazard, move, hand = access_move(request.session, request.person, hazard_id, action, now=request.now)
    except Stale as late:
        return tell_late(request, hazard_id, late)
    # Nobody shall answer questions in vain.
    check_guards(request.session, hazard, move, hand, request.rules)
    # The question is a message of its own: the card with the photos and the facts stays where it is.
    opened = open_dialog(request, flow, {"hazard": hazard_id})
    return replace(opened, fresh=True) if isinstance(opened, Card) else opened


def tell_late(request: Request, hazard_id: int, late: Stale) -> list[Card]:
    """Show how things stand; nothing has been written.

    The sentence is a message of its own, because the card may change once more when the other's move is told.
    """
    hazard = access_hazard(request.session, request.person, hazard_id)
    return [show(request, hazard), replace(say(late.text), fresh=True)]


def show(request: Request, hazard: Hazard, *, fresh: bool = False, rare: bool = False) -> Card:
    """The card as this person sees it; `rare`: also with the buttons behind 更多."""
    view = load_view(request.session, hazard, now=request.now)
    card = show_hazard(request.session, view, request.person, rules=request.rules, now=request.now, fresh=fresh)
    if not rare:
        return card
    buttons = list_moves(request.session, view, request.person, request.rules, rare=True)
    return replace(card, buttons=(*buttons, (Button(_("返回"), f"hazard:{hazard.id}:show"),)))
