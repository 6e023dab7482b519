"""Imports under way and done: what was sent, how far it is, and every row that it changes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, partial_index, text_enum


class State(StrEnum):
    """Where an import stands.

    checking → ready (shown, may be confirmed) | refused (shown, something is wrong) | unchanged (nothing to do).
    ready → confirmed (checked once more, its changes written down) → applying → done; with other changes than were
    shown, or when a row turns out different on the way, returning → checking again.
    done → undo (checked whether it can be) → undoing → undone. asked → sent: templates to download.
    """

    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    CONFIRMED = "confirmed"
    APPLYING = "applying"
    RETURNING = "returning"
    DONE = "done"
    UNDO = "undo"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    ASKED = "asked"
    SENT = "sent"


# One import at a time works on the tables.
BUSY = (State.CONFIRMED, State.APPLYING, State.RETURNING, State.UNDO, State.UNDOING)
# What whoever drives imports has to take up.
DUE = (State.CHECKING, State.ASKED, *BUSY)
_DUE = text("state IN ('checking', 'asked', 'confirmed', 'applying', 'returning', 'undo', 'undoing')")


class Import(Base):
    """One import, or (`asked`) one wish for templates.

    `files`: name and address of each file in the media store, in their order. `skip` and `wrong`: rows as
    [place among the files, worksheet, row]: those that a corrected file has replaced, and those found wrong.
    `done` of `total` changes are written. `why`: a sentence (`dump_line`) to be said at the end. `touched_at`: when
    somebody last worked on it; an import of the command line (no chat) is taken over when that is long ago.
    """

    __tablename__ = "imports"
    __table_args__ = (partial_index("ix_imports_due", "id", where=_DUE),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    state: Mapped[State] = mapped_column(text_enum(State))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    platform: Mapped[str] = mapped_column(String(16), default="")
    chat: Mapped[str] = mapped_column(String(64), default="")
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    files: Mapped[list[Any]] = mapped_column(default=list)
    skip: Mapped[list[Any]] = mapped_column(default=list)
    wrong: Mapped[list[Any]] = mapped_column(default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def card_key(self) -> str:
        """The key of the card that shows this import."""
        return f"import:{self.id}"


class ImportChange(Base):
    """One change of an import (`models.imports.changes`), in their order from 0; kept until the next import."""

    __tablename__ = "import_changes"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    change: Mapped[list[Any]]
