"""Units of work on PostgreSQL: each in its own transaction, on asyncpg, through SQLAlchemy's `run_sync`."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import URL, Engine, event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from models.session import Unit, note_roster, sealed, translated

T = TypeVar("T")


class Postgres:
    """The `Backend` of one server."""

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(url, pool_size=10, max_overflow=5, pool_pre_ping=True, hide_parameters=True)
        event.listen(self._engine.sync_engine, "after_cursor_execute", note_roster)

    @property
    def engine(self) -> Engine:
        """What is underneath the asynchronous one."""
        return self._engine.sync_engine

    async def write(self, unit: Unit[T]) -> T:
        """Run `unit` and commit."""
        with translated():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                result = await session.run_sync(lambda inner: sealed(unit, inner))
                await session.commit()
                return result

    async def read(self, unit: Unit[T]) -> T:
        """Run `unit` and roll back."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            return await session.run_sync(unit)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
