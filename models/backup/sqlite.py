"""Backups of a SQLite database: another SQLite file, complete in itself."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.orm import Session

from models.audit import AuditReport, verify
from models.backup.report import Backup, BackupRefused, Restored, check_revision
from models.condition import VERSION_TABLE, Unusable, count_rows, on_sqlite, read_revision
from models.files import whole_file
from models.migrate import upgrade

MAGIC = b"SQLite format 3\x00"
BUSY_S = 30.0


async def make_backup(path: Path, file: Path) -> Backup:
    """Copy the database at `path`, as it is at one moment, while others read and write it."""
    return await asyncio.to_thread(_make_backup, path, file)


def check_kind(file: Path) -> None:
    """Raises: BackupRefused: something else than a backup of this kind of database."""
    with file.open("rb") as start:
        if start.read(len(MAGIC)) != MAGIC:
            raise BackupRefused(f"{file} is no backup of a SQLite database.")


async def restore_backup(path: Path, file: Path) -> Restored:
    """Put a backup at `path`, where nothing of value lies (the caller has looked and holds the lock)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with whole_file(path) as part:
            revision = await asyncio.to_thread(_copy_in, file, part)
            # Also if it is of this version: the triggers that guard the audit trail come back with it.
            await asyncio.to_thread(upgrade, f"sqlite+aiosqlite:///{part}")
            _make_single(part)
            rows, audit = await asyncio.to_thread(on_sqlite, part, _look_over)
            await asyncio.to_thread(_clear, path)
    except sqlite3.Error as error:
        raise BackupRefused(f"{file} cannot be restored: {error}.") from error
    return Restored(revision, rows, audit)


def _make_backup(path: Path, file: Path) -> Backup:
    if not path.exists():
        raise BackupRefused(f"There is no database at {path}.")
    try:
        with whole_file(file) as part:
            _copy(path, part)
            revision = _check(part, file)
            rows, audit = on_sqlite(part, _look_over)
            size = part.stat().st_size
    except (sqlite3.Error, Unusable) as error:
        raise BackupRefused(f"{path} cannot be backed up: {error}.") from error
    return Backup(size, revision, rows, audit)


def _copy(path: Path, part: Path) -> None:
    source = sqlite3.connect(path, timeout=BUSY_S)
    target = sqlite3.connect(part)
    with contextlib.closing(source), contextlib.closing(target):
        # All pages in one step: a copy in several steps begins again with every commit of the running bot
        # and never ends. Source: measured, 639 restarts in 15 s at one commit every 20 ms.
        source.backup(target, pages=-1)
    _make_single(part)


def _make_single(part: Path) -> None:
    """Fold the write-ahead log into the file, so that the file alone is the database."""
    with contextlib.closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _copy_in(file: Path, part: Path) -> str:
    shutil.copyfile(file, part)
    return _check(part, file)


def _check(part: Path, file: Path) -> str:
    """Prove that a file is whole and ours; give its revision.

    Raises: BackupRefused: it is not (`file` is what it is called in the message).
    """
    try:
        problem, revision = on_sqlite(part, _examine)
    except Unusable as error:
        raise BackupRefused(f"{file} is damaged: {str(error).replace(str(part), file.name)}") from error
    if problem:
        raise BackupRefused(f"{file} is damaged: {problem}")
    return check_revision(file, revision)


def _examine(connection: Connection) -> tuple[str, str | None]:
    found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if found != "ok":
        return str(found).splitlines()[-1], None
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        return "some rows point at rows that are missing.", None
    if not inspect(connection).has_table(VERSION_TABLE):
        return "", None
    return "", read_revision(connection)


def _look_over(connection: Connection) -> tuple[int, AuditReport]:
    return count_rows(connection), verify(Session(connection))


def _clear(path: Path) -> None:
    """Take the empty database away together with its log, which would be played into the new one.

    Raises: BackupRefused: a log without its database: it may hold data that exist nowhere else.
    """
    if path.exists():
        _make_single(path)
    logs = [name for name in (f"{path}-wal", f"{path}-journal") if Path(name).exists()]
    if logs:
        raise BackupRefused(f"{logs[0]} lies there without its database; move it away first.")
    Path(f"{path}-shm").unlink(missing_ok=True)
