"""Telegram's rate limits, as strict as they can be: 30 a second in all, one a second in a chat."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.telegram_server.errors import too_many_requests


@dataclass(slots=True)
class _Bucket:
    size: float
    per_s: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """0 when there was room, else the seconds until there is."""
        self.level = min(self.size, self.level + (now - self.at) * self.per_s)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_s


@dataclass(slots=True)
class RateLimits:
    """Token buckets. Source: Telegram's bot FAQ (30/s, 1/s per chat, 20/min per group), read 2026-11.

    Attributes:
        per_s: messages a second over all chats.
        chat_per_s: messages a second in one private chat, after `chat_burst` at once.
        group_per_min: messages a minute in one group.
        clock: monotonic seconds.
    """

    per_s: float = 30.0
    chat_per_s: float = 1.0
    chat_burst: int = 4
    group_per_min: float = 20.0
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    _buckets: dict[int, _Bucket] = field(default_factory=dict)

    def check(self, method: str, chat: int | None) -> None:
        """Count a send or an edit.

        Raises:
            ApiError: 429 with retry_after, whole seconds.
        """
        if chat is None or not method.startswith(("send", "edit")) or method == "sendchataction":
            return
        now = self.clock()
        if chat > 0:
            own = self._bucket(chat, self.chat_burst, self.chat_per_s, now)
        else:
            own = self._bucket(chat, self.group_per_min, self.group_per_min / 60, now)
        # 0 is no chat's id: the bucket of all chats together.
        wait_s = own.take(now) or self._bucket(0, self.per_s, self.per_s, now).take(now)
        if wait_s > 0:
            self.refused += 1
            raise too_many_requests(max(1, round(wait_s + 0.5)))

    def _bucket(self, chat: int, size: float, per_s: float, now: float) -> _Bucket:
        return self._buckets.setdefault(chat, _Bucket(size, per_s, size, now))
