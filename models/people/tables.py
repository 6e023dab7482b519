"""People of the roster: roles, deputies, chat accounts, invites."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, text_enum, unindexed
from models.texts import N_

DIGESTED = text("digest_at IS NOT NULL")


class Role(StrEnum):
    """What a person is in the grid; `label` is the Chinese name of domain.md, section 1."""

    OFFICER = "officer"
    GRID_HEAD = "grid_head"
    DISPATCHER = "dispatcher"
    INFORMANT = "informant"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    DUTY = "duty"
    LEADER = "leader"
    STOREKEEPER = "storekeeper"
    RESCUER = "rescuer"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The Chinese name, a message id of the catalogue."""
        return _LABELS[self]


_LABELS = {
    Role.OFFICER: N_("网格员"),
    Role.GRID_HEAD: N_("网格长"),
    Role.DISPATCHER: N_("调度员"),
    Role.INFORMANT: N_("信息员"),
    Role.MANAGER: N_("企业负责人"),
    Role.SUPERVISOR: N_("行业监管员"),
    Role.INSPECTOR: N_("执法人员"),
    Role.DUTY: N_("值班员"),
    Role.LEADER: N_("领导"),
    Role.STOREKEEPER: N_("物资保管员"),
    Role.RESCUER: N_("救援队员"),
    Role.ADMIN: N_("系统管理员"),
}


class Person(Base):
    """A real person. `phone` is the roster's key: digits only, mainland numbers without +86.

    `digest_at`: when the daily digest is due next; None for whoever has no chat.
    """

    __tablename__ = "people"
    __table_args__ = (
        unindexed("ix_people_unindexed"),
        Index("ix_people_digest", "digest_at", sqlite_where=DIGESTED, postgresql_where=DIGESTED),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    phone: Mapped[str] = mapped_column(String(20), unique=True)
    unit: Mapped[str] = mapped_column(String(128), default="")
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    created_at: Mapped[datetime]
    indexed_name: Mapped[str | None] = mapped_column(String(64))
    digest_at: Mapped[datetime | None]


class Assignment(Base):
    """One role of one person: in a grid (and all grids inside it), for one industry or all, between dates.

    `starts_on` and `ends_on` are inclusive; `industry` empty means every industry.
    """

    __tablename__ = "assignments"
    __table_args__ = (UniqueConstraint("person_id", "role", "grid_code", "industry"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role))
    grid_code: Mapped[str] = mapped_column(String(32), index=True)
    industry: Mapped[str] = mapped_column(String(32), default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class Deputy(Base):
    """Between two dates (inclusive) `deputy_id` receives what is meant for `person_id`."""

    __tablename__ = "deputies"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Leave(Base):
    """Between two dates (inclusive) a person is on leave (请假): reminders and digests go to somebody else."""

    __tablename__ = "leaves"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Account(Base):
    """A chat of one platform that belongs to one person; a person may have several.

    `unbound_at` set: the chat has been taken from the person. `gone` is the platform's word why it can no
    longer be reached (blocked …), empty while it can. `menu`: hash of the command menu it was sent last.
    """

    __tablename__ = "accounts"
    __table_args__ = (Index("ix_accounts_bound", "platform", "chat", unique=True),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    bound_at: Mapped[datetime]
    unbound_at: Mapped[datetime | None]
    gone: Mapped[str] = mapped_column(String(64), default="")
    menu: Mapped[str] = mapped_column(String(64), default="")


class Invite(Base):
    """A single-use code that binds a chat to a person; only its SHA-256 (hex) is kept."""

    __tablename__ = "invites"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class JoinAttempt(Base):
    """Wrong codes of one chat, and until when it is locked out."""

    __tablename__ = "join_attempts"

    platform: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
