"""Units of work: one synchronous function, one transaction; the store decides where it runs.

Rules and conversations are plain functions over a `Session`. Where they run is the business of models/sqlite.py and
models/postgres.py. See docs/decisions/0001-units-of-work.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from models.audit import do_seal, hand_over
from models.errors import Collided, StorageFailed

T = TypeVar("T")
Unit = Callable[[Session], T]

__all__ = ["Session", "Store", "Unit", "attempt", "open_store"]


class Backend(Protocol):
    """A kind of database (models/sqlite.py, models/postgres.py). `engine`: the one behind reads."""

    @property
    def engine(self) -> Engine: ...
    async def write(self, unit: Unit[T]) -> T: ...
    async def read(self, unit: Unit[T]) -> T: ...
    async def close(self) -> None: ...


class Store:
    """The database as the rest of the house sees it: `write` and `read`."""

    def __init__(self, url: str, backend: Backend) -> None:
        self.url = url
        self._backend = backend

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded store: one process, one writer."""
        return self.engine.dialect.name == "sqlite"

    @property
    def engine(self) -> Engine:
        """The engine behind reads (tests count its statements)."""
        return self._backend.engine

    async def write(self, unit: Unit[T]) -> T:
        """Run `unit` in a transaction: returning commits, raising rolls back.

        Raises: StorageFailed: the commit itself failed; nothing was written.
        """
        return await self._backend.write(unit)

    async def read(self, unit: Unit[T]) -> T:
        """Run `unit` in a transaction that is rolled back; on SQLite the connection refuses writes.

        Raises: StorageFailed: the database is away.
        """
        with translated():
            return await self._backend.read(unit)

    async def close(self) -> None:
        """Finish what is queued and close all connections."""
        await self._backend.close()


def open_store(url: str) -> Store:
    """Open the database named by `url` (`sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`).

    Raises: ValueError: another kind of database.
    """
    # Only what is needed is loaded: the drivers and SQLAlchemy's dialects for them are some megabytes each.
    parsed = make_url(url)
    if parsed.drivername == "sqlite+aiosqlite":
        from models.sqlite import SQLite

        return Store(url, SQLite(parsed))
    if parsed.drivername == "postgresql+asyncpg":
        from models.postgres import Postgres

        return Store(url, Postgres(parsed))
    raise ValueError(f"unknown kind of database: {parsed.drivername}")


_ROSTER = ("accounts", "assignments", "deputies", "people", "enterprise_people")
_ROSTER_WRITES = tuple(f"{verb} {table}" for verb in ("INSERT INTO", "UPDATE", "DELETE FROM") for table in _ROSTER)


def note_roster(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    """Count, for `watch_roster`, a statement that changes who may do what."""
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
    """Run `unit` in a savepoint within the transaction of `session`; when it raises, only its own changes go.

    Raises: Collided: the whole transaction has to be given up, because what it holds is in another's way.
    """
    try:
        return in_savepoint(session.connection(), unit, session)
    except DBAPIError as error:
        if has_collided(error):
            raise Collided(type(error).__name__) from error
        raise


def in_savepoint(connection: Connection, unit: Unit[T], outer: Session | None = None) -> T:
    """Run `unit` in a savepoint of this connection; `outer` takes over what was noted for the audit."""
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
def translated() -> Iterator[None]:
    """Turn "the database is away" into StorageFailed; what a statement did wrong passes as it is."""
    try:
        yield
    except Exception as error:
        if has_collided(error):
            raise Collided(type(error).__name__) from error
        if is_away(error):
            raise StorageFailed(type(error).__name__) from error
        raise


# PostgreSQL: serialization_failure, deadlock_detected.
_COLLISIONS = frozenset({"40001", "40P01"})


def has_collided(error: BaseException) -> bool:
    """Tell whether the database ended a transaction because of another, so that trying again helps."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _COLLISIONS


def is_away(error: BaseException) -> bool:
    """Tell whether the database, its server or its disk is to blame, so that trying again may help."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        gone = error.connection_invalidated or isinstance(error, InterfaceError)
        return gone or (isinstance(error, OperationalError) and any(word in str(error.orig) for word in _DISK_WORDS))
    # Before there is a connection, the driver's own errors come through: the server starts, stops or refuses.
    return type(error).__module__.startswith("asyncpg")


def sealed(unit: Unit[T], session: Session) -> T:
    """Run a unit and, as its last act, write what it has noted for the audit."""
    result = unit(session)
    do_seal(session)
    return result


async def ping(store: Store) -> None:
    """Prove that the database answers.

    Raises: DBAPIError: it does not.
    """
    await store.read(lambda session: session.execute(text("SELECT 1")).scalar_one())
