"""What 吴 handed in is looked at: passed by a tap, sent back with a reason, looked at on the spot; and the office."""

from datetime import timedelta

import pytest

from models.hazards.tables import Hazard
from models.people.tables import Role
from tests import factories, photos
from tests.handlers.hazards.test_rectify import CAPTION, NUMBER, events, hazard
from tests.handlers.hazards.ways import report_fast


@pytest.fixture
async def ding(county):
    """丁 of the leading group's office."""
    role = (Role.DISPATCHER, factories.COUNTY)
    await county.store.write(
        lambda session: factories.add_person(session, "丁海", "19900000071", role, chat="ding", now=county.clock())
    )
    return county.phone("ding")


@pytest.fixture
async def handed_in(county, ding, lin, wu):
    await report_fast(lin, CAPTION)
    await wu.taps("提交整改")
    await wu.sends(photos.jpeg(photos.scene(seed=2)), "接地线已重新接好")
    await wu.taps("提交")
    lin.clears()
    await lin.sends(NUMBER)


async def test_pass_is_one_tap(county, handed_in, lin, wu):
    before = lin.actions
    await lin.taps("通过销号")
    assert lin.actions - before == 1
    assert (await hazard(county)).state == "closed"
    wu.sees("林晓梅复查通过，隐患已销号。")


async def test_return_is_two_actions_and_keeps_what_is_left_of_the_time(county, handed_in, lin, wu):
    due, before = (await hazard(county)).deadline, lin.actions
    await lin.taps("退回整改")
    assert "新的整改期限：7天「推测」" in lin.sees("哪里没有整改到位").text
    await lin.sends("接线夹没有拧紧")
    assert lin.actions - before == 2
    found = await hazard(county)
    assert (found.state, found.round, found.deadline) == ("rectifying", 2, due)
    assert "说明：接线夹没有拧紧" in wu.sees("林晓梅复查没有通过，请继续整改。").text


async def test_new_time_is_changed_by_a_tap_before_the_reason(county, handed_in, lin):
    await lin.taps("退回整改")
    await lin.taps("期限改为15天")
    assert "新的整改期限：15天" in lin.sees("哪里没有整改到位").text
    await lin.sends("接线夹没有拧紧")
    assert (await hazard(county)).deadline == county.clock() + timedelta(days=15)


async def test_review_on_the_spot_keeps_its_photo(county, handed_in, lin):
    await lin.taps("到现场复查")
    lin.sees("请发现场照片")
    await lin.sends(photos.jpeg(photos.scene(seed=5)))
    card = lin.sees("到现场复查")
    assert {"通过销号", "退回整改"} <= {label for label, _data in card.buttons}
    await lin.taps("通过销号")
    visit, passed = (await events(county))[-2:]
    assert (visit.action, len(visit.photos), visit.to_state, passed.action) == ("visit", 1, "review", "pass")


async def test_closed_case_is_opened_again(county, handed_in, lin, wu, zheng):
    await lin.taps("通过销号")
    await zheng.sends(NUMBER)
    await zheng.taps("重新打开")
    await zheng.sends("群众反映又脱落了")
    found = await hazard(county)
    assert (found.number, found.state, found.round, found.closed_at) == (NUMBER, "rectifying", 2, None)
    wu.sees("郑国平重新打开了这条隐患。")


async def test_suspension_stops_the_clock(county, handed_in, lin, zheng):
    await lin.taps("退回整改")
    await lin.sends("接线夹没有拧紧")
    due = (await hazard(county)).deadline
    await zheng.sends(NUMBER)
    await zheng.taps("更多")
    await zheng.taps("挂起")
    await zheng.taps("15天")
    await zheng.sends("站房停业装修")
    assert (await hazard(county)).suspended_until == county.clock() + timedelta(days=15)
    county.clock.advance(days=10)
    await zheng.taps("恢复办理")
    found = await hazard(county)
    assert (found.state, found.suspended_until, found.deadline) == ("rectifying", None, due + timedelta(days=10))


