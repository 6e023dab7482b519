"""Stock `telegram.Bot` sending many messages, `--in-flight` at a time; prints what it cost as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import time

from telegram import Bot
from telegram.request import HTTPXRequest

from benchmarks.sink import TOKEN

WARM_UP = 64


async def send(bot: Bot, count: int, in_flight: int) -> None:
    """Send to `count` chats."""
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await bot.send_message(1001 + number, "【通知】今天下午三点全县防汛会商，请准时参加。")

    await asyncio.gather(*(worker() for _ in range(in_flight)))


async def run(api: str, count: int, in_flight: int) -> None:
    """Warm up, send, report."""
    request = HTTPXRequest(connection_pool_size=in_flight, pool_timeout=60)
    async with Bot(TOKEN, base_url=f"{api}/bot", request=request) as bot:
        await send(bot, WARM_UP, in_flight)
        started, cpu = time.perf_counter(), time.process_time()
        await send(bot, count, in_flight)
        result = {"elapsed_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    options = parser.parse_args()
    asyncio.run(run(options.api, options.count, options.in_flight))
