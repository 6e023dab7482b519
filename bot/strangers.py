"""How much a chat that belongs to nobody may ask of us: a few messages a minute, and no files.

Where the county lets strangers report (随手拍), a few photos as well, one after the other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OWN_SHARE = 10  # One chat may have a tenth of the hour's photos.
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


class PhotoGate:
    """Counts the photos that are fetched for strangers; kept in memory like the messages.

    `turn`: who fetches, so that a flood of strangers takes up one place in the darkroom and leaves the other to
    everybody else.
    """

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._own = max(1, per_hour // OWN_SHARE)
        self._seen: deque[tuple[datetime, tuple[str, str]]] = deque()
        self.turn = asyncio.Semaphore(1)

    def allows(self, chat: tuple[str, str], *, now: datetime) -> bool:
        """Count one photo; tell whether it may be fetched."""
        while self._seen and now - self._seen[0][0] >= HOUR:
            self._seen.popleft()
        own = sum(known == chat for _at, known in self._seen)
        if len(self._seen) >= self._per_hour or own >= self._own:
            return False
        self._seen.append((now, chat))
        return True
