"""A chat platform without a network, and a phone per person: stories run through the real dispatcher."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.dispatch import Dispatcher
from bot.platforms.base import Capabilities, Outgoing
from handlers.registry import Registry
from models.content import Attachment, Card, Contact, Incoming, Place
from models.errors import RecipientGone, Unchangeable, Unfetchable, Unreachable
from models.imports.worker import check
from models.rules import Rules, read_rules
from scheduler.deliver import Deliverer
from scheduler.imports import Importer

CAPS = Capabilities(
    text_limit=4096, text_unit="codepoints", caption_limit=1024, buttons=100, edits=True, menus=True, contacts=True,
    photos_per_message=10, file_limit_bytes=20_000_000, per_second=100_000, per_chat_s=0, in_flight=32,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of ours as the person sees it: read in the person's language, `photos` as addresses (or QR texts)."""

    id: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    photos: tuple[str, ...]
    files: tuple[str, ...]
    edited: bool = False


class MemoryPlatform:
    """Keeps every chat's screen in memory.

    `fails[chat]` is a list of errors for the sends to come, used up one by one; `files` is what can be fetched, `away`
    which of it cannot be had at present;
    `sent` remembers every message in the order of sending.
    """

    name = "memory"
    caps = CAPS
    ready = True

    def __init__(self):
        self.screens, self.menus, self.asks = {}, {}, {}
        self.fails, self.files, self.sent, self.away = {}, {}, [], set()
        self.on_incoming = None
        self._numbers = itertools.count(1)

    async def start(self, on_incoming):
        self.on_incoming = on_incoming

    async def stop(self):
        self.on_incoming = None

    async def send(self, outgoing: Outgoing):
        await asyncio.sleep(0)  # as on a real platform, others may run in between
        if self.fails.get(outgoing.chat):
            raise self.fails[outgoing.chat].pop(0)
        if outgoing.chat.startswith("gone"):
            raise RecipientGone("blocked")
        self.sent.append(outgoing)
        card = outgoing.card
        if card.menu is not None:
            self.menus[outgoing.chat] = tuple(entry.name for entry in card.menu)
        if card == Card(menu=card.menu, lang=card.lang):
            return ""
        self.asks[outgoing.chat] = card.ask
        return self._put(outgoing)

    def _put(self, outgoing):
        screen = self.screens.setdefault(outgoing.chat, [])
        shown = show(outgoing, str(next(self._numbers)))
        ids = [message.id for message in screen]
        if outgoing.placing in {"edit", "refresh"} and outgoing.previous in ids:
            at = ids.index(outgoing.previous)
            screen[at] = replace(shown, id=outgoing.previous, edited=True)
            return outgoing.previous
        if outgoing.placing == "refresh":
            raise Unchangeable("gone")
        if outgoing.placing == "move":
            screen[:] = [message for message in screen if message.id != outgoing.previous]
        screen.append(shown)
        return shown.id

    async def fetch(self, attachment):
        if attachment.ref in self.away:
            raise Unreachable("file-502")
        if attachment.ref not in self.files:
            raise Unfetchable("gone")
        return self.files[attachment.ref]

    async def link(self, code):
        return f"memory://join/{code}"


async def check_here(request):
    """What the worker of imports does, in this process and at once."""
    await check(request)
    return {"cpu_s": 0}


def show(outgoing, ident):
    """What a person sees of a card."""
    card, read = outgoing.card, outgoing.reader.read
    return Shown(
        id=ident,
        text="\n".join(read(line) for line in (card.title, *card.lines, card.ask_line) if read(line)),
        buttons=tuple((read(button.label), button.data) for row in card.buttons for button in row),
        photos=tuple(picture.sha or picture.qr for picture in card.pictures),
        files=tuple(file.name for file in card.files),
    )


