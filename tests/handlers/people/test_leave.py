"""/leave: who is away, who gets the reminders meanwhile, and what cannot be."""

from datetime import date

import pytest

from models.people.tables import Deputy, Leave, Role
from tests.factories import VILLAGE, add_person


@pytest.fixture
async def team(county):
    """李 serves in 林's village; 孙 is the grid head of the town."""

    def unit(session):
        role = (Role.OFFICER, VILLAGE)
        county.ids["li"] = add_person(session, "李小红", "19900000041", role, chat="li", now=county.clock())

    await county.store.write(unit)
    return county


async def leaves(county):
    rows = await county.store.read(lambda session: session.query(Leave).order_by(Leave.id).all())
    return [(row.person_id, row.starts_on, row.ends_on) for row in rows]


async def test_leave_takes_three_actions_and_the_grid_head_knows(team):
    li, sun = team.phone("li"), team.phone("sun")
    await li.sends("/leave")
    await li.taps("明天")
    await li.taps("3天")
    assert li.actions == 3
    assert "发给孙立新" in li.sees("已登记请假").text
    sun.sees("李小红请假，2026年11月24日至2026年11月26日")
    assert await leaves(team) == [(team.ids["li"], date(2026, 11, 24), date(2026, 11, 26))]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("请假 明天 3天", date(2026, 11, 24), date(2026, 11, 26)),
        ("请假 3天", date(2026, 11, 23), date(2026, 11, 25)),
        ("请假 11月30日至12月2日", date(2026, 11, 30), date(2026, 12, 2)),
        ("请假 11月30日-12月2日", date(2026, 11, 30), date(2026, 12, 2)),
        ("/leave 2026-11-30 2026-12-02", date(2026, 11, 30), date(2026, 12, 2)),
        ("请假 从明天到后天", date(2026, 11, 24), date(2026, 11, 25)),
    ],
)
async def test_days_after_the_word_are_taken(team, words, first, last):
    li = team.phone("li")
    await li.sends(words)
    assert [row[1:] for row in await leaves(team)] == [(first, last)], li.describe()


async def test_days_that_are_none_are_asked_for(team):
    li = team.phone("li")
    await li.sends("/leave 很久")
    li.sees("没有看懂日期")
    await li.taps("今天")
    await li.taps("1天")
    li.sees("已登记请假")


async def test_first_day_alone_asks_for_the_last(team):
    li = team.phone("li")
    await li.sends("请假 后天")
    await li.sends("2天")
    assert [row[1:] for row in await leaves(team)] == [(date(2026, 11, 25), date(2026, 11, 26))]


async def test_leave_ends_early(team):
    li = team.phone("li")
    await li.sends("请假 3天")
    await li.sends("销假")
    await li.taps("销假：2026年11月23日至2026年11月25日")
    li.sees("已销假")
    assert (await leaves(team))[0][2] == date(2026, 11, 22)
    await li.presses("leave:1:end")
    li.sees("没有找到，或者已经失效")


async def test_nobody_ends_the_leave_of_another(team):
    li, sun = team.phone("li"), team.phone("sun")
    await li.sends("请假 3天")
    await sun.presses("leave:1:end")
    sun.sees("没有找到，或者已经失效")
    assert (await leaves(team))[0][2] == date(2026, 11, 25)


async def test_same_days_twice_are_refused(team):
    li = team.phone("li")
    await li.sends("请假 3天")
    await li.sends("请假 今天 1天")
    li.sees("已经请过假")
    assert len(await leaves(team)) == 1


async def test_deputy_is_named_instead_of_the_grid_head(team):
    li, sun = team.phone("li"), team.phone("sun")
    row = {"person_id": team.ids["li"], "deputy_id": team.ids["zhou"]}
    span = {"starts_on": date(2026, 11, 23), "ends_on": date(2026, 11, 30)}
    await team.store.write(lambda session: session.add(Deputy(**row, **span)))
    await li.sends("请假 3天")
    assert "发给周敏" in li.sees("已登记请假").text
    team.phone("zhou").sees("李小红请假")
    sun.sees_nothing_of("李小红")
