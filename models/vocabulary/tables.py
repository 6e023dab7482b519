"""The vocabulary: what grids, enterprises and people are called, and an index over how it sounds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, text_enum


class Standing(StrEnum):
    """What a name is worth: of the register, learned, taught only once, or taken out again by a human."""

    OFFICIAL = "official"
    NICKNAME = "nickname"
    CANDIDATE = "candidate"
    REMOVED = "removed"


class Name(Base):
    """A name of one grid, enterprise or person; exactly one of the three is set.

    `text`: as it is looked for, without legal form and county. `lessons`: how many reports have taught a nickname;
    `taught_by`, `taught_at`: the last of them.
    """

    __tablename__ = "names"
    __table_args__ = (
        CheckConstraint(
            "enterprise_id IS NOT NULL OR grid_code IS NOT NULL OR person_id IS NOT NULL", name="names_something"
        ),
        UniqueConstraint("text", "enterprise_id"),
        UniqueConstraint("text", "grid_code"),
        Index("ix_names_standing", "standing"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    text: Mapped[str] = mapped_column(String(128))
    standing: Mapped[Standing] = mapped_column(text_enum(Standing))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id", ondelete="CASCADE"), index=True)
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("grids.code", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    lessons: Mapped[int] = mapped_column(default=0)
    taught_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    taught_at: Mapped[datetime | None]


class NamePair(Base):
    """Two neighbouring sounds of a name, `kao san`: what a caption has in common with a name is found by them."""

    __tablename__ = "name_pairs"

    pair: Mapped[str] = mapped_column(String(24), primary_key=True)
    name_id: Mapped[int] = mapped_column(ForeignKey("names.id", ondelete="CASCADE"), primary_key=True, index=True)
