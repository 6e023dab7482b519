"""Telegram as a platform of the house: receive, send, fetch."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.platforms.base import Capabilities, OnIncoming, Outgoing
from bot.platforms.telegram.calls import Calls
from bot.platforms.telegram.errors import read_error
from bot.platforms.telegram.poll import LONG_POLL_S, Poller, next_pause_s
from bot.platforms.telegram.read import MAX_FILE_BYTES, NAME, WANTED, Json, is_private, read_update
from bot.platforms.telegram.render import ALBUM, CAPTION_LIMIT, MAX_BUTTONS, TEXT_LIMIT
from bot.platforms.telegram.request import AiohttpRequest, find_proxy
from bot.platforms.telegram.show import Pictures, Show
from bot.platforms.telegram.webhook import webhook_handler
from models.content import Attachment, Incoming, MenuEntry
from models.errors import BadCredentials, NotFound, RecipientGone, Rejected, Uncertain, Unfetchable, Unreachable
from models.texts import Reader, _

log = logging.getLogger(__name__)

DEFAULT_API = "https://api.telegram.org"
# How often a group is told that it is the wrong place, seconds.
_TELL_GROUPS_S = 3600.0


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """Settings of the platform; secrets do not show in its repr."""

    token: str = field(repr=False)
    api_base: str = DEFAULT_API
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    long_poll_s: int = LONG_POLL_S
    read_timeout_s: float = 20.0


class _QuietBot(Bot):
    """PTB's Bot shows its token in its repr; this one does not."""

    def __repr__(self) -> str:
        return "Bot[token=***]"


