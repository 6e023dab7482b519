"""The queue of updates and the two ways out of it: getUpdates here, the webhook in webhook.py."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.errors import OTHER_POLLER, WEBHOOK_ACTIVE, ApiError
from tests.telegram_server.faults import FaultList

# Source: Client.cpp, read 2026-11: updates live a day, callback queries 150 s; the same offset again within
# 3 s is held for 3 s (when there is nothing to give).
LIFE_S = 86_400.0
CALLBACK_LIFE_S = 150.0
HOLD_S = 3.0
MAX_BATCH = 100
MAX_TIMEOUT_S = 50
# What Telegram leaves out unless it is asked for by name.
_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(slots=True, eq=False)
class Update:
    """One update; `lane` is the webhook queue it is delivered through, in order."""

    id: int
    body: dict[str, Any]
    lane: str
    chat: int | None
    expires_at: float
    twice: bool = False


class UpdateQueue:
    """Updates that were not confirmed yet, in the order they will be delivered."""

    def __init__(self, faults: FaultList, now: Callable[[], float], first_id: int = 1000) -> None:
        self.pending: list[Update] = []
        self.confirmed_below = first_id
        self.allowed: frozenset[str] | None = None
        self.webhook_url = ""
        self.on_push: Callable[[], None] = lambda: None
        self._faults = faults
        self._now = now
        self._next_id = first_id
        self._kept_back: list[Update] = []
        self._again: list[Update] = []
        self._poll: asyncio.Future[None] | None = None
        self._last_poll: tuple[int, float] = (-1, 0.0)

    def push(self, kind: str, body: dict[str, Any], *, chat: int | None, person: int | None = None) -> int | None:
        """Queue an update.

        Args:
            kind: `message`, `callback_query` …
            body: the object of that kind.
            chat: the chat it happened in; messages of one chat stay in order.
            person: who pressed, for callbacks: they travel in a lane of their own.

        Returns:
            The update id; None when the bot did not ask for this kind.
        """
        allowed = kind not in _NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed
        if not allowed:
            return None
        self._next_id += 1
        life = CALLBACK_LIFE_S if kind == "callback_query" else LIFE_S
        lane = f"press-{person}" if kind == "callback_query" else f"chat-{chat}"
        update = Update(self._next_id, {"update_id": self._next_id, kind: body}, lane, chat, self._now() + life)
        self._enqueue(update)
        return update.id

    def _enqueue(self, update: Update) -> None:
        fault = self._faults.take("update", "update", update.chat)
        if fault is not None and fault.kind == "reorder":
            # A lane of its own, so that the webhook does not put the order right again.
            update.lane = f"alone-{update.id}"
            self._kept_back.append(update)
            if fault.hits != fault.times:
                return
            self.pending += reversed(self._kept_back)
            self._kept_back.clear()
        else:
            update.twice = fault is not None
            self.pending.append(update)
        self.wake()

    def wake(self) -> None:
        """Let the open poll and the webhook look again."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        self.on_push()

    def stop_poll(self, text: str) -> None:
        """End the open getUpdates with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiError(409, text))

    def drop_all(self) -> None:
        """Forget what is pending (`drop_pending_updates`)."""
        self.pending.clear()

    def done(self, update: Update) -> None:
        """The webhook took it."""
        if update in self.pending:
            self.pending.remove(update)

    def live(self) -> list[Update]:
        """Pending updates that have not expired."""
        self.pending = [update for update in self.pending if update.expires_at > self._now()]
        return self.pending

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = self.pending[offset].id if -offset <= len(self.pending) else 0
        if offset > 0:
            self.confirmed_below = max(self.confirmed_below, offset)
            self.pending = [update for update in self.pending if update.id >= offset]

    def _batch(self, limit: int) -> list[dict[str, Any]]:
        batch, self._again = self._again + self.live()[:limit], []
        for update in batch:
            if update.twice:
                update.twice = False
                self._again.append(update)
        return [update.body for update in batch]

    async def poll(self, offset: int, limit: int, timeout_s: int) -> list[dict[str, Any]]:
        """getUpdates: everything below `offset` is confirmed and gone; wait up to `timeout_s` for something.

        Raises:
            ApiError: 409 when a webhook is set, or when another getUpdates arrives while this one waits.
        """
        if self.webhook_url:
            raise ApiError(409, WEBHOOK_ACTIVE)
        self.stop_poll(OTHER_POLLER)
        loop = asyncio.get_running_loop()
        wait_s: float = min(timeout_s, MAX_TIMEOUT_S)
        if self._last_poll[0] == offset and loop.time() < self._last_poll[1] + HOLD_S:
            wait_s = max(wait_s, HOLD_S)
        self._last_poll = (offset, loop.time())
        self._confirm(offset)
        size = limit if 1 <= limit <= MAX_BATCH else MAX_BATCH
        if (batch := self._batch(size)) or wait_s <= 0:
            return batch
        mine = self._poll = loop.create_future()
        try:
            await asyncio.wait_for(mine, wait_s)
        except TimeoutError:
            return []
        finally:
            if self._poll is mine:
                self._poll = None
        return self._batch(size)
