"""The webhook: 200 is said only when the update is in the inbox."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header

OnUpdates = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]


def webhook_handler(secret: str, on_updates: OnUpdates) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler for the address that Telegram was given.

    Whoever does not know the secret learns nothing: 403 and no word. A body over 1 MB, or one that is no JSON
    object, is answered 413 or 400. What cannot be stored is answered 500, so that Telegram brings it again.

    Raises:
        ValueError: no secret: then anybody could speak for Telegram.
    """
    if not secret:
        raise ValueError("TELEGRAM_WEBHOOK_SECRET is needed for the webhook")
    wanted = secret.encode()

    async def handle(request: web.Request) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape"), wanted):
            return web.Response(status=403)
        body = await _read(request)
        if body is None:
            return web.Response(status=413)
        try:
            update = json.loads(body)
        except ValueError:
            update = None
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        try:
            await on_updates([update])
        except Exception:
            log.exception("an update could not be stored")
            return web.Response(status=500)
        return web.Response()

    return handle


async def _read(request: web.Request) -> bytes | None:
    """The body; None if it is too big, of which no more than the limit is read."""
    if (request.content_length or 0) > MAX_BODY:
        return None
    chunks, size = [], 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
