"""A card as the page shows it: texts in the reader's language, everything else as data.

The page sets every text as text, never as markup, so nothing is escaped here.
"""

from __future__ import annotations

import re
from typing import Any

from models.content import Button, Card
from models.texts import Line, Reader

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """Take away what is no text: control characters (PostgreSQL takes no NUL) and halves of surrogate pairs."""
    return CONTROLS.sub("", text.replace("\r\n", "\n")).encode("utf-8", "replace").decode()


def render(card: Card, reader: Reader) -> dict[str, Any]:
    """Give the JSON body of a card without its stored pictures and files; empty if it shows nothing itself."""
    body: dict[str, Any] = {
        "title": _read(card.title, reader),
        "lines": [_read(line, reader) for line in card.lines],
        "buttons": [[_button(button, reader) for button in row] for row in card.buttons],
        "qr": [clean(picture.qr) for picture in card.pictures if picture.qr],
        "ask": card.ask,
        "tone": card.tone,
    }
    return {name: value for name, value in body.items() if value}


def render_menu(card: Card, reader: Reader) -> list[dict[str, str]] | None:
    """Give the menu a card brings, or None if it leaves the menu as it is."""
    if card.menu is None:
        return None
    return [{"name": entry.name, "help": _read(entry.help, reader)} for entry in card.menu]


def _read(line: Line, reader: Reader) -> str:
    return clean(reader.read(line))


def _button(button: Button, reader: Reader) -> dict[str, str]:
    return {"label": _read(button.label, reader), "data": button.data, "style": button.style}
