"""Databases for tests: migrated once per process, then copied, so that each test has an empty one of its own."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from models.migrate import upgrade
from tests.postgres import postgres


def migrated_file(folder: Path) -> Path:
    """A SQLite file with the whole schema and nothing in it; the copies begin in WAL mode like the original."""
    path = folder / "template.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


def sqlite_copy(template: Path, folder: Path) -> str:
    path = folder / "wangge.db"
    shutil.copyfile(template, path)
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server of our own; its folder has a short name, because its socket lies there."""
    with tempfile.TemporaryDirectory(prefix="wangge-pg-") as folder, postgres(Path(folder)) as url:
        yield url


def finish(coroutine):
    """Run a coroutine to its end in a thread of its own, whether or not the caller has a loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection, for what SQLAlchemy would wrap in a transaction."""
    connection = await asyncpg.connect(named(url, make_url(url).database).replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def create_database(url: str, name: str, *, template: str = "template1") -> str:
    async with connected(url) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return named(url, name)


async def drop_database(url: str, name: str) -> None:
    async with connected(url) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
