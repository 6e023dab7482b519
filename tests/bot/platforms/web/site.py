"""The web chat on a loopback port, and browsers without a screen to visit it with."""

import asyncio
import itertools
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.platforms.base import Context, Outgoing
from bot.platforms.web import WebPlatform
from bot.settings import Settings
from bot.web import Health, make_app
from models.content import Card
from models.people.tables import Account
from models.texts import Reader
from tests.factories import bind


class Site:
    """A running web chat. `received` is what it handed over; `refuses` is raised instead, if set."""

    def __init__(self, store, media, clock, **settings):
        demo, public = settings.pop("demo", None), settings.pop("takes_public", False)
        self.store, self.clock = store, clock
        settings = Settings(platforms=("web",), **settings)
        self.platform = WebPlatform(Context(settings, store, media, clock, demo, public), look_every_s=3600)
        self.received, self.refuses = [], None
        self.role = "leader"
        health = Health(store, (self.platform,), lambda: self.role)
        self.app = make_app(health, [lambda app: self.platform.mount(app, self.receive)])
        self.server = TestServer(self.app)
        self.pages = []

    async def receive(self, batch):
        if self.refuses:
            raise self.refuses
        self.received += batch

    async def open(self, path="/", **kwargs):
        """A fresh browser that opens the page."""
        page = Page(self, path.rstrip("/"), **kwargs)
        self.pages.append(page)
        await page.reload()
        return page

    async def member(self, person_id):
        """A browser whose chat belongs to a person."""
        page = await self.open()
        await page.says("你好")
        await self.store.write(lambda session: bind(session, person_id, page.chat, platform="web", now=self.clock()))
        self.received.clear()
        return page

    async def shows(self, chat, card, placing="new", previous="", **how):
        card = Card(lines=(card,)) if isinstance(card, str) else card
        return await self.platform.send(Outgoing(chat, card, Reader("zh"), placing, previous, **how))


class Page:
    """One browser window: its cookies, and its ways to speak with the server."""

    def __init__(self, site, prefix, origin=None):
        self.site, self.prefix = site, prefix
        self.web = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.origin = origin or str(site.server.make_url("/")).rstrip("/")
        self.numbers = itertools.count(1)
        self.chat = ""

    def url(self, path):
        return self.site.server.make_url(f"{self.prefix}/{path}")

    async def reload(self):
        answer = await self.web.get(self.url(""))
        assert answer.status == 200
        return await answer.text()

    async def get(self, path):
        return await self.web.get(self.url(path))

    async def post(self, path, **kwargs):
        headers = {"Origin": self.origin, **kwargs.pop("headers", {})}
        return await self.web.post(self.url(path), headers=headers, **kwargs)

    async def sends(self, frame, ident=None):
        """Post a frame; give the answer."""
        frame = {"id": ident or f"message-{next(self.numbers)}", "lang": "zh", **frame}
        answer = await self.post("api/send", json=frame)
        assert answer.status == 200, await answer.text()
        if self.site.received:
            self.chat = self.site.received[-1].chat
        return await answer.json()

    async def says(self, text, ident=None, **fields):
        return await self.sends({"t": "send", "text": text, **fields}, ident)

    async def presses(self, message, data, ident=None):
        return await self.sends({"t": "press", "message": str(message), "data": data}, ident)

    async def uploads(self, data, ident, name="", kind="photo", **query):
        params = {"id": ident, "name": name, "as": kind, **query}
        return await self.post("api/upload", params=params, data=data)

    async def news(self, since=None):
        """The state and the messages, asked for without a socket."""
        query = "" if since is None else f"?since={since}"
        answer = await self.get(f"api/news{query}")
        assert answer.status == 200
        state, news = (await answer.json())["frames"]
        return state, news

    async def words(self):
        _state, page = await self.news()
        return [message["body"]["lines"][0] for message in page["messages"]]

    @asynccontextmanager
    async def socket(self, since=None):
        async with self.web.ws_connect(self.url("api/socket"), headers={"Origin": self.origin}) as socket:
            line = Line(socket)
            await line.says({"t": "hello", "since": since})
            yield line


class Line:
    """An open socket of a page."""

    def __init__(self, socket):
        self.socket = socket

    async def says(self, frame):
        await self.socket.send_json(frame)

    async def hears(self, kind):
        """The next frame of this kind."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 10)
            assert message.type is aiohttp.WSMsgType.TEXT, message
            frame = message.json()
            if frame["t"] == kind:
                return frame

    async def is_closed(self):
        """The code with which the server closed the socket."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 10)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return self.socket.close_code


@asynccontextmanager
async def running(store, media, clock, **settings):
    site = Site(store, media, clock, **settings)
    async with site.server:
        await site.platform.start(site.receive)
        try:
            yield site
        finally:
            for page in site.pages:
                await page.web.close()
            await site.platform.stop()


def unbind(session, chat, now):
    """Take a chat from its person."""
    session.scalars(select(Account).where(Account.platform == "web", Account.chat == chat)).one().unbound_at = now
