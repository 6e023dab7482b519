"""Puts the parts of a card into a chat: adds them, changes them in place, takes old ones away."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, Literal, Protocol, TypeVar

from telegram import (
    Bot,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    MessageEntity,
)
from telegram.error import BadRequest, TelegramError

from bot.platforms.base import Outgoing
from bot.platforms.telegram.calls import Calls
from bot.platforms.telegram.errors import is_our_markup, is_unchanged, needs_new_message
from bot.platforms.telegram.marks import Mark, read_marks, write_marks
from bot.platforms.telegram.render import Part, render
from models.content import Picture
from models.errors import Unchangeable
from models.texts import Line

log = logging.getLogger(__name__)

_REMEMBERED_FILES = 1000
_REMEMBERED_CARDS = 1000
_KINDS = {"text": "t", "photo": "p", "file": "d", "ask": "k"}
_MEDIA_KINDS = {"photo", "file"}

V = TypeVar("V")


class Pictures(Protocol):
    """Where the bytes of pictures and files come from (`models.media.MediaStore`)."""

    async def read(self, sha: str, variant: Literal["original", "copy", "thumb"] = "copy") -> bytes:
        """Bytes of a kept file."""

    async def read_marked(self, sha: str, lines: Sequence[Line]) -> bytes:
        """Bytes of a photo with a band under it."""

    async def read_pair(self, picture: Picture) -> bytes:
        """Bytes of photos beside each other."""

    async def render_qr(self, text: str) -> bytes:
        """A QR code as PNG."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A card in a chat: its marks, and which pictures and files stand before its words (None: not known)."""

    marks: tuple[Mark, ...]
    media: tuple[str, ...] | None


