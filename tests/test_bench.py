"""The test bench itself: its databases are alike and empty, its network is closed, its guards bite."""

import asyncio
import socket
import time

import pytest
from sqlalchemy import func, select, text

from models.migrate import is_current
from models.schema import METADATA
from tests.databases import connected
from tests.loop import brisk


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_has_an_empty_database(store, round_):
    def count(session):
        return {
            name: session.scalar(select(func.count()).select_from(table)) for name, table in METADATA.tables.items()
        }

    assert set((await store.read(count)).values()) == {0}
    await store.write(lambda s: s.execute(text("INSERT INTO grids (code, name, level) VALUES ('1', '县', 'county')")))
    assert (await store.read(count))["grids"] == 1


def test_databases_are_migrated(database_url):
    assert is_current(database_url)


async def test_postgres_compares_chinese_in_utf8(postgres_database):
    async with connected(postgres_database) as connection:
        row = await connection.fetchrow(
            "SELECT datctype, pg_encoding_to_char(encoding) AS coding FROM pg_database"
            " WHERE datname = current_database()"
        )
    assert (row["datctype"], row["coding"]) == ("C.UTF-8", "UTF8")


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "2001:db8::1"])
def test_other_machines_are_out_of_reach(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as sock, pytest.raises(PermissionError, match="only loopback"):
        sock.connect((address, 80))


async def test_other_names_are_not_looked_up():
    with pytest.raises(PermissionError, match="example"):
        await asyncio.get_running_loop().getaddrinfo("bot.example", 443)


def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_clock_stands_still_until_it_is_moved(clock):
    before = clock()
    assert (clock.advance(hours=2) - before).total_seconds() == 7200
    assert clock() is clock.now


async def test_work_on_the_loop_is_noticed():
    def burn(end):
        while time.thread_time() < end:
            pass

    with pytest.raises(AssertionError, match="burn"), brisk():
        asyncio.get_running_loop().call_soon(burn, time.thread_time() + 0.15)
        await asyncio.sleep(0.001)


@pytest.mark.usefixtures("brisk_loop")
async def test_waiting_on_the_loop_is_fine():
    await asyncio.sleep(0.15)


def test_missing_database_is_a_failure_where_all_is_required(missing, monkeypatch):
    monkeypatch.setenv("WANGGE_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="a browser is missing"):
        missing("a browser")
    monkeypatch.delenv("WANGGE_REQUIRE_ALL")
    with pytest.raises(pytest.skip.Exception, match="a browser is missing"):
        missing("a browser")
