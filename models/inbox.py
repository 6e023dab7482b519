"""The inbox: what a platform delivered, stored before the platform is told that it was received."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Index, String, Table, bindparam, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Serial, partial_index
from models.content import Incoming
from models.errors import Stale
from models.people.codes import read_code
from models.texts import _
from models.upsert import insert_new

KEEP = timedelta(days=7)  # Source: reliability.md 2.2, "update delivered twice": ids are remembered this long.
WIPED = "[code]"
WAITING = text("status = 'new'")


class InboxRow(Base):
    """One event of a chat. `status`: new → done | failed (parked: tried too often, kept for a human)."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_event", "platform", "event_id", unique=True),
        partial_index("ix_inbox_waiting", "id", where=WAITING),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(128))
    chat: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(8), default="new")
    reference: Mapped[str] = mapped_column(String(8), default="")
    done_at: Mapped[datetime | None]


Waiting = tuple[int, Incoming, datetime]


def do_receive(session: Session, batch: Sequence[Incoming], *, now: datetime) -> list[Waiting]:
    """Store events; those that were stored before are left out of what is returned (in order of arrival)."""
    rows = [
        {
            "platform": item.platform,
            "event_id": item.event_id,
            "chat": item.chat,
            "payload": item.to_json(),
            "received_at": now,
            "status": "new",
            "reference": "",
        }
        for item in batch
    ]
    stored = insert_new(session, InboxRow, rows, key=("platform", "event_id"), returning=("id", "event_id"))
    by_event = {event_id: row_id for row_id, event_id in stored}
    fresh = {item.event_id: item for item in batch if item.event_id in by_event}
    return [(by_event[event_id], item, now) for event_id, item in fresh.items()]


def list_waiting(session: Session, *, chats: Collection[str] | None = None, limit: int = 1000) -> list[Waiting]:
    """What has been received and not yet handled, oldest first; with `chats`, only of chats of these names."""
    statement = (
        select(InboxRow.id, InboxRow.payload, InboxRow.received_at)
        .where(InboxRow.status == "new")
        .order_by(InboxRow.id)
        .limit(limit)
    )
    rows = session.execute(statement if chats is None else statement.where(InboxRow.chat.in_(chats)))
    return [(row.id, Incoming.from_json(row.payload), row.received_at) for row in rows]


def count_new(session: Session) -> int:
    """How many events have been received and not yet handled."""
    return int(session.scalar(select(func.count()).where(InboxRow.status == "new")) or 0)


def do_finish(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Mark events as handled, in the transaction of their effect; what was typed is not kept a second time.

    Raises: Stale: another process has handled one of them; the caller's effect rolls back.
    """
    if ids and session.execute(_FINISH, {"ids": list(ids), "now": now}).rowcount != len(ids):  # type: ignore[attr-defined]
        raise Stale(now_in=_("已处理"))


# Built once: this runs with every batch.
_TABLE = cast("Table", InboxRow.__table__)
_FINISH = (
    update(_TABLE)
    .where(_TABLE.c.id.in_(bindparam("ids", expanding=True)), _TABLE.c.status == "new")
    .values(status="done", payload={}, done_at=bindparam("now"))
)


def do_park(session: Session, ids: Sequence[int], *, reference: str, now: datetime) -> None:
    """Set events aside that could not be handled; they stay for whoever looks into `reference`, without codes."""
    for row in session.scalars(select(InboxRow).where(InboxRow.id.in_(ids), InboxRow.status == "new")):
        row.status, row.reference, row.done_at = "failed", reference, now
        if read_code(row.payload.get("text", "")):  # nobody needs it to find the fault, and it may still be valid
            row.payload = {**row.payload, "text": WIPED}


def do_forget(session: Session, *, now: datetime) -> int:
    """Delete handled events older than `KEEP`; return how many. Parked ones stay."""
    gone = session.execute(delete(InboxRow).where(InboxRow.status == "done", InboxRow.done_at < now - KEEP))
    return int(gone.rowcount)  # type: ignore[attr-defined]
