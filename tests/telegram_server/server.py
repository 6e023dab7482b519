"""The HTTP face: one loopback port, one bot token, strict answers, scripted faults, fixed latency."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.telegram_server.args import Args, read_args
from tests.telegram_server.control import Control
from tests.telegram_server.errors import OTHER_POLLER, ApiError, too_many_requests
from tests.telegram_server.faults import Fault, FaultList
from tests.telegram_server.limits import RateLimits
from tests.telegram_server.methods import METHODS, RECORDED, webhook_methods
from tests.telegram_server.phone import TelegramPhone
from tests.telegram_server.record import Record
from tests.telegram_server.webhook import Webhook
from tests.telegram_server.world import Chat, User, World

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
_WELL_FORMED = re.compile(r"\d{3,}:[A-Za-z0-9_-]{30,}")
# Source: core.telegram.org/bots/api#sending-files: 50 MB, plus room for the other fields.
_MAX_BODY = 51 * 1024 * 1024


class TelegramServer:
    """A Bot API server for one bot.

    Use it as `async with TelegramServer() as server:`; then `server.phone("林")` is a person's phone,
    `server.faults.add(...)` scripts what goes wrong, `server.record` is what was accepted.

    Args:
        token: of the bot; others get 401, malformed ones 404, as on the real server.
        port: 0 takes a free one.
        record: a file that gets each accepted call, synced to the disk before the answer.
        latency_s: round trip added to each call, seconds.
        limits: rate limits; None for none.
        now: the server's clock, seconds since 1970.
        open_chats: let the bot write to any positive chat id (for benchmarks).
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        record: Path | None = None,
        latency_s: float = 0.0,
        limits: RateLimits | None = None,
        now: Callable[[], float] = time.time,
        open_chats: bool = False,
    ) -> None:
        self.token = token
        self.port = port
        self.latency_s = latency_s
        self.limits = limits
        self.faults = FaultList()
        self.record = Record(record)
        self.world = World(token, self.record, self.faults, now)
        self.world.opens_any_chat = open_chats
        self.webhook = Webhook(self.world.updates)
        self._methods = METHODS | webhook_methods(self.webhook)
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    # Addresses -----------------------------------------------------------------------------------------
    @property
    def api_base(self) -> str:
        """What stands before `/bot<token>/…` and `/file/bot<token>/…`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """`base_url` of python-telegram-bot."""
        return f"{self.api_base}/bot"

    @property
    def base_file_url(self) -> str:
        """`base_file_url` of python-telegram-bot."""
        return f"{self.api_base}/file/bot"

    # Life ----------------------------------------------------------------------------------------------
    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/bot{token}/{method}", self._serve_call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        app.add_routes(Control(self).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, handler_cancellation=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=512)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; open polls end and late answers are given up."""
        self._closing.set()
        await self.webhook.stop()
        self.world.updates.stop_poll(OTHER_POLLER)
        if self._runner is not None:
            await self._runner.cleanup()
        self.record.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # People --------------------------------------------------------------------------------------------
    def phone(
        self,
        name: str,
        *,
        user_id: int | None = None,
        language: str = "zh-hans",
        number: str = "",
        known: bool = False,
    ) -> TelegramPhone:
        """A person with the app.

        Args:
            name: the first name Telegram shows.
            user_id: also the id of the private chat; None takes a new one.
            language: of the app (`zh-hans`, `en`).
            number: the person's phone number, for sharing.
            known: the person has started the bot before. Otherwise the bot gets `chat not found` until the
                person writes, as on the real server.
        """
        user = User(user_id or 5_000_000 + self.world.number(), name, language)
        phone = TelegramPhone(self.world, self.world.users.setdefault(user.id, user), number)
        if known:
            phone.starts_chat()
        return phone

    def group(self, title: str, kind: str = "group") -> Chat:
        """A group the bot is a member of."""
        chat = Chat(-(1_000_000 + self.world.number()), kind, title)
        self.world.chats[chat.id] = chat
        return chat

    def migrate(self, chat: Chat) -> Chat:
        """Turn a group into a supergroup; the old id answers with migrate_to_chat_id from now on."""
        new = self.group(chat.title, "supergroup")
        chat.migrated_to = new.id
        return new

    # Calls ---------------------------------------------------------------------------------------------
    def _check_token(self, token: str) -> None:
        if not _WELL_FORMED.fullmatch(token):
            raise ApiError(404)
        if token != self.token:
            raise ApiError(401)

    async def _serve_call(self, request: web.Request) -> web.StreamResponse:
        await self._pause(self.latency_s / 2)
        method = request.match_info["method"].lower()
        try:
            result = await self._answer(method, request)
        except ApiError as error:
            await self._pause(self.latency_s / 2)
            return web.json_response(error.to_json(), status=error.code)
        await self._pause(self.latency_s / 2)
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, method: str, request: web.Request) -> Any:
        self._check_token(request.match_info["token"])
        args = await read_args(request)
        if method not in self._methods:
            raise ApiError(404)
        chat = args.integer("chat_id") or None
        fault = self.faults.take("call", method, chat)
        self._fail_before(fault, request)
        if self.limits is not None:
            self.limits.check(method, chat)
        result = await self._accept(method, chat, args)
        await self._fail_after(fault, request)
        return result

    async def _accept(self, method: str, chat: int | None, args: Args) -> Any:
        result = await self._methods[method](self.world, args)
        if method in RECORDED or method == "setwebhook":
            messages = result if isinstance(result, list) else [result]
            ids = tuple(message["message_id"] for message in messages if isinstance(message, dict))
            fields = args.fields | {name: f"<{len(file.data)} bytes>" for name, file in args.uploads.items()}
            self.record.append(method, chat, ids, fields)
            self.world.touch()
        return result

    def _fail_before(self, fault: Fault | None, request: web.Request) -> None:
        """What goes wrong before Telegram accepts anything."""
        if fault is None or fault.kind in {"ok", "late", "drop"}:
            return
        if fault.kind == "lost":
            self._hang_up(request)
        if fault.kind == "429":
            raise too_many_requests(fault.retry_after_s)
        usual = {"403": "bot was blocked by the user", "409": OTHER_POLLER}
        raise ApiError(int(fault.kind), fault.text or usual.get(fault.kind, ""))

    async def _fail_after(self, fault: Fault | None, request: web.Request) -> None:
        """What goes wrong after Telegram has accepted."""
        if fault is not None and fault.kind == "late":
            await self._pause(fault.seconds)
        if fault is not None and fault.kind == "drop":
            self._hang_up(request)

    def _hang_up(self, request: web.Request) -> None:
        if request.transport is not None:
            request.transport.abort()
        raise ApiError(500, "connection closed")

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), seconds)

    # Downloads -----------------------------------------------------------------------------------------
    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        await self._pause(self.latency_s)
        fault = self.faults.take("media", "file", None)
        is_missing = fault is not None and fault.kind == "missing_media"
        file = self.world.files.by_link(request.match_info["path"], self.world.now())
        if request.match_info["token"] != self.token or file is None or is_missing:
            return web.json_response(ApiError(404).to_json(), status=404)
        if fault is not None:
            await self._pause(fault.seconds)
        return web.Response(body=file.data, content_type="application/octet-stream")
