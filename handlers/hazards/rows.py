"""Rows of lists of hazards: what they say, and the buttons that open their cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.content import Button
from models.hazards.tables import Hazard
from models.texts import _

EXCERPT = 24  # Characters of a description in a row.
ROWS_BESIDE = 4  # Buttons of rows beside each other.


def excerpt(hazard: Hazard, known: Iterable[str] = ()) -> str:
    """The beginning of a description, without the names that are said before it."""
    said = " ".join(hazard.description.split())
    # What stands before the colon is not said again: 云岭镇靠山村 山体有裂缝.
    for name in known:
        said = said.removeprefix(name).strip() or said
    return said if len(said) <= EXCERPT else f"{said[:EXCERPT]}…"


def open_buttons(hazards: Sequence[Hazard]) -> list[tuple[Button, ...]]:
    """One button per row: its place on the page and the running number, four beside each other on a phone."""
    buttons = [
        Button(_("{index}. {number}", index=index, number=hazard.number.rpartition("-")[2]), f"hazard:{hazard.id}:open")
        for index, hazard in enumerate(hazards, start=1)
    ]
    return in_rows(buttons, ROWS_BESIDE)


def in_rows(buttons: Sequence[Button], count: int) -> list[tuple[Button, ...]]:
    """Buttons in rows of at most so many."""
    return [tuple(buttons[i : i + count]) for i in range(0, len(buttons), count)]
