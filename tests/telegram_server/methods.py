"""The table of methods, and those that neither send nor edit."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tests.telegram_server import editing, sending
from tests.telegram_server.args import Args
from tests.telegram_server.errors import TERMINATED_BY_WEBHOOK, bad_request
from tests.telegram_server.files import MAX_DOWNLOAD_BYTES
from tests.telegram_server.webhook import Webhook
from tests.telegram_server.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"}
# sendChatAction says what the bot is doing. Source: core.telegram.org/bots/api#sendchataction, read 2026-11.
_ACTIONS = {"typing", "upload_photo", "upload_document", "find_location", "record_voice", "upload_voice"}

Method = Callable[[World, Args], Awaitable[Any]]


async def get_me(world: World, args: Args) -> dict[str, Any]:
    """getMe."""
    rights = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return world.bot.to_json() | rights


async def get_updates(world: World, args: Args) -> list[dict[str, Any]]:
    """getUpdates."""
    _read_allowed(world, args)
    return await world.updates.poll(args.integer("offset"), args.integer("limit", 100), args.integer("timeout"))


def _read_allowed(world: World, args: Args) -> None:
    """`allowed_updates` stays as it was unless it is given; an empty list is the default set."""
    if (allowed := args.parsed("allowed_updates", "allowed updates")) is not None:
        world.updates.allowed = frozenset(allowed) or None


async def answer_callback_query(world: World, args: Args) -> bool:
    """answerCallbackQuery; a press can be answered once, and not for long."""
    press = world.press_to_answer(args.text("callback_query_id"))
    if len(args.text("text")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answer = {"text": args.text("text"), "show_alert": args.text("show_alert")}
    world.touch()
    return True


async def send_chat_action(world: World, args: Args) -> bool:
    """sendChatAction."""
    world.chat_for_sending(args.text("chat_id"))
    if args.text("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def _scope(world: World, args: Args) -> tuple[str, int, str]:
    scope = args.parsed("scope", "BotCommandScope") or {"type": "default"}
    language = args.text("language_code")
    if scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    chat = world.chat_for_sending(str(scope.get("chat_id", ""))).id if scope["type"] == "chat" else 0
    return scope["type"], chat, language


async def set_my_commands(world: World, args: Args) -> bool:
    """setMyCommands, per scope and language."""
    commands = args.parsed("commands", "commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", "")).lstrip("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(world, args)] = commands
    world.touch()
    return True


async def get_my_commands(world: World, args: Args) -> list[dict[str, str]]:
    """getMyCommands of exactly this scope and language."""
    return world.commands.get(_scope(world, args), [])


async def delete_my_commands(world: World, args: Args) -> bool:
    """deleteMyCommands."""
    world.commands.pop(_scope(world, args), None)
    world.touch()
    return True


async def get_file(world: World, args: Args) -> dict[str, Any]:
    """getFile: a link for an hour, for files up to 20 MB."""
    file = world.files.get(args.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        "file_path": world.files.link(file, world.now()),
    }


def webhook_methods(webhook: Webhook) -> dict[str, Method]:
    """setWebhook, deleteWebhook, getWebhookInfo for this pusher."""

    async def set_webhook(world: World, args: Args) -> bool:
        if args.flag("drop_pending_updates"):
            world.updates.drop_all()
        _read_allowed(world, args)
        if args.text("url"):
            world.updates.stop_poll(TERMINATED_BY_WEBHOOK)
        await webhook.set(args.text("url"), args.text("secret_token"), args.integer("max_connections", 40))
        return True

    async def get_webhook_info(world: World, args: Args) -> dict[str, Any]:
        info: dict[str, Any] = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(world.updates.live()),
            "max_connections": webhook.max_connections,
        }
        if webhook.last_error:
            info |= {"last_error_message": webhook.last_error, "last_error_date": int(world.now())}
        return info

    async def delete_webhook(world: World, args: Args) -> bool:
        args.fields["url"] = ""
        return await set_webhook(world, args)

    return {"setwebhook": set_webhook, "deletewebhook": delete_webhook, "getwebhookinfo": get_webhook_info}


# Method names are case-insensitive on the real server too.
METHODS: dict[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendmediagroup": sending.send_media_group,
    "sendlocation": sending.send_location,
    "sendchataction": send_chat_action,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagemedia": editing.edit_message_media,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "answercallbackquery": answer_callback_query,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "getfile": get_file,
}
# What the record keeps: everything a person notices.
RECORDED = {name for name in METHODS if name.startswith(("send", "edit", "delete", "answer", "set"))} - {
    "sendchataction"
}
