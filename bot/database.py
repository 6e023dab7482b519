"""The database on the command line: is it ready, back it up, put a backup back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from bot.redact import REDACTOR
from bot.settings import Settings
from models.audit import AuditReport
from models.backup import BackupRefused, Restored, make_backup, restore_backup
from models.condition import Condition, Found, Unusable, examine, shown
from models.leadership import AlreadyRunning
from models.migrate import head, upgrade

T = TypeVar("T")
Refuse = Callable[[str], NoReturn]

MIGRATE = "python -m bot migrate"
BACKUP = "python -m bot backup FILE"


def ready_database(url: str, refuse: Refuse) -> None:
    """Make sure that the database is of this version; a new, empty one is set up at once.

    An older one is never changed on the way: whoever runs the program decides when, after a backup.
    """
    found = _run(examine(url), refuse)
    problem = find_problem(url, found)
    if problem:
        refuse(problem)
    if found.condition is Condition.EMPTY:
        _run(asyncio.to_thread(upgrade, url), refuse)


def migrate_database(url: str, refuse: Refuse) -> str:
    """Create the tables, or bring them up to this version; give the sentence that says what was done."""
    found = _run(examine(url), refuse)
    if found.condition in (Condition.AHEAD, Condition.FOREIGN):
        refuse(find_problem(url, found))
    if found.condition is Condition.CURRENT:
        return f"{shown(url)} is up to date (schema {head()})."
    _run(asyncio.to_thread(upgrade, url), refuse)
    if found.revision is None:
        return f"{shown(url)} was set up with schema {head()}."
    return f"{shown(url)} was brought from schema {found.revision} to {head()}."


def find_problem(url: str, found: Found) -> str:
    """Say what keeps a bot from running on this database, and what to type; empty if nothing does."""
    name, needed = shown(url), head()
    if found.condition is Condition.BEHIND:
        return (
            f"{name} has schema {found.revision}, this version needs {needed}. "
            f"Back it up with '{BACKUP}', then bring it up with '{MIGRATE}'."
        )
    if found.condition is Condition.AHEAD:
        return (
            f"{name} has schema {found.revision}, which is newer than this version ({needed}). "
            "Install the newer version, or restore a backup of this one with 'python -m bot restore FILE'."
        )
    if found.condition is Condition.FOREIGN:
        return f"{name} holds tables of another program. Name an empty database in DATABASE_URL."
    return ""


def backup_database(settings: Settings, file: Path, refuse: Refuse) -> str:
    """Write a backup while the bot runs; give the sentence that says what is in it."""
    made = _run(make_backup(settings.database_url, file), refuse)
    parts = [f"{file}: {_size(made.size)}, schema {made.revision}"]
    if made.rows is not None:
        parts.append(f"{made.rows} rows")
    if made.audit is not None:
        parts.append(_audit(made.audit))
    return ", ".join(parts) + f". Photos are not in it: copy {settings.media_url} as well."


def restore_database(settings: Settings, file: Path, refuse: Refuse) -> str:
    """Put a backup in place of an empty or missing database; give the sentence that says what came back."""
    restored: Restored = _run(restore_backup(settings.database_url, file), refuse)
    parts = [f"{shown(settings.database_url)}: restored from {file}"]
    if restored.rows is not None:
        parts.append(f"{restored.rows} rows")
    if restored.revision != head():
        parts.append(f"brought from schema {restored.revision} to {head()}")
    return ", ".join([*parts, _audit(restored.audit)]) + "."


def _run(work: Coroutine[Any, Any, T], refuse: Refuse) -> T:
    try:
        return asyncio.run(work)
    except (BackupRefused, Unusable, AlreadyRunning) as error:
        refuse(REDACTOR.clean(str(error)))
    except OSError as error:
        refuse(REDACTOR.clean(f"{error.filename or 'The file'}: {error.strerror or error}."))


def _audit(report: AuditReport) -> str:
    """The count and the head's hash, to be written down elsewhere: from inside a cut-off tail cannot be seen."""
    if report.broken is not None:
        return f"WARNING: the audit trail was tampered with, row {report.broken} does not fit"
    return f"audit trail of {report.count} rows whole, head {report.head[:16]}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
