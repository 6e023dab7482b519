"""What a contract test needs of a platform: its own far end, seen and used as a person would."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from aiohttp.test_utils import TestClient, TestServer

from bot.platforms.base import Context
from bot.platforms.telegram import TelegramConfig, TelegramPlatform
from bot.platforms.web import WebPlatform
from bot.settings import Settings
from bot.web import Health, make_app
from models import errors
from models.content import Incoming
from models.errors import StorageFailed
from tests.factories import bind
from tests.fakes import MemoryPlatform
from tests.telegram_server import TelegramServer

FAILURES = {
    "throttled": errors.Throttled,
    "unreachable": errors.Unreachable,
    "uncertain": errors.Uncertain,
    "gone": errors.RecipientGone,
    "rejected": errors.Rejected,
    "bad-credentials": errors.BadCredentials,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of ours as the person sees it."""

    text: str
    buttons: tuple[str, ...] = ()
    photos: int = 0
    files: tuple[str, ...] = ()


class Rig(Protocol):
    """One platform with one person at its far end.

    `chat` is the person's address, `received` what the platform handed over, `failures` the kinds of
    `FAILURES` that can happen on it.
    """

    platform: object
    chat: str
    received: list[Incoming]
    failures: frozenset[str]

    async def screen(self) -> list[Seen]: ...
    async def sends(self, text="", *, photo=None, file=None, place=None): ...
    async def presses(self, label): ...
    async def fails(self, kind): ...


class MemoryRig:
    failures = frozenset(FAILURES)
    chat = "lin"

    def __init__(self):
        self.platform, self.received = MemoryPlatform(), []

    async def screen(self):
        shown = self.platform.screens.get(self.chat, [])
        return [Seen(s.text, tuple(label for label, _ in s.buttons), len(s.photos), s.files) for s in shown]

    async def sends(self, text="", *, photo=None, file=None, place=None):
        attachments = []
        for kind, name, data in (("photo", "", photo), ("file", *(file or ("", None)))):
            if data is not None:
                ref = f"ref-{len(self.platform.files)}"
                self.platform.files[ref] = data
                attachments.append({"kind": kind, "ref": ref, "name": name})
        values = {"text": text, "attachments": attachments, "place": place and {"lat": place.lat, "lon": place.lon}}
        await self._comes_in(values)

    async def presses(self, label):
        shown = next(s for s in reversed(self.platform.screens[self.chat]) if label in dict(s.buttons))
        await self._comes_in({"kind": "press", "data": dict(shown.buttons)[label], "message": shown.id})

    async def fails(self, kind):
        self.platform.fails[self.chat] = [FAILURES[kind](kind)]

    async def _comes_in(self, values):
        base = {"platform": "memory", "chat": self.chat, "event_id": f"event-{len(self.received)}"}
        self.received.append(Incoming.from_json(base | values))


@asynccontextmanager
async def memory_rig(_store, _media, _clock):
    yield MemoryRig()


class TelegramRig:
    failures = frozenset(FAILURES)

    def __init__(self, server, platform):
        self.server, self.platform, self.received = server, platform, []
        self.phone = server.phone("林", known=True)
        self.chat = str(self.phone.id)

    async def receive(self, batch):
        self.received += batch
        self.server.world.touch()

    async def screen(self):
        shown = [message for message in self.phone.screen() if not message.mine]
        return [
            Seen(s.text, tuple(label for row in s.buttons for label in row), len(s.photos),
                 (s.document,) if s.document else ())
            for s in shown
        ]  # fmt: skip

    async def sends(self, text="", *, photo=None, file=None, place=None):
        before = len(self.received)
        if photo is not None:
            await self.phone.sends(photo, text)
        elif file is not None:
            await self.phone.sends_document(file[1], file[0], caption=text)
        elif place is not None:
            await self.phone.sends_location(place.lat, place.lon)
        else:
            await self.phone.sends(text)
        await self._arrived(before)

    async def presses(self, label):
        before = len(self.received)
        await self.phone.taps(label)
        await self._arrived(before)

    async def fails(self, kind):
        scripted = {"throttled": "429", "uncertain": "drop", "rejected": "400"}
        if kind in scripted:
            self.server.faults.add(kind=scripted[kind], chat=self.phone.id, text="Bad Request: so it is")
        elif kind == "gone":
            self.phone.blocks_bot()
        elif kind == "unreachable":
            await self.server.stop()
        else:
            self.server.token = "1102:an-other-token-that-the-bot-does-not-have"

    async def _arrived(self, before):
        assert await self.server.world.wait_for(lambda: len(self.received) > before, 10)


