"""What Telegram knows: people, chats, messages, button presses, menus. No HTTP here."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.entities import Entity
from tests.telegram_server.errors import (
    BLOCKED,
    DEACTIVATED,
    KICKED,
    QUERY_TOO_OLD,
    UPGRADED,
    ApiError,
    bad_request,
)
from tests.telegram_server.faults import FaultList
from tests.telegram_server.files import FileStore, StoredFile
from tests.telegram_server.markup import NO_MARKUP, Markup
from tests.telegram_server.record import Record
from tests.telegram_server.updates import UpdateQueue

# A press that nobody answered in time can't be answered any more; measured with real bots, about 15 s and up.
CALLBACK_LIFE_S = 15.0


@dataclass(slots=True)
class User:
    """A person or the bot itself."""

    id: int
    first_name: str
    language_code: str = "zh-hans"
    is_bot: bool = False
    username: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the Bot API's User."""
        body: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            body["username"] = self.username
        return body if self.is_bot else body | {"language_code": self.language_code}


@dataclass(slots=True)
class Chat:
    """A private chat (same id as the person) or a group."""

    id: int
    type: str = "private"
    title: str = ""
    blocked: bool = False
    deactivated: bool = False
    kicked: bool = False
    migrated_to: int | None = None
    reply_keyboard: "Message | None" = None
    messages: dict[int, "Message"] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As the Bot API's Chat."""
        name = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        return {"id": self.id, "type": self.type, **name}


@dataclass(slots=True)
class Message:
    """A message in a chat; `body` holds the fields only some messages have (photo, location …)."""

    id: int
    chat: Chat
    sender: User
    date: int
    text: str | None = None
    caption: str | None = None
    entities: list[Entity] = field(default_factory=list)
    markup: Markup = NO_MARKUP
    photo: list[StoredFile] = field(default_factory=list)
    document: StoredFile | None = None
    body: dict[str, Any] = field(default_factory=dict)
    group: str | None = None
    edited: bool = False
    deleted: bool = False
    changed: int = 0

    @property
    def words(self) -> str:
        """Text or caption."""
        return self.text if self.text is not None else self.caption or ""

    def to_json(self) -> dict[str, Any]:
        """As the Bot API's Message."""
        body: dict[str, Any] = {
            "message_id": self.id,
            "from": self.sender.to_json(),
            "chat": self.chat.to_json(),
            "date": self.date,
        }
        if self.edited:
            body["edit_date"] = self.date
        if self.text is not None:
            body |= {"text": self.text} | ({"entities": self.entities} if self.entities else {})
        elif self.caption:
            body |= {"caption": self.caption} | ({"caption_entities": self.entities} if self.entities else {})
        if self.photo:
            body["photo"] = [size.to_json() for size in self.photo]
        if self.document:
            body["document"] = self.document.to_json()
        if self.group:
            body["media_group_id"] = self.group
        if self.markup.inline:
            body["reply_markup"] = {"inline_keyboard": self.markup.inline}
        return body | self.body


@dataclass(slots=True)
class Press:
    """A pressed inline button that waits for answerCallbackQuery."""

    id: str
    user: User
    message: Message
    data: str
    at: float
    answer: dict[str, str] | None = None


class World:
    """Everything behind the HTTP face; one object per server."""

    def __init__(self, token: str, record: Record, faults: FaultList, now: Callable[[], float] = time.time) -> None:
        self.token = token
        self.now = now
        self.bot = User(int(token.split(":", maxsplit=1)[0]), "wangge", is_bot=True, username="wangge_bot")
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, User] = {}
        self.files = FileStore()
        self.record = record
        self.faults = faults
        self.updates = UpdateQueue(faults, now)
        self.presses: dict[str, Press] = {}
        self.commands: dict[tuple[str, int, str], list[dict[str, str]]] = {}
        self.opens_any_chat = False
        self._ids = itertools.count(1)
        self._changes = itertools.count(1)
        self._changed = asyncio.Event()

    def touch(self, message: Message | None = None) -> None:
        """Say that something changed; wakes everyone in `wait_for`."""
        if message is not None:
            message.changed = next(self._changes)
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until the condition holds, looking again at each change; False after the time is up."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not condition():
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return condition()
        return True

    def number(self) -> int:
        """A new number, bigger than any before."""
        return next(self._ids)

    def chat_for_sending(self, chat_id: str) -> Chat:
        """The chat a bot may write to.

        Raises:
            ApiError: 400 unknown or migrated, 403 blocked, deactivated, kicked.
        """
        if not chat_id:
            raise bad_request("chat_id is empty")
        known = self.chats.get(int(chat_id)) if chat_id.lstrip("-").isdigit() else None
        if known is None and self.opens_any_chat and chat_id.isdigit():
            known = self.chats[int(chat_id)] = Chat(int(chat_id), title=f"Person {chat_id}")
        if known is None:
            raise bad_request("chat not found")
        if known.migrated_to is not None:
            raise ApiError(400, UPGRADED, {"migrate_to_chat_id": known.migrated_to})
        for flag, text in (
            (known.blocked, BLOCKED),
            (known.deactivated, DEACTIVATED),
            (known.kicked, KICKED),
        ):
            if flag:
                raise ApiError(403, text)
        return known

    def post(self, message: Message) -> Message:
        """Put a message into its chat and show its keyboard."""
        message.chat.messages[message.id] = message
        if message.markup.is_reply:
            message.chat.reply_keyboard = message if message.markup.reply else None
        self.touch(message)
        return message

    def take_away(self, message: Message) -> None:
        """Delete a message; the keyboard beside the input goes with the message that brought it."""
        message.deleted = True
        if message.chat.reply_keyboard is message:
            message.chat.reply_keyboard = None
        self.touch(message)

    def new_message(self, chat: Chat, sender: User, **parts: Any) -> Message:
        """A message with the next id, not yet posted."""
        return Message(self.number(), chat, sender, int(self.now()), **parts)

    def press_to_answer(self, query_id: str) -> Press:
        """The press behind a callback query id.

        Raises:
            ApiError: 400 when unknown, answered before, or older than CALLBACK_LIFE_S.
        """
        press = self.presses.get(query_id)
        if press is None or press.answer is not None or self.now() - press.at > CALLBACK_LIFE_S:
            raise bad_request(QUERY_TOO_OLD)
        return press
