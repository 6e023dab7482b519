"""The words between page and server: JSON objects whose "t" names their kind.

From the page: hello, send, press, ping. To the page: state, page, changes, ack, refused, beat.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.platforms.web.render import clean
from models.content import BUTTON_DATA_BYTES, Place
from models.texts import Lang, Reader, Text
from models.webchat.chats import ChatState
from models.webchat.messages import Page
from models.webchat.tables import WebMessage

Frame = dict[str, Any]

NUMBER = re.compile(r"[0-9]{1,18}")  # A message's id, which fits the column.
IDENT = re.compile(r"[0-9A-Za-z-]{8,64}")
TEXT_CHARS = 8000
REVISIONS = 2**31  # What fits the column.
UPLOADS = 9  # Source: conversations.md, an album has 1-9 photos.


@dataclass(frozen=True, slots=True)
class Said:
    """A message from the page; `uploads` are the page's ids of files it has sent before."""

    id: str
    text: str
    uploads: tuple[str, ...]
    place: Place | None
    lang: Lang
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A pressed button of message `message`."""

    id: str
    message: str
    data: str
    lang: Lang


class WrongFrame(ValueError):
    """The page sent something that no page of ours sends."""


def read_frame(raw: str | bytes) -> Frame:
    """Parse one object. Raises: WrongFrame."""
    try:
        frame = json.loads(raw)
    except ValueError:
        raise WrongFrame from None
    if not isinstance(frame, dict):
        raise WrongFrame
    return frame


def read_event(frame: Frame) -> Said | Pressed:
    """Read a "send" or "press". Raises: WrongFrame."""
    ident, lang = _text(frame, "id"), read_lang(frame)
    if not IDENT.fullmatch(ident):
        raise WrongFrame
    if frame.get("t") == "press":
        message, data = _text(frame, "message"), _text(frame, "data")
        if not NUMBER.fullmatch(message) or not 0 < len(data.encode()) <= BUTTON_DATA_BYTES:
            raise WrongFrame
        return Pressed(ident, message, data, lang)
    if frame.get("t") != "send":
        raise WrongFrame
    uploads = frame.get("uploads", [])
    if not isinstance(uploads, list) or not all(isinstance(item, str) for item in uploads):
        raise WrongFrame
    return Said(ident, _text(frame, "text"), tuple(uploads), _place(frame), lang, _moment(frame))


def read_since(frame: Frame) -> int | None:
    """Read the revision a page has come to; None: it has nothing yet. Raises: WrongFrame."""
    since = frame.get("since")
    if since is not None and not (isinstance(since, int) and 0 <= since < REVISIONS):
        raise WrongFrame
    return since


def read_lang(frame: Frame) -> Lang:
    """Read the page's language."""
    return "en" if frame.get("lang") == "en" else "zh"


def show_state(chat: str, state: ChatState, *, zone: str) -> Frame:
    """Whose chat it is. `chat` and `who` are opaque marks by which a page notices that either has changed."""
    who = _mark(f"{chat}:{state.owner}") if state.owner is not None else ""
    return {
        "t": "state", "chat": _mark(chat), "who": who, "name": state.name, "lang": state.lang,
        "menu": list(state.menu), "zone": zone,
    }  # fmt: skip


def show_page(page: Page) -> Frame:
    """Messages in the order in which they stand, to begin with or from further up."""
    return {"t": "page", "rev": page.rev, "more": page.more, "messages": [_message(row) for row in page.messages]}


def show_changes(page: Page) -> Frame:
    """Messages that are new, edited or taken away."""
    return {"t": "changes", "rev": page.rev, "messages": [_message(row) for row in page.messages]}


def show_refusal(ident: str, text: Text, lang: Lang, *, again_s: float = 0) -> Frame:
    """Why something was not taken; `again_s`: the page may send the same again after so many seconds."""
    return {"t": "refused", "id": ident, "text": Reader(lang).read(text), "again": round(again_s, 1)}


def _message(row: WebMessage) -> Frame:
    if row.removed_at is not None:
        return {"id": row.id, "rev": row.rev, "gone": True}
    shown: Frame = {
        "id": row.id, "rev": row.rev, "from": row.direction, "at": row.created_at.isoformat(), "body": row.body,
    }  # fmt: skip
    if row.direction == "in":
        shown["cid"] = row.client_id
    if row.attachments:
        shown["files"] = [_file(item) for item in row.attachments]
    if row.edited_at:
        shown["edited"] = row.edited_at.isoformat()
    return shown


def _file(item: dict[str, Any]) -> dict[str, Any]:
    """A file of a message; `v` changes with what is drawn under a photo, so that no browser shows an old one."""
    if "pair" in item:  # its address changes with what is drawn
        return {name: value for name, value in item.items() if name != "pair"}
    if "mark" not in item:
        return item
    words = json.dumps(item["mark"], sort_keys=True)
    return {name: value for name, value in item.items() if name != "mark"} | {"v": _mark(words)}


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _text(frame: Frame, name: str) -> str:
    value = frame.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_CHARS:
        raise WrongFrame
    return clean(value)


def _place(frame: Frame) -> Place | None:
    value = frame.get("place")
    if value is None:
        return None
    try:
        return Place(float(value["lat"]), float(value["lon"]))
    except (KeyError, TypeError, ValueError):
        raise WrongFrame from None


def _moment(frame: Frame) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(frame["at"]))
    except (KeyError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None
