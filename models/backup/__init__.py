"""Backups of the database: made while the bot runs and writes, proved readable, put back only where nothing lies.

Photos are not in them: they lie in the media folder, are never changed, and are copied as files.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from models.backup import postgres, sqlite
from models.backup.report import Backup, BackupRefused, Restored
from models.condition import examine, shown, sqlite_path
from models.leadership import AlreadyRunning, open_leadership

__all__ = ["Backup", "BackupRefused", "Restored", "make_backup", "restore_backup"]


async def make_backup(url: str, file: Path) -> Backup:
    """Write the database of this moment to `file`, which must not exist yet.

    SQLite gives a database file, PostgreSQL an archive of pg_dump.
    Raises: BackupRefused: with the reason; Unusable: the database does not answer. No file is left then.
    """
    if await asyncio.to_thread(file.exists):
        raise BackupRefused(f"{file} exists already; name another file.")
    path = sqlite_path(url)
    if path is None:
        return await postgres.make_backup(url, file)
    return await sqlite.make_backup(path, file)


async def restore_backup(url: str, file: Path) -> Restored:
    """Put a backup in place of an empty or missing database and bring it to the schema of this code.

    Raises: BackupRefused: the file is damaged, foreign or of a newer version; the database holds data.
        AlreadyRunning: a bot runs on it. Unusable: it does not answer. Nothing has changed then.
    """
    path = sqlite_path(url)
    await asyncio.to_thread((postgres if path is None else sqlite).check_kind, file)
    leadership = open_leadership(url)
    try:
        if not await leadership.try_lead():
            # PostgreSQL gives False for both; a server that is down is the more frequent of the two.
            await examine(url)
            raise AlreadyRunning(f"A bot is running on {shown(url)}: stop every process of it first.")
        found = await examine(url)
        if found.has_rows:
            raise BackupRefused(f"{shown(url)} is not empty; a backup is restored into an empty database only.")
        return await (postgres.restore_backup(url, file) if path is None else sqlite.restore_backup(path, file))
    finally:
        await leadership.release()
