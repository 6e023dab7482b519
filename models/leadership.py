"""One process works: it alone handles, delivers and ticks.

SQLite: a lock on `<file>.lock`, held until the process ends however it ends; a second process is refused.
PostgreSQL: an advisory lock held by one connection; the server drops it with the connection, so a follower takes
over within seconds after the leader was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LEADER: Final = 0x77616E67_67650003
WATCH_S: Final = 2.0  # How often the leader makes sure that it still is one.
ANSWER_S: Final = 3.0  # A database that is silent for so long may have given the lock away.
# The server's kernel asks a silent leader for a sign of life, so that a dead machine loses the lock as soon as a
# dead process does. Without effect on a local socket.
KEEPALIVE: Final = ("tcp_keepalives_idle = 2", "tcp_keepalives_interval = 1", "tcp_keepalives_count = 2")


class AlreadyRunning(Exception):
    """Another process has this SQLite file; the message names the file and the process."""


class Leadership(Protocol):
    """The right to be the one process that works."""

    async def try_lead(self) -> bool:
        """Take the lead if nobody has it; True as well if it is held already.

        Raises: AlreadyRunning: (SQLite) another process has the file.
        """

    async def hold(self) -> None:
        """Return when the lead has been lost; until then, wait."""

    async def release(self) -> None:
        """Give the lead up, if it is held."""


def open_leadership(url: str) -> Leadership:
    """Make the leadership that fits the database; nothing is taken yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return FileLeadership(Path(parsed.database or ""))
    return PostgresLeadership(parsed)


class FileLeadership:
    """The lock on `<file>.lock`. The file stays: removing it would let two processes lock different files."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    async def try_lead(self) -> bool:
        """Lock the file."""
        if self._descriptor is None:
            self._descriptor = await asyncio.to_thread(self._lock)
        return True

    async def hold(self) -> None:
        """Wait for ever: the kernel takes this lock from no living process."""
        await asyncio.Event().wait()

    async def release(self) -> None:
        """Unlock the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            os.close(descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise AlreadyRunning(
                f"{self._database} is in use by another wangge process (pid {holder or 'unknown'}). "
                "Stop that one first, or use PostgreSQL if several are to run."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor


class PostgresLeadership:
    """The advisory lock of one connection, which does nothing else."""

    def __init__(self, url: URL) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine

        self._engine: AsyncEngine = create_async_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
        )
        self._connection: AsyncConnection | None = None

    async def try_lead(self) -> bool:
        """Ask for the lock; a database that cannot be reached gives it to nobody."""
        if self._connection is not None:
            return True
        try:
            async with asyncio.timeout(ANSWER_S):
                self._connection = await self._ask()
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return self._connection is not None

    async def hold(self) -> None:
        """Ask every `WATCH_S` seconds whether the connection, and so the lock, is still there."""
        while True:
            if self._connection is None or not await self._is_held(self._connection):
                break
            await asyncio.sleep(WATCH_S)
        await self._drop()

    async def release(self) -> None:
        """Close the connection, and with it the lock."""
        await self._drop()
        await self._engine.dispose()

    async def _ask(self) -> AsyncConnection | None:
        connection = await self._engine.connect()
        got = False
        try:
            for setting in KEEPALIVE:
                await connection.execute(text(f"SET {setting}"))
            got = bool(await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LEADER}))
        finally:
            if not got:
                await _close(connection)
        return connection if got else None

    async def _is_held(self, connection: AsyncConnection) -> bool:
        try:
            async with asyncio.timeout(ANSWER_S):
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _close(connection)


async def _close(connection: AsyncConnection) -> None:
    """Close for good, also a connection that no longer answers."""
    with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            await connection.invalidate()
            await connection.close()
