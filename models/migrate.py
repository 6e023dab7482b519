"""Bring a database to the schema of this code, and tell whether it is there.

These functions block; they are for the command line and for what runs before the event loop does. Alembic is
heavy (0.7 s to import) and is loaded only where something is changed: the check at start reads one row and the
names of the files.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import tempfile
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, inspect, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from models.sqlite import sqlite_engine

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"


def head() -> str:
    """Give the revision this code needs: the number of the newest file in `migrations/versions`."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def current(url: str) -> str | None:
    """Give the revision of a database; None if it has none yet (empty, or its file is not there)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return None
    return _on_connection(url, _revision)


def is_current(url: str) -> bool:
    """Tell whether the schema is the one this code was written for."""
    return current(url) == head()


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to `revision`, in one transaction; two at once wait for each other."""
    _on_connection(url, lambda connection: _command("upgrade", connection, revision))


def downgrade(url: str, revision: str) -> None:
    """Take a database back to `revision` ("base": nothing is left)."""
    _on_connection(url, lambda connection: _command("downgrade", connection, revision))


def differences(url: str) -> list[Any]:
    """Compare the tables of a database with the models; an empty list means that they are equal."""
    return _on_connection(url, _compare)


def new(name: str, *, only: Collection[str] = ()) -> Path:
    """Write the migration that leads from the newest one to the models, and give its file.

    `only` limits it to these tables. It is written against an empty SQLite database: read it, run `ruff format`
    and the tests, then commit it.
    """
    number = f"{len(list(VERSIONS.glob('[0-9]*_*.py'))) + 1:04}"
    slug = f"{number}_{re.sub(r'[^a-z0-9]+', '_', name.strip().lower())}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/empty.db"
        if number != "0001":
            upgrade(url)
        _on_connection(url, lambda connection: _write(connection, slug, name, number, only))
    return VERSIONS / f"{slug}.py"


def _write(connection: Connection, slug: str, name: str, number: str, only: Collection[str]) -> None:
    from alembic import command

    from models.base import speak_postgres
    from models.schema import METADATA

    config = _config(connection)
    config.set_main_option("file_template", slug)
    config.attributes["only"] = frozenset(only)
    speak_postgres(METADATA)
    command.revision(config, message=name, autogenerate=True, rev_id=number)


def _on_connection(url: str, work: Callable[[Connection], T]) -> T:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        # The writer's engine: its transactions are real ones, so half a migration never stays.
        return _on_sqlite(parsed.database or "", work)
    with ThreadPoolExecutor(1) as thread:  # of its own, because the caller may have a loop running
        return thread.submit(asyncio.run, _on_postgres(url, work)).result()


async def _on_postgres(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _on_sqlite(path: str, work: Callable[[Connection], T]) -> T:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite_engine(path)
    try:
        with engine.connect() as connection:
            # Foreign keys have to rest while tables are rebuilt, and can be put to rest only before BEGIN.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            with connection.begin():
                result = work(connection)
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("the migration left rows that point at nothing")
                return result
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)  # each step of a migration that succeeds is no news
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _command(name: str, connection: Connection, revision: str) -> None:
    from alembic import command

    getattr(command, name)(_config(connection), revision)


def _compare(connection: Connection) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from models.base import speak_postgres
    from models.migrations.comparing import OPTIONS
    from models.schema import METADATA

    if connection.dialect.name == "postgresql":
        speak_postgres(METADATA)
    return list(compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), METADATA))


if __name__ == "__main__":
    sys.stdout.write(f"{new(sys.argv[1], only=sys.argv[2:])}\n")
