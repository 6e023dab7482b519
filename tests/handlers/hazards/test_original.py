"""疑似重复: the card before 提交, 并入该隐患, 仍要新建, and everything that changes in between."""

import asyncio

import pytest
from sqlalchemy import select, update

from models.drafts import Draft
from models.hazards.flow import State
from models.hazards.tables import Hazard, HazardEvent, HazardPhoto
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION, report_by_name, report_fast, report_guided, sees_registered

OTHER_SHOT = photos.jpeg(photos.scene(seed=7))
AGAIN = "靠山加油站 卸油口的静电接地线掉了"


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())


async def actions(county, hazard_id=1):
    rows = select(HazardEvent.action).where(HazardEvent.hazard_id == hazard_id).order_by(HazardEvent.id)
    return await county.store.read(lambda session: session.scalars(rows).all())


@pytest.fixture
async def again(lin, zhou):
    """林 has reported it; 周 comes by and sends the same, with a photo of the own."""
    await report_fast(lin)
    for phone in (lin, zhou):
        phone.clears()
    await zhou.sends(OTHER_SHOT, AGAIN)


async def test_card_shows_the_other_case_in_full_and_both_photos(again, zhou):
    shown = zhou.sees("疑似重复 YH20261123-0001 待接收 · 剩30天")
    for words in (
        "这里已有相似的隐患：", "茂林镇·铜山村 靠山加油站", CAPTION, "整改责任人：吴志强", "发现人：林晓梅",
        f"您写的是：{AGAIN}", "第一张是YH20261123-0001的照片，第二张是您的照片。",
    ):  # fmt: skip
        assert words in shown.text
    assert len(shown.photos) == 2
    assert zhou.labels == ["并入该隐患", "仍要新建", "修改", "取消"]


async def test_joining_takes_two_actions_and_registers_nothing_new(again, county, lin, wu, zhou):
    await zhou.taps("并入该隐患")
    assert zhou.actions == 2
    done = zhou.sees("已并入YH20261123-0001，办理结果会告诉您。\n已通知：吴志强（整改责任人）、林晓梅、孙立新。")
    assert "YH20261123-0001 待接收" in done.text
    assert len(await hazards(county)) == 1
    assert await actions(county) == ["report", "dispatch", "supplement"]
    assert len(await county.store.read(lambda s: s.scalars(select(HazardPhoto.sha)).all())) == 2
    lin.sees("这条隐患有新的补充情况，请查看。")
    wu.sees("这条隐患有新的补充情况，请查看。")
    await wu.taps("确认收到")
    zhou.sees("吴志强已确认收到您上报的隐患，开始整改。")


async def test_second_press_hears_that_it_is_done(again, county, zhou):
    data = next(data for label, data in zhou.screen[-1].buttons if label == "并入该隐患")
    await county.happens(zhou.press(data), zhou.press(data))
    zhou.sees("现在是「已提交」")
    assert (await actions(county)).count("supplement") == 1


async def test_anew_goes_on_to_the_summary_and_is_written_down(again, county, zhou):
    await zhou.taps("仍要新建")
    zhou.sees("隐患上报，请核对")
    zhou.sees_nothing_of("疑似重复")
    await zhou.taps("提交")
    sees_registered(zhou, "YH20261123-0002")
    assert await actions(county, 2) == ["report", "distinct", "dispatch"]
    await zhou.sends("YH20261123-0002")
    zhou.sees("周敏：已提示疑似重复，报告人选择新建（YH20261123-0001）")


@pytest.mark.parametrize(
    ("word", "said"), [("并入", "已并入"), ("仍要新建", "请核对"), ("新建", "请核对"), ("merge", "已并入")]
)
async def test_words_do_what_the_buttons_do(again, zhou, word, said):
    await zhou.sends(word)
    zhou.sees(said)


async def test_other_words_are_answered_and_nothing_is_lost(again, county, zhou):
    await zhou.sends("这个我不确定")
    zhou.sees("请点下面的按钮，或发送「并入」「仍要新建」「修改」「取消」。")
    await zhou.sends("提交")
    zhou.sees("提交前请先看一看：这条可能已经有人上报。\n")
    await zhou.sends(photos.jpeg(photos.scene(seed=11)), "离罐区只有两米")
    shown = zhou.sees("已收2张照片。")
    assert f"您写的是：{AGAIN}\n离罐区只有两米" in shown.text
    await zhou.taps("并入该隐患")
    notes = await county.store.read(lambda s: s.scalars(select(HazardEvent.note)).all())
    assert notes[-1] == f"{AGAIN}\n离罐区只有两米"


async def test_what_was_seen_is_not_asked_again_until_it_changes_to_something_else(again, lin, county, zhou):
    await report_fast(lin, "铜山村 路面塌陷有坑")
    await zhou.taps("仍要新建")
    await zhou.sends(photos.jpeg(photos.scene(seed=11)))
    zhou.sees("隐患上报，请核对")
    await zhou.taps("修改")
    await zhou.taps("地点")
    await zhou.taps("茂林镇…")
    await zhou.taps("铜山村")
    zhou.sees("隐患上报，请核对")
    await zhou.taps("修改")
    await zhou.taps("问题")
    await zhou.sends("村道路面塌陷一个坑")
    zhou.sees("疑似重复 YH20261123-0002")


