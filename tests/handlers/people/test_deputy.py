"""/deputy: naming who stands in, ending it early, and what nobody may arrange."""

from datetime import date

import pytest

from models.audit import AuditRow
from models.errors import InvalidInput
from models.people.days import read_day, read_last_day
from models.people.tables import Deputy, Role
from tests.factories import VILLAGE, add_person

TODAY = date(2026, 11, 23)


@pytest.fixture
async def team(county):
    """李 and 王 of 孙's town, who serve in 林's village."""

    def unit(session):
        for chat, name, phone in (("li", "李小红", "19900000041"), ("wang", "王大力", "19900000042")):
            county.ids[chat] = add_person(session, name, phone, (Role.OFFICER, VILLAGE), chat=chat, now=county.clock())

    await county.store.write(unit)
    return county


async def arranged(county):
    rows = await county.store.read(lambda session: session.query(Deputy).all())
    return [(row.person_id, row.deputy_id, row.starts_on, row.ends_on) for row in rows]


async def test_officer_names_a_colleague_and_both_know(team):
    li, wang = team.phone("li"), team.phone("wang")
    await li.sends("代班 王大力")
    await li.taps("明天")
    await li.sends("3天")
    await li.taps("提交")
    li.sees("代班已安排")
    wang.sees("请您代班")
    await li.sends("/me")
    li.sees("代我的人：王大力，2026年11月24日至2026年11月26日")
    assert await arranged(team) == [(team.ids["li"], team.ids["wang"], date(2026, 11, 24), date(2026, 11, 26))]
    audit = await team.store.read(lambda session: [row.action for row in session.query(AuditRow)])
    assert "people:depute" in audit


async def test_deputyship_ends_early(team):
    await test_officer_names_a_colleague_and_both_know(team)
    li, wang = team.phone("li"), team.phone("wang")
    await li.taps("结束王大力代班")
    await li.taps("确定结束")
    wang.sees("您代李小红的班到此结束")
    await li.sends("/me")
    assert "王大力" not in li.screen[-1].text


async def test_grid_head_arranges_it_for_somebody_else(team):
    sun, li, wang = team.phone("sun"), team.phone("li"), team.phone("wang")
    await sun.sends("/deputy")
    await sun.sends("李小红")
    await sun.sends("王大力")
    await sun.taps("今天")
    await sun.taps("7天")
    await sun.taps("提交")
    li.sees("孙立新已安排王大力代您的班")
    wang.sees("请您代班")


async def test_enterprise_never_stands_in_for_an_officer(team):
    li = team.phone("li")
    await li.sends("代班 吴志强")
    li.sees("没有找到「吴志强」")
    assert await arranged(team) == []


async def test_stranger_to_the_arrangement_cannot_end_it(team):
    await test_officer_names_a_colleague_and_both_know(team)
    zhou = team.phone("zhou")
    await zhou.presses("deputy:1:yes")
    zhou.sees("没有找到，或者已经失效")
    assert (await arranged(team))[0][3] == date(2026, 11, 26)


@pytest.mark.parametrize("text", ["11月30日", "2026-11-30", "2026年11月30日", "11.30", "8天"])
def test_last_day_is_read_as_people_write_it(text):
    assert read_last_day(text, starts_on=TODAY, today=TODAY) == date(2026, 11, 30)


@pytest.mark.parametrize("text", ["", "11月31日", "2月30日", "很久", "99999"])
def test_day_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput):
        read_day(text, today=TODAY)
