"""挂牌督办 by 周, weekly progress of 吴, 摘牌 with 郑's signature; 定为重大 and 改为一般."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.hazards.flow import State
from models.hazards.tables import Hazard, HazardEvent, HazardListing, HazardMeasure
from models.people.tables import Person
from tests import photos
from tests.handlers.hazards.ways import CAPTION, report_fast

DOCUMENT = "泾安督〔2026〕12号"


@pytest.fixture
async def major(county, lin, wu):
    """A major hazard at 靠山加油站 that 吴 has confirmed; 周 is of the county's bureau."""
    await county.store.write(
        lambda session: session.execute(update(Person).where(Person.name == "周敏").values(unit="泾县应急管理局"))
    )
    await report_fast(lin, CAPTION)
    await wu.taps("确认收到")


async def lists(phone, unit=None):
    await phone.sends("YH20261123-0001")
    await phone.taps("挂牌督办")
    await phone.taps("县级")
    if unit:  # Who has none in the roster is asked.
        await phone.sends(unit)
    await phone.sends(DOCUMENT)
    await phone.taps("60天")


async def listing(county):
    return await county.store.read(lambda session: session.scalars(select(HazardListing)).one())


async def events(county):
    order = select(HazardEvent).order_by(HazardEvent.id)
    return await county.store.read(lambda session: session.scalars(order).all())


async def puts(county, **columns):
    await county.store.write(lambda session: session.execute(update(Hazard).values(**columns)))


async def test_listing_takes_five_actions_and_is_told(county, major, zhou, wu, sun, zheng):
    before = zhou.actions
    await lists(zhou)
    assert "督办单位：泾县应急管理局「推测」" in zhou.sees("请核对").text
    await zhou.taps("提交")
    assert zhou.actions - before == 6  # With the number that opened the card.
    line = f"挂牌督办：县级，泾县应急管理局，{DOCUMENT}，2026年11月23日至2027年1月22日"
    zhou.sees("已挂牌督办")
    assert line in zhou.sees("YH20261123-0001 ").text
    assert line in wu.sees("周敏已对这条重大隐患挂牌督办，请抓紧整改").text
    for phone in (sun, zheng):
        assert line in phone.sees("周敏已对这条重大隐患挂牌督办。").text


async def test_second_listing_is_told_who_was_faster(county, major, zhou, zheng):
    await lists(zhou)
    await lists(zheng, "县安委办")
    await zhou.taps("提交")
    await zheng.taps("提交")
    zheng.sees(f"这条隐患已由泾县应急管理局于2026年11月23日 09:00挂牌督办（{DOCUMENT}）")
    assert (await listing(county)).by_id == county.ids["zhou"]


async def test_listing_is_closed_to_others(county, major, lin, wu, sun, chen):
    for phone in (lin, wu, sun, chen):
        await phone.presses("hazard:1:list")
        phone.sees_nothing_of("挂牌督办的级别")


async def test_listed_are_found_in_the_ledger(county, major, zhou, lin):
    await lists(zhou)
    await zhou.taps("提交")
    await report_fast(lin, "靠山加油站 灭火器过期")
    for words in ("挂牌", "挂牌督办", "重大 挂牌"):
        await zhou.sends(words)
        shown = zhou.sees("隐患台账：1条").text
        assert "YH20261123-0001" in shown


async def test_progress_is_one_sentence_with_photos(county, major, zhou, wu):
    await wu.presses("hazard:1:progress")
    wu.sees("没有挂牌督办")
    await lists(zhou)
    await zhou.taps("提交")
    zhou.clears()
    await wu.taps("填报进展")
    await wu.sends(photos.jpeg(), "接地线已到货，明天更换")
    wu.sees("填报进展：已办理。")
    assert "最近进展：接地线已到货，明天更换（吴志强" in zhou.sees("吴志强填报了挂牌督办隐患的整改进展。").text
    told = (await events(county))[-1]
    assert (told.action, told.from_state, told.to_state, len(told.photos)) == (
        "progress", State.RECTIFYING, State.RECTIFYING, 1,
    )  # fmt: skip


async def test_signature_lifts_the_listing_in_the_same_move(county, major, zhou, lin, zheng, chen):
    await lists(zhou)
    await zhou.taps("提交")
    await puts(county, state=State.REVIEW)
    await lin.sends("YH20261123-0001")
    await lin.taps("复查通过，报请销号")
    await chen.presses("hazard:1:sign")
    await zhou.presses("hazard:1:sign")
    assert (await listing(county)).lifted_at is None
    county.clock.advance(hours=1)
    await zheng.taps("签字销号")
    done = await listing(county)
    assert (done.lifted_at, done.lifted_by, done.progress_at) == (county.clock(), county.ids["zheng"], None)
    shown = lin.sees("已销号").text
    await lin.sends("YH20261123-0001")
    shown = lin.sees("经过").text
    assert f"2026年11月23日 10:00 郑国平：摘牌（{DOCUMENT}）" in shown
    assert "挂牌督办：" not in shown


async def test_general_hazard_is_raised_with_a_clause(county, lin, wu, sun, zheng):
    await report_fast(lin, "靠山加油站 灭火器过期")
    zheng.sees_nothing_of("YH20261123-0001")
    await sun.sends("YH20261123-0001")
    await sun.taps("更多")
    await sun.taps("定为重大")
    await sun.taps("期限改为90天")
    await sun.taps("单位自身难以排除")
    assert "等级：重大隐患" in sun.sees("YH20261123-0001 ").text
    assert "五落实：已落实0/6" in wu.sees("孙立新已将这条隐患定为重大隐患，请先逐项落实整改措施。").text
    assert "整改期限：2027年2月21日" in zheng.sees("孙立新已将这条隐患定为重大隐患。").text
    note = (await events(county))[-1].note
    assert note == "单位自身难以排除"


async def test_raising_twice_tells_who_was_faster(county, lin, sun, zhou):
    await report_fast(lin, "靠山加油站 灭火器过期")
    for phone in (sun, zhou):
        await phone.presses("hazard:1:raise")
    for phone in (sun, zhou):
        await phone.sends("需要停业整改")
    zhou.sees("孙立新已于2026年11月23日 09:00处理，现在是「重大隐患」。")
    assert [event.action for event in await events(county)].count("raise") == 1


async def test_state_and_its_time_stay_when_the_level_changes(county, lin, sun):
    await report_fast(lin, "靠山加油站 灭火器过期")
    before = await county.store.read(lambda session: session.get_one(Hazard, 1))
    county.clock.advance(hours=1)
    await sun.presses("hazard:1:raise")
    await sun.sends("需要停业整改")
    after = await county.store.read(lambda session: session.get_one(Hazard, 1))
    same = ("state", "state_since", "state_due")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert after.is_major
    assert after.deadline == county.clock() + timedelta(days=30)


async def test_listed_hazard_is_lowered_by_a_leader_only(county, major, zhou, zheng):
    await lists(zhou)
    await zhou.taps("提交")
    await zhou.presses("hazard:1:lower")
    zhou.sees("要由领导决定")
    await zheng.presses("hazard:1:lower")
    await zheng.sends("现场核实可当场消除")
    zhou.sees("郑国平已将这条隐患改为一般隐患。")
    assert (await listing(county)).lifted_by == county.ids["zheng"]
    assert await county.store.read(lambda session: session.scalars(select(HazardMeasure)).all()) == []