async def test_change_that_removes_the_doubt_leads_to_the_summary(again, zhou):
    await zhou.taps("修改")
    assert "疑似重复" not in zhou.labels
    await zhou.taps("问题")
    await zhou.sends("靠山加油站 灭火器过期")
    zhou.sees("隐患上报，请核对")


async def test_several_are_looked_through(again, lin, county, zhou):
    await report_fast(lin, "靠山加油站 配电箱没有门")
    await zhou.taps("取消")
    await zhou.sends(OTHER_SHOT, AGAIN)
    zhou.sees("疑似重复 YH20261123-0001")
    await zhou.taps("看下一个（2/2）")
    zhou.sees("疑似重复 YH20261123-0002")
    await zhou.sends("下一个")
    await zhou.sends("下一个")
    await zhou.taps("并入该隐患")
    zhou.sees("已并入YH20261123-0002")
    assert (await actions(county, 2))[-1] == "supplement"


async def test_case_closed_meanwhile_is_said_and_the_draft_stays(again, county, zhou):
    await county.store.write(lambda session: session.execute(update(Hazard).values(state=State.CLOSED)))
    await zhou.taps("并入该隐患")
    zhou.sees("现在是「已销号」")
    status = await county.store.read(lambda s: s.scalars(select(Draft.status).order_by(Draft.id)).all())
    assert status[-1] == "open"
    await zhou.sends("提交")
    sees_registered(zhou, "YH20261123-0002")


async def test_same_photo_of_a_closed_case_is_shown_and_cannot_be_joined(lin, county, zhou):
    await report_fast(lin)
    await county.store.write(lambda session: session.execute(update(Hazard).values(state=State.CLOSED)))
    county.platform.screens.clear()
    await zhou.sends(photos.jpeg(photos.scene((640, 480))), "茂林镇铜山村 路灯不亮")
    shown = zhou.sees("疑似重复 YH20261123-0001 已销号")
    assert "这张照片与YH20261123-0001的照片几乎相同。" in shown.text
    assert "这条隐患已经办结，不能并入。" in shown.text
    assert zhou.labels == ["仍要新建", "修改", "取消"]
    await zhou.sends("并入")
    zhou.sees("请点下面的按钮")
    await zhou.taps("仍要新建")
    await zhou.taps("提交")
    assert (await actions(county, 2))[:2] == ["report", "same-photo"]


async def test_whoever_may_not_see_the_other_case_is_not_asked(lin, chen, county):
    await report_fast(lin, "铜山村 路面塌陷有坑")
    await chen.sends(photos.jpeg(), "奎峰村 路面塌陷有坑")
    chen.sees("隐患上报，请核对")
    chen.sees_nothing_of("重复")
    chen.sees_nothing_of("YH")


@pytest.mark.parametrize("way", [report_fast, report_guided, report_by_name])
async def test_without_a_like_case_there_is_not_one_more_tap(lin, way):
    await way(lin)
    sees_registered(lin, "YH20261123-0001")
    lin.sees_nothing_of("重复")


async def test_two_report_the_same_at_the_same_moment_and_the_second_is_asked(county, lin, zhou):
    await asyncio.gather(lin.sends(photos.jpeg(), CAPTION), zhou.sends(OTHER_SHOT, AGAIN))
    data = {phone: dict(phone.screen[-1].buttons)["提交"] for phone in (lin, zhou)}
    await county.happens(*(phone.press(button, phone.screen[-1].id) for phone, button in data.items()))
    assert len(await hazards(county)) == 1
    sees_registered(lin, "YH20261123-0001")
    zhou.sees("提交前请先看一看：这条可能已经有人上报。\n")
    await zhou.taps("并入该隐患")
    zhou.sees("已并入YH20261123-0001")


@pytest.mark.parametrize("action", ["pick.original.j1", "pick.original.new", "edit.original", "pick.original.v9"])
async def test_old_and_forged_buttons_change_nothing(lin, chen, county, action):
    await report_fast(lin)
    await chen.sends(photos.jpeg(), "奎峰村 路面塌陷")
    await chen.presses(f"draft:2:{action}")
    chen.sees_nothing_of("YH")
    assert await actions(county) == ["report", "dispatch"]


async def test_doubt_comes_up_anew_when_the_draft_is_taken_up_again(again, county, zhou):
    await zhou.sends("/report")
    await county.store.write(lambda session: session.execute(update(Hazard).values(state=State.CLOSED)))
    await zhou.taps("继续填写")
    zhou.sees("隐患上报，请核对")


async def test_case_that_went_out_of_sight_is_neither_shown_nor_joined(lin, county, zheng):
    await report_fast(lin)
    await zheng.sends(OTHER_SHOT, AGAIN)
    role = factories.Assignment.person_id == county.ids["zheng"]
    await county.store.write(
        lambda s: s.execute(update(factories.Assignment).where(role).values(grid_code=factories.NEXT_VILLAGE))
    )
    zheng.clears()
    await zheng.presses("draft:2:pick.original.j1")
    zheng.sees("没有找到")
    await zheng.presses("draft:2:resume")
    zheng.sees_nothing_of("YH")
    assert await actions(county) == ["report", "dispatch"]
