"""The outbox: what people are to be told, written in the transaction of the change that tells them.

`queued → leased → sent`, or back to `queued` with a later `not_before`, or `dead`, or `expired`. At least
once: after a crash a message may be sent a second time, then it is marked so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Literal, cast

from sqlalchemy import ForeignKey, Index, String, Table, bindparam, false, insert, literal_column, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.access import local_day
from models.base import Base, Serial, partial_index
from models.content import Card
from models.people.tables import Account, Deputy, Person
from models.upsert import insert_new

PENDING = text("status IN ('queued', 'leased')")
Placing = Literal["new", "edit", "move", "refresh"]


class Lane(IntEnum):
    """What goes first: a smaller number leaves earlier."""

    INCIDENT = 0
    WARNING = 1
    REPLY = 2
    ORDER = 3
    NOTICE = 4
    DIGEST = 5


class OutboxRow(Base):
    """One card for one chat.

    `subject` ("hazard:12") names what the card shows: the recipient's right to see it is checked again when
    it is sent. `dedupe_key`: a second row with the same key is not written. `previous`: the platform's id of
    the message to change; empty: looked up by the card's key. `uncertain`: it was perhaps delivered already.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_dedupe", "dedupe_key", unique=True),
        partial_index("ix_outbox_pending", "lane", "id", where=PENDING),
        partial_index("ix_outbox_chat_pending", "platform", "chat", where=PENDING),
        Index("ix_outbox_card", "card_key", "chat", "platform"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    lane: Mapped[int]
    platform: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    lang: Mapped[str] = mapped_column(String(8))
    card: Mapped[dict[str, Any]]
    card_key: Mapped[str] = mapped_column(String(64), default="")
    placing: Mapped[Placing] = mapped_column(String(8), default="new")
    previous: Mapped[str] = mapped_column(String(128), default="")
    subject: Mapped[str] = mapped_column(String(64), default="")
    dedupe_key: Mapped[str | None] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(8), default="queued")
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[bool] = mapped_column(default=False)
    external_id: Mapped[str] = mapped_column(String(128), default="")
    error: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Attempt(Base):
    """One attempt to send a row: when, and how it ended ("sent" or an error code)."""

    __tablename__ = "outbox_attempts"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(64))


