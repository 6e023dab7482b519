"""Papers of a case (档案) that somebody asked for: written while they wait, made beside the chat, sent once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, partial_index, text_enum

_ASKED = text("state = 'asked'")


class PaperState(StrEnum):
    """asked → sent | failed (it could not be made) | refused (by then the case was no longer the person's to see)."""

    ASKED = "asked"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"


class Paper(Base):
    """The document of one case, asked for by one person in one chat. `sha`: where it lies in the media store."""

    __tablename__ = "papers"
    __table_args__ = (partial_index("ix_papers_asked", "not_before", where=_ASKED),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    state: Mapped[PaperState] = mapped_column(text_enum(PaperState))
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    platform: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    tries: Mapped[int] = mapped_column(default=0)
    sha: Mapped[str] = mapped_column(String(64), default="")
    asked_at: Mapped[datetime]
    not_before: Mapped[datetime]
    done_at: Mapped[datetime | None]

    @property
    def card_key(self) -> str:
        """The key of the card that says that it is being made, and then brings it."""
        return f"case:{self.id}"
