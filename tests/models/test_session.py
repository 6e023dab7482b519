"""What an engine tells the log."""

import ast
import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.util import await_only

from models.errors import Collided, StorageFailed
from models.grids.tables import Grid
from models.session import attempt, is_away, open_store
from tests.factories import TOWN, VILLAGE, add_grids

BROKEN = text("INSERT INTO nowhere VALUES (:phone)")


async def test_failed_statement_keeps_what_was_bound_to_itself(store):
    for way in (store.read, store.write):
        with pytest.raises(DBAPIError) as caught:
            await way(lambda session: session.execute(BROKEN, {"phone": "19900000001"}))
        assert "nowhere" in str(caught.value)
        assert "19900000001" not in str(caught.value)


@pytest.mark.parametrize("path", sorted(Path("models").rglob("*.py")), ids=str)
def test_every_engine_hides_parameters(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    engines = [call for call in calls if getattr(call.func, "id", "") in {"create_engine", "create_async_engine"}]
    assert all("hide_parameters" in {word.arg for word in call.keywords} for call in engines)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError("no server"), True),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")), True),
        (OperationalError("SELECT", {}, sqlite3.OperationalError("no such table: nowhere")), False),
        (ValueError("a mistake of ours"), False),
    ],
)
def test_database_that_is_away_is_told_from_a_mistake(error, away):
    assert is_away(error) is away


async def test_read_says_that_the_database_is_away(tmp_path):
    store = open_store("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
    with pytest.raises(StorageFailed):
        await store.read(lambda session: session.execute(text("SELECT 1")))
    with pytest.raises(StorageFailed):
        await store.write(lambda session: session.execute(text("SELECT 1")))
    await store.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has one writer
async def test_of_two_that_wait_for_each_other_one_is_told_to_try_again(store):
    """Each holds a grid and wants the other's; the database ends one of them, at once and as a whole."""
    await store.write(add_grids)
    both_hold = asyncio.Barrier(2)

    def rename(session, code):
        session.execute(update(Grid).where(Grid.code == code).values(name=code))

    def crossing(first, second):
        def unit(session):
            rename(session, first)
            await_only(both_hold.wait())
            attempt(session, lambda inner: rename(inner, second))

        return store.write(unit)

    outcomes = await asyncio.gather(crossing(TOWN, VILLAGE), crossing(VILLAGE, TOWN), return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [Collided]
    names = await store.read(lambda session: [session.get_one(Grid, code).name for code in (TOWN, VILLAGE)])
    assert names == [TOWN, VILLAGE]  # the other's, both of them
