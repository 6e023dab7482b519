"""The grid tree: county – town – village – zone."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, text_enum, unindexed
from models.texts import N_


class Level(StrEnum):
    """Depth of a grid; the tree's real depth is data, these are its names."""

    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    ZONE = "zone"

    @property
    def label(self) -> str:
        """The Chinese name, a message id of the catalogue."""
        return {"county": N_("县"), "town": N_("乡镇"), "village": N_("村"), "zone": N_("责任区")}[self.value]


class Grid(Base):
    """A node of the tree. `code` is the national division code; a longer code lies inside a shorter one.

    `lat`, `lon`: the middle of the grid in degrees, WGS-84, where known.
    """

    __tablename__ = "grids"
    __table_args__ = (unindexed("ix_grids_unindexed"),)

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    level: Mapped[Level] = mapped_column(text_enum(Level))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("grids.code"), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    indexed_name: Mapped[str | None] = mapped_column(String(64))
