"""editMessageText, -Caption, -Media, -ReplyMarkup deleteMessage and deleteMessages."""

from typing import Any

from tests.telegram_server.args import Args
from tests.telegram_server.errors import MESSAGE_NOT_MODIFIED, bad_request
from tests.telegram_server.markup import read_markup
from tests.telegram_server.sending import caption_of, read_caption, read_document, read_photo, read_text
from tests.telegram_server.world import Message, World

# Source: core.telegram.org/bots/api#deletemessage: "only if it was sent less than 48 hours ago", read 2026-11.
DELETABLE_S = 48 * 3600


def _to_edit(world: World, args: Args) -> Message:
    """The bot's own, editable message.

    Raises:
        ApiError: 400 not found, or can't be edited (a person's, or one with a keyboard beside the input).
    """
    chat = world.chat_for_sending(args.text("chat_id"))
    message = chat.messages.get(args.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if message.sender is not world.bot or message.markup.is_reply:
        raise bad_request("message can't be edited")
    return message


def _content(message: Message) -> tuple[Any, ...]:
    photo = message.photo[-1].unique_id if message.photo else ""
    document = message.document.unique_id if message.document else ""
    return message.text, message.caption, message.entities, message.markup, photo, document


def _changed(world: World, message: Message, args: Args, **parts: Any) -> dict[str, Any]:
    """Apply an edit. Without reply_markup the inline keyboard goes away: that is what Telegram does."""
    before = _content(message)
    old = {name: getattr(message, name) for name in (*parts, "markup")}
    for name, value in {**parts, "markup": read_markup(args)}.items():
        setattr(message, name, value)
    if _content(message) == before:
        for name, value in old.items():
            setattr(message, name, value)
        raise bad_request(MESSAGE_NOT_MODIFIED)
    # A new keyboard alone does not mark the message as edited.
    message.edited = message.edited or bool(parts)
    world.touch(message)
    return message.to_json()


async def edit_message_text(world: World, args: Args) -> dict[str, Any]:
    """editMessageText; over 4,096 it says MESSAGE_TOO_LONG, unlike sendMessage."""
    text, entities = read_text(args, "MESSAGE_TOO_LONG")
    message = _to_edit(world, args)
    if message.text is None:
        raise bad_request("there is no text in the message to edit")
    return _changed(world, message, args, text=text, entities=entities)


async def edit_message_caption(world: World, args: Args) -> dict[str, Any]:
    """editMessageCaption."""
    caption, entities = caption_of(args)
    message = _to_edit(world, args)
    if not message.photo and message.document is None:
        raise bad_request("there is no caption in the message to edit")
    return _changed(world, message, args, caption=caption, entities=entities)


async def edit_message_media(world: World, args: Args) -> dict[str, Any]:
    """editMessageMedia; a text message may become a photo, an album part keeps its kind."""
    media = args.parsed("media", "media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia")
    caption, entities = read_caption(
        str(media.get("caption", "")), str(media.get("parse_mode", "")), media.get("caption_entities")
    )
    message = _to_edit(world, args)
    parts: dict[str, Any] = {
        "text": None,
        "caption": caption,
        "entities": entities,
        "photo": [],
        "document": None,
    }
    if media.get("type") == "photo":
        parts["photo"] = await read_photo(world, args, str(media.get("media", "")), field="")
    elif media.get("type") == "document":
        parts["document"] = read_document(world, args, str(media.get("media", "")), field="")
    else:
        raise bad_request(f"can't parse InputMedia: type {media.get('type')!r} is not supported by this server")
    return _changed(world, message, args, **parts)


async def edit_message_reply_markup(world: World, args: Args) -> dict[str, Any]:
    """editMessageReplyMarkup."""
    return _changed(world, _to_edit(world, args), args)


async def delete_message(world: World, args: Args) -> bool:
    """deleteMessage."""
    chat = world.chat_for_sending(args.text("chat_id"))
    message = chat.messages.get(args.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    if world.now() - message.date > DELETABLE_S:
        raise bad_request("message can't be deleted")
    world.take_away(message)
    return True


async def delete_messages(world: World, args: Args) -> bool:
    """deleteMessages: 1-100; those that are not there are skipped."""
    ids = args.parsed("message_ids", "message identifiers")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified")
    chat = world.chat_for_sending(args.text("chat_id"))
    found = [chat.messages[int(number)] for number in ids if int(number) in chat.messages]
    if any(world.now() - message.date > DELETABLE_S for message in found):
        raise bad_request("message can't be deleted")
    for message in found:
        world.take_away(message)
    return True
