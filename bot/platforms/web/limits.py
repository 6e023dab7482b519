"""How much one chat may send: token buckets that are forgotten when they are full again."""

from __future__ import annotations

import time
from collections.abc import Callable

MANY = 10_000  # Buckets; past this the full ones are dropped, so that a flood of new chats costs no memory.


class Limiter:
    """Lets `burst` events of one key through at once and `per_minute` after that."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> float:
        """Count one event; return 0, or the seconds to wait if it is one too many."""
        now = self._clock()
        tokens = self._level(key, now)
        if tokens < 1:
            return (1 - tokens) / self._rate
        if len(self._buckets) >= MANY:
            self._forget(now)
        self._buckets[key] = (tokens - 1, now)
        return 0.0

    def _level(self, key: str, now: float) -> float:
        tokens, at = self._buckets.get(key, (float(self._burst), now))
        return min(float(self._burst), tokens + (now - at) * self._rate)

    def _forget(self, now: float) -> None:
        self._buckets = {key: value for key, value in self._buckets.items() if self._level(key, now) < self._burst}
