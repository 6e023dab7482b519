"""The sending side of the outbox: claim with a lease, then mark; a crash in between repeats, never loses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.outbox import Attempt, Lane, OutboxRow, Placing, find_message
from models.people.tables import Account

LEASE = timedelta(seconds=90)
# Longest wait between two tries. Source: reliability.md 2.2, "platform down 2 h".
MAX_BACKOFF_S = 300
# A message that nobody took for a day has lost its use; warnings carry their own, shorter expires_at.
GIVE_UP = timedelta(hours=24)

# Tells whether a person may (still) see what a card shows: (session, person_id, ident, now).
MaySee = Callable[[Session, int, str, datetime], bool]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this process is to send now."""

    id: int
    lane: int
    platform: str
    chat: str
    lang: str
    card: Mapping[str, Any]
    placing: Placing
    previous: str
    tries: int
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended. `code` is "sent" or the error's code; `retry_at` only for "queued"."""

    id: int
    status: Literal["sent", "queued", "dead", "expired"]
    code: str
    external_id: str = ""
    retry_at: datetime | None = None
    uncertain: bool = False
    counted: bool = True
    secret: bool = False


def do_claim(
    session: Session,
    *,
    platforms: Collection[str],
    busy: Collection[str],
    limit: int,
    now: datetime,
    checks: Mapping[str, MaySee],
) -> list[Claimed]:
    """Lease the rows that are due, most urgent lane first, in order within a chat.

    `busy`: chats ("platform:chat") that are being served already. Rows whose time has passed, whose chat has
    been taken from its person, or whose subject the person may no longer see, end as `expired`.
    """
    due = _due(platforms, busy, limit, now)
    rows = session.scalars(due).all()
    claimed: list[Claimed] = []
    for row in rows:
        reason = _reason_to_drop(session, row, now, checks)
        if reason:
            row.status, row.error = "expired", reason
            continue
        previous = row.previous or _previous(session, row)
        claimed.append(
            Claimed(row.id, row.lane, row.platform, row.chat, row.lang, row.card, row.placing, previous, row.tries,
                    row.uncertain)
        )  # fmt: skip
    if claimed:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_([item.id for item in claimed]))
            .values(status="leased", lease_until=now + LEASE)
            .execution_options(synchronize_session=False)
        )
    return claimed


def _due(platforms: Collection[str], busy: Collection[str], limit: int, now: datetime) -> Any:
    earlier = aliased(OutboxRow)
    # Whoever waits for a later time holds back what comes after it in the same chat and lane.
    blocked = exists().where(
        earlier.platform == OutboxRow.platform,
        earlier.chat == OutboxRow.chat,
        earlier.lane == OutboxRow.lane,
        earlier.id < OutboxRow.id,
        earlier.status.in_(("queued", "leased")),
        or_(earlier.not_before > now, earlier.status == "leased"),
    )
    statement = (
        select(OutboxRow)
        .where(
            OutboxRow.status == "queued",
            OutboxRow.not_before <= now,
            OutboxRow.platform.in_(platforms),
            ~blocked,
        )
        .order_by(OutboxRow.lane, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if busy:
        statement = statement.where((OutboxRow.platform + ":" + OutboxRow.chat).not_in(busy))
    return statement


def _previous(session: Session, row: OutboxRow) -> str:
    key = row.card.get("replaces") or row.card_key
    if row.placing == "new" or not key:
        return ""
    return find_message(session, row.platform, row.chat, key)


def _reason_to_drop(session: Session, row: OutboxRow, now: datetime, checks: Mapping[str, MaySee]) -> str:
    if row.expires_at and row.expires_at <= now:
        return "too-late"
    if row.person_id is None or row.lane == Lane.REPLY:
        return ""
    still_theirs = session.scalar(
        select(Account.id).where(
            and_(Account.platform == row.platform, Account.chat == row.chat),
            Account.person_id == row.person_id,
            Account.unbound_at.is_(None),
        )
    )
    if still_theirs is None:
        return "unbound"
    subject, _sep, ident = row.subject.partition(":")
    check = checks.get(subject)
    if check and not check(session, row.person_id, ident, now):
        return "not-theirs"
    return ""


def do_mark(session: Session, results: Sequence[Result], *, now: datetime) -> None:
    """Record how attempts ended, all in one transaction."""
    for result in results:
        values: dict[str, Any] = {"status": result.status, "lease_until": None}
        if result.status == "sent":
            values.update(external_id=result.external_id, sent_at=now, error="")
            if result.secret:
                values["card"] = {}
        else:
            values.update(error=result.code, uncertain=result.uncertain)
        if result.retry_at:
            values["not_before"] = result.retry_at
        if result.counted:
            values["tries"] = OutboxRow.tries + 1
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == result.id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    attempts = [{"outbox_id": item.id, "at": now, "outcome": item.code} for item in results if item.counted]
    if attempts:
        session.execute(insert(Attempt), attempts)


def do_unlease(session: Session, ids: Sequence[int]) -> None:
    """Give back rows that were claimed and not tried."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids), OutboxRow.status == "leased")
        .values(status="queued", lease_until=None)
        .execution_options(synchronize_session=False)
    )


def do_recover(session: Session, *, now: datetime, everything: bool) -> int:
    """Take back leases that ran out (`everything`: all of them, at the start of the only sender).

    What was leased when its process ended was perhaps delivered: it goes out again, marked as a repeat.
    """
    condition = OutboxRow.status == "leased"
    if not everything:
        condition = and_(condition, OutboxRow.lease_until < now)
    taken = session.execute(
        update(OutboxRow)
        .where(condition)
        .values(status="queued", lease_until=None, uncertain=True, not_before=now)
        .execution_options(synchronize_session=False)
    )
    return int(taken.rowcount)  # type: ignore[attr-defined]


def next_due(session: Session) -> datetime | None:
    """When the next queued row may go; None if nothing waits."""
    return session.scalar(select(func.min(OutboxRow.not_before)).where(OutboxRow.status == "queued"))


def count_waiting(session: Session) -> int:
    """How many rows wait to be sent."""
    return int(session.scalar(select(func.count()).where(OutboxRow.status.in_(("queued", "leased")))) or 0)
