"""A strict local Bot API server for tests, crash runs and benchmarks.

It behaves like Telegram's own server for the methods this project uses: the same limits, the same error
texts, the same order of updates; and it can be told to fail. Nothing here leaves the loopback interface.

    async with TelegramServer() as server:
        lin = server.phone("林", number="+8613800000001")
        await lin.sends("/start")
        server.faults.add(method="sendMessage", chat=lin.id, kind="429", retry_after_s=2)
        await lin.sees("欢迎")

As a process: `python -m tests.telegram_server --port 8081 --record calls.jsonl`.
"""

from tests.telegram_server.errors import ApiError
from tests.telegram_server.faults import KINDS, Fault, FaultList
from tests.telegram_server.limits import RateLimits
from tests.telegram_server.phone import Shown, Tap, TelegramPhone
from tests.telegram_server.record import Accepted
from tests.telegram_server.server import TOKEN, TelegramServer

__all__ = [
    "KINDS",
    "TOKEN",
    "Accepted",
    "ApiError",
    "Fault",
    "FaultList",
    "RateLimits",
    "Shown",
    "Tap",
    "TelegramPhone",
    "TelegramServer",
]
