"""Pushes updates to the bot's webhook the way Telegram does: one lane per chat, in order, with retries."""

import asyncio
import contextlib
import random
import re

import aiohttp

from tests.telegram_server.errors import bad_request
from tests.telegram_server.updates import Update, UpdateQueue

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
# Source: WebhookActor.cpp, read 2026-11: first retry at once, then doubling up to 60-120 units (1 s).
_MAX_DELAY = 60
_MAX_RETRY_AFTER_S = 3600


class Webhook:
    """The pusher. `retry_unit_s` is a second on the real server; tests make it small."""

    def __init__(self, queue: UpdateQueue) -> None:
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.last_error = ""
        self.retry_unit_s = 1.0
        self._queue = queue
        self._slots = asyncio.Semaphore(self.max_connections)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._random = random.Random(1)

    async def set(self, url: str, secret: str, max_connections: int) -> None:
        """Point the updates at a URL; an empty one stops the pushing.

        Raises:
            ApiError: 400 for a secret with other characters than A-Z a-z 0-9 _ -.
        """
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        if url and not url.startswith(("http://127.0.0.1", "http://localhost", "https://")):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        await self.stop()
        self.url, self.secret, self.last_error = url, secret, ""
        self._queue.webhook_url = url
        self.max_connections = max_connections if 1 <= max_connections <= 100 else 40
        self._slots = asyncio.Semaphore(self.max_connections)
        self._queue.on_push = self._start_lanes
        self._start_lanes()

    async def stop(self) -> None:
        """Stop pushing; what is pending stays."""
        self.url = self._queue.webhook_url = ""
        tasks = list(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _start_lanes(self) -> None:
        if not self.url:
            return
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        for update in self._queue.live():
            if update.lane not in self._lanes:
                self._lanes[update.lane] = asyncio.create_task(self._drain(update.lane))

    async def _drain(self, lane: str) -> None:
        try:
            while update := next((update for update in self._queue.live() if update.lane == lane), None):
                await self._deliver(update)
        finally:
            self._lanes.pop(lane, None)

    async def _deliver(self, update: Update) -> None:
        delay, fails = 1.0, 0
        while update in self._queue.live():
            async with self._slots:
                retry_after = await self._post(update)
            if retry_after is None and not update.twice:
                self._queue.done(update)
                return
            if retry_after is None:
                update.twice = False
                continue
            wait = float(min(retry_after, _MAX_RETRY_AFTER_S))
            if not retry_after and fails:
                wait = delay = min(self._random.uniform(_MAX_DELAY, 2 * _MAX_DELAY), delay * 2)
            fails += 1
            await asyncio.sleep(wait * self.retry_unit_s)

    async def _post(self, update: Update) -> int | None:
        """None when taken; else the seconds of Retry-After, or 0."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        assert self._session is not None
        try:
            async with self._session.post(self.url, json=update.body, headers=headers) as response:
                if 200 <= response.status <= 299:
                    return None
                self.last_error = f"Wrong response from the webhook: {response.status} {response.reason}"
                with contextlib.suppress(ValueError):
                    return int(response.headers.get("Retry-After", "0"))
        except (aiohttp.ClientError, TimeoutError):
            self.last_error = "Connection refused"
        return 0
