"""What the kinds of backups have in common: the words for them, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.audit import AuditReport
from models.condition import Condition, judge


class BackupRefused(Exception):
    """A backup cannot be made or restored; the message is one English sentence."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read again. `rows` is None where they were not counted (PostgreSQL)."""

    size: int
    revision: str
    rows: int | None
    audit: AuditReport | None


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put in place; `revision` is that of the file, before it was brought up to date."""

    revision: str
    rows: int | None
    audit: AuditReport


def check_revision(file: Path, revision: str | None) -> str:
    """Let a revision pass that this code can bring up to date.

    Raises: BackupRefused: there is none, or it is of a newer version.
    """
    if not revision:
        raise BackupRefused(f"{file} is no backup of wangge: it does not say which version made it.")
    if judge(revision) is Condition.AHEAD:
        raise BackupRefused(f"{file} was made by a newer version (schema {revision}); install that version first.")
    return revision


@contextlib.contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a private temporary file beside `file` and put it in its place at the end, durably.

    Whatever is raised inside leaves nothing behind. Raises: OSError: the folder cannot be written.
    """
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    # Names, phone numbers and reports: for the account that made it, and nobody else.
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        _sync(part)
        os.replace(part, file)  # noqa: PTH105 - the same word as in every other language
        _sync(file.parent)
    finally:
        for leftover in (part, Path(f"{part}-wal"), Path(f"{part}-shm"), Path(f"{part}-journal")):
            leftover.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
