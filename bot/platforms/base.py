"""The contract every chat platform fulfils.

A platform turns its own events into `Incoming`, hands them over in batches and tells its server that they were
received only after `on_incoming` has returned (then they are committed to the inbox). It turns `Card`s into its
own messages. It keeps no state that must survive a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from aiohttp import web

from bot.settings import Settings
from models.content import Attachment, Card, Incoming, Place
from models.media import MediaStore
from models.session import Store
from models.texts import Reader

OnIncoming = Callable[[Sequence[Incoming]], Awaitable[None]]
Placing = Literal["new", "edit", "move", "refresh"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do, as data.

    `text_limit` counts `text_unit`s; `per_second` is messages to all chats together; `per_chat_s` the least
    seconds between two messages of one chat; `idempotent`: a message sent again under its `key` is shown once.
    """

    text_limit: int
    text_unit: Literal["codepoints", "utf16", "bytes"]
    caption_limit: int
    buttons: int
    edits: bool
    menus: bool
    contacts: bool
    photos_per_message: int
    file_limit_bytes: int
    per_second: float
    per_chat_s: float
    in_flight: int
    idempotent: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A card on its way to one chat, with all that a platform needs to show it.

    `placing`: "new" adds a message; "edit" changes the message(s) `previous` in place; "move" removes or
    disarms `previous` and adds a new message at the end of the chat; "refresh" changes `previous` in place or not
    at all (Unchangeable). A platform without `edits` is asked for "new" only. `previous` is what `send` returned for
    the card of the same key, empty if there is none. `repeat`: it was perhaps delivered before. `key`
    names this very sending and stays the same when it is repeated.
    """

    chat: str
    card: Card
    reader: Reader
    placing: Placing = "new"
    previous: str = ""
    repeat: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class DemoPage:
    """The demo page: its phones as (key, person id, title), and where the sample photo was taken.

    A phone without a person is a stranger's. `enterprise` is the name of the enterprise on the sample photo, in the
    first phone's village.
    """

    phones: tuple[tuple[str, int | None, str], ...]
    place: Place
    enterprise: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a platform may build on.

    `demo` is set only when the program was started by `demo`; `takes_public`: strangers may send photos (随手拍).
    """

    settings: Settings
    store: Store
    media: MediaStore
    clock: Callable[[], datetime]
    demo: DemoPage | None = None
    takes_public: bool = False


class Platform(Protocol):
    """A chat platform. `start` and `stop` are called only in the process that leads, perhaps several times."""

    name: str
    caps: Capabilities

    async def start(self, on_incoming: OnIncoming) -> None:
        """Begin to receive. Raises: BadCredentials: the platform does not know us."""

    async def stop(self) -> None:
        """Stop receiving; what was handed over stays handed over."""

    async def send(self, outgoing: Outgoing) -> str:
        """Show a card; return the platform's id(s) of it, to be given back as `previous`.

        Raises: DeliveryError: one of its kinds; nothing else leaves a platform.
        """

    async def fetch(self, attachment: Attachment) -> bytes:
        """Download a file that came in. Raises: DeliveryError (Unfetchable: it cannot be had)."""

    async def link(self, code: str) -> str | None:
        """Give the link that opens a chat and joins with `code`; None if this platform has none."""

    @property
    def ready(self) -> bool:
        """Tell whether it receives at present."""


class Mounted(Protocol):
    """What a platform with routes of its own (pages, webhooks) has besides."""

    def mount(self, app: web.Application, on_incoming: OnIncoming) -> None:
        """Add the routes; called once in every process, also in those that do not lead.

        Events that arrive here go to `on_incoming` whether or not `start` has been called.
        """
