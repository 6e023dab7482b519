"""The pages that are open now: each is told what has changed in its chat since it last heard."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Iterator
from functools import partial
from typing import Protocol

from bot import metrics
from bot.platforms.web.frames import Frame, show_changes, show_page, show_state
from models.session import Session, Store
from models.webchat.chats import list_heads, load_state
from models.webchat.messages import list_changes, list_latest

log = logging.getLogger(__name__)

BEAT_S = 20.0  # A page that has heard nothing for twice this long takes the connection for dead.
CLOSE_S = 3.0
PAGES_PER_CHAT = 8
PAGES = 5000


class Line(Protocol):
    """What a connection needs of its socket."""

    def __call__(self, frame: Frame, /) -> Awaitable[None]: ...


class Connection:
    """One open page. `since` is the revision it has been told of; None before it has said hello."""

    def __init__(self, chat: str, send: Line) -> None:
        self.chat = chat
        self.is_member = False
        self.must_go = asyncio.Event()
        self.gone = asyncio.Event()
        self.wake = asyncio.Event()
        self._send = send
        self._greetings = 0
        self._since: int | None = None
        self._state: Frame | None = None

    def greet(self, since: int | None) -> None:
        """The page says up to where it has everything; None: it has nothing."""
        self._greetings += 1
        self._since, self._state = since, None
        self.wake.set()

    async def pump(self, store: Store, zone: str) -> None:
        """Tell the page of every change, until it must go or the line breaks."""
        while not self.must_go.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await self.wake.wait()
            if not self.wake.is_set():
                await self._send({"t": "beat"})
                continue
            self.wake.clear()
            if self._greetings and not self.must_go.is_set():
                await self._catch_up(store, zone)

    def leave(self) -> None:
        """Let the pump end after what it is at: a read that is cut off leaves its connection in disorder."""
        self.must_go.set()
        self.wake.set()

    async def _catch_up(self, store: Store, zone: str) -> None:
        while True:
            since, greetings = self._since, self._greetings
            unit = partial(read_news, chat=self.chat, since=since, zone=zone)
            state, news, more = await store.read(unit)
            if greetings != self._greetings:
                continue  # the page has begun anew meanwhile; what was read is not what it asks for
            if state != self._state:
                await self._send(state)
                self._state = state
                self.is_member = bool(state["who"])
            if since is None or news["messages"]:
                await self._send(news)
            self._since = news["rev"]
            if not more:
                return


def read_news(session: Session, chat: str, since: int | None, zone: str) -> tuple[Frame, Frame, bool]:
    """Give the state and what is new after `since` (None: the last messages); and whether there is more."""
    state = load_state(session, chat)
    shown = show_state(chat, state, zone=zone)
    if since is None:
        return shown, show_page(list_latest(session, chat, state)), False
    page = list_changes(session, chat, state, since=since)
    return shown, show_changes(page), page.more


class Hub:
    """All open pages of this process, by chat."""

    def __init__(self, store: Store, *, look_every_s: float | None = None) -> None:
        self._store = store
        # Messages of this process wake their pages at once. What only the database knows (another process has
        # written; the account was unbound) is looked for: often where there are other processes.
        self._look_every_s = look_every_s or (5.0 if store.is_sqlite else 1.0)
        self._open: dict[str, set[Connection]] = {}
        self._heads: dict[str, tuple[int, int | None]] = {}

    def has_room(self, chat: str) -> bool:
        """Tell whether one more page of this chat may connect."""
        return len(self._open.get(chat, ())) < PAGES_PER_CHAT and sum(map(len, self._open.values())) < PAGES

    @contextlib.contextmanager
    def joined(self, connection: Connection) -> Iterator[None]:
        """Keep the connection among the open pages."""
        pages = self._open.setdefault(connection.chat, set())
        pages.add(connection)
        metrics.web_pages_open.inc()
        try:
            yield
        finally:
            connection.gone.set()
            metrics.web_pages_open.dec()
            pages.discard(connection)
            if not pages:
                self._open.pop(connection.chat, None)
                self._heads.pop(connection.chat, None)

    def wake(self, chat: str) -> None:
        """Something has changed in this chat."""
        for connection in self._open.get(chat, ()):
            connection.wake.set()

    async def close(self) -> None:
        """Tell every page that the server goes; each comes back by itself."""
        connections = [connection for pages in self._open.values() for connection in pages]
        for connection in connections:
            connection.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await asyncio.gather(*(connection.gone.wait() for connection in connections))

    async def watch(self) -> None:
        """Look for changes that were made elsewhere, for ever."""
        while True:
            await asyncio.sleep(self._look_every_s)
            try:
                await self.look()
            except Exception:
                log.exception("the web chat could not look for changes; it tries again")

    async def look(self) -> None:
        """Wake the pages whose chat has moved on since the last look."""
        chats = list(self._open)
        if not chats:
            return
        heads = await self._store.read(lambda session: list_heads(session, chats))
        for chat, head in heads.items():
            if self._heads.get(chat) != head:
                self._heads[chat] = head
                self.wake(chat)
