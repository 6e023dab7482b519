"""The doors into the chat page, and the signed cookie that says whose chat a browser has.

The page at "/" gives each browser a chat of its own. A phone of the demo page is a door of its own under
`/demo/<key>/`, with a cookie that only this path sees and a chat that is bound already.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web
from itsdangerous import BadSignature, URLSafeSerializer

from models.content import Place

CHAT_BYTES = 24  # 192 random bits: nobody guesses another chat.
COOKIE_AGE_S = 400 * 24 * 3600  # Source: RFC 6265bis, the longest life a browser grants; renewed by each visit.


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of the demo page: `key` names it in its address, `title` is what stands above it."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Door:
    """A mounted chat page. `chat` is set where it is fixed (a demo phone), else each browser gets its own."""

    prefix: str = ""
    chat: str = field(default="", repr=False)
    phone: Phone | None = None

    @property
    def path(self) -> str:
        """The path under which the door's cookie is sent."""
        return f"{self.prefix}/"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo page: its phones by key, and where the sample photo was taken: the place and its name."""

    doors: Mapping[str, Door]
    place: Place
    enterprise: str


class Sessions:
    """Reads and gives the cookies. `secret` is shared by all processes of one database."""

    def __init__(self, secret: str, *, base_url: str = "") -> None:
        self._serializer = URLSafeSerializer(
            secret,
            salt="web-chat",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
        self._origin = _origin(base_url)
        self._secure = base_url.startswith("https:")

    def read(self, request: web.Request, door: Door) -> str:
        """Give the chat of the browser's cookie, or "" if it has none that we gave it for this door."""
        try:
            prefix, chat = self._serializer.loads(request.cookies.get(self._name(door), ""))
        except (BadSignature, ValueError, TypeError):
            return ""
        if prefix != door.prefix or (door.chat and chat != door.chat):
            return ""
        return str(chat)

    def give(self, response: web.Response, door: Door, chat: str) -> None:
        """Let the browser keep `chat` (a new one if empty)."""
        chat = door.chat or chat or secrets.token_urlsafe(CHAT_BYTES)
        response.set_cookie(
            self._name(door),
            str(self._serializer.dumps([door.prefix, chat])),
            max_age=COOKIE_AGE_S, path=door.path, httponly=True, secure=self._secure, samesite="Lax",
        )  # fmt: skip

    def is_own_page(self, request: web.Request) -> bool:
        """Tell whether the request comes from a page of ours: another site must not speak for its visitor."""
        origin = request.headers.get("Origin", "")
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return False
        return bool(origin) and (origin == self._origin or urlsplit(origin).netloc == request.host)

    def _name(self, door: Door) -> str:
        if door.phone:
            return f"wangge_{door.phone.key}"
        return "__Host-wangge" if self._secure else "wangge"


def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
