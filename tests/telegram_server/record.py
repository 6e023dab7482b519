"""The durable record of what the server accepted: what a person would have got, crash or not."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted call. `fields` are its raw arguments; uploads are named by size only."""

    seq: int
    at: float
    method: str
    chat: int | None
    message_ids: tuple[int, ...]
    fields: dict[str, str]


class Record:
    """Accepted calls in the order they were accepted, in memory and, if asked, in a file."""

    def __init__(self, path: Path | None = None) -> None:
        self.rows: list[Accepted] = []
        self._file: IO[str] | None = path.open("a", encoding="utf-8") if path else None

    def append(self, method: str, chat: int | None, message_ids: tuple[int, ...], fields: dict[str, str]) -> None:
        """Add a row; in a file it is on the disk before this returns, as a crash test needs it."""
        row = Accepted(len(self.rows) + 1, time.time(), method, chat, message_ids, fields)
        self.rows.append(row)
        if self._file is not None:
            self._file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def of(self, chat: int | None = None, method: str | None = None) -> list[Accepted]:
        """The rows of a chat and/or a method (any case), in order."""
        return [
            row
            for row in self.rows
            if (chat is None or row.chat == chat) and (method is None or row.method.lower() == method.lower())
        ]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
