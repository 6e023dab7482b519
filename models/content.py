"""What comes in from a chat and what goes out to it, free of any platform.

`Incoming` and `Card` are frozen values with a JSON round trip; platforms translate them within their limits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from models.texts import Line, Text, dump_line, load_line

BUTTON_DATA_BYTES = 64  # Source: Telegram Bot API, InlineKeyboardButton.callback_data (the tightest platform).


@dataclass(frozen=True, slots=True)
class Place:
    """A point in degrees, WGS-84; platforms that hand out GCJ-02 convert before they build one."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"not a place on earth: {self.lat}, {self.lon}")


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number somebody shared; `verified` only if the platform vouches that it is the sender's own."""

    phone: str
    verified: bool


def storable(text: str) -> str:
    """Take out of a text what no database stores and no person sees: NUL, and half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on its way in.

    `ref` is what the platform needs to fetch it; `sha` is its address in the media store once fetched
    (lower-case hex SHA-256); `error` says in a code why it could not be had, `reason` in a sentence for the person
    where there is more to say than that. `late`: it will be asked for again, and arrives by itself if it can be had.
    `size` in bytes, 0 if unknown.
    """

    kind: Literal["photo", "file", "voice"]
    ref: str
    name: str = ""
    mime: str = ""
    size: int = 0
    sha: str = ""
    error: str = ""
    late: bool = False
    reason: Text | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        # One event that cannot be stored would hold up its whole batch, for ever.
        for name in ("name", "mime"):
            object.__setattr__(self, name, storable(getattr(self, name)))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = asdict(replace(self, reason=None))
        return values | {"reason": dump_line(self.reason)} if self.reason else values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Attachment:
        """Rebuild from `to_json`."""
        reason = load_line(values["reason"]) if values.get("reason") else None
        return cls(**{**values, "reason": reason if isinstance(reason, Text) else None})


