"""Chatter opens nothing and loses nothing; words that state a hazard are offered to be reported."""

import pytest
from sqlalchemy import func, select

from models.drafts import Draft
from models.hazards.tables import Hazard
from tests import photos
from tests.handlers.hazards.ways import report_fast


async def open_drafts(county):
    count = select(func.count()).select_from(Draft).where(Draft.status == "open")
    return await county.store.read(lambda session: session.scalar(count))


@pytest.mark.parametrize(
    "caption", ["收到", "辛苦了👍", "上次那个插座已整改好了", "今天开会的照片", "请问消防栓没水这种算哪一类"]
)
async def test_photo_with_chatter_opens_nothing(county, lin, caption):
    await lin.sends(photos.jpeg(), caption)
    lin.sees("没有登记隐患。1张照片先留着，要用它上报，请点「上报隐患」。")
    assert await open_drafts(county) == 0


async def test_photo_with_chatter_is_reported_with_one_tap(county, lin):
    await lin.sends(photos.jpeg(), "靠山加油站已整改好了")
    await lin.taps("上报隐患")
    lin.sees("照片：1张\n地点：茂林镇·铜山村 靠山加油站「推测」\n问题：靠山加油站已整改好了\n")
    await lin.taps("提交")
    assert await county.store.read(lambda session: session.scalar(select(func.count(Hazard.id)))) == 1


async def test_what_was_set_aside_is_taken_up_once(county, lin, chen):
    await lin.sends(photos.jpeg(), "收到")
    data = next(data for label, data in lin.screen[-1].buttons if label == "上报隐患")
    await chen.presses(data)
    chen.sees("没有找到")
    await lin.presses(data)
    await lin.taps("取消")
    await lin.presses(data)
    lin.sees("没有找到")


async def test_open_draft_is_not_dropped_for_what_was_set_aside(county, lin):
    await lin.sends(photos.jpeg(), "收到")
    data = next(data for label, data in lin.screen[-1].buttons if label == "上报隐患")
    await lin.sends("/report")
    await lin.presses(data)
    lin.sees("请发现场照片")
    assert await open_drafts(county) == 1


# What words take for a hazard, and like sentences for news.
@pytest.mark.parametrize("caption", ["月明星稀", "锅炉房今天停火"])
async def test_photo_of_which_it_is_open_what_it_says_is_asked_about(county, lin, caption):
    await lin.sends(photos.jpeg(), caption)
    lin.sees("没有看出这里有什么隐患，先没有登记。1张照片先留着，要用它上报，请点「上报隐患」。")
    assert await open_drafts(county) == 0


MAJOR = "靠山加油站灭火器过期，已经3天了还没换，明天内整改，重大隐患"


async def test_major_hazard_with_news_beside_it_opens_the_draft(county, lin):
    await lin.sends(photos.jpeg(), MAJOR)
    lin.sees("类别：消防设施「推测」\n等级：重大隐患「推测」")


async def test_the_same_words_without_a_photo_are_offered_to_be_reported(county, lin):
    await lin.sends(MAJOR)
    lin.sees("要上报吗？")
    await lin.sends("靠山加油站灭火器过期，已经3天了还没换，老板说下周换")
    assert lin.labels == ["上报隐患", "查台账"] * 2


async def test_words_that_state_a_hazard_are_offered_with_everything(county, lin):
    await lin.sends("靠山加油站 卸油口静电接地线脱落 重大")
    lin.sees("要上报吗？")
    assert lin.labels == ["上报隐患", "查台账"]
    await lin.taps("上报隐患")
    await lin.taps("跳过")
    lin.sees("地点：茂林镇·铜山村 靠山加油站「推测」\n问题：靠山加油站 卸油口静电接地线脱落 重大\n")
    lin.sees("类别：用电安全「推测」\n等级：重大隐患「推测」")


async def test_offered_words_may_be_searched_instead(county, lin):
    await report_fast(lin, "靠山加油站 灭火器过期")
    lin.clears()
    await lin.sends("靠山加油站 灭火器过期")
    await lin.taps("查台账")
    lin.sees("隐患台账：1条")


@pytest.mark.parametrize(
    "query", ["靠山", "靠山加油站", "铜山村 重大 逾期", "铜山村 消防通道 未整改", "本月 加油站 待整改", "已整改"]
)
async def test_ledger_queries_stay_queries(county, lin, query):
    await report_fast(lin)
    lin.clears()
    await lin.sends(query)
    lin.sees("隐患台账")


async def test_chatter_without_photo_gets_one_helpful_sentence(lin):
    await lin.sends("辛苦了")
    lin.sees("要上报隐患，请发现场照片并写明地点和问题")
    assert "上报隐患" in lin.labels


async def test_neighbours_place_is_not_offered(lin, chen):
    await chen.sends("靠山加油站 灭火器过期")
    chen.sees_nothing_of("要上报吗")
    chen.sees_nothing_of("铜山村")


async def test_english_caption_opens_the_draft(county, lin):
    await lin.sends(photos.jpeg(), "Fire extinguisher expired, major hazard")
    await lin.taps("铜山村")
    lin.sees("问题：Fire extinguisher expired, major hazard\n类别：消防设施「推测」\n等级：重大隐患「推测」")


async def test_english_caption_of_an_unknown_kind_asks_for_it(county, lin):
    await lin.sends(photos.jpeg(), "靠山加油站: something smells strange here")
    lin.sees("类别：没有认出，暂按「其他」，请点下面选一个")
    await lin.taps("类别：消防设施")
    await lin.taps("提交")
    lin.sees("已登记")
