"""Backups of a PostgreSQL database: an archive of pg_dump, put back by pg_restore in one transaction."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from sqlalchemy import URL, make_url

from models.audit import verify
from models.backup.report import Backup, BackupRefused, Restored, check_revision
from models.condition import VERSION_TABLE
from models.files import whole_file
from models.migrate import upgrade
from models.session import open_store

MAGIC = b"PGDMP"
# Owners and grants belong to a server, not to the data: a backup can be put back by another account.
OPTIONS = ("--no-owner", "--no-privileges")


async def make_backup(url: str, file: Path) -> Backup:
    """Dump one snapshot of the database while others read and write it; the archive is read once to prove it."""
    with whole_file(file) as part:
        await _run(url, "pg_dump", "--format=custom", *OPTIONS, f"--file={part}")
        revision = await _check(url, part, file)
        size = part.stat().st_size
    return Backup(size, revision, rows=None, audit=None)


def check_kind(file: Path) -> None:
    """Raises: BackupRefused: something else than a backup of this kind of database."""
    with file.open("rb") as start:
        if start.read(len(MAGIC)) != MAGIC:
            raise BackupRefused(f"{file} is no backup of a PostgreSQL database.")


async def restore_backup(url: str, file: Path) -> Restored:
    """Put an archive into a database without data (the caller has looked and holds the lock)."""
    revision = await _check(url, file, file)
    name = make_url(url).database or ""
    # Empty tables of ours may be there already; they give way to those of the archive.
    replace = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error")
    await _run(url, "pg_restore", *OPTIONS, *replace, f"--dbname={name}", str(file))
    # Also if it is of this version: the triggers that guard the audit trail come back with it.
    await asyncio.to_thread(upgrade, url)
    store = open_store(url)
    try:
        return Restored(revision, None, await store.read(verify))
    finally:
        await store.close()


async def _check(url: str, part: Path, file: Path) -> str:
    """Read an archive to its end; give its revision.

    Raises: BackupRefused: it is damaged or not ours (`file` is what it is called in the message).
    """
    try:
        await _run(url, "pg_restore", f"--file={os.devnull}", str(part))
        rows = await _run(url, "pg_restore", "--data-only", f"--table={VERSION_TABLE}", "--file=-", str(part))
    except _Failed as error:
        raise BackupRefused(f"{file} is damaged: {error}") from error
    lines = rows.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("COPY ")), None)
    return check_revision(file, lines[begin + 1] if begin is not None else None)


class _Failed(BackupRefused):
    """A program of PostgreSQL ended with an error."""


async def _run(url: str, program: str, *args: str) -> str:
    """Run a client program; give what it wrote. Raises: BackupRefused: it is missing or failed."""
    path = shutil.which(program)
    if path is None:
        raise BackupRefused(
            f"{program} is not on PATH: install the client programs of PostgreSQL, "
            "of the server's version or newer (Debian: apt install postgresql-client)."
        )
    process = await asyncio.create_subprocess_exec(
        path, *args, env=_environment(make_url(url)),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode:
        raise _Failed(f"{program} says: {_reason(errors.decode(errors='replace'))}")
    return output.decode(errors="replace")


def _reason(errors: str) -> str:
    """The error and its details, without the name of the program in front of each line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    told = [line.partition(mark)[2].strip() for line in lines for mark in ("error:", "detail:") if mark in line]
    return "; ".join(told) or (lines[-1] if lines else "no reason given")


def _environment(url: URL) -> dict[str, str]:
    """What libpq reads; a password on the command line would be seen by everybody on the machine."""
    query = {name: value for name, value in url.query.items() if isinstance(value, str)}
    wanted = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("ssl") or query.get("sslmode"),
    }
    # The locale decides the language of "error:".
    return {**os.environ, "LC_ALL": "C", **{name: value for name, value in wanted.items() if value}}
