"""How python-telegram-bot speaks HTTP here: on aiohttp, and exact about what a failure means.

PTB's own backend costs about twelve times the CPU at 64 calls in flight (docs/benchmarks.md) and does not
tell "never left" from "left, and no answer came". Here every failure is chained to one of two causes:
`NotSent` (repeat freely) or `Unanswered` (perhaps delivered).
"""

from __future__ import annotations

import io
import json
import os
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

# PTB 22 reads this at each use; without it every RetryAfter warns that its unit will change.
os.environ.setdefault("PTB_TIMEDELTA", "true")

KEEPALIVE_S = 25.0  # Below the idle time of Telegram's front servers: a dead connection costs an uncertain send.


class NotSent(Exception):
    """The request never left this machine."""


class Unanswered(Exception):
    """The request left, or perhaps did; its answer never came."""


def find_proxy(url: str) -> str | None:
    """The proxy that the environment names for an address, as county networks often have one.

    Looked up once: aiohttp's own `trust_env` asks a thread about it for each call, 0.1 ms each time.
    """
    address = urlsplit(url)
    if proxy_bypass(address.netloc):
        return None
    return getproxies().get(address.scheme)


class AiohttpRequest(BaseRequest):
    """PTB's request backend on one aiohttp session; its errors never hold a URL, because URLs hold the token."""

    def __init__(
        self,
        *,
        connections: int = 64,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 20.0,
        write_timeout_s: float = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._proxy = proxy
        self._connections = connections
        self._connect_s = connect_timeout_s
        self._read_s = read_timeout_s
        self._write_s = write_timeout_s
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds without a byte of the answer."""
        return self._read_s

    async def initialize(self) -> None:
        """Open the session; calls open it by themselves, too."""
        self._open()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEPALIVE_S)
            self._session = aiohttp.ClientSession(connector=connector, proxy=self._proxy)
        return self._session

    async def shutdown(self) -> None:
        """Close the session and its connections."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one call: status and body.

        Raises:
            TimedOut, NetworkError: chained to NotSent or Unanswered.
        """
        return await self._exchange(
            url,
            method,
            _body(request_data),
            connect_s=_seconds(connect_timeout, self._connect_s),
            read_s=_seconds(read_timeout, self._read_s),
            write_s=_seconds(write_timeout, self._write_s),
        )

    async def call(self, url: str, fields: dict[str, Any]) -> Any:
        """Make a Bot API call with plain JSON fields; its result as it came.

        Raises:
            TelegramError: as `Bot` would.
        """
        body = _json(fields)
        status, answer = await self._exchange(
            url, "POST", body, connect_s=self._connect_s, read_s=self._read_s, write_s=self._write_s
        )
        if status == HTTPStatus.OK:
            return self.parse_json_payload(answer)["result"]
        return await _Refusal(status, answer).post(url)

    async def download(self, url: str, *, limit_bytes: int) -> tuple[int, bytes]:
        """Read a file; at most one byte more than the limit, so that the caller can see that it is too long.

        Raises:
            TimedOut, NetworkError: chained to NotSent or Unanswered.
        """
        return await self._exchange(
            url, "GET", {}, connect_s=self._connect_s, read_s=self._read_s, write_s=60.0, limit=limit_bytes + 1
        )

    async def _exchange(
        self,
        url: str,
        method: str,
        body: dict[str, Any],
        *,
        connect_s: float,
        read_s: float,
        write_s: float,
        limit: int = -1,
    ) -> tuple[int, bytes]:
        session = self._open()
        timeout = _timeout(connect_s, read_s, write_s)
        try:
            async with session.request(method, url, timeout=timeout, allow_redirects=False, **body) as response:
                answer = await (response.read() if limit < 0 else _read_up_to(response.content, limit))
                return response.status, answer
        except aiohttp.ConnectionTimeoutError:
            raise TimedOut("no connection in time") from NotSent("connect timeout")
        except aiohttp.ClientConnectorError as error:
            raise NetworkError(f"no connection: {error.os_error.strerror or 'refused'}") from NotSent("connect")
        except aiohttp.InvalidURL:
            raise NetworkError("TELEGRAM_API_BASE is no address") from NotSent("address")
        except TimeoutError:
            raise TimedOut("no answer in time") from Unanswered("read timeout")
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"connection broke: {type(error).__name__}") from Unanswered("connection broke")
        except RuntimeError as error:  # closed by us while it was on its way
            raise NetworkError(f"connection closed: {type(error).__name__}") from Unanswered("connection closed")


class _Refusal(AiohttpRequest):
    """An answer that is there already, for the library to say which of its errors it is."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__()
        self._answer = status, answer

    async def do_request(self, *_request: Any, **_options: Any) -> tuple[int, bytes]:
        """Give the answer again."""
        return self._answer


async def _read_up_to(content: aiohttp.StreamReader, limit: int) -> bytes:
    chunks, size = [], 0
    while size < limit and (chunk := await content.read(limit - size)):
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _seconds(value: Any, default_s: float) -> float:
    return default_s if value is None or value is BaseRequest.DEFAULT_NONE else float(value)


@cache
def _timeout(connect_s: float, read_s: float, write_s: float) -> aiohttp.ClientTimeout:
    # aiohttp knows no time-out for writing alone; the total ends an upload that hangs.
    total_s = connect_s + write_s + read_s
    return aiohttp.ClientTimeout(total=total_s, connect=connect_s, sock_connect=connect_s, sock_read=read_s)


_HEADERS = {"Content-Type": "application/json"}
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(fields: dict[str, Any]) -> dict[str, Any]:
    return {"data": _dump(fields).encode(), "headers": _HEADERS}


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return _json(data.parameters)
    # Telegram shows a percent-encoded file name as it is.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        # A stream is sent piece by piece; bytes of some megabytes at once would hold up the loop.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=mime)
    return {"data": form}
