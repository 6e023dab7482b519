"""林 looks into a tip and finds that it does not hold: the reason is asked, and the one who gave it is told."""

import pytest

from models.people.tables import Role
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION


@pytest.fixture
async def gao(county):
    """高山 of the rescue team tells of something in 林's village."""

    def unit(session):
        role = (Role.RESCUER, factories.VILLAGE)
        factories.add_person(session, "高山", "19900000031", role, chat="gao", now=county.clock())

    await county.store.write(unit)
    phone = county.phone("gao")
    await phone.sends(photos.jpeg(), CAPTION)
    if "提交" not in phone.labels:
        await phone.taps("铜山村")
    await phone.taps("提交")
    return phone


async def test_dismiss_asks_why_and_tells_the_reporter(gao, lin):
    await lin.taps("不属实")
    lin.sees("为什么不属实")
    await lin.sends("现场查看接地线完好")
    assert "不属实" in lin.sees("现场查看接地线完好").text
    gao.sees("林晓梅核实后认为情况不属实")


async def test_dismiss_keeps_the_card_above_its_question(gao, lin):
    await lin.taps("不属实")
    assert "待核实" in lin.sees("YH20261123-0001 ").text
    await lin.sends("好")
    lin.sees("请把问题写清楚一点")
    await lin.sends("取消")
    lin.sees("没有提交任何内容")
    gao.sees_nothing_of("不属实")


async def test_dismiss_comes_too_late(gao, lin, sun):
    await lin.taps("不属实")
    await sun.taps("核实属实")
    await lin.sends("现场查看接地线完好")
    lin.sees("孙立新")
    gao.sees_nothing_of("认为情况不属实")


async def test_dismiss_asks_about_an_open_draft_first(gao, lin):
    await lin.sends("/report")
    await lin.taps("不属实")
    lin.sees("还没有提交")
    await lin.taps("放弃并开始新的")
    lin.sees("为什么不属实")
    await lin.sends("现场查看接地线完好")
    gao.sees("认为情况不属实")


async def test_dismiss_is_not_for_others(gao, lin, wu, chen):
    ident = lin.sees("请核实").buttons[0][1].split(":")[1]
    for phone in (wu, chen, gao):
        await phone.presses(f"hazard:{ident}:dismiss")
        phone.sees_nothing_of("为什么不属实")
