"""In what condition a database is found: empty, of this version, of another one, or somebody else's."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, func, inspect, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from models.audit import AuditRow
from models.inbox import InboxRow
from models.migrate import VERSIONS, head
from models.outbox import OutboxRow
from models.schema import METADATA

T = TypeVar("T")
VERSION_TABLE = "alembic_version"


class Unusable(Exception):
    """The database does not answer, or is none; the message is one English sentence without its password."""


class Condition(Enum):
    """How a database stands to this code."""

    EMPTY = auto()
    CURRENT = auto()
    BEHIND = auto()
    AHEAD = auto()
    FOREIGN = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """What `examine` found. `revision` is None where there are no tables of ours; `has_rows`: it holds data."""

    condition: Condition
    revision: str | None
    has_rows: bool


@dataclass(frozen=True, slots=True)
class Durability:
    """How firmly a commit is written, in the words of the database (see `read_durability`)."""

    is_firm: bool
    words: str


def shown(url: str) -> str:
    """Name a database in a message: without its password."""
    return make_url(url).render_as_string(hide_password=True)


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database; None for other kinds."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def known_revisions() -> frozenset[str]:
    """Every revision this code can bring up to date."""
    return frozenset(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def judge(revision: str | None) -> Condition:
    """Say how a database of this revision stands to this code."""
    if revision == head():
        return Condition.CURRENT
    return Condition.BEHIND if revision in known_revisions() else Condition.AHEAD


async def examine(url: str) -> Found:
    """Look at a database without changing it; a SQLite file that does not exist is empty.

    Raises: Unusable: it does not answer, or the file is no database.
    """
    path = sqlite_path(url)
    if path is None:
        return await _on_postgres(url, _survey)
    if not await asyncio.to_thread(path.exists):
        return Found(Condition.EMPTY, None, has_rows=False)
    return await asyncio.to_thread(on_sqlite, path, _survey)


def on_sqlite(path: Path, work: Callable[[Connection], T]) -> T:
    """Run `work` on an existing SQLite file, without leave to change it.

    Raises: Unusable: the file cannot be opened or is no database.
    """
    # Not mode=ro: after a crash a reader has to be able to bring the write-ahead log back.
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool, hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            return work(connection)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise Unusable(f"{path} cannot be read as a database ({_reason(error)}).") from error
    finally:
        engine.dispose()


async def _on_postgres(url: str, work: Callable[[Connection], T]) -> T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    except (SQLAlchemyError, OSError) as error:
        raise Unusable(f"{shown(url)} does not answer ({_reason(error)}).") from error
    finally:
        await engine.dispose()


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    return (str(cause) or cause.__class__.__name__).strip().splitlines()[0]


def _survey(connection: Connection) -> Found:
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        return Found(Condition.FOREIGN if tables else Condition.EMPTY, None, has_rows=bool(tables))
    revision = read_revision(connection)
    ours = [table for table in METADATA.sorted_tables if table.name in tables]
    has_rows = any(connection.execute(select(table).limit(1)).first() for table in ours)
    if revision is None:  # taken back to nothing by a downgrade
        return Found(Condition.FOREIGN if ours else Condition.EMPTY, None, has_rows=has_rows)
    return Found(judge(revision), revision, has_rows=has_rows)


def read_revision(connection: Connection) -> str | None:
    """The revision written down in a database that has the table for it."""
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant


def count_rows(connection: Connection) -> int:
    """How many rows all tables of ours hold together."""
    there = set(inspect(connection).get_table_names())
    tables = [table for table in METADATA.sorted_tables if table.name in there]
    return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def read_durability(session: Session) -> Durability:
    """Ask the connection of a write unit whether a commit survives a power failure."""
    if session.get_bind().dialect.name == "sqlite":
        journal = session.scalars(text("PRAGMA journal_mode")).one()
        level = session.scalars(text("PRAGMA synchronous")).one()
        # Source: SQLite, PRAGMA synchronous: 2 is FULL, 3 EXTRA; 1 (NORMAL) may lose the last commits.
        return Durability(journal == "wal" and level >= 2, f"journal_mode={journal}, synchronous={level}")
    words = {name: session.scalars(text(f"SHOW {name}")).one() for name in ("fsync", "synchronous_commit")}
    return Durability("off" not in words.values(), ", ".join(f"{name}={value}" for name, value in words.items()))


def read_language(session: Session) -> str:
    """What is wrong with the character set of a PostgreSQL database; empty if nothing is (and for SQLite).

    Source: libraries.md, finding on pg_trgm: with LC_CTYPE=C the trigrams of Chinese words are empty.
    """
    if session.get_bind().dialect.name == "sqlite":
        return ""
    encoding = session.scalars(text("SHOW server_encoding")).one()
    ctype = session.scalars(text("SELECT datctype FROM pg_database WHERE datname = current_database()")).one()
    if encoding != "UTF8":
        return f"its encoding is {encoding}, not UTF8"
    return f"its LC_CTYPE is {ctype}, which knows no Chinese; make it with C.UTF-8" if ctype in ("C", "POSIX") else ""


def count_parked(session: Session) -> int:
    """Events that failed for a reason of ours and wait for somebody to look into them."""
    return session.scalar(select(func.count()).where(InboxRow.status == "failed")) or 0


def count_dead(session: Session) -> dict[str, int]:
    """Messages that were given up, by reason; that somebody has not joined yet is no failure."""
    rows = session.execute(
        select(OutboxRow.error, func.count())
        .where(OutboxRow.status == "dead", OutboxRow.error != "not-joined")
        .group_by(OutboxRow.error)
        .order_by(OutboxRow.error)
    )
    return {error: count for error, count in rows}  # noqa: C416 - rows are no pairs to the type checker


def newest_moment(session: Session) -> datetime | None:
    """The latest time that anything was written down with."""
    found = [
        session.scalar(select(func.max(column))) for column in (InboxRow.received_at, OutboxRow.created_at, AuditRow.at)
    ]
    return max((moment for moment in found if moment is not None), default=None)
