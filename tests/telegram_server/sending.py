"""sendMessage, sendPhoto, sendMediaGroup, sendDocument, sendLocation: checks in the real server's order."""

import asyncio
from typing import Any

from tests.telegram_server.args import Args
from tests.telegram_server.entities import Entity, formatted
from tests.telegram_server.errors import bad_request
from tests.telegram_server.files import StoredFile
from tests.telegram_server.markup import read_markup
from tests.telegram_server.world import Chat, Message, World

# Source: core.telegram.org/bots/api#sendmessage, #sendphoto, #sendmediagroup, read 2026-11. Counted in code
# points after the entities are parsed and the text is trimmed (Client.cpp).
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ALBUM = 10


def read_text(args: Args, too_long: str) -> tuple[str, list[Entity]]:
    """`text` after parsing.

    Raises:
        ApiError: 400 empty, `too_long`, or entities that can't be parsed.
    """
    text, entities = formatted(args.text("text"), args.text("parse_mode"), args.parsed("entities", "entities"))
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MAX_TEXT:
        raise bad_request(too_long)
    return text, entities


def read_caption(source: str, parse_mode: str, entities: list[Entity] | None) -> tuple[str | None, list[Entity]]:
    """A caption after parsing; None when there is none.

    Raises:
        ApiError: 400 `message caption is too long`, or entities that can't be parsed.
    """
    text, found = formatted(source, parse_mode, entities)
    if len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text or None, found


def caption_of(args: Args) -> tuple[str | None, list[Entity]]:
    """`caption` of a call (raises as read_caption)."""
    entities = args.parsed("caption_entities", "caption entities")
    return read_caption(args.text("caption"), args.text("parse_mode"), entities)


def _attached(args: Args, value: str, missing: str) -> bytes | str:
    """The bytes of an upload, or the file id that was given instead."""
    if value.startswith("attach://"):
        upload = args.uploads.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request(missing)
        return upload.data
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    return value


async def read_photo(world: World, args: Args, value: str, field: str = "photo") -> list[StoredFile]:
    """A photo given as upload or file id, in its sizes.

    Raises:
        ApiError: 400 for no photo, an unknown id, or a picture that can't be read.
    """
    if field in args.uploads:
        data: bytes | str = args.uploads[field].data
    else:
        data = _attached(args, value, "there is no photo in the request")
    if isinstance(data, bytes):
        if not data:
            raise bad_request("file must be non-empty")
        # Decoding takes tens of milliseconds: off the loop, or every other call would wait for it.
        return await asyncio.to_thread(world.files.add_photo, data)
    if not data:
        raise bad_request("there is no photo in the request")
    file = world.files.get(data)
    if file is None or not file.width:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return [file]


def read_document(world: World, args: Args, value: str, field: str = "document") -> StoredFile:
    """A document given as upload or file id (raises 400 as read_photo)."""
    upload = args.uploads.get(field) or args.uploads.get(value.removeprefix("attach://"))
    if upload is not None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        return world.files.add(upload.data, "document", upload.filename, upload.mime)
    if not value:
        raise bad_request("there is no document in the request")
    file = world.files.get(value)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return file


def _post(world: World, chat: Chat, **parts: Any) -> dict[str, Any]:
    return world.post(world.new_message(chat, world.bot, **parts)).to_json()


async def send_message(world: World, args: Args) -> dict[str, Any]:
    """sendMessage."""
    markup = read_markup(args)
    text, entities = read_text(args, "message is too long")
    chat = world.chat_for_sending(args.text("chat_id"))
    return _post(world, chat, text=text, entities=entities, markup=markup)


async def send_photo(world: World, args: Args) -> dict[str, Any]:
    """sendPhoto."""
    markup = read_markup(args)
    caption, entities = caption_of(args)
    world.chat_for_sending(args.text("chat_id"))
    photo = await read_photo(world, args, args.text("photo"))
    chat = world.chat_for_sending(args.text("chat_id"))
    return _post(world, chat, caption=caption, entities=entities, photo=photo, markup=markup)


async def send_document(world: World, args: Args) -> dict[str, Any]:
    """sendDocument."""
    markup = read_markup(args)
    caption, entities = caption_of(args)
    chat = world.chat_for_sending(args.text("chat_id"))
    document = read_document(world, args, args.text("document"))
    return _post(world, chat, caption=caption, entities=entities, document=document, markup=markup)


async def send_location(world: World, args: Args) -> dict[str, Any]:
    """sendLocation."""
    place = {"latitude": args.number("latitude"), "longitude": args.number("longitude")}
    chat = world.chat_for_sending(args.text("chat_id"))
    return _post(world, chat, body={"location": place}, markup=read_markup(args))


async def _album_part(world: World, args: Args, item: dict[str, Any]) -> dict[str, Any]:
    caption, entities = read_caption(
        str(item.get("caption", "")), str(item.get("parse_mode", "")), item.get("caption_entities")
    )
    parts: dict[str, Any] = {"caption": caption, "entities": entities}
    if item.get("type") == "photo":
        return parts | {"photo": await read_photo(world, args, str(item.get("media", "")), field="")}
    if item.get("type") == "document":
        return parts | {"document": read_document(world, args, str(item.get("media", "")), field="")}
    raise bad_request("can't use the media of the specified type in the album")


async def send_media_group(world: World, args: Args) -> list[dict[str, Any]]:
    """sendMediaGroup: 2-10 photos, or 2-10 documents."""
    media = args.parsed("media", "media")
    if not isinstance(media, list) or not media:
        raise bad_request("there are no messages to send")
    if len(media) > MAX_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len(media) < 2:
        raise bad_request("media group must include 2-10 items")
    if len({item.get("type") for item in media}) > 1:
        raise bad_request("document can't be mixed with other media types")
    chat = world.chat_for_sending(args.text("chat_id"))
    parts = [await _album_part(world, args, item) for item in media]
    group = str(world.number())
    messages: list[Message] = [world.post(world.new_message(chat, world.bot, group=group, **part)) for part in parts]
    return [message.to_json() for message in messages]
