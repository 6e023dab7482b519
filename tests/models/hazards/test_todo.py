"""What waits for whom, the most urgent first."""

import pytest

from models.hazards.flow import State
from models.hazards.places import Spot
from models.hazards.todo import list_todo
from models.people.tables import Deputy
from models.texts import Reader
from tests import factories
from tests.models.hazards.conftest import RULES


async def todo(town, name):
    actor = await town.actor(name)
    items = await town.store.read(lambda session: list_todo(session, actor, town.clock(), RULES.hazards))
    return [Reader().read(item.title) for item in items]


async def test_notice_waits_for_the_manager_alone(town):
    await town.reports()
    assert await todo(town, "wu") == ["待确认收到：靠山加油站 卸油口静电接地线脱落 · 剩1天"]
    for name in ("lin", "sun", "zhou", "chen", "zheng"):
        assert await todo(town, name) == []


@pytest.mark.parametrize(
    ("state", "level", "names"),
    [
        (State.REPORTED, "general", {"sun", "zhou", "fang", "ding"}),
        (State.ACCEPTED, "general", {"sun", "ding", "qian"}),
        (State.RECTIFYING, "general", {"wu"}),
        (State.EXTENSION, "general", {"sun", "zhou", "ding"}),
        (State.REVIEW, "general", {"lin", "sun", "zhou", "fang"}),
        (State.DELISTING, "major", {"zheng"}),
        (State.CLOSED, "general", set()),
        (State.SUSPENDED, "general", set()),
    ],
)
async def test_duty_waits_for_whoever_may_do_it(town, state, level, names):
    hazard_id = await town.reports(level=level, days=30)
    await town.puts(hazard_id, state=state)
    everybody = ["lin", "chen", "sun", "zhou", "wu", "zheng", "qian", "fang", "ding"]
    assert {name for name in everybody if await todo(town, name)} == names


async def test_most_urgent_comes_first(town):
    for days in (15, 3, 30):
        hazard_id = await town.reports(days=days, description=f"{days}天内整改")
        await town.moves("wu", hazard_id, "accept")
    assert [row.split()[1] for row in await todo(town, "wu")] == ["3天内整改", "15天内整改", "30天内整改"]


async def test_overdue_rises_to_the_grid_head_and_then_to_the_supervisor(town):
    hazard_id = await town.reports(days=3)
    await town.moves("wu", hazard_id, "accept")
    town.clock.advance(days=3, hours=23)
    assert await todo(town, "sun") == []
    town.clock.advance(hours=2)
    assert await todo(town, "sun") == ["请督促整改：靠山加油站 卸油口静电接地线脱落 · 已超期1天1小时"]
    assert await todo(town, "zhou") == []
    town.clock.advance(days=2)
    assert len(await todo(town, "zhou")) == 1
    assert await todo(town, "chen") == []


async def test_deputy_has_the_work_of_the_absent(town):
    await town.reports()
    today = town.clock().date()
    row = {"person_id": town.ids["wu"], "deputy_id": town.ids["chen"], "starts_on": today, "ends_on": today}
    await town.store.write(lambda session: session.add(Deputy(**row)))
    assert len(await todo(town, "chen")) == 1
    town.clock.advance(days=1)
    assert await todo(town, "chen") == []


async def test_own_rectification_does_not_wait_for_the_own_review(town):
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    await town.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))
    assert await todo(town, "wu") == []
    assert len(await todo(town, "lin")) == 1


async def test_long_description_is_cut(town):
    await town.reports(description="靠山加油站 卸油口静电接地线脱落,油气回收管破损\n需要马上处理" + "长" * 50, days=30)
    (row,) = await todo(town, "wu")
    assert len(row) < 60


async def test_own_request_for_more_time_waits_for_others(town):
    street = Spot(factories.VILLAGE, "茂林镇·铜山村", text="路口")
    hazard_id = await town.reports(spot=street, category="fire_passage")
    await town.moves("sun", hazard_id, "accept")
    await town.moves("sun", hazard_id, "extend", note="等路灯")
    assert {name for name in ("sun", "zhou", "ding") if await todo(town, name)} == {"zhou", "ding"}
