"""kill -9 at random moments: nothing that was confirmed is lost, nothing happens twice, order is kept.

`make crash` (WANGGE_CRASHES=50) is the long form.
"""

import asyncio
import os
import random

import pytest

from models.session import open_store
from tests.crash.processes import BotProcess, TelegramProcess, until
from tests.crash.story import Person, chats, check_hazards, check_nothing_is_lost, check_small_talk, is_quiet, reports
from tests.factories import bind, cast

CRASHES = int(os.environ.get("WANGGE_CRASHES", "6"))
SEED = int(os.environ.get("WANGGE_SEED", "20261123"))
REPORTERS = {"lin": 7001, "wu": 7002}
CHATTERS = {"chen": 7003, "zheng": 7004, "qian": 7005}  # Nobody tells them of 林's hazards.

pytestmark = pytest.mark.timeout(300 + 10 * CRASHES)


@pytest.fixture
async def stage(database_url, tmp_path, clock):
    """The server and a bot that is not started yet, over a database with the cast in it."""
    store = open_store(database_url)

    def seed(session):
        people = cast(session, clock())
        for name, chat in (REPORTERS | CHATTERS).items():
            bind(session, people[name], str(chat), platform="telegram", now=clock())

    await store.write(seed)
    await store.close()
    async with TelegramProcess(tmp_path) as telegram:
        bot, store = BotProcess(tmp_path, database_url, telegram.api_base), open_store(database_url)
        yield telegram, bot, store
        bot.close()
        await store.close()


async def test_killed_bot_loses_nothing_and_doubles_nothing(stage):
    telegram, bot, store = stage
    stop = asyncio.Event()
    reporters = {name: Person(chat) for name, chat in REPORTERS.items()}
    chatters = [Person(chat) for chat in CHATTERS.values()]
    talk = [asyncio.create_task(reports(telegram, person, name, stop)) for name, person in reporters.items()]
    talk += [asyncio.create_task(chats(telegram, person, random.Random(person.chat), stop)) for person in chatters]
    await bot.crash_often(CRASHES, random.Random(SEED))
    stop.set()
    await asyncio.gather(*talk)
    await until(lambda: is_quiet(telegram, store), lambda: f"it never came to rest:\n{bot.log()}")
    confirmed = await check_nothing_is_lost(telegram, store)
    hazards = await check_hazards(store, reporters.values())
    repeats = sum([await check_small_talk(telegram, store, person) for person in chatters])
    assert repeats <= bot.kills * len(chatters)
    print(f"{bot.kills} kills: {confirmed} events, {hazards} hazards, {repeats} answers repeated and marked")
