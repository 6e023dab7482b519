"""What the tests of the Telegram platform share: a platform on the local server, pictures, an inbox."""

import asyncio
import contextlib

from bot.platforms.base import Outgoing
from bot.platforms.telegram import TelegramConfig, TelegramPlatform
from models.errors import NotFound
from models.texts import Reader
from tests.telegram_server.pictures import jpeg

ZH, EN = Reader("zh"), Reader("en")


class Shelf:
    """Pictures by name; counts how often each was read."""

    def __init__(self):
        self.reads = []
        self.files = {f"p{number}": jpeg(100 + number, 80) for number in range(12)} | {"xlsx": b"PK-ledger"}

    async def read(self, sha, variant="copy"):
        self.reads.append((sha, variant))
        if sha not in self.files:
            raise NotFound
        return self.files[sha]

    async def render_qr(self, text):
        return jpeg(300, 300)


class Inbox:
    """Takes batches as the inbox does; `fail` makes the next so many batches fail."""

    def __init__(self):
        self.events, self.batches, self.fail = [], 0, 0
        self._changed = asyncio.Event()

    async def receive(self, batch):
        if self.fail:
            self.fail -= 1
            raise OSError("disk full")
        self.batches += 1
        known = {event.event_id for event in self.events}
        self.events += [event for event in batch if event.event_id not in known]
        self._changed.set()
        self._changed = asyncio.Event()

    async def has(self, count):
        async with asyncio.timeout(10):
            while len(self.events) < count:
                await self._changed.wait()

    def texts(self):
        return [event.text for event in self.events]


def make_platform(server, shelf=None, **config):
    """A platform pointed at the local server; not started."""
    settings = {"read_timeout_s": 5.0, "long_poll_s": 2, **config}
    return TelegramPlatform(TelegramConfig(server.token, server.api_base, **settings), shelf or Shelf())


@contextlib.asynccontextmanager
async def running(server, inbox, **config):
    """A started platform."""
    platform = make_platform(server, **config)
    await platform.start(inbox.receive)
    try:
        yield platform
    finally:
        await platform.stop()


def out(phone, card, **how):
    """A card on its way to a phone."""
    how = {"reader": ZH, **how}
    return Outgoing(str(phone.id), card, **how)