# Built once: these run with every answer. What is alike in all of them stands in the statement: each value that is
# bound costs as much as a look at the clock, and there would be nineteen.
_TABLE = cast("Table", OutboxRow.__table__)
_INSERT = insert(_TABLE).values(
    status=literal_column("'queued'"), tries=literal_column("0"), uncertain=false(),
    external_id=literal_column("''"), error=literal_column("''"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """A card for one chat, by default the answer to what it asked. `subject` as in `OutboxRow`."""

    card: Card
    platform: str
    chat: str
    lang: str
    person_id: int | None = None
    placing: Placing = "new"
    previous: str = ""
    lane: Lane = Lane.REPLY
    subject: str = ""


def do_reply(
    session: Session,
    card: Card,
    *,
    platform: str,
    chat: str,
    lang: str,
    now: datetime,
    person_id: int | None = None,
    placing: Placing = "new",
) -> None:
    """Queue one answer."""
    do_reply_all(session, [Reply(card, platform, chat, lang, person_id, placing)], now=now)


def do_reply_all(session: Session, replies: Sequence[Reply], *, now: datetime) -> None:
    """Queue answers, in this order."""
    if replies:
        session.execute(_INSERT, [_reply_row(reply, now) for reply in replies])


def _reply_row(reply: Reply, now: datetime) -> dict[str, Any]:
    return {
        "lane": int(reply.lane), "platform": reply.platform, "chat": reply.chat, "person_id": reply.person_id,
        "lang": reply.lang, "card": reply.card.to_json(), "card_key": reply.card.key, "placing": reply.placing,
        "previous": reply.previous, "subject": reply.subject, "not_before": now, "created_at": now,
    }  # fmt: skip


def do_tell(  # noqa: PLR0913 - what a notice is: each has a plain default
    session: Session,
    people: Iterable[int],
    card: Card,
    *,
    now: datetime,
    lane: Lane = Lane.NOTICE,
    subject: str = "",
    dedupe: str = "",
    placing: Placing = "new",
    expires_at: datetime | None = None,
    deputies: bool = True,
) -> list[int]:
    """Queue a card for people and their deputies of today, on every chat each of them has.

    Without `deputies`, only the people. `dedupe` names the occasion; person and chat are added to it. Whoever has
    no chat to be reached on gets a row that says so (`dead`, "not-joined"). Returns: the ids of those without one.
    """
    wanted = with_deputies(session, people, now=now) if deputies else list(dict.fromkeys(people))
    chats = _chats(session, wanted)
    unreachable = [person_id for person_id in wanted if person_id not in chats]
    rows = []
    for person_id in wanted:
        for platform, chat, lang in chats.get(person_id, [("", "", "zh")]):
            row = _row(card, lane=lane, now=now)
            key = f"{dedupe}:{person_id}:{platform}:{chat}" if dedupe else None
            row.update(platform=platform, chat=chat, lang=lang, person_id=person_id, placing=placing)
            row.update(subject=subject, dedupe_key=key, expires_at=expires_at)
            if not platform:
                row.update(status="dead", error="not-joined")
            rows.append(row)
    insert_new(session, OutboxRow, rows, key=("dedupe_key",))
    return unreachable


def do_tell_where(
    session: Session,
    chats: Collection[tuple[str, str]],
    people: Iterable[int],
    card: Card,
    *,
    now: datetime,
    dedupe: str,
    placing: Placing,
    subject: str = "",
) -> None:
    """Queue a card for people (not for their deputies), in none but these chats (platform, chat)."""
    rows = []
    for person_id, theirs in _chats(session, list(dict.fromkeys(people))).items():
        for platform, chat, lang in theirs:
            if (platform, chat) in chats:
                row = _row(card, lane=Lane.NOTICE, now=now)
                row.update(platform=platform, chat=chat, lang=lang, person_id=person_id, placing=placing)
                row.update(subject=subject, dedupe_key=f"{dedupe}:{person_id}:{platform}:{chat}")
                rows.append(row)
    insert_new(session, OutboxRow, rows, key=("dedupe_key",))


def with_deputies(session: Session, people: Iterable[int], *, now: datetime) -> list[int]:
    """The people and whoever deputises for one of them today, without repeats, in order."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        return []
    day = local_day(now)
    deputies = session.scalars(
        select(Deputy.deputy_id)
        .where(Deputy.person_id.in_(wanted), Deputy.starts_on <= day, Deputy.ends_on >= day)
        .order_by(Deputy.id)
    )
    return list(dict.fromkeys([*wanted, *deputies]))


def _chats(session: Session, people: list[int]) -> dict[int, list[tuple[str, str, str]]]:
    rows = session.execute(_CHATS, {"people": people})
    chats: dict[int, list[tuple[str, str, str]]] = {}
    for person_id, platform, chat, lang in rows:
        chats.setdefault(person_id, []).append((platform, chat, lang))
    return chats


_CHATS = (
    select(Account.person_id, Account.platform, Account.chat, Person.lang)
    .join(Person, Person.id == Account.person_id)
    .where(
        Account.person_id.in_(bindparam("people", expanding=True)), Account.unbound_at.is_(None), Account.gone == ""
    )
    .order_by(Account.id)
)  # fmt: skip


def _row(card: Card, *, lane: Lane, now: datetime) -> dict[str, Any]:
    return {
        "lane": int(lane), "platform": "", "chat": "", "person_id": None, "lang": "zh", "card": card.to_json(),
        "card_key": card.key, "placing": "new", "previous": "", "subject": "", "dedupe_key": None,
        "status": "queued", "not_before": now, "expires_at": None, "tries": 0, "uncertain": False,
        "external_id": "", "error": "", "created_at": now,
    }  # fmt: skip


def find_message(session: Session, platform: str, chat: str, key: str, *, since: datetime | None = None) -> str:
    """The platform's id of the newest card with this key in this chat; empty if none was sent (after `since`)."""
    found = session.execute(_NEWEST, {"platform": platform, "chat": chat, "key": key}).first()
    return found.external_id if found and (since is None or found.sent_at > since) else ""


_NEWEST = (
    select(_TABLE.c.external_id, _TABLE.c.sent_at)
    .where(
        _TABLE.c.platform == bindparam("platform"),
        _TABLE.c.chat == bindparam("chat"),
        _TABLE.c.card_key == bindparam("key"),
        _TABLE.c.status == "sent",
        _TABLE.c.external_id != "",
    )
    .order_by(_TABLE.c.id.desc())
    .limit(1)
)
