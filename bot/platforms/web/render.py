"""A card as the page shows it: texts in the reader's language, everything else as data.

The page sets every text as text, never as markup, so nothing is escaped here.
"""

from __future__ import annotations

from typing import Any

from models.content import Button, Card
from models.texts import Reader


def render(card: Card, reader: Reader) -> dict[str, Any]:
    """Give the JSON body of a card without its stored pictures and files; empty if it shows nothing itself."""
    body: dict[str, Any] = {
        "title": reader.read(card.title),
        "lines": [reader.read(line) for line in card.lines],
        "buttons": [[_button(button, reader) for button in row] for row in card.buttons],
        "qr": [picture.qr for picture in card.pictures if picture.qr],
        "ask": card.ask,
        "tone": card.tone,
    }
    return {name: value for name, value in body.items() if value}


def render_menu(card: Card, reader: Reader) -> list[dict[str, str]] | None:
    """Give the menu a card brings, or None if it leaves the menu as it is."""
    if card.menu is None:
        return None
    return [{"name": entry.name, "help": reader.read(entry.help)} for entry in card.menu]


def _button(button: Button, reader: Reader) -> dict[str, str]:
    return {"label": reader.read(button.label), "data": button.data, "style": button.style}