async def test_second_return_is_decided_by_the_office(county, ding, lin, wu, sun):
    await report_fast(lin, CAPTION)
    for reason in ("不归我们管", "还是不归我们管"):
        wu.clears()
        await wu.sends(NUMBER)
        await wu.taps("更多")
        await wu.taps("退回")
        await wu.sends(reason)
        if reason == "不归我们管":
            await sun.sends(NUMBER)
            await sun.taps("派遣")
    ding.clears()
    await ding.sends(NUMBER)
    assert "派遣" not in ding.labels
    await ding.taps("改派")
    await ding.taps("孙立新")
    assert "整改责任人：孙立新" in ding.sees(NUMBER).text
    sun.sees("丁海已把这条隐患改派给您")
    assert (await hazard(county)).owner_kind == "grid"
    await sun.taps("确认收到")
    assert (await hazard(county)).state == "rectifying"


@pytest.fixture
async def gao(county):
    """高山 of the rescue team tells of something in 林's village."""

    def unit(session):
        role = (Role.RESCUER, factories.VILLAGE)
        factories.add_person(session, "高山", "19900000031", role, chat="gao", now=county.clock())

    await county.store.write(unit)
    return county.phone("gao")


async def tips(phone, caption):
    await phone.sends(photos.jpeg(photos.scene(seed=8)), caption)
    if "提交" not in phone.labels:
        await phone.taps("铜山村")
    await phone.taps("提交")


async def test_tip_about_the_same_is_merged(county, lin, wu, gao, sun):
    await report_fast(lin, CAPTION)
    await tips(gao, "靠山加油站 静电接地线掉了")
    sun.clears()
    await sun.sends("YH20261123-0002")
    await sun.taps("并案")
    await sun.sends(NUMBER)
    assert CAPTION in sun.sees("并入").text
    await sun.taps("提交")
    merged = await hazard(county, 2)
    assert (merged.state, merged.merged_into) == ("merged", 1)
    gao.sees("孙立新已把这条并入此前上报的同一隐患。")
    last = (await events(county))[-1]
    assert (last.action, len(last.photos)) == ("supplement", 1)
    assert "静电接地线掉了" in last.note
    await wu.taps("提交整改")
    await wu.sends(photos.jpeg(photos.scene(seed=2)), "接好了")
    await wu.taps("提交")
    await lin.sends(NUMBER)
    await lin.taps("通过销号")
    gao.sees("复查通过，隐患已销号")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("那一条", "请点选，或发送另一条隐患的编号"),
        ("YH20261123-0009", "没有找到YH20261123-0009"),
        ("YH20261123-0002", "请选择另一条隐患"),
    ],
)
async def test_merge_into_nothing_is_asked_again(county, lin, gao, sun, typed, answer):
    await report_fast(lin, CAPTION)
    await tips(gao, "靠山加油站 静电接地线掉了")
    sun.clears()
    await sun.sends("YH20261123-0002")
    await sun.taps("并案")
    await sun.sends(typed)
    sun.sees(answer)


async def test_appeal_is_heard_once(county, gao, lin, sun):
    await tips(gao, "靠山加油站 静电接地线掉了")
    await lin.taps("不属实")
    await lin.sends("现场查看接地线完好")
    await gao.sends(NUMBER)
    await gao.taps("申诉")
    await gao.sends(photos.jpeg(photos.scene(seed=9)), "今天又去看了，还是掉的")
    sun.sees("上报人对“不属实”提出申诉")
    assert "申诉" not in [label for label, _data in gao.screen[-1].buttons]
    await sun.taps("申诉成立")
    await sun.sends("照片清楚，重新核实")
    assert (await hazard(county)).state == "reported"
    gao.sees("申诉成立，孙立新已要求重新核实。")


async def test_author_of_a_tip_stays_unknown_when_adding(county, gao, lin, wu):
    await tips(gao, "靠山加油站 静电接地线掉了")
    await county.store.write(
        lambda session: session.get_one(Hazard, 1).__setattr__("enterprise_id", county.ids["station"])
    )
    await lin.taps("核实属实")
    await gao.sends(NUMBER)
    await gao.taps("更多")
    await gao.taps("补充")
    await gao.sends("还在漏油")
    wu.sees("上报人补充了情况，请查看。")
    await wu.sends(NUMBER)
    assert "群众举报：补充（还在漏油）" in wu.screen[-1].text
    wu.sees_nothing_of("高山")
