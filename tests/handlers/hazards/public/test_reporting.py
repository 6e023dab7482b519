"""随手拍: 何, a stranger, reports with a photo and a place; what does not fit is asked for again."""

import pytest
from sqlalchemy import func, select

from handlers import build_registry
from models.content import Place
from models.hazards.tables import Source, State
from models.media import Media
from tests import factories, photos
from tests.handlers.hazards.public.story import CAPTION, NUMBER, everything_sent_to, hazards, learned_nothing, reports


async def test_photo_with_caption_takes_two_actions(county, he, lin, sun, wu):
    await reports(he)
    assert he.actions == 2
    he.sees(f"已收到，编号 {NUMBER}")
    [hazard] = await hazards(county)
    assert (hazard.source, hazard.state, hazard.grid_code) == (Source.TIP, State.REPORTED, factories.VILLAGE)
    assert "剩2小时" in lin.sees("收到一条待核实的隐患线索，请核实。").text
    sun.sees("收到一条待核实的隐患线索，请核实。")
    assert wu.screen == []
    learned_nothing(he, "靠山加油站")


async def test_summary_shows_only_what_was_said(he):
    await he.sends(photos.jpeg(), CAPTION)
    assert he.sees("请核对").text.splitlines() == [
        "随手拍，请核对",
        "照片：1张",
        "地点：茂林镇·铜山村「推测」",
        f"问题：{CAPTION}",
        "提交后由网格员到现场核实，结果会发到这里。",
    ]
    assert he.labels == ["提交", "修改", "取消"]


async def test_button_leads_through_three_questions(county, he):
    await he.sends("你好")
    await he.taps("随手拍")
    he.sees("请发现场照片")
    await he.sends(photos.jpeg())
    he.sees("在哪里？")
    assert county.platform.asks["he"] == "place"
    await he.sends(Place(30.531, 118.211))
    he.sees("有什么问题？")
    await he.sends("桥栏杆断了一截")
    await he.taps("提交")
    [hazard] = await hazards(county)
    assert (hazard.grid_code, hazard.lat, hazard.description) == (factories.VILLAGE, 30.531, "桥栏杆断了一截")
    learned_nothing(he, "靠山加油站")


async def test_place_is_chosen_by_town_and_village(county, he):
    await he.sends(photos.jpeg(), "路灯杆歪了快要倒")
    await he.taps("茂林镇…")
    await he.taps("奎峰村")
    await he.taps("提交")
    assert [hazard.grid_code for hazard in await hazards(county)] == [factories.NEXT_VILLAGE]


async def test_location_alone_begins_a_report(he):
    await he.sends(Place(30.53, 118.21))
    he.sees("地点：茂林镇·铜山村「推测」")
    he.sees("请发现场照片")


async def test_words_that_state_a_hazard_begin_a_report_and_are_kept(he):
    await he.sends(CAPTION)
    assert CAPTION in he.sees("请发现场照片").text


@pytest.mark.parametrize("caption", ["加油站卸油口静电接地线脱落", "靠山油站静电线断了", "吴志强的加油站静电线断了"])
async def test_enterprise_that_was_not_named_in_full_is_not_told(he, caption):
    await he.sends(photos.jpeg(), caption)
    learned_nothing(he, "靠山加油站") if "吴志强" not in caption else None
    assert not any("靠山加油站" in text for text in everything_sent_to(he))
    assert "铜山村" not in he.describe()


async def test_enterprise_named_in_full_is_linked_and_hears_nothing_before_it_is_verified(county, he, lin, wu):
    await reports(he, "靠山加油站卸油口静电接地线脱落")
    [hazard] = await hazards(county)
    assert hazard.enterprise_id == county.ids["station"]
    assert wu.screen == []
    await lin.taps("核实属实")
    wu.sees("隐患整改通知")
    wu.sees_nothing_of("群众 ")
    learned_nothing(he)


async def test_enterprise_far_from_where_the_stranger_stands_is_not_linked(county, he):
    await he.sends(photos.jpeg(), "靠山加油站卸油口静电接地线脱落", Place(30.60, 118.21))
    await he.taps("提交")
    assert [hazard.enterprise_id for hazard in await hazards(county)] == [None]


# -- bad input -----------------------------------------------------------------------------------------------


async def test_place_outside_of_the_county_is_refused_with_one_sentence(he):
    await he.sends(photos.jpeg())
    await he.sends(Place(39.9, 116.4))
    he.sees("这个位置好像不在本县")
    he.sees("在哪里？")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ((("说明.txt", b"words"),), "请直接发照片，不要当作文件发送。"),
        (("没有",), "请发现场照片，最多3张。"),
        ((b"no photo at all",), "照片"),
    ],
)
async def test_what_is_no_photo_is_asked_for_again(he, sent, said):
    await he.sends("随手拍")
    he.clears()
    await he.sends(*sent)
    assert said in he.screen[-1].text
    await he.sends(photos.jpeg())
    he.sees("在哪里？")


async def test_too_many_words_and_photos_are_refused_with_a_number(county, he):
    parts = [photos.jpeg(photos.scene(seed=seed)) for seed in range(5)]
    await he.sends(*parts, "铜山村" + "线" * 300)
    he.sees("最多200个字，现在是303个字")
    await he.sends("铜山村村口电线杆歪了")
    await he.taps("提交")
    photos_kept = await county.store.read(lambda session: session.scalar(select(func.count()).select_from(Media)))
    assert photos_kept == 3


async def test_draft_goes_back_and_can_be_cancelled_and_outlives_a_restart(county, he):
    await he.sends("随手拍")
    await he.sends(photos.jpeg())
    await he.sends("上一步")
    he.sees("请发现场照片")
    county.registry = build_registry()
    await he.sends(photos.jpeg())
    await he.sends("取消")
    he.sees("已取消「随手拍」，没有提交任何内容。")
    assert await hazards(county) == []
