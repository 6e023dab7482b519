"""The process form: `python -m tests.telegram_server --port P --record FILE --token T`."""

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from tests.telegram_server.limits import RateLimits
from tests.telegram_server.server import TOKEN, TelegramServer


async def _serve(options: argparse.Namespace) -> None:
    server = TelegramServer(
        options.token,
        port=options.port,
        record=options.record,
        latency_s=options.latency_s,
        limits=RateLimits() if options.limits else None,
        open_chats=options.open_chats,
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping.set)
    async with server:
        # The parent waits for this line; it names the port when 0 was asked for.
        print(f"listening {server.api_base}", flush=True)
        await stopping.wait()


def main() -> None:
    """Read the options and serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="A strict local Bot API server.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, printed on the first line")
    parser.add_argument("--record", type=Path, help="JSON lines of accepted calls, synced one by one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--latency-s", type=float, default=0.0, help="round trip added to each call")
    parser.add_argument("--limits", action="store_true", help="answer 429 as Telegram does")
    parser.add_argument("--open-chats", action="store_true", help="let the bot write to any private chat")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
