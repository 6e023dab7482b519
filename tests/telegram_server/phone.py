"""A person's phone: what they can do in the Telegram app, and what they see there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.entities import utf16_len
from tests.telegram_server.files import StoredFile
from tests.telegram_server.markup import Keyboard
from tests.telegram_server.world import Chat, Message, Press, User, World

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the person sees it. `buttons` are rows of captions; `photos` the JPEG bytes shown."""

    id: int
    text: str
    mine: bool
    buttons: tuple[tuple[str, ...], ...]
    photos: tuple[bytes, ...]
    document: str
    edited: bool
    entities: tuple[dict[str, Any], ...] = ()


class Tap:
    """A press of a button under a message."""

    def __init__(self, world: World, press: Press) -> None:
        self._world = world
        self._press = press

    async def answered(self, timeout_s: float = TIMEOUT_S) -> str:
        """Wait until the little clock on the button stops; the notice that popped up, or an empty text."""
        done = await self._world.wait_for(lambda: self._press.answer is not None, timeout_s)
        assert done, f"the button {self._press.data!r} is still spinning after {timeout_s} s"
        return (self._press.answer or {}).get("text", "")


class TelegramPhone:
    """One person in a private chat with the bot; make it with `server.phone("林")`."""

    def __init__(self, world: World, user: User, number: str = "") -> None:
        self.user = user
        self.number = number
        self._world = world

    # What the person does --------------------------------------------------------------------------------
    @property
    def id(self) -> int:
        """Id of the person and of the private chat."""
        return self.user.id

    @property
    def chat(self) -> Chat:
        """The private chat; opened when it is first used."""
        return self._world.chats.setdefault(self.id, Chat(self.id, title=self.user.first_name))

    def starts_chat(self) -> None:
        """Open the chat without writing anything: from now on the bot may write."""
        self.chat.blocked = False

    async def sends(self, what: str | bytes, caption: str = "", *, chat: Chat | None = None) -> Message:
        """Send a text, or a photo with a caption; a photo arrives at ≤1,280 px, without EXIF."""
        if isinstance(what, bytes):
            return self._post(chat, photo=self._world.files.add_photo(what), caption=caption or None)
        entities = []
        if what.startswith("/"):
            command = what.split(maxsplit=1)[0]
            entities = [{"type": "bot_command", "offset": 0, "length": utf16_len(command)}]
        return self._post(chat, text=what, entities=entities)

    async def sends_album(self, photos: list[bytes], caption: str = "") -> list[Message]:
        """Send 2-10 photos at once; each is a message of its own, the caption stands under the first."""
        group = str(self._world.number())
        stored = [self._world.files.add_photo(photo) for photo in photos]
        captions = [caption, *[""] * (len(photos) - 1)]
        return [
            self._post(None, photo=photo, caption=text or None, group=group)
            for photo, text in zip(stored, captions, strict=True)
        ]

    async def sends_document(
        self, data: bytes, filename: str, mime: str = "application/octet-stream", caption: str = ""
    ) -> Message:
        """Send a file; its bytes, EXIF and GPS stay as they are."""
        file = self._world.files.add(data, "document", filename, mime)
        return self._post(None, document=file, caption=caption or None)

    async def sends_voice(self, data: bytes, seconds: int = 3) -> Message:
        """Send a voice message (OGG/Opus)."""
        file = self._world.files.add(data, "voice", "voice.oga", "audio/ogg")
        body = {name: value for name, value in file.to_json().items() if name != "file_name"}
        return self._post(None, body={"voice": {**body, "duration": seconds}})

    async def sends_location(self, lat: float, lon: float) -> Message:
        """Send a pin, WGS-84 degrees."""
        return self._post(None, body={"location": {"latitude": lat, "longitude": lon}})

    async def sends_venue(self, lat: float, lon: float, title: str, address: str = "") -> Message:
        """Send a named place; Telegram repeats its point as `location`."""
        point = {"latitude": lat, "longitude": lon}
        return self._post(
            None, body={"location": point, "venue": {"location": point, "title": title, "address": address}}
        )

    async def shares_contact(self, phone: str = "", user_id: int | None = None, name: str = "") -> Message:
        """Share a contact: by default one's own number, which carries one's own user id.

        Args:
            phone: the number; empty for one's own.
            user_id: of the person in the contact; 0 leaves it out, as for people without Telegram.
        """
        owner = self.id if user_id is None else user_id
        contact: dict[str, Any] = {
            "phone_number": phone or self.number,
            "first_name": name or self.user.first_name,
        }
        return self._post(None, body={"contact": contact | ({"user_id": owner} if owner else {})})

    async def opens_link(self, code: str) -> Message:
        """Open `t.me/<bot>?start=CODE` and press Start."""
        assert len(code) <= 64, "a start payload has at most 64 characters"
        return await self.sends(f"/start {code}")

    async def edits(self, message: Message, text: str) -> None:
        """Correct one's own message."""
        message.text, message.edited = text, True
        self._world.updates.push("edited_message", message.to_json(), chat=message.chat.id)
        self._world.touch(message)

    async def taps(self, caption: str, timeout_s: float = TIMEOUT_S) -> Tap:
        """Press the newest button with this caption, waiting until it is there.

        A button beside the input (reply keyboard) sends its text, or the person's own number; the Tap of
        such a button is answered at once.
        """
        found = await self._world.wait_for(lambda: self._has_button(caption), timeout_s)
        assert found, f"no button {caption!r} on the screen of {self.user.first_name}:\n{self.describe()}"
        for message in reversed(self._visible()):
            for row in message.markup.inline or []:
                for button in row:
                    if button["text"] == caption:
                        return self.presses(message, button.get("callback_data", ""))
        return await self._uses_keyboard(caption)

    def presses(self, message: Message, data: str) -> Tap:
        """Send a callback query with any data, also data that the message never had."""
        press = Press(str(self._world.number()), self.user, message, data, self._world.now())
        self._world.presses[press.id] = press
        body = {
            "id": press.id,
            "from": self.user.to_json(),
            "message": message.to_json(),
            "chat_instance": str(self.id),
            "data": data,
        }
        self._world.updates.push("callback_query", body, chat=message.chat.id, person=self.id)
        return Tap(self._world, press)

    def blocks_bot(self) -> None:
        """Block the bot: sends fail with 403 from now on."""
        self.chat.blocked = True

    def is_deactivated(self) -> None:
        """Delete the account."""
        self.chat.deactivated = True

    # What the person sees --------------------------------------------------------------------------------
    async def sees(self, text: str, timeout_s: float = TIMEOUT_S) -> Shown:
        """Wait until a visible message of the bot holds this text, edits applied; the newest such message."""
        await self._wait(lambda: bool(self._with(text)), f"{text!r} is not on the screen", timeout_s)
        return self._shown(self._with(text)[-1])

    async def sees_change(self, text: str, since: int, timeout_s: float = TIMEOUT_S) -> Shown:
        """As `sees`, but only what was sent or edited after `mark()` gave `since`."""
        await self._wait(
            lambda: any(message.changed > since for message in self._with(text)),
            f"{text!r} did not appear again",
            timeout_s,
        )
        return self._shown([message for message in self._with(text) if message.changed > since][-1])

    async def sees_no_more(self, text: str, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until no visible message of the bot holds this text."""
        await self._wait(lambda: not self._with(text), f"{text!r} is still on the screen", timeout_s)

    def mark(self) -> int:
        """A point in time for `sees_change`."""
        return max((message.changed for message in self.chat.messages.values()), default=0)

    def screen(self) -> list[Shown]:
        """Everything visible in the chat, oldest first."""
        return [self._shown(message) for message in self._visible()]

    def describe(self) -> str:
        """The screen as text, for messages of failed tests."""
        lines = []
        for shown in self.screen():
            keys = " ".join(f"[{caption}]" for row in shown.buttons for caption in row)
            extra = f" ({len(shown.photos)} photo)" if shown.photos else ""
            lines.append(f"{'>' if shown.mine else '<'} {shown.text}{extra}{shown.document} {keys}")
        return "\n".join(lines)

    @property
    def keyboard(self) -> list[list[str]]:
        """Captions of the keyboard beside the input; empty when there is none."""
        return [[button["text"] for button in row] for row in self._keys()]

    @property
    def commands(self) -> dict[str, str]:
        """The command menu this person gets: command → description.

        Source: core.telegram.org/bots/api#determining-list-of-commands (checked 2026-11).
        """
        language = self.user.language_code[:2]
        for kind, chat in (("chat", self.id), ("all_private_chats", 0), ("default", 0)):
            for code in (language, ""):
                if commands := self._world.commands.get((kind, chat, code)):
                    return {row["command"]: row["description"] for row in commands}
        return {}

    def photo_bytes(self, message_id: int) -> bytes:
        """The photo of a message as shown."""
        return self.chat.messages[message_id].photo[-1].data

    def file(self, message_id: int) -> StoredFile:
        """The document of a message."""
        document = self.chat.messages[message_id].document
        assert document is not None, f"message {message_id} holds no file"
        return document

    # Inside ------------------------------------------------------------------------------------------------
    async def _wait(self, condition: Callable[[], bool], problem: str, timeout_s: float) -> None:
        found = await self._world.wait_for(condition, timeout_s)
        assert found, f"{problem} of {self.user.first_name} after {timeout_s} s:\n{self.describe()}"

    def _visible(self) -> list[Message]:
        return [message for message in self.chat.messages.values() if not message.deleted]

    def _with(self, text: str) -> list[Message]:
        return [message for message in self._visible() if message.sender.is_bot and text in message.words]

    def _has_button(self, caption: str) -> bool:
        inline = any(
            button["text"] == caption
            for message in self._visible()
            for row in message.markup.inline or []
            for button in row
        )
        return inline or any(caption in row for row in self.keyboard)

    def _keys(self) -> Keyboard:
        shown = self.chat.reply_keyboard
        return shown.markup.reply or [] if shown else []

    async def _uses_keyboard(self, caption: str) -> Tap:
        button = next(b for row in self._keys() for b in row if b["text"] == caption)
        shown = self.chat.reply_keyboard
        if shown is not None and shown.markup.is_one_time:
            self.chat.reply_keyboard = None
        message = await (self.shares_contact() if button.get("request_contact") else self.sends(caption))
        return Tap(self._world, Press("", self.user, message, "", self._world.now(), answer={}))

    def _shown(self, message: Message) -> Shown:
        keys = tuple(tuple(button["text"] for button in row) for row in message.markup.inline or [])
        return Shown(
            id=message.id,
            text=message.words,
            mine=not message.sender.is_bot,
            buttons=keys,
            photos=(message.photo[-1].data,) if message.photo else (),
            document=message.document.filename if message.document else "",
            edited=message.edited,
            entities=tuple(message.entities),
        )

    def _post(self, chat: Chat | None, **parts: Any) -> Message:
        target = chat or self.chat
        target.blocked = False
        message = self._world.post(self._world.new_message(target, self.user, **parts))
        self._world.updates.push("message", message.to_json(), chat=target.id)
        return message
