"""The web chat, the platform that is built in: a page, a socket, and a history of its own.

`send` writes into the chat's history and wakes its pages; a page that was away catches up by revision. What
the person sends stands in the history too, so every page of a chat shows the same. See docs/platforms.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from datetime import datetime

from aiohttp import web

from bot.listen import is_loopback
from bot.platforms.base import Capabilities, Context, DemoPage, OnIncoming, Outgoing
from bot.platforms.web.desk import Desk
from bot.platforms.web.doors import Demo, Door, Phone, Sessions
from bot.platforms.web.hub import Hub
from bot.platforms.web.limits import Limiter
from bot.platforms.web.pages import Pages
from bot.platforms.web.render import render, render_menu
from bot.platforms.web.routes import mount_chat, mount_demo
from models.content import Attachment, Card, Incoming, Picture
from models.errors import NotFound, StorageFailed, Unchangeable, Unfetchable, Unreachable
from models.facts import get_or_make_secret
from models.media import Media, find_media
from models.session import Session
from models.sniff import MAX_BYTES
from models.webchat.chats import PLATFORM, do_set_menu
from models.webchat.messages import Content, do_place, do_wipe_secrets
from models.webchat.phones import do_open_phone
from models.webchat.uploads import describe, do_forget_uploads

log = logging.getLogger(__name__)

TIDY_EVERY_S = 3600.0


def build(context: Context) -> WebPlatform:
    """Build the platform (see bot/platforms/__init__.py)."""
    return WebPlatform(context)


class WebPlatform:
    """The web chat.

    `look_every_s`: how often it looks for what other processes wrote. Raises: ValueError: a demo page, which
    has no login, is asked for on an address that others can reach.
    """

    name = PLATFORM
    caps = Capabilities(
        text_limit=20_000, text_unit="codepoints", caption_limit=20_000, buttons=100, edits=True, menus=True,
        contacts=False, photos_per_message=9, file_limit_bytes=MAX_BYTES, per_second=500, per_chat_s=0, in_flight=16,
        idempotent=True,
    )  # fmt: skip

    def __init__(self, context: Context, *, look_every_s: float | None = None) -> None:
        settings = context.settings
        if context.demo and not is_loopback(settings.web_address[0]):
            raise ValueError(f"the demo has no login, so WEB_LISTEN must be 127.0.0.1, not {settings.web_address[0]}")
        self._store, self._clock = context.store, context.clock
        self._base_url = settings.base_url
        self._demo_page = context.demo
        self._pages = Pages()
        self._hub = Hub(context.store, look_every_s=look_every_s)
        self._desk = Desk(
            context.store, context.media, self._hub, context.clock, settings.timezone.key,
            strangers_may_upload=context.takes_public,
        )  # fmt: skip
        if context.takes_public:
            self._desk.strangers = Limiter(per_minute=20, burst=20)  # a report is several messages and photos
        self._tasks: list[asyncio.Task[None]] = []
        self._demo: Demo | None = None

    @property
    def ready(self) -> bool:
        return self._desk.sessions is not None

    def mount(self, app: web.Application, on_incoming: OnIncoming) -> None:
        """Add the routes of the chat page, and of the demo page if there are phones for it."""
        self._desk.on_incoming = on_incoming
        mount_chat(app, self._desk, self._pages)
        if self._demo_page:
            mount_demo(app, self._desk, self._pages, lambda: self._demo)
        app.on_startup.append(self._open)
        app.on_shutdown.append(self._close)

    async def start(self, on_incoming: OnIncoming) -> None:
        """Pages come by themselves; only the demo's phones are greeted, as joining does it elsewhere."""
        for door in self._demo.doors.values() if self._demo else ():
            await on_incoming([Incoming(self.name, door.chat, f"{door.chat}:hello", text="/start")])

    async def stop(self) -> None:
        """Pages stay connected: this process takes in what they send whether it leads or not."""

    async def send(self, outgoing: Outgoing) -> str:
        now = self._clock()
        try:
            ident = await self._store.write(lambda session: _place(session, outgoing, now=now))
        except StorageFailed as error:
            raise Unreachable("web-storage") from error
        except Unchangeable:
            raise
        except Exception as error:
            # Nothing but delivery errors leaves a platform. A database that is away is a network like any other.
            log.exception("the web chat could not show a message")
            raise Unreachable("web-database") from error
        self._hub.wake(outgoing.chat)
        return ident

    async def fetch(self, attachment: Attachment) -> bytes:
        try:
            return await self._desk.media.read(attachment.ref, "original")
        except NotFound:
            raise Unfetchable("web-gone") from None
        except OSError as error:
            raise Unreachable("web-disk") from error

    async def link(self, code: str) -> str | None:
        # What follows # stays in the browser: no proxy and no log ever sees the code.
        return f"{self._base_url}/#join={code}"

    async def _open(self, _app: web.Application) -> None:
        secret = await self._store.write(lambda session: get_or_make_secret(session, "web-cookie"))
        now = self._clock()
        if page := self._demo_page:
            self._demo = await self._store.write(lambda session: _open_demo(session, page, now=now))
        self._desk.sessions = Sessions(secret, base_url=self._base_url)
        self._tasks = [asyncio.create_task(self._hub.watch()), asyncio.create_task(self._tidy())]

    async def _close(self, _app: web.Application) -> None:
        self._desk.sessions = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._hub.close()

    async def _tidy(self) -> None:
        while True:
            with contextlib.suppress(StorageFailed):
                await self._store.write(functools.partial(_tidy, now=self._clock()))
            await asyncio.sleep(TIDY_EVERY_S)