class TelegramPlatform:
    """The `Platform` for Telegram (see bot/platforms/base.py); it keeps nothing that must survive a restart."""

    name = NAME
    # Source: docs/telegram.md#limits; 29.4/s, evenly spaced, are never more than 30 in any second (pacing.py).
    caps = Capabilities(
        text_limit=TEXT_LIMIT,
        text_unit="utf16",
        caption_limit=CAPTION_LIMIT,
        buttons=MAX_BUTTONS,
        edits=True,
        menus=True,
        contacts=True,
        photos_per_message=ALBUM,
        file_limit_bytes=50 * 1024 * 1024,
        per_second=29.4,
        per_chat_s=1.0,
        in_flight=32,
    )

    def __init__(
        self, config: TelegramConfig, pictures: Pictures, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        # PTB writes the token (in `Bot.__init__`) and whole messages into its debug log.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        base = config.api_base.rstrip("/")
        self._config = config
        self._file_base = f"{base}/file/bot{config.token}"
        self._request = AiohttpRequest(read_timeout_s=config.read_timeout_s, proxy=find_proxy(base))
        self._bot = _QuietBot(
            config.token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )
        self._poller = Poller(self._request, f"{self._bot.base_url}/getUpdates", long_poll_s=config.long_poll_s)
        self._calls = Calls(self._request, self._bot.base_url)
        self._show = Show(self._bot, self._calls, pictures)
        self._clock = clock
        self._receiving: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._groups_told: dict[int, float] = {}
        self._is_refused = False
        self._is_webhook_set = False
        self._username = ""

    def __repr__(self) -> str:
        return f"TelegramPlatform({self._config!r})"

    # Receiving -------------------------------------------------------------------------------------------
    @property
    def ready(self) -> bool:
        """Tell whether updates arrive at present."""
        receives = self._is_webhook_set if self._config.mode == "webhook" else self._poller.ready
        return receives and not self._is_refused

    def mount(self, app: web.Application, on_incoming: OnIncoming) -> None:
        """Add the webhook at the path of its public address; it takes updates in every process."""
        if self._config.mode != "webhook":
            return

        async def take(raw: Sequence[dict[str, Any]]) -> None:
            await self._take(raw, on_incoming)

        async def close(_app: web.Application) -> None:
            await self._request.shutdown()

        path = urlsplit(self._config.webhook_url).path or "/"
        app.router.add_post(path, webhook_handler(self._config.webhook_secret, take))
        app.on_cleanup.append(close)

    async def start(self, on_incoming: OnIncoming) -> None:
        """Begin to receive. Raises: BadCredentials: Telegram does not know us."""
        is_open = await self._try_to_open()
        self._receiving = asyncio.create_task(self._receive(on_incoming, is_open=is_open), name="telegram-in")

    async def _receive(self, on_incoming: OnIncoming, *, is_open: bool) -> None:
        """Open the way in, sooner or later, and poll if that is the way."""
        pause_s = 0.0
        while not is_open:
            pause_s = next_pause_s(pause_s)
            await asyncio.sleep(pause_s)
            try:
                is_open = await self._try_to_open()
            except BadCredentials:
                log.critical("Telegram refuses our token")
                return
        self._later(self._greet_strangers())
        if self._config.mode == "polling":
            await self._poller.run(lambda raw: self._take(raw, on_incoming))

    async def _try_to_open(self) -> bool:
        """Tell Telegram who we are and how we want updates; False if it cannot be reached now.

        Raises: BadCredentials: Telegram does not know us.
        """
        try:
            self._username = (await self._bot.get_me()).username or ""
            await self._choose_way_in()
        except InvalidToken:
            self._is_refused = True
            raise BadCredentials("bad-token") from None
        except TelegramError as error:
            log.warning("Telegram cannot be reached yet", extra={"reason": str(error)})
            return False
        self._is_refused = False
        return True

    async def _choose_way_in(self) -> None:
        if self._config.mode == "webhook":
            await self._bot.set_webhook(
                self._config.webhook_url,
                secret_token=self._config.webhook_secret,
                allowed_updates=list(WANTED),
                max_connections=40,
            )
            self._is_webhook_set = True
        else:
            await self._bot.delete_webhook()

    async def stop(self) -> None:
        """Stop receiving and close the connections; what was handed over stays handed over."""
        tasks = [*self._background, *([self._receiving] if self._receiving else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._is_webhook_set = False
        await self._request.shutdown()

    async def _take(self, raw: Sequence[Json], on_incoming: OnIncoming) -> None:
        """Hand a batch over; returns when it is in the inbox."""
        batch = [incoming for incoming in map(self._read, raw) if incoming is not None]
        if batch:
            await on_incoming(batch)
        for update in raw:
            press = update.get("callback_query")
            if press and "id" in press:
                # At once: the clock on the button must stop, whatever the answer will be and whenever it comes.
                self._later(self._quietly(self._calls.answer_press(press["id"])))

    def _read(self, update: Json) -> Incoming | None:
        try:
            if is_private(update):
                return read_update(update)
            self._decline(update)
        except Exception:
            # Only the number: the update itself is somebody's message.
            log.exception("an update cannot be read", extra={"update_id": update.get("update_id")})
        return None

    def _decline(self, update: Json) -> None:
        """Tell a group, once in a while, that this bot works in private chats."""
        message = update.get("message")
        if message is None or self._clock() < self._groups_told.get(message["chat"]["id"], 0.0):
            return
        self._groups_told[message["chat"]["id"]] = self._clock() + _TELL_GROUPS_S
        is_chinese = (message.get("from") or {}).get("language_code", "zh").startswith("zh")
        text = Reader("zh" if is_chinese else "en").read(_("我只在私聊里工作，请点我的头像单独给我发消息。"))
        self._later(self._quietly(self._bot.send_message(message["chat"]["id"], text)))

    async def _greet_strangers(self) -> None:
        """The menu of those who have none of their own yet: `/start`, in both languages."""
        for code, lang in (("zh", "zh"), (None, "en")):
            words = Reader("zh" if lang == "zh" else "en").read(_("开始使用"))
            await self._quietly(self._bot.set_my_commands([BotCommand("start", words)], language_code=code))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _quietly(self, call: Coroutine[Any, Any, Any]) -> None:
        """Do what is only polite: its failure is a line in the log."""
        try:
            await call
        except TelegramError as error:
            log.info("a courtesy failed", extra={"reason": str(error)})

    # Sending ---------------------------------------------------------------------------------------------
    async def send(self, outgoing: Outgoing) -> str:
        """Show a card; its marks (see marks.py).

        Raises: DeliveryError: one of its kinds; nothing else.
        """
        try:
            if outgoing.card.menu is not None:
                await self._set_menu(outgoing.chat, outgoing.card.menu, outgoing.reader)
            return await self._show.show(outgoing)
        except TelegramError as error:
            failure = read_error(error)
            self._is_refused = self._is_refused or isinstance(failure, BadCredentials)
            raise failure from error
        except NotFound as error:
            raise Rejected("media-missing") from error
        except UnicodeError as error:
            raise Rejected("bad-text") from error
        except ValueError as error:
            raise RecipientGone("chat-not-found") from error

    async def _set_menu(self, chat: str, menu: tuple[MenuEntry, ...], reader: Reader) -> None:
        """Show a person the commands that person may use. Source: core.telegram.org/bots/api#botcommand."""
        commands = [BotCommand(entry.name, reader.read(entry.help)[:256]) for entry in menu[:100]]
        try:
            await self._bot.set_my_commands(commands, scope=BotCommandScopeChat(int(chat)))
        except BadRequest as error:
            if isinstance(failure := read_error(error), RecipientGone):
                raise failure from error
            log.exception("a menu was refused")
        except TelegramError as error:
            failure = read_error(error)
            # The card has not been sent yet, and setting a menu twice does no harm.
            raise (Unreachable("no-answer") if isinstance(failure, Uncertain) else failure) from error

    # Files and links -------------------------------------------------------------------------------------
    async def fetch(self, attachment: Attachment) -> bytes:
        """Download a file that came in, at most 20 MB.

        Raises: Unfetchable: too big, or unknown to Telegram. Unreachable: try again later.
        """
        try:
            file = await self._bot.get_file(attachment.ref)
            path = (file.file_path or "").removeprefix(self._file_base).lstrip("/")
            status, body = await self._request.download(f"{self._file_base}/{path}", limit_bytes=MAX_FILE_BYTES)
        except BadRequest as error:
            raise Unfetchable("too-big" if "too big" in error.message.lower() else "gone") from error
        except TelegramError as error:
            failure = read_error(error)
            # Reading twice does no harm, so nothing is uncertain here.
            raise (Unreachable("no-answer") if isinstance(failure, Uncertain) else failure) from error
        if status != 200:
            raise Unreachable(f"file-{status}")
        if len(body) > MAX_FILE_BYTES:
            raise Unfetchable("too-big")
        return body

    async def link(self, code: str) -> str | None:
        """Give the link that opens a chat and joins with `code`; None while Telegram cannot be reached."""
        if not self._username:
            try:
                self._username = (await self._bot.get_me()).username or ""
            except TelegramError:
                return None
        return f"https://t.me/{self._username}?start={code}" if self._username else None