@asynccontextmanager
async def telegram_rig(_store, media, _clock):
    async with TelegramServer() as server:
        platform = TelegramPlatform(TelegramConfig(server.token, server.api_base, long_poll_s=2), media)
        rig = TelegramRig(server, platform)
        await platform.start(rig.receive)
        try:
            yield rig
        finally:
            await platform.stop()


class WebRig:
    failures = frozenset({"unreachable"})

    def __init__(self, platform, store, client):
        self.platform, self.received = platform, []
        self.store, self.client, self.chat = store, client, ""
        self._numbers = iter(range(10_000, 10_000_000))

    async def receive(self, batch):
        self.received += batch

    async def opens(self, person_id, now):
        """Open the page, say hello, and let the chat belong to a person: strangers may not upload."""
        assert (await self.client.get("/")).status == 200
        await self.sends("你好")
        self.chat = self.received.pop().chat
        await self.store.write(lambda session: bind(session, person_id, self.chat, platform="web", now=now))

    async def screen(self):
        return [
            Seen(
                "\n".join(line for line in (body.get("title", ""), *body.get("lines", ())) if line),
                tuple(button["label"] for row in body.get("buttons", ()) for button in row),
                sum(file["kind"] == "photo" for file in files) + len(body.get("qr", ())),
                tuple(file["name"] for file in files if file["kind"] == "file"),
            )
            for body, files in ((m["body"], m.get("files", ())) for m in await self._messages())
        ]  # fmt: skip

    async def sends(self, text="", *, photo=None, file=None, place=None):
        uploads = [await self._upload("photo", "", photo)] if photo is not None else []
        uploads += [await self._upload("file", *file)] if file is not None else []
        where = {"lat": place.lat, "lon": place.lon} if place else None
        await self._post({"t": "send", "text": text, "uploads": uploads, "place": where})

    async def presses(self, label):
        for message in reversed(await self._messages()):
            for button in (button for row in message["body"].get("buttons", ()) for button in row):
                if button["label"] == label:
                    return await self._post({"t": "press", "message": str(message["id"]), "data": button["data"]})
        raise AssertionError(f"no button {label!r}")

    async def fails(self, kind):
        assert kind == "unreachable"

        async def full(_unit):
            raise StorageFailed("disk full")

        self.store.write = full

    async def _messages(self):
        answer = await self.client.get("/api/news")
        page = next(frame for frame in (await answer.json())["frames"] if frame["t"] == "page")
        return [message for message in page["messages"] if not message.get("gone") and message["from"] == "out"]

    async def _post(self, frame):
        frame |= {"id": f"message-{next(self._numbers)}", "lang": "zh"}
        answer = await self.client.post("/api/send", json=frame, headers=self._own())
        assert (await answer.json())["t"] == "ack"

    async def _upload(self, kind, name, data):
        ident = f"upload-{next(self._numbers)}"
        query = {"id": ident, "as": kind, "name": name}
        answer = await self.client.post("/api/upload", params=query, data=data, headers=self._own())
        assert (await answer.json())["t"] == "ack"
        return ident

    def _own(self):
        return {"Origin": str(self.client.make_url("/")).rstrip("/")}


@asynccontextmanager
async def web_rig(store, media, clock, person_id=1):
    settings = Settings(platforms=("web",))
    platform = WebPlatform(Context(settings, store, media, clock))
    received = []

    async def receive(batch):
        received.extend(batch)

    app = make_app(Health(store, (platform,), lambda: "leader"), [lambda app: platform.mount(app, receive)])
    async with TestClient(TestServer(app)) as client:
        rig = WebRig(platform, store, client)
        rig.received = received
        await platform.start(receive)
        await rig.opens(person_id, clock())
        yield rig
        await platform.stop()


RIGS = {"memory": memory_rig, "telegram": telegram_rig, "web": web_rig}
