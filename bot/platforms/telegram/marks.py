"""Marks: what a sent card is called afterwards, one word per message of it.

`t12` is a text, `p12` a photo, `d12` a file, `k12` a message with a keyboard beside the input (it can never
be edited), `a12+3` an album of three that starts with message 12. The last word is the card itself, the one
with the buttons. `t12?` comes from a pressed button: what else belongs to that card is not known. `send`
returns marks, `previous` brings them back; nothing about a chat is kept here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"([tpdka])(\d+)(?:\+(\d+))?(\?)?")
MAX_MARKS = 128  # Characters; the column of the outbox.


@dataclass(frozen=True, slots=True)
class Mark:
    """One message, or the messages of an album in a row; `is_alone`: no unknown messages belong to it."""

    kind: str
    first: int
    count: int = 1
    is_alone: bool = True

    @property
    def ids(self) -> range:
        """Message ids."""
        return range(self.first, self.first + self.count)

    def __str__(self) -> str:
        count = f"+{self.count}" if self.kind == "a" else ""
        return f"{self.kind}{self.first}{count}{'' if self.is_alone else '?'}"


def mark_of(message: dict[str, Any]) -> str:
    """The mark of the message (JSON) under which a button was pressed, as far as Telegram still shows it."""
    kind = "t"
    if message.get("photo"):
        kind = "p"
    elif message.get("document"):
        kind = "d"
    return str(Mark(kind, message["message_id"], is_alone=False))


def read_marks(text: str) -> list[Mark]:
    """The marks in `previous`; words that are no marks are left out."""
    found = (_WORD.fullmatch(word) for word in text.split())
    return [Mark(m[1], int(m[2]), int(m[3] or 1), is_alone=not m[4]) for m in found if m]


def write_marks(marks: list[Mark]) -> str:
    """The marks as one text; of a card of very many messages only the last ones, the card itself among them."""
    words = [str(mark) for mark in marks]
    while len(" ".join(words)) > MAX_MARKS:
        words.pop(0)
    return " ".join(words)