class _Recent(Generic[V]):
    """The newest few values by key; losing one costs time, never a message."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, V] = OrderedDict()

    def put(self, key: str, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    def get(self, key: str) -> V | None:
        return self._values.get(key)

    def drop(self, key: str) -> None:
        self._values.pop(key, None)


class Show:
    """Shows cards through a Bot. `pictures` gives bytes; Telegram's own file ids are used again where known."""

    def __init__(self, bot: Bot, calls: Calls, pictures: Pictures) -> None:
        self._bot = bot
        self._calls = calls
        self._pictures = pictures
        # A picture that goes to 500 people is uploaded once.
        self._files: _Recent[str] = _Recent(_REMEMBERED_FILES)
        # Of a card that stopped half-way: the messages that are there, so that a second try adds the rest only.
        self._begun: _Recent[list[list[Mark]]] = _Recent(_REMEMBERED_CARDS)
        # What stands in a chat, by the card's own message: a pressed button names that message only.
        self._shown: _Recent[_Shown] = _Recent(_REMEMBERED_CARDS)

    async def show(self, outgoing: Outgoing) -> str:
        """Show the card; its marks.

        Raises:
            TelegramError: as it came. NotFound: a picture is not in the store.
            Unchangeable: it should only have been refreshed.
        """
        chat = int(outgoing.chat)
        parts = render(outgoing.card, outgoing.reader)
        previous = self._find(chat, outgoing) if outgoing.placing != "new" else None
        in_place = outgoing.placing in {"edit", "refresh"}
        marks = await self._edit(chat, parts, previous) if previous and in_place else None
        if marks is None and outgoing.placing == "refresh":
            raise Unchangeable("not-in-place")
        if marks is None:
            marks = await self._add(chat, parts, outgoing)
            if previous:
                await self._retire(chat, previous.marks)
        if marks:
            self._shown.put(f"{chat}:{marks[-1].first}", _Shown(tuple(marks), _media_before(parts)))
        return write_marks(marks)

    def _find(self, chat: int, outgoing: Outgoing) -> _Shown | None:
        """What is known of the card that is to be changed."""
        marks = read_marks(outgoing.previous)
        if not marks:
            return None
        return self._shown.get(f"{chat}:{marks[-1].first}") or _Shown(tuple(marks), None)

    # New messages ----------------------------------------------------------------------------------------
    async def _add(self, chat: int, parts: list[Part], outgoing: Outgoing) -> list[Mark]:
        key = _digest(chat, outgoing) if len(parts) > 1 else ""
        done = list(self._begun.get(key) or []) if key else []
        for part in parts[len(done) :]:
            try:
                done.append(await self._send(chat, part))
            except TelegramError:
                if done:
                    self._begun.put(key, done)
                raise
        self._begun.drop(key)
        return [mark for marks in done for mark in marks]

    async def _send(self, chat: int, part: Part) -> list[Mark]:
        if part.kind == "album":
            return await self._send_album(chat, part)
        if part.kind in _MEDIA_KINDS:
            message = await self._with_media(part, lambda media: self._send_media(chat, part, media))
        else:
            return [Mark(_KINDS[part.kind], await self._send_text(chat, part))]
        return [Mark(_KINDS[part.kind], message.message_id)]

    async def _send_text(self, chat: int, part: Part) -> int:
        try:
            return await self._calls.send_text(chat, part.text, bold=part.bold, markup=part.markup)
        except BadRequest as error:
            if not _is_markup_refused(error):
                raise
            return await self._calls.send_text(chat, part.text)

    async def _send_media(self, chat: int, part: Part, media: Any) -> Message:
        send = self._bot.send_photo if part.kind == "photo" else self._bot.send_document
        return await _plain_if_refused(
            part, lambda words: send(chat, media, caption=part.text or None, **_as_caption(words))
        )

    async def _send_album(self, chat: int, part: Part) -> list[Mark]:
        media = [InputMediaPhoto(await self._picture(picture)) for picture in part.pictures]
        try:
            messages = await self._bot.send_media_group(chat, media)
        except BadRequest as error:
            if not _is_forgotten(error):
                raise
            self._forget(part)
            fresh = [InputMediaPhoto(await self._picture(picture)) for picture in part.pictures]
            messages = await self._bot.send_media_group(chat, fresh)
        for picture, message in zip(part.pictures, messages, strict=True):
            self._remember(_picture_key(picture), message)
        return _runs([message.message_id for message in messages])

    # Changes in place ------------------------------------------------------------------------------------
    async def _edit(self, chat: int, parts: list[Part], previous: _Shown) -> list[Mark] | None:
        """The new marks; None when only a new message will do."""
        card = previous.marks[-1]
        if not parts or not _can_become(parts, previous):
            return None
        part = parts[-1]
        try:
            if part.kind == "text":
                await self._edit_text(chat, card.first, part)
            else:
                await self._with_media(part, lambda media: self._edit_media(chat, card.first, part, media))
        except TelegramError as error:
            if needs_new_message(error):
                return None
            if not is_unchanged(error):
                raise
        return [*previous.marks[:-1], Mark(_KINDS[part.kind], card.first, is_alone=card.is_alone)]

    async def _edit_text(self, chat: int, message_id: int, part: Part) -> None:
        try:
            await self._calls.edit_text(chat, message_id, part.text, bold=part.bold, markup=part.markup)
        except BadRequest as error:
            if not _is_markup_refused(error):
                raise
            await self._calls.edit_text(chat, message_id, part.text)

    async def _edit_media(self, chat: int, message_id: int, part: Part, media: Any) -> Message | bool:
        make = InputMediaPhoto if part.kind == "photo" else InputMediaDocument

        async def edit(words: dict[str, Any]) -> Message | bool:
            item = make(media, caption=part.text or None, caption_entities=words.get("entities"))
            return await self._bot.edit_message_media(item, chat, message_id, reply_markup=words.get("reply_markup"))

        return await _plain_if_refused(part, edit)

    async def _retire(self, chat: int, marks: Sequence[Mark]) -> None:
        """Take old messages away; those that are too old for that lose their buttons. Nothing here may fail."""
        ids = [message_id for mark in marks for message_id in mark.ids]
        try:
            await self._calls.delete(chat, ids)
        except TelegramError as error:
            log.debug("old messages stay", extra={"reason": type(error).__name__})
            try:
                await self._bot.edit_message_reply_markup(chat, marks[-1].first)
            except TelegramError as second:
                log.debug("old buttons stay", extra={"reason": type(second).__name__})

    # Pictures and files ----------------------------------------------------------------------------------
    async def _with_media(self, part: Part, use: Callable[[Any], Awaitable[Any]]) -> Any:
        """Call with the part's picture or file, by Telegram's id if it is known and still works."""
        try:
            result = await use(await self._media(part))
        except BadRequest as error:
            if not _is_forgotten(error):
                raise
            self._forget(part)
            result = await use(await self._media(part))
        self._remember(_key(part), result)
        return result

    async def _media(self, part: Part) -> Any:
        if part.file is None:
            return await self._picture(part.pictures[0])
        if known := self._files.get(_key(part)):
            return known
        return InputFile(await self._pictures.read(part.file.sha, "original"), filename=part.file.name)

    async def _picture(self, picture: Picture) -> Any:
        if known := self._files.get(_picture_key(picture)):
            return known
        if picture.qr:
            return await self._pictures.render_qr(picture.qr)
        if picture.pairs:
            return await self._pictures.read_pair(picture)
        if picture.mark:
            return await self._pictures.read_marked(picture.sha, picture.mark)
        return await self._pictures.read(picture.sha)

    def _remember(self, key: str, message: Any) -> None:
        if not isinstance(message, Message):
            return
        if message.photo:
            self._files.put(key, message.photo[-1].file_id)
        elif message.document:
            self._files.put(key, message.document.file_id)

    def _forget(self, part: Part) -> None:
        for key in (_key(part), *map(_picture_key, part.pictures)):
            self._files.drop(key)