def _place(session: Session, outgoing: Outgoing, *, now: datetime) -> str:
    card, chat = outgoing.card, outgoing.chat
    menu = render_menu(card, outgoing.reader)
    if menu is not None:
        do_set_menu(session, chat, menu, now=now)
    body, files = render(card, outgoing.reader), _files(session, card)
    if not (body or files):
        return ""
    return do_place(
        session, chat, Content(body, files), now=now, placing=outgoing.placing, previous=outgoing.previous,
        key=outgoing.key, repeat=outgoing.repeat, secret=card.secret,
    )  # fmt: skip


def _files(session: Session, card: Card) -> list[dict[str, object]]:
    shas = [*(picture.sha for picture in card.pictures if picture.sha), *(file.sha for file in card.files)]
    known = find_media(session, shas)
    pictures = [_picture(item, known[item.sha]) for item in card.pictures if item.sha in known]
    files = [
        {"kind": "file", "sha": item.sha, "name": item.name, "mime": item.mime,
         "size": known[item.sha].size if item.sha in known else 0}
        for item in card.files
    ]  # fmt: skip
    return [*pictures, *files]


def _picture(picture: Picture, media: Media) -> dict[str, object]:
    """A photo of a card; `mark` is what stands under it when it is opened (its thumbnail is too small for that).

    Photos beside each other (`pair`) have an address of their own and take the whole width of the card.
    """
    shown: dict[str, object] = describe(media).to_json()
    if picture.pairs:
        return shown | {"sha": picture.address, "pair": picture.to_json(), "wide": True, "width": 0, "height": 0}
    return shown | {"mark": picture.to_json()["mark"]} if picture.mark else shown


def _open_demo(session: Session, page: DemoPage, *, now: datetime) -> Demo:
    doors = {}
    for key, person_id, title in page.phones:
        chat = do_open_phone(session, key=key, person_id=person_id, now=now)
        doors[key] = Door(f"/demo/{key}", chat, Phone(key, title))
    return Demo(doors, page.place, page.enterprise)


def _tidy(session: Session, *, now: datetime) -> None:
    do_wipe_secrets(session, now=now)
    do_forget_uploads(session, now=now)
