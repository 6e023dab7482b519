"""Telegram's updates as `Incoming`: nothing of Telegram is left in what the floors below see."""

from __future__ import annotations

import re
from typing import Any

from telegram import CallbackQuery, Message, PhotoSize, Update, User
from telegram.constants import ChatType

from bot.platforms.telegram.marks import mark_of
from models.content import Attachment, Contact, Incoming, Place

NAME = "telegram"
# Edits of people's messages are not asked for: what counts is what was answered, and 「修改」 changes it.
WANTED = ("message", "callback_query")
MAX_FILE_BYTES = 20 * 1024 * 1024  # Source: core.telegram.org/bots/api#getfile, read 2026-11.
# "/report@wangge_bot" is what a menu writes where there are several bots.
_ADDRESSED = re.compile(r"^(/\w{1,32})@\w+")


def is_private(update: Update) -> bool:
    """Whether a person wrote to the bot alone; groups and channels get one sentence, no service."""
    return update.effective_chat is None or update.effective_chat.type == ChatType.PRIVATE


def read_update(update: Update) -> Incoming | None:
    """One update as an event; None for what carries nothing (service messages, unknown kinds)."""
    if update.callback_query is not None:
        return _read_press(update, update.callback_query)
    if update.message is not None and update.message.from_user is not None:
        return _read_message(update, update.message, update.message.from_user)
    return None


def _read_press(update: Update, query: CallbackQuery) -> Incoming | None:
    if query.message is None or query.data is None:
        return None
    return Incoming(
        platform=NAME,
        chat=str(query.message.chat.id),
        event_id=str(update.update_id),
        kind="press",
        data=query.data,
        message=mark_of(query.message),
        lang=query.from_user.language_code or "",
        sender=str(query.from_user.id),
    )


def _read_message(update: Update, message: Message, sender: User) -> Incoming | None:
    if not (message.text or message.effective_attachment):
        return None  # Somebody pinned, joined, or changed a picture.
    text = message.text or message.caption or ""
    if message.venue and not text:
        text = " ".join(filter(None, (message.venue.title, message.venue.address)))
    point = message.location or (message.venue and message.venue.location)
    return Incoming(
        platform=NAME,
        chat=str(message.chat.id),
        event_id=str(update.update_id),
        text=_ADDRESSED.sub(r"\1", text),
        attachments=tuple(_attachments(message)),
        # Telegram hands out what the phone measured: WGS-84.
        place=Place(point.latitude, point.longitude) if point else None,
        contact=_contact(message, sender),
        group=message.media_group_id or "",
        lang=sender.language_code or "",
        sender=str(sender.id),
        sent_at=message.date,
    )


def _contact(message: Message, sender: User) -> Contact | None:
    """A shared number; verified only if Telegram says that it belongs to the sender."""
    contact = message.contact
    if contact is None:
        return None
    is_own = contact.user_id is not None and contact.user_id == sender.id
    digits = re.sub(r"\D", "", contact.phone_number)
    # The owner's number comes with its country code, with or without a plus; others as they were typed.
    return Contact(f"+{digits}" if is_own else contact.phone_number.strip(), verified=is_own)


def _attachments(message: Message) -> list[Attachment]:
    if message.photo:
        return [_attachment(_largest(message.photo), "photo", mime="image/jpeg")]
    if message.document:
        mime = message.document.mime_type or ""
        return [_attachment(message.document, "photo" if mime.startswith("image/") else "file", mime=mime)]
    if message.voice:
        return [_attachment(message.voice, "voice", mime=message.voice.mime_type or "audio/ogg")]
    # An animation is a document too and was taken above.
    other: Any = message.video or message.audio or message.video_note
    if other:
        return [_attachment(other, "file", mime=getattr(other, "mime_type", None) or "video/mp4")]
    return []


def _largest(sizes: tuple[PhotoSize, ...]) -> PhotoSize:
    return max(sizes, key=lambda size: size.width * size.height)


def _attachment(file: Any, kind: Any, *, mime: str) -> Attachment:
    size = file.file_size or 0
    return Attachment(
        kind=kind,
        ref=file.file_id,
        name=getattr(file, "file_name", None) or "",
        mime=mime,
        size=size,
        error="too-big" if size > MAX_FILE_BYTES else "",
    )
