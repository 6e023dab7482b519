"""kill -9 at random moments: nothing that was confirmed is lost, nothing happens twice, order is kept.

`make crash` (WANGGE_CRASHES=50) is the long form.
"""

import asyncio
import os
import random

import pytest

from models.session import open_store
from tests.crash.processes import BotProcess, TelegramProcess, until
from tests.crash.story import Person, chats, check_nothing_is_lost, check_small_talk, is_quiet
from tests.factories import bind, cast

CRASHES = int(os.environ.get("WANGGE_CRASHES", "6"))
SEED = int(os.environ.get("WANGGE_SEED", "20261123"))
CHATTERS = {"lin": 7001, "chen": 7002, "zhou": 7003}

pytestmark = pytest.mark.timeout(120 + 8 * CRASHES)


@pytest.fixture
async def stage(database_url, tmp_path, clock):
    """The server and a bot that is not started yet, over a database with the cast in it."""
    store = open_store(database_url)

    def seed(session):
        people = cast(session, clock())
        for name, chat in CHATTERS.items():
            bind(session, people[name], str(chat), platform="telegram", now=clock())

    await store.write(seed)
    await store.close()
    async with TelegramProcess(tmp_path) as telegram:
        bot, store = BotProcess(tmp_path, database_url, telegram.api_base), open_store(database_url)
        yield telegram, bot, store
        bot.close()
        await store.close()


async def test_killed_bot_loses_nothing_and_keeps_order(stage):
    telegram, bot, store = stage
    dice, stop = random.Random(SEED), asyncio.Event()
    people = [Person(chat) for chat in CHATTERS.values()]
    talk = [asyncio.create_task(chats(telegram, person, random.Random(person.chat), stop)) for person in people]
    await bot.crash_often(CRASHES, dice)
    stop.set()
    await asyncio.gather(*talk)
    await until(lambda: is_quiet(telegram, store), lambda: f"it never came to rest:\n{bot.log()}")
    confirmed = await check_nothing_is_lost(telegram, store)
    repeats = sum([await check_small_talk(telegram, store, person) for person in people])
    assert confirmed == sum(len(person.asked) for person in people)
    assert repeats <= bot.kills * len(people)
    print(f"{confirmed} events, {bot.kills} kills, {repeats} repeats, all marked")
