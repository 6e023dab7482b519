"""Fixtures' makers for tests that drive the local Bot API server with python-telegram-bot."""

import os

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.telegram_server import TelegramServer

# PTB 22 reads it at each use; without it, RetryAfter warns that its unit will change.
os.environ.setdefault("PTB_TIMEDELTA", "true")


def stock_bot(server: TelegramServer, token: str = "", read_timeout_s: float = 5.0) -> Bot:
    """PTB's own Bot over its own httpx backend, pointed at the local server."""
    requests = [HTTPXRequest(read_timeout=read_timeout_s, httpx_kwargs={"trust_env": False}) for _ in range(2)]
    return Bot(
        token or server.token,
        base_url=server.base_url,
        base_file_url=server.base_file_url,
        request=requests[0],
        get_updates_request=requests[1],
    )
