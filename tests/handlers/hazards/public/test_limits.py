"""随手拍 within limits: of a day, of all strangers, for those who are blocked; joining later; and switched off."""

import pytest
from sqlalchemy import func, select

from models.content import Place
from models.hazards.outcomes import PublicReport
from models.media import Media
from models.people.entries import load_entry
from models.people.invites import do_invite
from scheduler.housekeeping import expire_drafts
from scheduler.jobs import Services
from tests import photos
from tests.handlers.hazards.public.story import (
    CAPTION,
    NUMBER,
    RULES,
    everything_sent_to,
    hazards,
    learned_nothing,
    reports,
    switched_on,
)


async def test_limit_of_the_day_is_said_and_ends_at_midnight(county, he, clock):
    for seed in range(3):
        await reports(he, seed=seed)
        clock.advance(minutes=2)
    await he.sends(photos.jpeg(photos.scene(seed=4)), CAPTION)
    he.sees("每天最多上报3条，今天已经满了，请明天再报。")
    assert len(await hazards(county)) == 3
    clock.advance(hours=24)
    await reports(he, seed=5)
    assert len(await hazards(county)) == 4


@pytest.mark.parametrize("rules", [switched_on(reports_per_hour=1)])
async def test_limit_of_all_strangers_is_said_and_the_draft_stays(county, he, clock):
    await he.sends(photos.jpeg(), CAPTION)
    await reports(county.phone("other"), seed=3)
    await he.taps("提交")
    he.sees("现在上报的人太多，请过一会儿再试。")
    clock.advance(hours=1)
    await he.taps("提交")
    he.sees("已收到，编号")


async def test_blocked_chat_hears_so_and_can_be_let_in_again(county, he, shen, clock):
    await reports(he)
    await shen.sends(NUMBER)
    await shen.taps("拉黑上报人")
    shen.sees("为什么拉黑？")
    await shen.sends("多次恶意上报")
    shen.sees("沈佳已于")
    await he.sends(photos.jpeg(photos.scene(seed=2)), CAPTION)
    he.sees("本聊天不能使用随手拍。")
    clock.advance(minutes=1)
    await he.sends("你好")
    assert he.screen[-1].buttons[0][0] == "加入"
    assert len(he.screen[-1].buttons) == 1
    await shen.taps("解除拉黑")
    await reports(he, seed=3)
    assert len(await hazards(county)) == 2
    learned_nothing(he)


async def test_blocking_is_audited_and_the_offices_alone(county, he, shen, lin, qian):
    await reports(he)
    assert "拉黑上报人" not in lin.labels
    ident = (await hazards(county))[0].id
    await lin.presses(f"block:{ident}:ask")
    lin.sees_nothing_of("为什么拉黑")
    await qian.sends(NUMBER)
    await qian.taps("拉黑上报人")
    await qian.sends("多次恶意上报")
    await shen.sends(NUMBER)
    await shen.taps("拉黑上报人")
    shen.sees("钱文静已于")
    await qian.sends(f"/audit {NUMBER}")
    assert "拉黑上报人" in qian.screen[-1].text


# -- joining -------------------------------------------------------------------------------------------------


async def invite(county, whom):
    def unit(session):
        now = county.clock()
        entry = load_entry(session, county.ids[whom], now=now)
        return do_invite(session, entry, created_by=county.ids["qian"], rules=RULES.joining, now=now).code

    return await county.store.write(unit)


async def test_door_offers_both(county, he):
    await he.sends("/start")
    assert he.labels == ["加入", "随手拍"]
    await he.taps("加入")
    he.sees("输入邀请码")
    assert county.platform.asks["he"] == "contact"


async def test_reports_become_those_of_whoever_joins_later(county, he, lin):
    await reports(he)
    await he.opens_link(await invite(county, "wu"))
    await he.taps("是我")
    [hazard] = await hazards(county)
    assert hazard.reporter_id == county.ids["wu"]
    await he.sends(NUMBER)
    assert "待核实" in he.sees("电线快碰到树").text
    await lin.taps("核实属实")
    he.sees("林晓梅已核实您上报的隐患，情况属实。")
    assert not any("您上报的YH" in text for text in everything_sent_to(he))


async def test_code_in_an_open_report_joins_and_says_what_became_of_it(county, he):
    await he.sends(photos.jpeg(), CAPTION)
    await he.opens_link(await invite(county, "wu"))
    he.sees("没有提交的「随手拍」已取消。")
    await he.taps("是我")
    he.sees("吴志强，您已加入")


# -- switched off --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [RULES])
async def test_switched_off_everything_is_as_before(county, he):
    for parts in (("你好",), ("随手拍",), (photos.jpeg(), CAPTION), (Place(30.53, 118.21),), (NUMBER,)):
        await he.sends(*parts)
    await he.presses("public:new:start")
    assert {message.text.splitlines()[0] for message in he.screen} == {"您好，这里是网格工作平台，加入后才能使用"}
    assert he.labels == []

    def count(session):
        tables = (PublicReport, Media)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]

    assert await county.store.read(count) == [0, 0]


async def test_switched_off_meanwhile_a_report_is_not_taken(county, he):
    await he.sends(photos.jpeg(), CAPTION)
    county.dispatcher._desk._rules = RULES
    await he.taps("提交")
    he.sees("随手拍已停用。")
    assert await hazards(county) == []


async def test_second_tap_on_submit_makes_one_report(county, he):
    await he.sends(photos.jpeg(), CAPTION)
    data = dict(he.screen[-1].buttons)["提交"]
    await county.happens(he.press(data), he.press(data))
    he.sees("已提交。")
    assert len(await hazards(county)) == 1


async def test_report_left_alone_for_a_day_is_closed_and_that_is_said(county, he, clock):
    await he.sends(photos.jpeg(), CAPTION)
    clock.advance(hours=25)
    await expire_drafts(Services(county.store, county.media, county.rules, clock, lambda _actor: None))
    await county.settle()
    he.sees("超过24小时没有提交，已自动关闭")


async def test_button_of_a_stranger_who_has_joined_since_reports_as_everybody_does(county, he):
    await he.sends("你好")
    await he.opens_link(await invite(county, "lin"))
    await he.taps("是我")
    await he.presses("public:new:start")
    he.sees("隐患上报")
