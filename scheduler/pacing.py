"""A platform's pace: evenly spaced turns, first to whoever may wait the shortest."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections import deque

# Turns that came late because the machine was busy are made up for, but no more than these at once.
CATCH_UP = 8
WINDOW_S = 1.0


class Pacer:
    """Gives turns, `per_second` on average and never more than that (rounded up) in any second.

    A broadcast waits here as well as a reply. Whoever's patience ends first gets the next turn: a reply overtakes
    a notice, and still no notice waits for ever.
    """

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._next = 0.0
        self._given: deque[float] = deque(maxlen=math.ceil(per_second * WINDOW_S))
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, patience_s: float) -> None:
        """Wait for a turn, in the order of what moment asking and patience make together."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._is_due(now := loop.time()):
            self._next = now  # nobody was waiting: nothing is to be made up for
            self._give(now)
            return
        mine = loop.create_future()
        heapq.heappush(self._waiting, (loop.time() + patience_s, next(self._order), mine))
        self._arm(loop)
        await mine

    def _is_due(self, now: float) -> bool:
        return self._due_at() <= now

    def _due_at(self) -> float:
        is_full = len(self._given) == self._given.maxlen
        return max(self._next, self._given[0] + WINDOW_S) if is_full else self._next

    def _give(self, now: float) -> None:
        self._next = max(self._next, now - CATCH_UP * self._gap_s) + self._gap_s
        self._given.append(now)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and self._waiting:
            self._timer = loop.call_at(self._due_at(), self._release, loop)

    def _release(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._waiting and (self._waiting[0][2].done() or self._is_due(loop.time())):
            _until, _order, waiter = heapq.heappop(self._waiting)
            if not waiter.done():  # else it was cancelled while it waited
                self._give(loop.time())
                waiter.set_result(None)
        self._arm(loop)
