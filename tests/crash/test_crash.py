"""kill -9 at random moments: nothing that was confirmed is lost, nothing happens twice, order is kept.

`make crash` (WANGGE_CRASHES=50) is the long form.
"""

import asyncio
import os
import random
import re
import time

import pytest

from bot.platforms.telegram import TelegramPlatform
from models.session import open_store
from tests.crash.processes import BotProcess, TelegramProcess, until
from tests.crash.story import (
    Person,
    accepts,
    chats,
    check_hazards,
    check_nothing_is_lost,
    check_small_talk,
    is_quiet,
    reports,
)
from tests.factories import bind, cast
from tests.telegram_server import TOKEN

CRASHES = int(os.environ.get("WANGGE_CRASHES", "6"))
SEED = int(os.environ.get("WANGGE_SEED", "20261123"))
REPORTERS = {"lin": 7001, "wu": 7002}
CHATTERS = {"chen": 7003, "zheng": 7004, "qian": 7005}  # Nobody tells them of 林's hazards.

pytestmark = pytest.mark.timeout(300 + 20 * CRASHES)


async def seeded(database_url, clock):
    """Put the cast into a database, each on Telegram."""
    store = open_store(database_url)

    def seed(session):
        people = cast(session, clock())
        for name, chat in (REPORTERS | CHATTERS).items():
            bind(session, people[name], str(chat), platform="telegram", now=clock())

    await store.write(seed)
    await store.close()
    return database_url


@pytest.fixture
async def stage(database_url, tmp_path, clock):
    """The server, a bot that is not started yet, and a look into its database."""
    url = await seeded(database_url, clock)
    async with TelegramProcess(tmp_path) as telegram:
        bot, store = BotProcess(tmp_path, url, telegram.api_base), open_store(url)
        yield telegram, bot, store
        bot.close()
        await store.close()


async def test_killed_bot_loses_nothing_and_doubles_nothing(stage):
    telegram, bot, store = stage
    stop, done = asyncio.Event(), asyncio.Event()
    reporters = {name: Person(chat) for name, chat in REPORTERS.items()}
    chatters = [Person(chat) for chat in CHATTERS.values()]
    talk = [asyncio.create_task(reports(telegram, person, name, stop)) for name, person in reporters.items()]
    talk += [asyncio.create_task(chats(telegram, person, random.Random(person.chat), stop)) for person in chatters]
    pressing = asyncio.create_task(accepts(telegram, reporters["wu"], done))
    await bot.crash_often(CRASHES, random.Random(SEED))
    stop.set()
    await asyncio.gather(*talk)
    patience_s = 60 + 4 * CRASHES  # what waits is sent at Telegram's pace
    rest = (lambda: is_quiet(telegram, store), lambda: f"it never came to rest:\n{bot.log()[-4000:]}", patience_s)
    await until(*rest)  # so that every notice is on the screen
    done.set()
    await pressing
    await until(*rest)
    confirmed = await check_nothing_is_lost(telegram, store)
    hazards = await check_hazards(store, reporters.values())
    repeats = sum([await check_small_talk(telegram, store, person) for person in chatters])
    most = bot.kills * min(len(chatters), 2 * TelegramPlatform.caps.in_flight)  # each chat has one message in flight
    assert repeats <= most
    assert not re.search(rf"{re.escape(TOKEN)}|199000000\d\d|枪漏油", bot.log())
    told = f"{repeats} answers twice and marked (at most {most}), 0 out of order"
    print(f"{bot.kills} kills: {confirmed} events, 0 lost, {hazards} hazards, 0 twice, {told}")


async def test_second_bot_on_one_file_is_refused(sqlite_database, tmp_path):
    async with TelegramProcess(tmp_path) as telegram:
        first = BotProcess(tmp_path, sqlite_database, telegram.api_base, "first")
        second = BotProcess(tmp_path, sqlite_database, telegram.api_base, "second")
        first.start()
        await until(lambda: is_role(first, "leader"), first.log)
        second.start()
        assert await second.ends() == 1
        assert f"pid {first.pid}" in second.log()
        assert sqlite_database.removeprefix("sqlite+aiosqlite:///") in second.log()
        assert await first.role() == "leader"
        first.close()
        second.close()


async def test_follower_takes_over_from_a_killed_leader(postgres_database, tmp_path, clock):
    url = await seeded(postgres_database, clock)
    async with TelegramProcess(tmp_path) as telegram:
        leader = BotProcess(tmp_path, url, telegram.api_base, "leader")
        follower = BotProcess(tmp_path, url, telegram.api_base, "follower")
        leader.start()
        await until(lambda: is_role(leader, "leader"), leader.log)
        follower.start()
        await until(lambda: is_role(follower, "follower"), follower.log)
        leader.kill()
        killed = time.monotonic()
        await telegram.acts(CHATTERS["chen"], "sends", "/help")
        await until(lambda: telegram.accepted(CHATTERS["chen"], "sendMessage"), follower.log)
        assert time.monotonic() - killed < 10
        assert await follower.role() == "leader"
        follower.close()
        leader.close()


async def is_role(bot, role):
    return await bot.role() == role
