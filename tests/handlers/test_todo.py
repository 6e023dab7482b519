"""/todo: what waits, the most urgent first, eight to a page, and a kind word when nothing does."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from handlers import todo
from models.access import load_actor
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from tests.factories import VILLAGE


@dataclass(frozen=True)
class Errand:
    title: str
    deadline: object
    button: str = "errand:1:show"


@pytest.fixture
def waits(monkeypatch):
    """Replace what waits for everybody."""
    return lambda *errands: monkeypatch.setattr(
        todo, "SOURCES", (lambda _request: errands[::2], lambda _r: errands[1::2])
    )


async def test_nothing_to_do_is_said_kindly(county):
    zheng = county.phone("zheng")
    await zheng.sends("待办")
    zheng.sees("今天没有待办\n手头的事都办完了，辛苦了")


async def test_hazard_waits_for_the_manager_and_for_nobody_else(county):
    def report(session):
        now, station = county.clock(), county.ids["station"]
        spot = Spot(VILLAGE, "", enterprise_id=station, name="靠山加油站")
        level = county.rules.hazards.levels[0]
        finding = Report(spot, "静电接地线脱落", county.rules.hazards.categories[0].code, level.code, 7)
        actor = load_actor(session, county.ids["lin"], now=now)
        return check_register(session, actor, finding, rules=county.rules, now=now).hazard.id

    ident = await county.store.write(report)
    wu, zheng = county.phone("wu"), county.phone("zheng")
    await wu.sends("/todo")
    ((label, data),) = wu.sees("今天有1件待办").buttons
    assert "靠山加油站" in label
    assert data == f"hazard:{ident}:open"
    await zheng.sends("/todo")
    zheng.sees("今天没有待办")


async def test_most_urgent_comes_first_whatever_its_subject(county, waits):
    now = county.clock()
    waits(Errand("没有期限", None), Errand("后天", now + timedelta(days=2)), Errand("明天", now + timedelta(days=1)),
          Errand("已超期", now - timedelta(days=1)))  # fmt: skip
    wu = county.phone("wu")
    await wu.sends("今日")
    assert wu.labels == ["已超期", "明天", "后天", "没有期限"]


async def test_list_turns_pages_in_place(county, waits):
    waits(*(Errand(f"第{number}件", county.clock() + timedelta(days=number)) for number in range(1, 11)))
    wu = county.phone("wu")
    await wu.sends("/todo")
    assert wu.labels == [*(f"第{number}件" for number in range(1, 9)), "下一页"]
    await wu.taps("下一页")
    assert wu.labels == ["第9件", "第10件", "上一页"]
    await wu.taps("上一页")
    assert len(wu.screen) == 1


async def test_page_that_is_gone_shows_the_last_one(county, waits):
    waits(Errand("一件", None))
    wu = county.phone("wu")
    await wu.presses("todo:7:page")
    assert wu.labels == ["一件"]


@pytest.mark.parametrize("data", ["todo:x:page", "todo:-1:page", "todo::page", "todo:１:page", "todo:9999999:page"])
async def test_forged_page_sounds_like_an_unknown_button(county, data):
    wu = county.phone("wu")
    await wu.presses("nothing:1:x")
    unknown = wu.screen[-1].text
    await wu.presses(data)
    assert wu.screen[-1].text == unknown


async def test_joining_shows_what_waits(county, invited, waits):
    waits(Errand("靠山加油站要复查", None))
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    await lin.taps("是我")
    assert lin.sees("今天有1件待办").buttons == (("靠山加油站要复查", "errand:1:show"),)
