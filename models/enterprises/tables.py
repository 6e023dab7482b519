"""Industries and enterprises (生产经营单位), one record each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, unindexed


class Industry(Base):
    """A trade; whoever manages the trade manages its safety. `code` is stable, `name` is what people see."""

    __tablename__ = "industries"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    department: Mapped[str] = mapped_column(String(64), default="")
    position: Mapped[int] = mapped_column(default=0)


class Enterprise(Base):
    """One enterprise. `credit_code`: the 18 characters of 统一社会信用代码; `standard`: 标准化等级 as written."""

    __tablename__ = "enterprises"
    __table_args__ = (unindexed("ix_enterprises_unindexed"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    name: Mapped[str] = mapped_column(String(128), index=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    industry: Mapped[str] = mapped_column(ForeignKey("industries.code"), index=True)
    grid_code: Mapped[str] = mapped_column(ForeignKey("grids.code"), index=True)
    address: Mapped[str] = mapped_column(String(256), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    standard: Mapped[str] = mapped_column(String(16), default="")
    headcount: Mapped[int | None]
    created_at: Mapped[datetime]
    indexed_name: Mapped[str | None] = mapped_column(String(128))


class EnterprisePerson(Base):
    """Who answers for an enterprise: 负责人 (`principal`) or 安全管理员 (`safety`)."""

    __tablename__ = "enterprise_people"
    __table_args__ = (UniqueConstraint("enterprise_id", "person_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    duty: Mapped[str] = mapped_column(String(16))
