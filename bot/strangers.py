"""How much a chat that belongs to nobody may ask of us: a few messages a minute, and no files."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
MAX_CHATS = 10_000  # Beyond this the oldest are forgotten: a flood of new chats must not fill the memory.


class StrangerLimit:
    """Counts the messages of strangers per chat; kept in memory, because losing it costs nothing."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._seen: dict[tuple[str, str], deque[datetime]] = {}

    def allows(self, chat: tuple[str, str], *, now: datetime) -> bool:
        """Count one message; tell whether it is still answered."""
        times = self._seen.setdefault(chat, deque())
        while times and now - times[0] >= WINDOW:
            times.popleft()
        if len(times) >= self._per_minute:
            return False
        times.append(now)
        if len(self._seen) > MAX_CHATS:
            del self._seen[next(iter(self._seen))]
        return True
