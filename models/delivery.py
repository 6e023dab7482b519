"""The sending side of the outbox: claim with a lease, then mark; a crash in between repeats, never loses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    not_,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from models.base import Moment
from models.outbox import Attempt, Lane, OutboxRow, Placing, find_message
from models.people.tables import Account

LEASE = timedelta(seconds=90)
URGENT_MARK = "!"
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

    @property
    def queue(self) -> str:
        """What is served in order: a chat's urgent rows, or its others; answers do not wait behind a broadcast."""
        return f"{self.platform}:{self.chat}{URGENT_MARK if self.lane <= Lane.REPLY else ''}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What to send now, and when to ask again if that is nothing (None: when something new is queued).

    `is_cut`: the limit was reached, so more may wait.
    """

    rows: list[Claimed]
    again_at: datetime | None = None
    is_cut: bool = False


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
    last_lane: Lane = Lane.DIGEST,
    is_quiet: Callable[[datetime], bool] = lambda _moment: False,
) -> Claim:
    """Lease the rows that are due, most urgent lane first, in order within a chat.

    `busy`: queues (`Claimed.queue`) that are being served already; `last_lane`: the least urgent one that counts.
    Rows whose time has passed, whose chat has been taken from its person, or whose subject the person may no
    longer see, end as `expired`. While it `is_quiet`, what makes a sound and can wait is left alone; of the changes of
    one card that have waited so long, the last one is sent.
    """
    parameters = {
        "platforms": list(platforms), "busy": list(busy) or [""], "now": now, "limit": limit,
        "last_lane": int(last_lane), "loudest": int(Lane.ORDER if is_quiet(now) else Lane.DIGEST),
    }  # fmt: skip
    rows = session.execute(_DUE, parameters).all()
    claimed: list[Claimed] = []
    for row in rows:
        reason = _reason_to_drop(session, row, now, checks) or (
            "superseded" if is_quiet(row.created_at) and _is_superseded(session, row) else ""
        )
        if reason:
            session.execute(_DROP, {"row_id": row.id, "reason": reason})
            if row.card.get("secret"):
                session.execute(_WIPE, {"ids": [row.id]})
            continue
        claimed.append(
            Claimed(row.id, row.lane, row.platform, row.chat, row.lang, row.card, row.placing,
                    _previous(session, row), row.tries, row.uncertain)
        )  # fmt: skip
    if not claimed:
        return Claim([], now if rows else session.execute(_NEXT, {"now": now}).scalar())
    session.execute(_LEASE, {"ids": [item.id for item in claimed], "until": now + LEASE})
    return Claim(claimed, is_cut=len(rows) == limit)


def _is_pending(table: FromClause) -> ColumnElement[bool]:
    # Word for word the condition of the partial indexes: only then are they used, and the outbox is never emptied.
    return table.c.status.in_([literal_column("'queued'"), literal_column("'leased'")])


# The statements are built once: building them costs more than running them.
_TABLE = cast("Table", OutboxRow.__table__)
_C = _TABLE.c
_earlier = _TABLE.alias("earlier")


def _is_held(table: FromClause) -> ColumnElement[bool]:
    """What waits for the end of the quiet hours; a card that changes in place makes no sound."""
    return and_(
        table.c.lane + 0 > bindparam("loudest", type_=Integer), table.c.placing != "edit", table.c.status == "queued"
    )


# Whoever waits for a later time holds back what comes after it in the same chat and lane; and of one card, also
# what waits in another lane goes first: two changes of it at once would leave two live cards, or the older one on
# top. The sums keep planners from reading all rows of the lane instead of the few of the chat.
_BLOCKED = exists().where(
    _earlier.c.platform == _C.platform,
    _earlier.c.chat == _C.chat,
    _earlier.c.id + 0 < _C.id,
    _is_pending(_earlier),
    or_(
        and_(
            _earlier.c.lane + 0 == _C.lane,
            or_(
                _earlier.c.not_before > bindparam("now", type_=Moment),
                _earlier.c.status == "leased",
                and_(_is_held(_earlier), _C.card_key != "", _earlier.c.card_key + "" == _C.card_key),
            ),
        ),
        and_(
            _earlier.c.lane + 0 != _C.lane,
            _C.card_key != "",
            _earlier.c.card_key + "" == _C.card_key,
            not_(_is_held(_earlier)),
        ),
    ),
)
_newer = _TABLE.alias("newer")
_SUPERSEDED = select(
    exists().where(
        _newer.c.platform == bindparam("platform"),
        _newer.c.chat == bindparam("chat"),
        _newer.c.card_key == bindparam("key"),
        _newer.c.id > bindparam("row_id"),
        _newer.c.status.in_(("queued", "leased", "sent")),
        or_(_newer.c.lane <= Lane.REPLY.value, _newer.c.placing == "move"),
    )
)
_IS_THEIRS = exists().where(
    Account.platform == _C.platform,
    Account.chat == _C.chat,
    Account.person_id == _C.person_id,
    Account.unbound_at.is_(None),
)
_QUEUE = _C.platform + ":" + _C.chat + case((_C.lane <= Lane.REPLY.value, URGENT_MARK), else_="")
_DUE = (
    select(
        _C.id, _C.lane, _C.platform, _C.chat, _C.person_id, _C.lang, _C.card, _C.card_key, _C.placing, _C.previous,
        _C.subject, _C.expires_at, _C.created_at, _C.tries, _C.uncertain, _IS_THEIRS.label("is_theirs"),
    )
    .where(
        _is_pending(_TABLE),
        _C.status == "queued",
        _C.not_before <= bindparam("now", type_=Moment),
        # Not by the index on platforms: the rows come in the order of sending, and only the first few are read.
        (_C.platform + "").in_(bindparam("platforms", expanding=True)),
        _QUEUE.not_in(bindparam("busy", expanding=True)),
        _C.lane <= bindparam("last_lane"),
        not_(_is_held(_TABLE)),
        ~_BLOCKED,
    )
    .order_by(_C.lane, _C.id)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)  # fmt: skip
# Rows that are due and were not claimed wait for their chat, and its end is a wake-up.
_NEXT = select(func.min(_C.not_before, type_=Moment)).where(
    _is_pending(_TABLE), _C.status == "queued", _C.not_before > bindparam("now", type_=Moment)
)
_LEASE = (
    update(_TABLE)
    .where(_C.id.in_(bindparam("ids", expanding=True)))
    .values(status="leased", lease_until=bindparam("until", type_=Moment))
)
_DROP = update(_TABLE).where(_C.id == bindparam("row_id")).values(status="expired", error=bindparam("reason"))
_WIPE = update(_TABLE).where(_C.id.in_(bindparam("ids", expanding=True))).values(card={})


def _previous(session: Session, row: Any) -> str:
    """The message to change: the one that was pressed, unless its card has moved on since."""
    key = row.card.get("replaces") or row.card_key
    if row.placing == "new" or not key:
        return cast("str", row.previous)
    since = row.created_at if row.previous else None
    return find_message(session, row.platform, row.chat, key, since=since) or cast("str", row.previous)


def _is_superseded(session: Session, row: Any) -> bool:
    """Tell whether the person has seen the card as it was later, or is about to."""
    if row.lane <= Lane.ORDER or row.placing != "move" or not row.card_key:
        return False
    asked = {"platform": row.platform, "chat": row.chat, "key": row.card_key, "row_id": row.id}
    return bool(session.execute(_SUPERSEDED, asked).scalar())


def _reason_to_drop(session: Session, row: Any, now: datetime, checks: Mapping[str, MaySee]) -> str:
    if row.expires_at and row.expires_at <= now:
        return "too-late"
    if row.person_id is None:
        return ""
    if not row.is_theirs:  # answers too: the chat may have another owner by now
        return "unbound"
    if row.lane == Lane.REPLY:
        return ""
    subject, _sep, ident = row.subject.partition(":")
    check = checks.get(subject)
    if check and not check(session, row.person_id, ident, now):
        return "not-theirs"
    return ""


_SENT = (
    update(_TABLE)
    .where(_C.id == bindparam("row_id"))
    .values(
        status=literal_column("'sent'"), lease_until=null(), error=literal_column("''"),
        tries=_C.tries + literal_column("1"),
        external_id=bindparam("external"), sent_at=bindparam("at", type_=Moment),
    )
)  # fmt: skip
_FAILED = (
    update(_TABLE)
    .where(_C.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"), lease_until=None, error=bindparam("code"), uncertain=bindparam("perhaps"),
        tries=_C.tries + bindparam("counted", type_=Integer),
        not_before=func.coalesce(bindparam("retry_at", type_=Moment), _C.not_before),
    )
)  # fmt: skip


def do_mark(session: Session, results: Sequence[Result], *, now: datetime) -> None:
    """Record how attempts ended, all in one transaction."""
    sent = [item for item in results if item.status == "sent"]
    failed = [item for item in results if item.status != "sent"]
    if sent:
        session.execute(_SENT, [{"row_id": item.id, "external": item.external_id, "at": now} for item in sent])
    if failed:
        session.execute(_FAILED, [_failure(item) for item in failed])
    secret = [item.id for item in results if item.secret and item.status != "queued"]
    if secret:
        session.execute(_WIPE, {"ids": secret})
    attempts = [{"outbox_id": item.id, "at": now, "outcome": item.code} for item in results if item.counted]
    if attempts:
        session.execute(_ATTEMPT, attempts)


_ATTEMPT = insert(cast("Table", Attempt.__table__))


def _failure(result: Result) -> dict[str, Any]:
    return {
        "row_id": result.id, "new_status": result.status, "code": result.code, "perhaps": result.uncertain,
        "counted": int(result.counted), "retry_at": result.retry_at,
    }  # fmt: skip


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
    condition = and_(_is_pending(_TABLE), OutboxRow.status == "leased")
    if not everything:
        condition = and_(condition, OutboxRow.lease_until < now)
    taken = session.execute(
        update(OutboxRow)
        .where(condition)
        .values(status="queued", lease_until=None, uncertain=True, not_before=now)
        .execution_options(synchronize_session=False)
    )
    return int(taken.rowcount)  # type: ignore[attr-defined]


def count_waiting(session: Session) -> int:
    """How many rows wait to be sent."""
    return int(session.scalar(select(func.count()).where(_is_pending(_TABLE))) or 0)
