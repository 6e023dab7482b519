"""A person's command menu as a card, and the buttons of its first commands."""

from __future__ import annotations

from handlers.registry import Registry, Request
from models.access import Actor
from models.content import Button, Card
from models.people.joining import Chat
from models.people.menus import do_note_menu

SHORTCUTS = 6  # Buttons; with the two columns they fill half a small phone's screen.


def menu_card(registry: Registry, actor: Actor | None) -> Card:
    """Make the card that sets a person's menu and shows nothing else; an empty menu for a stranger."""
    if actor is None:
        return Card(menu=())
    return Card(menu=registry.menu(actor), lang=actor.lang)


def chat_of(request: Request) -> Chat:
    """The chat that asks."""
    return Chat(request.incoming.platform, request.incoming.chat)


def note_menu(request: Request, actor: Actor) -> None:
    """Remember that this answer carries the actor's menu, so that it is not sent a second time."""
    do_note_menu(request.session, chat_of(request), request.registry.menu(actor), actor.lang)


def shortcuts(registry: Registry, actor: Actor) -> tuple[tuple[Button, ...], ...]:
    """The person's first commands as rows of two buttons."""
    buttons = [Button(command.title, f"cmd:{command.name}:") for command in registry.shortcuts(actor, SHORTCUTS)]
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
