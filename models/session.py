"""Units of work: one synchronous function, one transaction; the store decides where it runs.

Rules and conversations are plain functions over a `Session`. On SQLite a write unit runs in the one writer
thread, in its own savepoint, and units that wait together share one commit (`synchronous=FULL`, one fsync);
reads run on aiosqlite. On PostgreSQL both run on asyncpg. See docs/decisions/0001-units-of-work.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models.audit import do_seal, hand_over
from models.errors import StorageFailed

T = TypeVar("T")
Unit = Callable[[Session], T]

WAL_TRIES = 50  # A tenth of a second apart.
MAX_GROUP = 64  # Units per commit: bounds how long the first of them waits for the last.

__all__ = ["Session", "Store", "Unit", "attempt", "open_store"]


class _Writer(Protocol):
    async def write(self, unit: Unit[T]) -> T: ...
    async def close(self) -> None: ...


class Store:
    """The database as the rest of the house sees it: `write` and `read`."""

    def __init__(self, url: str, writer: _Writer, engine: AsyncEngine) -> None:
        self.url = url
        self._writer = writer
        self._engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded store: one process, one writer."""
        return self._engine.dialect.name == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        """The engine behind reads (tests count its statements)."""
        return self._engine

    async def write(self, unit: Unit[T]) -> T:
        """Run `unit` in a transaction: returning commits, raising rolls back.

        Raises: StorageFailed: the commit itself failed; nothing was written.
        """
        return await self._writer.write(unit)

    async def read(self, unit: Unit[T]) -> T:
        """Run `unit` in a transaction that is rolled back; on SQLite the connection refuses writes.

        Raises: StorageFailed: the database is away.
        """
        with _translated():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                return await session.run_sync(unit)

    async def close(self) -> None:
        """Finish what is queued and close all connections."""
        await self._writer.close()
        await self._engine.dispose()


def open_store(url: str) -> Store:
    """Open the database named by `url` (`sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`).

    Raises: ValueError: another kind of database.
    """
    parsed = make_url(url)
    if parsed.drivername == "sqlite+aiosqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(url, pool_size=4, max_overflow=4, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_reader)
        return Store(url, _SQLiteWriter(parsed.database or ""), engine)
    if parsed.drivername == "postgresql+asyncpg":
        engine = create_async_engine(url, pool_size=10, max_overflow=5, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine.sync_engine, "after_cursor_execute", _note_roster)
        return Store(url, _PostgresWriter(engine), engine)
    raise ValueError(f"unknown kind of database: {parsed.drivername}")


def sqlite_engine(path: str) -> Engine:
    """Make the one write connection of a SQLite file: WAL, FULL, every transaction BEGIN IMMEDIATE."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 10},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_writer)
    event.listen(engine, "after_cursor_execute", _note_roster)
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


_ROSTER = ("accounts", "assignments", "deputies", "people", "enterprise_people")
_ROSTER_WRITES = tuple(f"{verb} {table}" for verb in ("INSERT INTO", "UPDATE", "DELETE FROM") for table in _ROSTER)


def _note_roster(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    if statement.startswith(_ROSTER_WRITES):
        connection.info["roster"] = connection.info.get("roster", 0) + 1


def watch_roster(session: Session) -> Callable[[], bool]:
    """Give a function that tells whether, since it was last asked, this connection changed who may do what.

    That is who people are, where they chat and what their roles are.
    """
    info = session.connection().info
    seen = info.get("roster", 0)

    def has_changed() -> bool:
        nonlocal seen
        before, seen = seen, info.get("roster", 0)
        return bool(before != seen)

    return has_changed


def attempt(session: Session, unit: Unit[T]) -> T:
    """Run `unit` in a savepoint within the transaction of `session`; when it raises, only its own changes go."""
    return _in_savepoint(session.connection(), unit, session)


def _in_savepoint(connection: Connection, unit: Unit[T], outer: Session | None = None) -> T:
    # The savepoint is the connection's: one that the session makes for itself costs several times as much, and here
    # it would have nothing else to do. The session remembers nothing of other units and never ends a transaction.
    with connection.begin_nested():
        session = Session(connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        try:
            result = unit(session)
            session.flush()
        finally:
            session.close()
    if outer is not None:  # what was noted for the audit counts only if the savepoint is kept
        hand_over(session, outer)
    return result


# What SQLite says when the disk, not the statement, is to blame.
_DISK_WORDS = ("full", "readonly", "disk I/O", "unable to open", "locked")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn "the database is away" into StorageFailed; what a statement did wrong passes as it is."""
    try:
        yield
    except Exception as error:
        if is_away(error):
            raise StorageFailed(type(error).__name__) from error
        raise


def is_away(error: BaseException) -> bool:
    """Tell whether the database, its server or its disk is to blame, so that trying again may help."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        gone = error.connection_invalidated or isinstance(error, InterfaceError)
        return gone or (isinstance(error, OperationalError) and any(word in str(error.orig) for word in _DISK_WORDS))
    # Before there is a connection, the driver's own errors come through: the server starts, stops or refuses.
    return type(error).__module__.startswith("asyncpg")


def _sealed(unit: Unit[T], session: Session) -> T:
    """Run a unit and, as its last act, write what it has noted for the audit."""
    result = unit(session)
    do_seal(session)
    return result


class _PostgresWriter:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, unit: Unit[T]) -> T:
        with _translated():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                result = await session.run_sync(lambda inner: _sealed(unit, inner))
                await session.commit()
                return result

    async def close(self) -> None:
        """The engine is the store's to dispose of."""


_Job = tuple[Unit[Any], asyncio.Future[Any]]
_Outcome = tuple[asyncio.Future[Any], Any, BaseException | None]


class _SQLiteWriter:
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
            return _in_savepoint(connection, lambda session: _sealed(unit, session)), None
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


async def ping(store: Store) -> None:
    """Prove that the database answers.

    Raises: DBAPIError: it does not.
    """
    await store.read(lambda session: session.execute(text("SELECT 1")).scalar_one())
