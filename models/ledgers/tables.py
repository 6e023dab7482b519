"""What people looked up: the filters behind a ledger card, because a button carries 64 bytes at most."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial


class LedgerQuery(Base):
    """The filters of one ledger card, never changed: a card that stays in the chat keeps its meaning.

    `filters`: a list of `[kind, value, label]`, see `models.ledgers.words.Filter`.
    """

    __tablename__ = "ledger_queries"
    __table_args__ = (Index("ix_ledger_queries_made", "made_at"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    filters: Mapped[list[Any]]
    made_at: Mapped[datetime]
