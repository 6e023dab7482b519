"""What the kinds of backups have in common."""

from __future__ import annotations

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