@dataclass
class County:
    """The product without its edges: dispatcher and deliverer over one database and the memory platform."""

    store: object
    media: object
    clock: object
    registry: Registry
    checks: dict = field(default_factory=dict)
    rules: Rules = field(default_factory=lambda: read_rules(Path("rules.toml")))
    platform: MemoryPlatform = field(default_factory=MemoryPlatform)

    def __post_init__(self):
        platforms = {self.platform.name: self.platform}
        self.deliverer = Deliverer(
            self.store, platforms, make_outgoing=Outgoing, checks=self.checks, clock=self.clock,
            zone=ZoneInfo("Asia/Shanghai"),
        )  # fmt: skip
        self.dispatcher = Dispatcher(
            self.store, media=self.media, registry=self.registry, rules=self.rules, platforms=platforms,
            clock=self.clock, outbound=self.deliverer,
        )  # fmt: skip
        self.dispatcher.leading = True
        self.importer = Importer(self.store, self.media, self.clock, worker=check_here)
        self._events = itertools.count(1)

    def phone(self, chat, lang="zh-hans"):
        return Phone(self, chat, lang)

    async def happens(self, *events):
        """Let events arrive in one batch, and wait until everything they lead to has been delivered."""
        await self.dispatcher.receive(events)
        await self.settle()

    async def settle(self):
        await self.dispatcher.settle()
        await self.deliverer.drain()

    async def imports(self):
        """Let imports and undos that were asked for be worked on, and wait until all is said."""
        await self.importer.drain()
        await self.settle()

    async def stop(self):
        await self.dispatcher.stop()

    def event_id(self):
        return f"event-{next(self._events)}"


class Phone:
    """One chat. `actions` counts what its person did: messages and taps."""

    def __init__(self, county, chat, lang):
        self.county, self.chat, self.lang = county, chat, lang
        self.actions = 0

    # What the person does
    async def sends(self, *parts, **fields):
        """Send one message made of texts, photos (bytes), places and (name, bytes) files."""
        await self.county.happens(self.message(*parts, **fields))

    def message(self, *parts, **fields):
        """The event that `sends` makes, for stories in which it arrives twice, late or in company."""
        self.actions += 1
        return Incoming(
            "memory", self.chat, self.county.event_id(), lang=self.lang,
            text=" ".join(part for part in parts if isinstance(part, str)),
            attachments=tuple(self._attach(part) for part in parts if isinstance(part, bytes | tuple)),
            place=next((part for part in parts if isinstance(part, Place)), None),
            sent_at=self.county.clock(), **fields,
        )  # fmt: skip

    async def shares_contact(self, phone, *, verified=True):
        await self.sends(contact=Contact(phone, verified))

    async def opens_link(self, code):
        await self.sends(f"/start {code}")

    async def taps(self, label):
        """Press the newest button with this label."""
        for message in reversed(self.screen):
            for text, data in message.buttons:
                if text == label:
                    return await self.presses(data, message.id)
        raise AssertionError(f"no button {label!r} on the screen of {self.chat}:\n{self.describe()}")

    async def presses(self, data, message=""):
        """Press a button with any data, also one that was never shown."""
        await self.county.happens(self.press(data, message))

    def press(self, data, message=""):
        """The event that `presses` makes."""
        self.actions += 1
        return Incoming("memory", self.chat, self.county.event_id(), kind="press", data=data, message=message,
                        lang=self.lang, sent_at=self.county.clock())  # fmt: skip

    # What the person sees
    @property
    def screen(self):
        return self.county.platform.screens.get(self.chat, [])

    @property
    def menu(self):
        return self.county.platform.menus.get(self.chat, ())

    @property
    def labels(self):
        """The labels of all buttons that can be pressed, oldest first."""
        return [label for message in self.screen for label, _data in message.buttons]

    def sees(self, text):
        """The newest message that holds this text."""
        found = [message for message in self.screen if text in message.text]
        assert found, f"{text!r} is not on the screen of {self.chat}:\n{self.describe()}"
        return found[-1]

    def sees_nothing_of(self, text):
        assert text not in self.describe(), f"{text!r} is on the screen of {self.chat}:\n{self.describe()}"

    def describe(self):
        lines = []
        for message in self.screen:
            keys = " ".join(f"[{label}]" for label, _data in message.buttons)
            extras = "".join(f" ({thing})" for thing in (*message.photos, *message.files))
            lines.append(f"< {message.text}{extras} {keys}")
        return "\n".join(lines)

    def clears(self):
        """Scroll everything out of sight, so that `sees` looks at what comes now."""
        self.county.platform.screens.pop(self.chat, None)

    def _attach(self, part):
        name, data = part if isinstance(part, tuple) else ("", part)
        kind = "file" if name else "photo"
        ref = f"{self.chat}-{len(self.county.platform.files)}"
        self.county.platform.files[ref] = data
        return Attachment(kind, ref, name=name, size=len(data))
