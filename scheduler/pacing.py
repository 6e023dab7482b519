"""A platform's pace: evenly spaced turns, the most urgent first."""

from __future__ import annotations

import asyncio
import heapq
import itertools

# A turn that came late because the loop was busy is made up for by at most this part of a gap, so that no second
# ever holds more than one turn above the pace.
CATCH_UP = 0.5


class Pacer:
    """Gives turns, `per_second` at most.

    A broadcast of an hour waits here as well as a reply; whoever is more urgent gets the next turn.
    """

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._next = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, urgency: int) -> None:
        """Wait for a turn; a smaller `urgency` goes first, equal ones in the order of asking."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._next <= (now := loop.time()):
            self._take(now)
            return
        mine = loop.create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), mine))
        self._arm(loop)
        await mine

    def _take(self, now: float) -> None:
        self._next = max(self._next, now - CATCH_UP * self._gap_s) + self._gap_s

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and self._waiting:
            self._timer = loop.call_at(self._next, self._release, loop)

    def _release(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._waiting and (self._waiting[0][2].done() or self._next <= loop.time()):
            _urgency, _order, waiter = heapq.heappop(self._waiting)
            if not waiter.done():  # else it was cancelled while it waited
                self._take(loop.time())
                waiter.set_result(None)
        self._arm(loop)
