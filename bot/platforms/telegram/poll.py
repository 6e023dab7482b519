"""The polling loop: a whole batch is in the inbox before Telegram is told that it was received."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.platforms.telegram.errors import read_error
from bot.platforms.telegram.read import WANTED
from bot.platforms.telegram.request import AiohttpRequest

log = logging.getLogger(__name__)

# Telegram answers after at most 50 s; proxies on the way often cut what is silent for a minute.
LONG_POLL_S = 30
BATCH = 100
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
# After a conflict: another copy that has just been stopped, or a webhook that is being taken away, is gone by then.
CONFLICT_PAUSE_S = 60.0

OnUpdates = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]


def next_pause_s(pause_s: float) -> float:
    """The next wait after a failure: doubled, from one second to a minute."""
    return min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, pause_s * 2))


class Poller:
    """Asks for updates, hands each batch over, and confirms it with the next question."""

    def __init__(self, request: AiohttpRequest, url: str, *, long_poll_s: int = LONG_POLL_S) -> None:
        self._request = request
        self._url = url
        self._long_poll_s = long_poll_s
        self._offset = 0
        self._pause_s = 0.0
        self._is_contested = False
        self.ready = False

    async def run(self, on_updates: OnUpdates) -> None:
        """Poll until cancelled, or until Telegram says that the token is wrong.

        While somebody else polls with the same token we are not ready, and ask again once a minute.
        `on_updates` returns when the batch is committed; if it raises, the same batch is asked for again.
        """
        try:
            while await self._turn(on_updates):
                if self._pause_s:
                    await asyncio.sleep(self._pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        finally:
            self.ready = False

    async def _turn(self, on_updates: OnUpdates) -> bool:
        """One question; False when there is no point in asking again."""
        try:
            updates = await self._ask()
            self.ready, self._is_contested = True, False
            if updates:
                await on_updates(updates)
            # Only now: the next question with this offset makes Telegram forget the batch. After an empty answer
            # everything is confirmed, and 0 means "whatever there is": update ids may start anywhere after a week
            # of silence, and an old offset would swallow them.
            self._offset = max(update["update_id"] for update in updates) + 1 if updates else 0
        except Conflict:
            self._step_back()
        except (InvalidToken, EndPointNotFound):
            log.critical("Telegram refuses our token: polling stopped")
            return False
        except TelegramError as error:
            self._slow_down(error)
        except Exception:
            # The inbox could not take the batch: it will come again.
            log.exception("updates could not be stored")
            self._slow_down(None)
        else:
            self._pause_s = 0.0
        return True

    async def _ask(self) -> list[dict[str, Any]]:
        """getUpdates, unparsed: one update that the library cannot read must not hold up all others.

        Until one question has been answered we do not wait for updates, so that readiness shows at once.
        """
        question = {
            "offset": self._offset,
            "limit": BATCH,
            "timeout": self._long_poll_s if self.ready else 0,
            "allowed_updates": json.dumps(WANTED),
        }
        wait_s = self._long_poll_s + self._request.read_timeout
        answer = await self._request.post(f"{self._url}?{urlencode(question)}", read_timeout=wait_s)
        return answer if isinstance(answer, list) else []

    def _step_back(self) -> None:
        """Somebody else polls: leave them a minute, and say so once."""
        self.ready, self._pause_s = False, CONFLICT_PAUSE_S
        if not self._is_contested:
            log.error("another process polls with this token, or a webhook is set", extra={"pause_s": self._pause_s})
        self._is_contested = True

    def _slow_down(self, error: TelegramError | None) -> None:
        self.ready = False
        self._pause_s = next_pause_s(self._pause_s)
        if isinstance(error, RetryAfter):
            self._pause_s = max(self._pause_s, read_error(error).retry_after_s or 0)
        if error is not None:
            log.warning("no updates from Telegram", extra={"reason": str(error), "pause_s": self._pause_s})
