"""Migrations: up and down on both databases, and always equal to the models."""

import asyncio
import shutil
import subprocess
import sys

import pytest
from sqlalchemy import Column, Integer, Table, text

from models import migrate
from models.audit import is_guarded
from models.base import Base
from models.schema import METADATA, TABLE_MODULES
from models.session import open_store
from tests import databases


@pytest.fixture(params=["sqlite", "postgres"])
async def empty_url(request, tmp_path):
    """An empty database without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/new/empty.db"
        return
    server = request.getfixturevalue("pg_url")
    yield await databases.create_database(server, "empty")
    await databases.drop_database(server, "empty")


def test_schema_after_all_migrations_equals_the_models(database_url):
    assert migrate.differences(database_url) == []


def test_migrations_go_up_and_down_and_up(empty_url):
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert migrate.is_current(empty_url)
    migrate.downgrade(empty_url, "base")
    assert migrate.current(empty_url) is None
    assert {change[0] for change in migrate.differences(empty_url)} >= {"add_table"}
    migrate.upgrade(empty_url)
    assert migrate.differences(empty_url) == []


def test_upgrade_twice_changes_nothing(database_url):
    migrate.upgrade(database_url)
    assert migrate.is_current(database_url)


async def test_audit_is_guarded_after_all_migrations(empty_url):
    migrate.upgrade(empty_url)
    store = open_store(empty_url)
    assert await store.read(is_guarded)
    await store.close()


def test_missing_file_has_no_revision_and_is_not_made(tmp_path):
    assert migrate.current(f"sqlite+aiosqlite:///{tmp_path}/none.db") is None
    assert not (tmp_path / "none.db").exists()


async def test_database_of_another_version_is_noticed(database_url):
    store = open_store(database_url)
    await store.write(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    await store.close()
    assert migrate.current(database_url) == "9999"
    assert not migrate.is_current(database_url)


def test_failed_migration_leaves_nothing_behind(empty_url, monkeypatch):
    def half(connection):
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("out of luck")

    with pytest.raises(RuntimeError, match="out of luck"):
        migrate._on_connection(empty_url, half)
    with pytest.raises(Exception, match="half"):
        migrate._on_connection(empty_url, lambda connection: connection.execute(text("SELECT * FROM half")))


def test_two_processes_may_upgrade_at_once(empty_url):
    command = [sys.executable, "-c", "import sys; from models.migrate import upgrade; upgrade(sys.argv[1])", empty_url]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in both] == [("", 0), ("", 0)]
    assert migrate.differences(empty_url) == []


def test_migration_that_is_missing_would_be_seen(sqlite_database):
    extra = Table("forgotten", METADATA, Column("id", Integer, primary_key=True))
    try:
        changes = migrate.differences(sqlite_database)
    finally:
        METADATA.remove(extra)
    assert [(name, table.name) for name, table in changes] == [("add_table", "forgotten")]


def test_new_migration_leads_to_the_models(tmp_path, monkeypatch, empty_url):
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, copy, ignore=shutil.ignore_patterns("0*.py", "__pycache__"))
    monkeypatch.setattr(migrate, "MIGRATIONS", copy)
    monkeypatch.setattr(migrate, "VERSIONS", copy / "versions")
    first = migrate.new("Grids and people", only={"grids", "people"})
    rest = migrate.new("All the rest")
    assert (first.name, rest.name, migrate.head()) == ("0001_grids_and_people.py", "0002_all_the_rest.py", "0002")
    assert first.read_text().count("op.create_table") == 2
    migrate.upgrade(empty_url)
    assert migrate.differences(empty_url) == []
    migrate.downgrade(empty_url, "0001")
    assert {change[0] for change in migrate.differences(empty_url)} >= {"add_table"}
    migrate.downgrade(empty_url, "base")


async def test_lost_guards_come_back_with_the_next_upgrade(database_url):
    store = open_store(database_url)
    off = "DROP TRIGGER audit_no_update" if store.is_sqlite else "ALTER TABLE audit DISABLE TRIGGER USER"
    await store.write(lambda session: session.execute(text(off)))
    assert not await store.read(is_guarded)
    await asyncio.to_thread(migrate.upgrade, database_url)
    assert await store.read(is_guarded)
    await store.close()


def test_schema_knows_every_table():
    program = (
        "import pkgutil, importlib, models\n"
        "from models import schema\n"
        "known = set(schema.METADATA.tables)\n"
        "for module in pkgutil.walk_packages(models.__path__, 'models.'):\n"
        "    if 'migrations' not in module.name: importlib.import_module(module.name)\n"
        "print(sorted(set(schema.METADATA.tables) - known))\n"
    )
    unknown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert unknown.stdout == "[]\n"
    assert len({module.__name__ for module in TABLE_MODULES}) == len(TABLE_MODULES)


def test_every_constraint_has_a_name():
    unnamed = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []


def test_alembic_is_not_loaded_by_the_check_at_start(sqlite_database):
    program = (
        f"import sys; from models.migrate import is_current; is_current({sqlite_database!r}); "
        "print('alembic' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "False\n"
