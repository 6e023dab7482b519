"""Units of work on SQLite: one thread writes, aiosqlite reads.

A write unit runs in its own savepoint, and units that wait together share one commit (`synchronous=FULL`, one fsync).
Readers have connections that refuse writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import StaticPool

from models.errors import StorageFailed
from models.session import Unit, in_savepoint, is_away, note_roster, sealed

T = TypeVar("T")

WAL_TRIES = 50  # A tenth of a second apart.
MAX_GROUP = 64  # Units per commit: bounds how long the first of them waits for the last.
READERS = 4


class SQLite:
    """The `Backend` of one file."""

    def __init__(self, url: URL) -> None:
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        self._writer = _Writer(url.database or "")
        self._readers = create_async_engine(url, pool_size=READERS, max_overflow=READERS, hide_parameters=True)
        event.listen(self.engine, "connect", _prepare_reader)

    @property
    def engine(self) -> Engine:
        """What is underneath the readers."""
        return self._readers.sync_engine

    async def write(self, unit: Unit[T]) -> T:
        """Run `unit` in the writer's thread."""
        return await self._writer.write(unit)

    async def read(self, unit: Unit[T]) -> T:
        """Run `unit` on a connection that refuses writes, and roll back."""
        async with AsyncSession(self._readers, expire_on_commit=False) as session:
            return await session.run_sync(unit)

    async def close(self) -> None:
        """Finish what is queued and close the connections."""
        await self._writer.close()
        await self._readers.dispose()


def sqlite_engine(path: str) -> Engine:
    """Make the one write connection of a SQLite file: WAL, FULL, every transaction BEGIN IMMEDIATE."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 10},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_writer)
    event.listen(engine, "after_cursor_execute", note_roster)
    # Straight to the driver: every unit has a savepoint, and through the compiler its statements would cost as
    # much as the unit's own.
    engine.dialect.do_begin = _begin_immediate  # type: ignore[assignment]
    for verb in ("savepoint", "release_savepoint", "rollback_to_savepoint"):
        setattr(engine.dialect, f"do_{verb}", _driver_call(verb.removesuffix("_savepoint").replace("_", " ")))
    return engine


def _driver_call(verb: str) -> Callable[[Connection, str], None]:
    def call(connection: Connection, name: str) -> None:
        connection.connection.dbapi_connection.execute(f"{verb} {name}")  # type: ignore[union-attr]

    return call


def _prepare_writer(connection: Any, _record: object) -> None:
    # The driver must not begin transactions on its own: it would begin them deferred, and a deferred
    # transaction that turns into a write fails at once with "database is locked".
    connection.isolation_level = None
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA case_sensitive_like=ON")  # lets LIKE 'code%' use the index on grid codes


def _use_wal(connection: Any) -> None:
    """Switch to WAL; of two processes that do so at once, SQLite refuses one without waiting for the other."""
    for left in reversed(range(WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(0.1)
        else:
            return


def _begin_immediate(connection: Any) -> None:
    connection.execute("BEGIN IMMEDIATE")


def _prepare_reader(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "case_sensitive_like=ON", "query_only=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_Job = tuple[Unit[Any], asyncio.Future[Any]]
_Outcome = tuple[asyncio.Future[Any], Any, BaseException | None]


class _Writer:
    """One thread that owns the write connection and commits in groups."""

    def __init__(self, path: str) -> None:
        self._engine = sqlite_engine(path)
        self._connection: Connection | None = None
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, unit: Unit[T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put((unit, future))
        return await future

    async def close(self) -> None:
        self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._disconnect()
        self._engine.dispose()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            stop = False
            with contextlib.suppress(queue.Empty):
                while len(group) < MAX_GROUP:
                    following = self._queue.get_nowait()
                    if following is None:
                        stop = True
                        break
                    group.append(following)
            # Whoever was cancelled while waiting wants nothing written any more.
            _tell(self._commit([job for job in group if not job[1].cancelled()]))
            if stop:
                return

    def _commit(self, group: Sequence[_Job]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        try:
            # Kept from group to group: taking it from the pool anew costs as much as a statement or two.
            connection = self._connection = self._connection or self._engine.connect()
            with connection.begin():
                for unit, future in group:
                    outcomes.append((future, *self._run_one(connection, unit)))
        except Exception as error:  # noqa: BLE001 - the commit failed, whatever the cause: nobody's change was kept
            self._disconnect()
            failure = StorageFailed(str(error))
            return [(future, None, failure) for _unit, future in group]
        return outcomes

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                connection.close()

    @staticmethod
    def _run_one(connection: Connection, unit: Unit[Any]) -> tuple[Any, BaseException | None]:
        try:
            return in_savepoint(connection, lambda session: sealed(unit, session)), None
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits this unit; the others go on
            return None, StorageFailed(type(error).__name__) if is_away(error) else error


def _tell(outcomes: Sequence[_Outcome]) -> None:
    """Hand results over to the event loop: one wake-up for the whole group, as each costs a system call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, mine in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(outcomes: Sequence[_Outcome]) -> None:
    for future, result, raised in outcomes:
        if future.cancelled():
            continue
        if raised is None:
            future.set_result(result)
        else:
            future.set_exception(raised)
