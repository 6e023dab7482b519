"""陈 stands in for 林: what waits for 林 reaches 陈, who does it in 林's place and sees no more than needed."""

from datetime import date

import pytest

from models.people.tables import Deputy, Role
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION


@pytest.fixture
async def gao(county):
    """高山 of the rescue team tells of something in 林's village while 林 is away."""

    def unit(session):
        span = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 12, 1)}
        role = (Role.RESCUER, factories.VILLAGE)
        factories.add_person(session, "高山", "19900000031", role, chat="gao", now=county.clock())
        session.add(Deputy(person_id=county.ids["lin"], deputy_id=county.ids["chen"], **span))

    await county.store.write(unit)
    phone = county.phone("gao")
    await phone.sends(photos.jpeg(), CAPTION)
    await phone.taps("铜山村")
    await phone.taps("提交")
    return phone


async def test_deputy_of_an_officer_verifies_a_tip(county, gao, chen):
    await chen.sends("/todo")
    chen.sees("今天有1件待办")
    await chen.taps("核实属实")
    chen.sees("待接收")
    chen.sees("陈建国（代林晓梅）")


async def test_deputy_sees_the_own_card_not_the_absents(county, gao, lin, chen):
    assert "19900000031" in lin.sees("请核实").text
    assert "19900000031" not in chen.sees("请核实").text
    chen.sees_nothing_of("高山")


async def test_deputy_has_no_duty_the_absent_has_not(county, gao, lin, chen):
    ident = chen.sees("请核实").buttons[0][1].split(":")[1]
    await chen.presses("nothing:1:x")
    unknown = chen.screen[-1].text
    for action in ("dispatch", "accept"):
        await chen.presses(f"hazard:{ident}:{action}")
        assert chen.screen[-1].text == unknown