async def _plain_if_refused(part: Part, call: Callable[[dict[str, Any]], Awaitable[V]]) -> V:
    """Call with formatting and buttons; once more without them if it is them that Telegram refuses."""
    entities = [MessageEntity(MessageEntity.BOLD, 0, part.bold)] if part.bold else None
    try:
        return await call({"entities": entities, "reply_markup": part.markup})
    except BadRequest as error:
        if not _is_markup_refused(error):
            raise
        return await call({})


def _is_markup_refused(error: BadRequest) -> bool:
    if not is_our_markup(error):
        return False
    log.error("a card goes out without its buttons", extra={"reason": error.message})
    return True


def _as_caption(words: dict[str, Any]) -> dict[str, Any]:
    return {"caption_entities" if name == "entities" else name: value for name, value in words.items()}


def _can_become(parts: list[Part], previous: _Shown) -> bool:
    """Whether changing the last message makes the old card the new one: same pictures and files before it."""
    card, part = previous.marks[-1], parts[-1]
    if part.kind == "text" and card.kind != "t":
        return False  # A photo cannot become a text.
    if part.kind not in {"text", *_MEDIA_KINDS} or card.kind in {"k", "a"}:
        return False
    if any(earlier.kind in {"text", "ask"} for earlier in parts[:-1]):
        return False
    if any(earlier.kind == "t" for earlier in previous.marks[:-1]):
        return False  # The first pieces of a long text would stay behind.
    media = _media_before(parts)
    if previous.media is not None:
        return media == previous.media
    # After a restart the number must do; of a pressed card not even that is known, and it seldom changes.
    return not card.is_alone or len(media) == sum(mark.count for mark in previous.marks[:-1])


def _media_before(parts: list[Part]) -> tuple[str, ...]:
    """The pictures and files that are messages of their own, before the words."""
    pictures = [_picture_key(picture) for part in parts[:-1] for picture in part.pictures]
    return (*pictures, *(_key(part) for part in parts[:-1] if part.file))


def _is_forgotten(error: BadRequest) -> bool:
    return "file identifier" in error.message.lower() or "file_id" in error.message.lower()


def _key(part: Part) -> str:
    # A file is named by Telegram when it is uploaded, so another name needs another upload.
    return f"{part.file.sha}/{part.file.name}" if part.file else _picture_key(part.pictures[0])


def _picture_key(picture: Picture) -> str:
    if picture.mark or picture.pairs:
        return json.dumps(picture.to_json(), sort_keys=True)
    return picture.sha or f"qr:{picture.qr}"


def _runs(ids: list[int]) -> list[Mark]:
    """Album marks, one for each run of ids in a row: other messages may have come in between."""
    starts = [0, *(place for place, (one, two) in enumerate(pairwise(ids), 1) if two != one + 1), len(ids)]
    return [Mark("a", ids[start], end - start) for start, end in pairwise(starts)]


def _digest(chat: int, outgoing: Outgoing) -> str:
    text = json.dumps([chat, outgoing.reader.lang, outgoing.card.to_json()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
