"""Stock aiogram: long polling, each update a task."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

from benchmarks.contenders.keeping import Keeper
from benchmarks.sink import TOKEN


async def run(api: str, keeper: Keeper | None) -> None:
    """Answer until SIGTERM."""
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        if keeper:
            keeper.keep(message.chat.id, message.text, message.date.isoformat())
        await message.answer(message.text or "…")

    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    await dispatcher.start_polling(Bot(TOKEN, session=session), handle_as_tasks=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--insert", action="store_true")
    options = parser.parse_args()
    asyncio.run(run(options.api, Keeper(options.folder / "aiogram.db") if options.insert else None))
