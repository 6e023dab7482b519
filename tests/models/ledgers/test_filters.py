"""Stored filters: only their owner uses them, they come back as they were, and they are forgotten in time."""

import pytest

from models.errors import NotFound
from models.ledgers.filters import Filter, access_query, do_forget_queries, do_save_query
from models.texts import Text
from tests.models.hazards.conftest import town

__all__ = ["town"]
FILTERS = [
    Filter("grid", "341823101", "茂林镇"),
    Filter("days", "2026-11-17..2026-11-23", Text("近{days}天", {"days": 7})),
]


async def saved(town, name):
    actor = await town.actor(name)
    return await town.store.write(lambda session: do_save_query(session, actor, FILTERS, now=town.clock()))


async def opened(town, name, ident):
    actor = await town.actor(name)
    return await town.store.read(lambda session: access_query(session, actor, ident))


async def test_filters_come_back_as_they_were(town):
    assert await opened(town, "zhou", await saved(town, "zhou")) == FILTERS


async def test_filters_of_somebody_else_and_made_up_ones_are_one_answer(town):
    ident = await saved(town, "zhou")
    for name, wanted in (("lin", ident), ("zhou", ident + 1), ("zhou", 0)):
        with pytest.raises(NotFound):
            await opened(town, name, wanted)


async def test_old_filters_are_forgotten(town):
    old = await saved(town, "zhou")
    town.clock.advance(days=31)
    young = await saved(town, "zhou")
    assert await town.store.write(lambda session: do_forget_queries(session, now=town.clock())) == 1
    assert await opened(town, "zhou", young) == FILTERS
    with pytest.raises(NotFound):
        await opened(town, "zhou", old)
