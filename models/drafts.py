"""Open conversations: a draft survives restarts and is the only memory a dialog has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ForeignKey, String, Table, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, make_transient_to_detached, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from models.base import Base, Serial, partial_index

LIFE = timedelta(hours=24)  # Source: conversations.md, rules for every conversation.
LONGEST_ID = 18  # Digits that fit the column.
OPEN = text("status = 'open'")


class Draft(Base):
    """One conversation of one chat. `status`: open → done | cancelled | expired; or aside: nothing was opened.

    `answers` maps step keys to JSON values; `guesses` lists the keys whose answer was guessed; `step` is the
    question that stands open ("" means the summary card); `trail` the steps answered, for 上一步; `pending`
    holds the command that waits for 放弃并开始新的.
    """

    __tablename__ = "drafts"
    __table_args__ = (partial_index("ix_drafts_open", "platform", "chat", unique=True, where=OPEN),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    flow: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    step: Mapped[str] = mapped_column(String(32), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    guesses: Mapped[list[Any]] = mapped_column(default=list)
    trail: Mapped[list[Any]] = mapped_column(default=list)
    pending: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(16), default="open")
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def card_key(self) -> str:
        """The key of the card that shows this draft."""
        return f"draft:{self.id}"


# Built once: these run with every event.
_TABLE = cast("Table", Draft.__table__)
_OPEN = select(Draft).where(
    Draft.platform == bindparam("platform"), Draft.chat == bindparam("chat"), Draft.status == "open"
)
_SAVED = ("step", "answers", "guesses", "trail", "pending", "status")
_SAVE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in (*_SAVED, "updated_at")})
)
_INSERT = insert(_TABLE).returning(_TABLE.c.id)


def find_open(session: Session, platform: str, chat: str) -> Draft | None:
    """Give the chat's open draft, if there is one."""
    return session.scalars(_OPEN, {"platform": platform, "chat": chat}).one_or_none()


def find_done(session: Session, ident: str, platform: str, chat: str, person_id: int) -> Draft | None:
    """Give the draft of this number that this person has submitted in this chat."""
    if not (ident.isascii() and ident.isdigit() and len(ident) <= LONGEST_ID):
        return None
    own = (Draft.platform == platform, Draft.chat == chat, Draft.person_id == person_id, Draft.status == "done")
    return session.scalars(select(Draft).where(Draft.id == int(ident), *own)).one_or_none()


def do_open(
    session: Session,
    *,
    platform: str,
    chat: str,
    person_id: int | None,
    flow: str,
    version: int,
    now: datetime,
) -> Draft:
    """Begin a conversation; the chat must have none open."""
    return _inserted(session, _new(platform, chat, person_id, flow, version, now))


def _inserted(session: Session, draft: Draft) -> Draft:
    """Insert it now, as its id is part of the buttons' data; without the unit of work, see `do_save`."""
    values = {column.key: getattr(draft, column.key) for column in _TABLE.columns if column.key != "id"}
    draft.id = session.execute(_INSERT, values).scalar_one()
    make_transient_to_detached(draft)
    session.add(draft)
    return draft


def _new(platform: str, chat: str, person_id: int | None, flow: str, version: int, now: datetime) -> Draft:
    return Draft(
        platform=platform, chat=chat, person_id=person_id, flow=flow, version=version, step="", answers={},
        guesses=[], trail=[], pending={}, status="open", opened_at=now, updated_at=now,
    )  # fmt: skip


def do_set_aside(
    session: Session,
    answers: dict[str, Any],
    *,
    platform: str,
    chat: str,
    person_id: int,
    flow: str,
    now: datetime,
) -> Draft:
    """Keep what somebody sent that opens no conversation, so that one tap can still make one of it."""
    draft = _new(platform, chat, person_id, flow, 0, now)
    draft.status, draft.answers = "aside", answers
    return _inserted(session, draft)


def find_aside(session: Session, ident: str, *, platform: str, chat: str, person_id: int, flow: str) -> Draft | None:
    """Give what this person sent in this chat and what was set aside under this number."""
    if not (ident.isascii() and ident.isdigit() and len(ident) <= LONGEST_ID):
        return None
    own = (Draft.platform == platform, Draft.chat == chat, Draft.person_id == person_id, Draft.flow == flow)
    return session.scalars(select(Draft).where(Draft.id == int(ident), Draft.status == "aside", *own)).one_or_none()


def do_save(session: Session, draft: Draft, *, now: datetime, **changes: Any) -> None:
    """Change an open conversation, or end it (`status`).

    One statement: every message of a dialog comes here, and the unit of work would cost ten times as much.
    """
    values = {name: getattr(draft, name) for name in _SAVED} | changes | {"updated_at": now}
    session.execute(_SAVE, {**values, "row_id": draft.id})
    for name, value in values.items():
        set_committed_value(draft, name, value)


def list_expired(session: Session, *, now: datetime) -> list[Draft]:
    """Drafts left alone for longer than `LIFE`."""
    return list(session.scalars(select(Draft).where(Draft.status == "open", Draft.updated_at < now - LIFE).limit(100)))
