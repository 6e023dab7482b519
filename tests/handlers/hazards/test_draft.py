"""Words, limits and changes of mind: what happens to a report before, and instead of, 提交."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from handlers import build_registry
from models.drafts import Draft
from models.hazards.tables import Hazard
from models.people.tables import Role
from scheduler import housekeeping
from scheduler.housekeeping import expire_drafts
from scheduler.jobs import Services
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION, sees_registered


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())


@pytest.mark.parametrize(("text", "sentence"), [("堵", "至少2个字"), ("长" * 1001, "最多1000个字，现在是1001个字")])
async def test_description_out_of_bounds_is_refused_with_a_sentence(lin, text, sentence):
    await lin.sends(photos.jpeg())
    await lin.taps("靠山加油站")
    await lin.sends(text)
    lin.sees(sentence)
    await lin.sends("卸油口静电接地线脱落")
    lin.sees("隐患上报，请核对")


async def test_caption_that_is_too_long_keeps_the_photos(lin):
    await lin.sends(photos.jpeg(), "长" * 1001)
    lin.sees("最多1000个字，现在是1001个字")
    lin.sees("照片：1张")


async def test_everything_can_be_changed_before_it_is_submitted(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    for field, answer in (("等级", "一般隐患"), ("整改期限", "15天"), ("类别", "消防设施")):
        await lin.taps("修改")
        await lin.taps(field)
        await lin.taps(answer)
    await lin.taps("修改")
    await lin.taps("补充说明")
    await lin.sends("老板不在")
    await lin.taps("提交")
    (hazard,) = await hazards(county)
    assert (hazard.level, hazard.category, hazard.remark) == ("general", "fire_equipment", "老板不在")
    assert (hazard.deadline - hazard.reported_at).days == 15


async def test_deadline_that_the_level_does_not_know_is_asked_anew(lin):
    await lin.sends(photos.jpeg(), "靠山加油站 静电接地线脱落")
    for field, answer in (("整改期限", "3天"), ("等级", "重大隐患")):
        await lin.taps("修改")
        await lin.taps(field)
        await lin.taps(answer)
    lin.sees("整改期限：30天「推测」")


async def test_changed_words_change_the_guesses(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.taps("修改")
    await lin.taps("问题")
    await lin.sends("靠山加油站 灭火器压力不足")
    lin.sees("类别：消防设施「推测」\n等级：一般隐患「推测」\n整改期限：7天「推测」")


async def test_answers_may_be_typed(county, lin):
    await lin.sends("/report 靠山加油站 灭火器压力不足")
    await lin.sends("跳过")
    await lin.taps("修改")
    await lin.taps("整改期限")
    await lin.sends("八天")
    lin.sees("请点按钮选择整改期限。")
    await lin.sends("7 days")
    await lin.taps("修改")
    await lin.taps("整改期限")
    await lin.sends("当场")
    await lin.sends("提交")
    (hazard,) = await hazards(county)
    assert (hazard.deadline - hazard.reported_at).total_seconds() == 4 * 3600


async def test_cancelled_report_leaves_nothing(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.taps("取消")
    lin.sees("已取消")
    assert await hazards(county) == []


async def test_two_presses_of_submit_register_once(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    data = next(data for label, data in lin.screen[-1].buttons if label == "提交")
    await county.happens(lin.press(data), lin.press(data))
    assert len(await hazards(county)) == 1


async def test_draft_survives_a_restart(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    again = type(county)(county.store, county.media, county.clock, type(county.registry)(), checks=county.checks)
    again.registry = build_registry()
    again.__post_init__()
    again.platform.screens["lin"] = county.platform.screens["lin"]
    phone = again.phone("lin")
    again._events = iter(range(1000, 2000))
    await phone.taps("提交")
    phone.sees("YH20261123-0001 待接收")
    await again.stop()


async def test_other_report_while_one_is_open_asks_first(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends("/report")
    lin.sees("您有一份「隐患上报」还没有提交")
    await lin.taps("继续填写")
    lin.sees("隐患上报，请核对")
    await lin.sends("上报")
    await lin.taps("放弃并开始新的")
    lin.sees("请发现场照片")
    await lin.taps("取消")
    assert await hazards(county) == []


async def test_words_at_the_question_about_the_draft_are_no_answers(county, lin):
    await lin.sends(photos.jpeg())
    await lin.sends("/report")
    await lin.sends("云岭镇 重大")
    assert lin.screen[-1].text.startswith("您有一份「隐患上报」还没有提交")
    await lin.sends("继续填写")
    lin.sees("照片：1张\n在哪里？")
    await lin.sends("/report")
    await lin.sends("放弃并开始新的")
    lin.sees("隐患上报\n请发现场照片")


async def test_draft_left_alone_for_a_day_is_closed_with_a_notice(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    data = lin.screen[-1].buttons[0][1]
    services = Services(county.store, county.media, county.rules, county.clock, lambda _actor: None)
    county.clock.advance(hours=24, minutes=1)
    await expire_drafts(services)
    await county.settle()
    [notice] = lin.screen  # in the place of the draft's card: its buttons lead nowhere now
    assert "您有一份草稿超过24小时没有提交" in notice.text
    await lin.presses(data)
    assert await hazards(county) == []


async def test_draft_of_an_older_version_says_what_was_typed(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await county.store.write(lambda session: session.execute(update(Draft).values(version=0)))
    await lin.taps("提交")
    lin.sees("程序已升级，这份草稿不能继续填写了，请重新开始。")
    lin.sees(CAPTION)
    assert await hazards(county) == []


async def test_lost_scope_is_noticed_at_the_end(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await county.store.write(
        lambda session: session.execute(update(factories.Assignment).values(grid_code=factories.NEXT_VILLAGE))
    )
    await lin.taps("提交")
    lin.sees("这个地点已不在您的范围内，请点「修改」换一个地点。")
    assert await hazards(county) == []
    await lin.sends("修改")
    await lin.taps("地点")
    assert lin.labels == ["奎峰村", "上一步", "取消"]


async def test_place_that_is_being_changed_is_not_submitted_as_it_was(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends("修改")
    await lin.taps("地点")
    await lin.sends("老王家后面")
    await lin.sends("提交")
    assert await hazards(county) == []


async def test_informant_gives_a_tip_that_waits_for_verification(county, lin, wu):
    role = (Role.INFORMANT, factories.VILLAGE)
    await county.store.write(
        lambda session: factories.add_person(session, "许芳", "19900000021", role, chat="xu", now=county.clock())
    )
    xu = county.phone("xu")
    await xu.sends(photos.jpeg(), "铜山村 路面塌陷")
    xu.sees("提交后先由林晓梅、孙立新核实。")
    await xu.taps("提交")
    xu.sees("YH20261123-0001 待核实 · 剩2小时")
    xu.sees("已请林晓梅、孙立新、周敏核实。")
    wu.sees_nothing_of("路面塌陷")
    await lin.taps("核实属实")
    lin.sees("YH20261123-0001 待接收")
    xu.sees("林晓梅已核实您上报的隐患，情况属实。")


async def test_everybody_can_report_at_once(county, lin, chen, zhou, wu):
    people = (lin, chen, zhou, wu)
    captions = ["靠山加油站 灭火器过期", "奎峰村 路面塌陷", "靠山加油站 接地线脱落", "加油机漏油"]
    shots = [photos.jpeg(photos.scene(seed=seed)) for seed in (1, 3, 5, 7)]
    await asyncio.gather(*(p.sends(s, c) for p, s, c in zip(people, shots, captions, strict=True)))
    await asyncio.gather(*(phone.taps("提交") for phone in people))
    numbers = [hazard.number for hazard in await hazards(county)]
    assert sorted(numbers) == [f"YH20261123-{n:04}" for n in range(1, 5)]


async def test_second_tap_on_submit_hears_that_it_is_done(county, lin, chen):
    await lin.sends(photos.jpeg(), CAPTION)
    data = next(data for label, data in lin.screen[-1].buttons if label == "提交")
    await county.happens(lin.press(data), lin.press(data))
    lin.sees("林晓梅已于2026年11月23日 09:00处理，现在是「已提交」。")
    sees_registered(lin, "YH20261123-0001")
    await chen.presses(data)
    chen.sees("没有找到，或者已经失效")
    assert len(await hazards(county)) == 1


async def test_closed_draft_is_told_of_where_it_was_written(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await county.store.write(lambda session: factories.bind(session, county.ids["lin"], "lin2", now=county.clock()))
    county.clock.advance(hours=24, minutes=1)
    await expire_drafts(Services(county.store, county.media, county.rules, county.clock, lambda _actor: None))
    await county.settle()
    lin.sees("您有一份草稿超过24小时没有提交")
    assert county.phone("lin2").screen == []


async def test_draft_that_went_on_at_the_last_moment_stays_open(county, lin, monkeypatch):
    await lin.sends(photos.jpeg(), CAPTION)
    draft_id = int(lin.screen[-1].buttons[0][1].split(":")[1])
    late = county.clock() + timedelta(hours=23)
    monkeypatch.setattr(housekeeping, "list_expired", lambda _session, now: [SimpleNamespace(id=draft_id)])
    await county.store.write(lambda session: setattr(session.get_one(Draft, draft_id), "updated_at", late))
    county.clock.advance(hours=25)
    await expire_drafts(Services(county.store, county.media, county.rules, county.clock, lambda _actor: None))
    await county.settle()
    assert "提交" in lin.labels
    lin.sees_nothing_of("自动关闭")
