"""五落实: 吴 fills it in over days, 孙 helps; nothing is lost, and the last item opens 提交整改."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.hazards.tables import Hazard, HazardEvent, HazardMeasure
from models.people.tables import Deputy
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION, report_fast

ALL = ("停用卸油口，更换接地线", "吴志强", "3万5千", "12月10日", "断电作业，专人监护", "已修订并演练")


@pytest.fixture
async def major(lin, wu):
    """A major hazard at 靠山加油站 that 吴 has confirmed."""
    await report_fast(lin, CAPTION)
    await wu.taps("确认收到")
    return "hazard:1"


async def fills(phone, *texts):
    for text in texts:
        if text is None:
            await phone.taps("跳过")
        else:
            await phone.sends(text)


async def rows(county):
    order = select(HazardMeasure).order_by(HazardMeasure.id)
    return {row.item: row for row in await county.store.read(lambda session: session.scalars(order).all())}


async def test_measures_are_asked_one_after_the_other(county, major, wu, lin):
    await wu.taps("五落实 0/6")
    assert "○ 资金（万元）：未填" in wu.sees("请填写“目标任务和措施”").text
    await fills(wu, *ALL)
    wu.sees("已全部落实，整改完成后可以提交整改。")
    shown = wu.sees("YH20261123-0001 ").text
    assert "五落实：已落实6/6" in shown
    assert "计划完成：2026年12月10日" in shown
    found = await rows(county)
    assert (found["money"].text, found["money"].amount_yuan) == ("3.5", 35_000)
    assert str(found["time"].until) == "2026-12-10"
    assert found["person"].person_id == county.ids["wu"]
    assert "五落实：已落实6/6" in lin.sees("YH20261123-0001 ").text


async def test_measures_are_stored_at_once_and_taken_up_days_later(county, major, wu):
    await wu.taps("五落实 0/6")
    await fills(wu, ALL[0], None, "8000元")
    assert set(await rows(county)) == {"action", "money"}
    await wu.sends("取消")
    wu.sees("已填写的内容都已保存")
    county.clock.advance(days=2)
    await wu.sends("YH20261123-0001")
    await wu.taps("五落实 2/6")
    assert "✓ 资金（万元）：0.8万元（吴志强，2026年11月23日）" in wu.sees("请填写“责任人”").text
    await fills(wu, None, "30天", None, None)
    assert "还差责任人、安全措施、应急预案" in wu.sees("已保存").text


async def test_measures_of_two_people_at_once_are_not_lost(county, major, wu, sun):
    await sun.sends("YH20261123-0001")
    for phone in (wu, sun):
        await phone.taps("五落实 0/6")
    await sun.sends("先停用，再更换")
    await wu.sends(ALL[0])
    asked = wu.sees("您写的是").text
    assert "孙立新已于2026年11月23日 09:00填写“目标任务和措施”：先停用，再更换" in asked
    assert (await rows(county))["action"].text == "先停用，再更换"
    await wu.taps("换成我写的")
    assert (await rows(county))["action"].text == ALL[0]
    history = await county.store.read(
        lambda session: session.scalars(select(HazardEvent.note).where(HazardEvent.action == "measures")).all()
    )
    assert history == ["目标任务和措施：先停用，再更换", f"目标任务和措施：{ALL[0]}"]


async def test_measures_of_the_other_may_stand(county, major, wu, sun):
    await sun.sends("YH20261123-0001")
    for phone in (wu, sun):
        await phone.taps("五落实 0/6")
    await fills(sun, "先停用，再更换", "吴志强")
    await wu.sends(ALL[0])
    await wu.taps("保留原来的")
    assert (await rows(county))["action"].text == "先停用，再更换"
    wu.sees("请填写“资金（万元）”")  # 孙 has named the person meanwhile.


async def test_last_item_is_told_to_the_rectifier(county, major, wu, sun):
    await wu.taps("五落实 0/6")
    await fills(wu, *ALL[:5], None)
    wu.clears()
    await sun.sends("YH20261123-0001")
    await sun.taps("五落实 5/6")
    await sun.sends(ALL[5])
    wu.sees("整改措施已逐项落实，整改完成后可以提交整改。")


async def test_filled_item_is_changed_and_the_earlier_text_stays_in_the_history(county, major, wu):
    await wu.taps("五落实 0/6")
    await fills(wu, *ALL)
    await wu.taps("五落实 6/6")
    await wu.taps("资金（万元）")
    await wu.sends("５万")
    assert "五落实：已落实6/6" in wu.sees("YH20261123-0001 ").text
    assert (await rows(county))["money"].version == 2
    assert "资金（万元）：3万5千" in wu.sees("资金（万元）：５万").text


async def test_item_is_changed_on_the_way(county, major, wu):
    await wu.taps("五落实 0/6")
    await fills(wu, "换线", "吴志强")
    await wu.taps("修改")
    await wu.taps("目标任务和措施")
    await wu.sends(ALL[0])
    wu.sees("请填写“资金（万元）”")
    await wu.taps("上一步")
    wu.sees("请填写“责任人”")
    assert (await rows(county))["action"].text == ALL[0]


@pytest.mark.parametrize(
    ("before", "text", "hint"),
    [
        ((None, None), "不知道", "没有看懂金额"),
        ((None, None), "8000", "是8000元还是8000万元"),
        ((None, None, None), "2026-11-01", "已经过去了"),
        ((None, None, None), "2028-01-01", "最晚是登记后365天"),
        ((None, None, None), "尽快", "没有看懂日期"),
        ((), "换", "写清楚一点"),
    ],
)
async def test_item_that_does_not_fit_is_asked_again(county, major, wu, before, text, hint):
    await wu.taps("五落实 0/6")
    await fills(wu, *before, text)
    wu.sees(hint)
    assert await rows(county) == {}


async def test_day_in_front_says_since_when_it_holds(county, major, wu):
    await wu.taps("五落实 0/6")
    await fills(wu, "11月20日 已制定专项方案")
    row = (await rows(county))["action"]
    assert (row.text, str(row.laid_on)) == ("已制定专项方案", "2026-11-20")


async def test_photo_is_no_answer_to_an_item(county, major, wu):
    await wu.taps("五落实 0/6")
    await wu.sends(photos.jpeg())
    wu.sees("请用文字填写")


async def test_measures_of_a_case_that_has_moved_on_are_closed(county, major, wu, zhou):
    await wu.taps("五落实 0/6")
    await zhou.presses("hazard:1:lower")
    await zhou.sends("现场核实可当场消除")
    await wu.sends(ALL[0])
    assert "一般隐患" in wu.sees("周敏已于").text
    assert await rows(county) == {}
    await wu.sends("待办")  # The dialog is over.
    wu.sees("今天有1件待办")


async def test_measures_are_closed_to_others(county, major, chen, lin, wu):
    for phone in (chen, lin):
        await phone.presses("hazard:1:measures")
        phone.sees_nothing_of("请填写")
    await county.store.write(lambda session: session.execute(update(Hazard).values(is_major=False, level="general")))
    await wu.presses("hazard:1:measures")
    wu.sees_nothing_of("请填写")


async def test_deputy_fills_in_for_the_absent(county, major, chen):
    today = county.clock().date()

    def stand_in(session):
        ids = {"person_id": county.ids["wu"], "deputy_id": county.ids["chen"]}
        session.add(Deputy(**ids, starts_on=today, ends_on=today + timedelta(days=3)))

    await county.store.write(stand_in)
    await chen.presses("hazard:1:measures")
    await chen.sends(ALL[0])
    assert (await rows(county))["action"].by_id == county.ids["chen"]


async def test_two_people_of_one_name_stay_a_text(county, major, wu):
    def unit(session):
        factories.add_person(
            session, "吴志强", "19900000077", ("officer", factories.VILLAGE), chat="wu2", now=county.clock()
        )

    await county.store.write(unit)
    await wu.taps("五落实 0/6")
    await wu.taps("跳过")
    await wu.taps("吴志强")
    row = (await rows(county))["person"]
    assert (row.text, row.person_id) == ("吴志强", None)
