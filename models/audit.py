"""Who did what: append-only rows, each carrying the hash of the one before.

`do_audit` notes a row; the rows of a unit are chained and written together as its last act (`do_seal`), so that a
savepoint that is rolled back leaves no gap and nobody waits for somebody who already holds the chain. The database
itself refuses to change or delete a row (triggers); whoever goes around the triggers breaks the chain, and `verify`
names the first row that does not fit. A cut-off tail cannot be seen from inside: a head that was written down
elsewhere has to be met again on the way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, ForeignKey, String, Table, insert, inspect, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Serial

GENESIS: Final = "0" * 64
LOCK: Final = 0x77616E67_67650001  # PostgreSQL: who appends holds this advisory lock until the commit.
PAGE: Final = 1000
_WAITING: Final = "audit"  # In `Session.info`: the rows that the unit has noted and not yet written.

# A mainland mobile number, an identity number, a bot token, an invite code: none belongs into the audit.
_SECRET = re.compile(
    r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx]|\d{5,}:[\w-]{30,}|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b"
)


class AuditRow(Base):
    """One act. `action` ("people:join") and `subject` ("person:12") are stable keys, `detail` plain values."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


_APPEND = insert(cast("Table", AuditRow.__table__))
_LAST = select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)

_REFUSE = "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
_REFUSE += "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"

# By database and name of the trigger: when it stops whom.
_GUARDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {"audit_no_update": "BEFORE UPDATE ON audit", "audit_no_delete": "BEFORE DELETE ON audit"},
    "postgresql": {
        "audit_no_change": "BEFORE UPDATE OR DELETE ON audit FOR EACH ROW",
        "audit_no_truncate": "BEFORE TRUNCATE ON audit FOR EACH STATEMENT",
    },
}
_ACT: Final = {
    "sqlite": "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "postgresql": "EXECUTE FUNCTION audit_refuse()",
}
_LIST: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled <> 'D'",
}


def missing_guards(connection: Connection) -> list[str]:
    """Name the triggers that should forbid changes and are not there, or are switched off."""
    dialect = connection.dialect.name
    if not inspect(connection).has_table(AuditRow.__tablename__):
        return list(_GUARDS[dialect])
    there = set(connection.scalars(text(_LIST[dialect])))
    return [name for name in _GUARDS[dialect] if name not in there]


def restore_guards(connection: Connection) -> None:
    """Make the missing triggers: a migration that rebuilds the table on SQLite loses them without a word."""
    if not inspect(connection).has_table(AuditRow.__tablename__):
        return
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(_REFUSE)
    for name in missing_guards(connection):
        if dialect == "postgresql":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON audit")  # it may be there, switched off
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {_GUARDS[dialect][name]} {_ACT[dialect]}")


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What `verify` found: how many rows fit, the hash of the last that fits, the id of the first that does not.

    `has_met`: a head that was written down earlier was met on the way (True if none was asked for).
    """

    count: int
    head: str
    broken: int | None = None
    has_met: bool = True


def do_audit(
    session: Session,
    *,
    action: str,
    subject: str,
    person_id: int | None,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Note a row for the end of the unit; phones, identity numbers, tokens and codes are blanked out of `detail`."""
    row = {
        "at": now.astimezone(UTC), "person_id": person_id, "action": action, "subject": subject,
        "detail": _plain(detail or {}),
    }  # fmt: skip
    session.info.setdefault(_WAITING, []).append(row)


def hand_over(inner: Session, outer: Session) -> None:
    """Let `outer` write what was noted in a savepoint that is kept."""
    if rows := inner.info.pop(_WAITING, None):
        outer.info.setdefault(_WAITING, []).extend(rows)


def do_seal(session: Session) -> None:
    """Append what the unit has noted: its last act, because on PostgreSQL others wait from here to the commit."""
    rows = session.info.pop(_WAITING, None)
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    last = read_head(session)
    row_id, previous = last.count, last.head
    for row in rows:
        row_id += 1
        row |= {"id": row_id, "previous": previous}
        previous = row["hash"] = _digest(row)
    session.execute(_APPEND, rows)


def read_head(session: Session) -> AuditReport:
    """How many rows there are and the hash of the last one, unverified. One query."""
    last = session.execute(_LAST).first()
    return AuditReport(last.id, last.hash) if last else AuditReport(0, GENESIS)


def verify(session: Session, *, written: str = "") -> AuditReport:
    """Walk the chain from its first row; `written` is a head, or its beginning, that was written down earlier."""
    count, head, has_met = 0, GENESIS, GENESIS.startswith(written)
    while rows := session.execute(
        select(AuditRow.__table__).where(AuditRow.id > count).order_by(AuditRow.id).limit(PAGE)
    ).all():
        for row in rows:
            values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
            digest = values.pop("hash")
            if values["id"] != count + 1 or values["previous"] != head or digest != _digest(values):
                return AuditReport(count, head, broken=values["id"], has_met=has_met)
            count, head = count + 1, digest
            has_met = has_met or head.startswith(written)
    return AuditReport(count, head, has_met=has_met)


def is_guarded(session: Session) -> bool:
    """Tell whether the triggers that forbid changes are in place."""
    return not missing_guards(session.connection())


def _digest(row: Mapping[str, Any]) -> str:
    values = {**row, "at": row["at"].isoformat(timespec="microseconds")}
    written = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Bring a value into a form that every database gives back exactly as it was, without secrets."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return "[…]" if _SECRET.search(str(value)) else value
    return _SECRET.sub("[…]", str(value).replace("\x00", ""))
