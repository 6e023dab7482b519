"""The card of a hazard: opened by its number or from a list; its buttons move it along the loop."""

from __future__ import annotations

from dataclasses import replace

from handlers.registry import Answer, Registry, Request
from models.content import Card, say
from models.errors import NotFound, Stale
from models.hazards.access import access_hazard, read_hazard_id
from models.hazards.cards import load_view, show_events, show_hazard
from models.hazards.flow import find_move
from models.hazards.moves import check_move
from models.hazards.numbers import PREFIX
from models.hazards.tables import Hazard


def register(registry: Registry) -> None:
    """Add the buttons and the opener of this module."""
    registry.opener(PREFIX)(open_number)
    registry.press("hazard")(press_hazard)


def open_number(request: Request, number: str) -> Answer:
    """Open the card of a number, as a message of its own."""
    hazard = access_hazard(request.session, request.person, number)
    return show(request, hazard, fresh=True)


def press_hazard(request: Request, ident: str, action: str) -> Answer:
    """Open the card, show its whole history, or make a move that asks nothing.

    Raises: NotFound: made up, not this person's, or a move whose conversation does not exist.
    """
    hazard_id = read_hazard_id(ident)
    if action == "open":
        return show(request, access_hazard(request.session, request.person, hazard_id), fresh=True)
    if action == "show":
        return show(request, access_hazard(request.session, request.person, hazard_id))
    if action == "events":
        view = load_view(
            request.session, access_hazard(request.session, request.person, hazard_id), now=request.now
        )  # fmt: skip
        return show_events(request.session, view, request.person, now=request.now)
    move = find_move(action)
    if move is None or move.asks:
        raise NotFound
    try:
        hazard = check_move(request.session, request.person, hazard_id, action, rules=request.rules, now=request.now)
    except Stale as late:
        # Nothing has been written. The card shows how things stand; the sentence is a message of its own,
        # because the card may change once more when the other's move is told.
        hazard = access_hazard(request.session, request.person, hazard_id)
        return [show(request, hazard), replace(say(late.text), fresh=True)]
    return show(request, hazard)


def show(request: Request, hazard: Hazard, *, fresh: bool = False) -> Card:
    """The card as this person sees it."""
    view = load_view(request.session, hazard, now=request.now)
    return show_hazard(request.session, view, request.person, rules=request.rules, now=request.now, fresh=fresh)