Kind = Literal["message", "press", "arrival"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of one chat: a message (text, files, place, contact in any mixture) or a pressed button.

    Or an "arrival", which no platform sends but we ourselves: what was still missing of a message is there now, or is
    given up; `data` (`subject:id`) says of which.
    `event_id` is unique per platform; `group` joins the parts of an album; `message` is the platform's id of
    the card whose button was pressed; `lang` is the platform's language hint, as it came.
    """

    platform: str
    chat: str
    event_id: str
    kind: Kind = "message"
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    contact: Contact | None = None
    data: str = ""
    message: str = ""
    group: str = ""
    lang: str = ""
    sender: str = ""
    sent_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("text", "data", "sender", "lang"):
            given = getattr(self, name)
            if (kept := storable(given)) is not given:
                object.__setattr__(self, name, kept)

    @property
    def photos(self) -> tuple[Attachment, ...]:
        """The attachments that are pictures."""
        return tuple(item for item in self.attachments if item.kind == "photo")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without the fields that are empty."""
        # Not by `asdict` as a whole: it copies each of the many empty fields, and every message passes here.
        values: dict[str, Any] = {
            name: value for name in self.__slots__ if (value := getattr(self, name)) not in ("", (), None)
        }
        if self.attachments:
            values["attachments"] = [item.to_json() for item in self.attachments]
        if self.place:
            values["place"] = asdict(self.place)
        if self.contact:
            values["contact"] = asdict(self.contact)
        if self.sent_at:
            values["sent_at"] = self.sent_at.astimezone(UTC).isoformat()
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Incoming:
        """Rebuild from `to_json`."""
        fields = dict(values)
        fields["attachments"] = tuple(Attachment.from_json(item) for item in fields.get("attachments", ()))
        for name, kind in (("place", Place), ("contact", Contact)):
            if fields.get(name):
                fields[name] = kind(**fields[name])
        if fields.get("sent_at"):
            fields["sent_at"] = datetime.fromisoformat(fields["sent_at"])
        return cls(**fields)


def join_album(parts: Iterable[Incoming]) -> Incoming:
    """Make one message of an album's parts, in their order; texts that differ stand on lines of their own."""
    first, *rest = parts
    texts = list(dict.fromkeys(part.text for part in (first, *rest) if part.text))
    attachments = tuple(item for part in (first, *rest) for item in part.attachments)
    place = next((part.place for part in (first, *rest) if part.place), None)
    return replace(first, text="\n".join(texts), attachments=attachments, place=place)


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `data` is `subject:id:action`, a request that is checked again when it is pressed."""

    label: Line
    data: str
    style: Literal["plain", "primary", "danger"] = "plain"

    def __post_init__(self) -> None:
        if len(self.data.encode()) > BUTTON_DATA_BYTES:
            raise ValueError(f"button data over {BUTTON_DATA_BYTES} bytes: {self.data!r}")


@dataclass(frozen=True, slots=True)
class Half:
    """One of two photos beside each other: its address, and what stands above it."""

    sha: str
    says: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a card: a stored photo (`sha`), or a QR code drawn from `qr` text when it is sent.

    `mark`: what stands in the band under the photo (the watermark), drawn when it is sent or looked at; the same
    for everybody, in Chinese. `pairs`: photos beside each other (left, right), one pair below the other, drawn as one
    picture in the same way; `mark` stands above them, and `sha` is the photo that must do if it cannot be drawn.
    """

    sha: str = ""
    qr: str = ""
    mark: tuple[Line, ...] = ()
    pairs: tuple[tuple[Half, Half], ...] = ()

    @property
    def address(self) -> str:
        """What tells it from every other picture: 64 hex digits, those of the photo if it is only a photo."""
        if not self.pairs:
            return self.sha
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without the fields that are empty."""
        values = {
            "sha": self.sha, "qr": self.qr, "mark": [dump_line(line) for line in self.mark],
            "pairs": [[[half.sha, *map(dump_line, half.says)] for half in pair] for pair in self.pairs],
        }  # fmt: skip
        return {name: value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Picture:
        """Rebuild from `to_json`."""
        mark = tuple(load_line(line) for line in values.get("mark", ()))
        pairs = tuple((_load_half(left), _load_half(right)) for left, right in values.get("pairs", ()))
        return cls(values.get("sha", ""), values.get("qr", ""), mark, pairs)


def _load_half(values: list[Any]) -> Half:
    sha, *says = values
    return Half(sha, tuple(load_line(line) for line in says))


@dataclass(frozen=True, slots=True)
class File:
    """A stored file to download; `name` is what the person sees."""

    sha: str
    name: str
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One command of a person's menu: English name `[a-z0-9_]{1,32}` and what it does."""

    name: str
    help: Line


@dataclass(frozen=True, slots=True)
class Card:
    """One message of ours.

    `key` names the card within its chat: a later card of the same key, or one that names it in `replaces`,
    takes its place (see `models.outbox`).
    `ask` asks the platform for its own control: the phone number ("contact") or a location ("place");
    `ask_line` says so, and only where there is that control; in general what is true in other people's chat apps and
    not on our own page.
    `menu`, when not None, replaces the person's command menu. `secret` cards are wiped once delivered.
    `fresh` cards come as a message of their own even when they answer a pressed button (else the pressed card
    changes in place). `lang` overrides the recipient's language (the answer to a change of language). `instead` is
    sent, as a message of its own, where this card should be refreshed and cannot be changed in place.
    """

    title: Line = ""
    lines: tuple[Line, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    pictures: tuple[Picture, ...] = ()
    files: tuple[File, ...] = ()
    key: str = ""
    replaces: str = ""
    ask: Literal["", "contact", "place"] = ""
    ask_line: Line = ""
    menu: tuple[MenuEntry, ...] | None = None
    tone: Literal["", "good", "warn", "alarm"] = ""
    secret: bool = False
    fresh: bool = False
    lang: str = ""
    instead: Card | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without the fields that are empty."""
        # By name, as in `Incoming`: every answer passes here, and most of its fields are empty.
        values: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(self, name)) not in ("", False)}
        for name in ("title", "ask_line"):
            if line := getattr(self, name):
                values[name] = dump_line(line)
        if self.lines:
            values["lines"] = [dump_line(line) for line in self.lines]
        if self.buttons:
            values["buttons"] = [[_dump_button(button) for button in row] for row in self.buttons]
        if self.pictures:
            values["pictures"] = [picture.to_json() for picture in self.pictures]
        if self.files:
            values["files"] = [asdict(file) for file in self.files]
        if self.menu is not None:
            values["menu"] = [{"name": entry.name, "help": dump_line(entry.help)} for entry in self.menu]
        if self.instead is not None:
            values["instead"] = self.instead.to_json()
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Card:
        """Rebuild from `to_json`."""
        menu = values.get("menu")
        return cls(
            title=load_line(values.get("title", "")),
            lines=tuple(load_line(line) for line in values.get("lines", ())),
            buttons=tuple(tuple(_load_button(item) for item in row) for row in values.get("buttons", ())),
            pictures=tuple(Picture.from_json(item) for item in values.get("pictures", ())),
            files=tuple(File(**item) for item in values.get("files", ())),
            key=values.get("key", ""),
            replaces=values.get("replaces", ""),
            ask=values.get("ask", ""),
            ask_line=load_line(values.get("ask_line", "")),
            menu=None if menu is None else tuple(MenuEntry(e["name"], load_line(e["help"])) for e in menu),
            tone=values.get("tone", ""),
            secret=values.get("secret", False),
            fresh=values.get("fresh", False),
            lang=values.get("lang", ""),
            instead=cls.from_json(values["instead"]) if "instead" in values else None,
        )


_PLAIN = ("key", "replaces", "ask", "tone", "secret", "fresh", "lang")


def _dump_button(button: Button) -> dict[str, Any]:
    return {"label": dump_line(button.label), "data": button.data, "style": button.style}


def _load_button(values: dict[str, Any]) -> Button:
    return Button(load_line(values["label"]), values["data"], values["style"])


def say(*lines: Line, tone: Literal["", "good", "warn", "alarm"] = "") -> Card:
    """Make a plain message: the first line is the title if others follow it."""
    if len(lines) == 1:
        return Card(lines=lines, tone=tone)
    return Card(title=lines[0], lines=lines[1:], tone=tone)
