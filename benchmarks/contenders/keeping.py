"""What `--insert` means for the rivals: each message in SQLite (WAL, FULL), one commit each, by the standard library.

The cheapest durable bot that can be written with them: still lost is what was fetched and not yet handled.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


class Keeper:
    """A table of what was heard."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE heard (id INTEGER PRIMARY KEY, chat INTEGER, text TEXT, at TEXT)")

    def keep(self, chat: int, text: str | None, at: str) -> None:
        """Insert and commit."""
        self._connection.execute("INSERT INTO heard (chat, text, at) VALUES (?, ?, ?)", (chat, text, at))
