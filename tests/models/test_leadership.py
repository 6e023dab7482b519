"""One process works: the second on a SQLite file is refused, a follower on PostgreSQL takes over."""

import asyncio
import os
import subprocess
import sys
import time

import pytest

from models.leadership import AlreadyRunning, open_leadership

HOLDER = """
import asyncio, sys
from models.leadership import open_leadership

async def lead():
    leadership = open_leadership(sys.argv[1])
    assert await leadership.try_lead()
    print("leading", flush=True)
    await leadership.hold()
    print("lost", flush=True)

asyncio.run(lead())
"""


@pytest.fixture
def start_holder():
    """Start another process that leads until it is killed."""
    started = []

    def start(url):
        process = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "leading\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
async def leadership(database_url):
    one = open_leadership(database_url)
    yield one
    await one.release()


async def test_lead_is_taken_and_kept(leadership):
    assert await leadership.try_lead()
    assert await leadership.try_lead()


async def test_lead_is_free_after_release(database_url, leadership):
    await leadership.try_lead()
    await leadership.release()
    other = open_leadership(database_url)
    assert await other.try_lead()
    await other.release()


async def test_second_process_on_a_file_is_refused(sqlite_database, start_holder):
    holder = start_holder(sqlite_database)
    with pytest.raises(AlreadyRunning) as refusal:
        await open_leadership(sqlite_database).try_lead()
    assert sqlite_database.removeprefix("sqlite+aiosqlite:///") in str(refusal.value)
    assert f"pid {holder.pid}" in str(refusal.value)


async def test_killed_process_frees_its_file(sqlite_database, start_holder):
    holder = start_holder(sqlite_database)
    holder.kill()
    holder.wait()
    leadership = open_leadership(sqlite_database)
    assert await leadership.try_lead()
    await leadership.release()


async def test_lock_file_names_its_holder(sqlite_database, tmp_path):
    leadership = open_leadership(sqlite_database)
    await leadership.try_lead()
    assert (tmp_path / "wangge.db.lock").read_text() == f"{os.getpid()}\n"
    await leadership.release()


async def test_follower_waits_and_takes_over_from_the_dead(postgres_database, start_holder):
    holder = start_holder(postgres_database)
    follower = open_leadership(postgres_database)
    assert not await follower.try_lead()
    holder.kill()
    killed = time.monotonic()
    while not await follower.try_lead():
        await asyncio.sleep(0.05)
    assert time.monotonic() - killed < 5
    await follower.release()


async def test_lost_connection_is_a_lost_lead(postgres_database, monkeypatch):
    from tests.databases import connected

    monkeypatch.setattr("models.leadership.WATCH_S", 0.05)
    leadership = open_leadership(postgres_database)
    await leadership.try_lead()
    holding = asyncio.create_task(leadership.hold())
    await asyncio.sleep(0.1)
    assert not holding.done()
    async with connected(postgres_database) as connection:
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    await asyncio.wait_for(holding, 5)
    assert await leadership.try_lead()
    await leadership.release()


async def test_unreachable_database_gives_the_lead_to_nobody(tmp_path):
    leadership = open_leadership(f"postgresql+asyncpg://postgres@/none?host={tmp_path}")
    assert not await leadership.try_lead()
    await leadership.release()


async def test_databases_of_one_server_have_leaders_of_their_own(postgres_database, pg_url, start_holder):
    start_holder(postgres_database)
    other = open_leadership(pg_url)
    assert await other.try_lead()
    await other.release()
