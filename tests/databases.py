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


# What a migrated database looks like: a test that has changed any of it leaves a database nobody else may use.
_SHAPE = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable) AS line
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT setconfig::text FROM pg_db_role_setting
    UNION ALL SELECT version_num FROM alembic_version
) AS lines
"""
_CLEAR = """
DO $$ DECLARE name text; BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
    END LOOP;
END $$
"""


class Reused:
    """A PostgreSQL database that is emptied between tests: copying one for each would take most of their time."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server_url, self._template = server_url, template
        self._made = 0
        self._url = ""
        self._shape = ""

    async def take(self) -> str:
        """The URL of an empty database."""
        if not self._url or not await self._clear():
            self._made += 1
            self._url = await create_database(self._server_url, f"test_{self._made}", template=self._template)
            async with connected(self._url) as connection:
                self._shape = self._shape or await connection.fetchval(_SHAPE)
        return self._url

    async def _clear(self) -> bool:
        try:
            async with connected(self._url) as connection:
                await connection.execute(_CLEAR)
                return await connection.fetchval(_SHAPE) == self._shape
        except (asyncpg.PostgresError, OSError):
            return False  # dropped, locked or broken by its test: the next one gets a new one
