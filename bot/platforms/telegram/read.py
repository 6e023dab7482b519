"""Telegram's updates as `Incoming`: nothing of Telegram is left in what the floors below see.

They are read from the JSON as it came: python-telegram-bot's `Update` fills some ninety attributes per message, of
which a dozen are wanted here (docs/benchmarks.md). What is not as the Bot API says raises KeyError, TypeError,
ValueError or AttributeError.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from bot.platforms.telegram.marks import mark_of
from models.content import Attachment, Contact, Incoming, Place

NAME = "telegram"
# Edits of people's messages are not asked for: what counts is what was answered, and 「修改」 changes it.
WANTED = ("message", "callback_query")
MAX_FILE_BYTES = 20 * 1024 * 1024  # Source: core.telegram.org/bots/api#getfile, read 2026-11.
# "/report@wangge_bot" is what a menu writes where there are several bots.
_ADDRESSED = re.compile(r"^(/\w{1,32})@\w+")


Json = dict[str, Any]

# What a person can send; other messages only tell that somebody joined, pinned or changed something.
_CONTENT = (
    "text", "photo", "document", "voice", "location", "contact", "venue", "video", "video_note", "audio", "sticker",
    "poll", "dice", "game", "story", "paid_media", "checklist", "invoice", "passport_data", "successful_payment",
)  # fmt: skip


def chat_of(update: Json) -> Json | None:
    """The chat in which it happened; None for updates that belong to none."""
    press: Json = update.get("callback_query") or {}
    message: Json = update.get("message") or press.get("message") or {}
    chat: Json | None = message.get("chat")
    return chat


def is_private(update: Json) -> bool:
    """Whether a person wrote to the bot alone; groups and channels get one sentence, no service."""
    chat = chat_of(update)
    return chat is None or chat["type"] == "private"


def read_update(update: Json) -> Incoming | None:
    """One update as an event; None for what carries nothing (service messages, unknown kinds)."""
    if press := update.get("callback_query"):
        return _read_press(update, press)
    message = update.get("message")
    return _read_message(update, message, message["from"]) if message and message.get("from") else None


def _read_press(update: Json, press: Json) -> Incoming | None:
    message, data = press.get("message"), press.get("data")
    if message is None or data is None:
        return None
    return Incoming(
        platform=NAME,
        chat=str(message["chat"]["id"]),
        event_id=str(update["update_id"]),
        kind="press",
        data=data,
        message=mark_of(message),
        lang=press["from"].get("language_code", ""),
        sender=str(press["from"]["id"]),
    )


def _read_message(update: Json, message: Json, sender: Json) -> Incoming | None:
    if not any(message.get(kind) for kind in _CONTENT):
        return None
    text = message.get("text") or message.get("caption") or ""
    venue: Json = message.get("venue") or {}
    if venue and not text:
        text = " ".join(filter(None, (venue["title"], venue["address"])))
    point = message.get("location") or venue.get("location")
    return Incoming(
        platform=NAME,
        chat=str(message["chat"]["id"]),
        event_id=str(update["update_id"]),
        text=_ADDRESSED.sub(r"\1", text),
        attachments=tuple(_attachments(message)),
        # Telegram hands out what the phone measured: WGS-84.
        place=Place(point["latitude"], point["longitude"]) if point else None,
        contact=_contact(message["contact"], sender) if message.get("contact") else None,
        group=message.get("media_group_id", ""),
        lang=sender.get("language_code", ""),
        sender=str(sender["id"]),
        sent_at=datetime.fromtimestamp(message["date"], UTC),
    )


def _contact(contact: Json, sender: Json) -> Contact:
    """A shared number; verified only if Telegram says that it belongs to the sender."""
    is_own = contact.get("user_id") is not None and contact["user_id"] == sender["id"]
    digits = re.sub(r"\D", "", contact["phone_number"])
    # The owner's number comes with its country code, with or without a plus; others as they were typed.
    return Contact(f"+{digits}" if is_own else contact["phone_number"].strip(), verified=is_own)


def _attachments(message: Json) -> list[Attachment]:
    if sizes := message.get("photo"):
        largest = max(sizes, key=lambda size: size["width"] * size["height"])
        return [_attachment(largest, "photo", mime="image/jpeg")]
    if document := message.get("document"):
        mime = document.get("mime_type", "")
        return [_attachment(document, "photo" if mime.startswith("image/") else "file", mime=mime)]
    if voice := message.get("voice"):
        return [_attachment(voice, "voice", mime=voice.get("mime_type", "audio/ogg"))]
    # An animation is a document too and was taken above.
    other = message.get("video") or message.get("audio") or message.get("video_note")
    return [_attachment(other, "file", mime=other.get("mime_type", "video/mp4"))] if other else []


def _attachment(file: Json, kind: Any, *, mime: str) -> Attachment:
    size = file.get("file_size", 0)
    return Attachment(
        kind=kind,
        ref=file["file_id"],
        name=file.get("file_name", ""),
        mime=mime,
        size=size,
        error="too-big" if size > MAX_FILE_BYTES else "",
    )
