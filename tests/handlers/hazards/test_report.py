"""Reporting a hazard: the fast way, the guided way, and everything that goes otherwise on the way."""

import asyncio

import pytest
from sqlalchemy import select, update

from handlers import build_registry
from models.content import Attachment, Place
from models.drafts import Draft
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.hazards.tables import Hazard
from models.people.tables import Role
from scheduler.housekeeping import expire_drafts
from scheduler.jobs import Services
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION, STATION, TARGETS, WAYS, report_fast, report_guided


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())


@pytest.mark.parametrize("way", WAYS)
async def test_report_takes_few_actions(lin, wu, way):
    actions = await WAYS[way](lin)
    assert actions <= TARGETS.get(way, TARGETS["guided"])
    lin.sees("YH20261123-0001 待接收")
    wu.sees("隐患整改通知")


async def test_fast_way_takes_two_and_guided_six(lin):
    assert await report_fast(lin) == 2
    assert await report_guided(lin) == 6


async def test_summary_shows_guesses_deadline_and_who_is_responsible(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    lin.sees(
        "隐患上报，请核对\n照片：1张\n地点：茂林镇·铜山村 靠山加油站「推测」\n"
        "问题：靠山加油站 卸油口静电接地线脱落 重大\n类别：用电安全「推测」\n等级：重大隐患「推测」\n"
        "整改期限：30天「推测」\n整改责任人：吴志强"
    )
    assert lin.labels == ["提交", "修改", "取消"]


async def test_acknowledgement_names_number_people_and_deadline(lin):
    await report_fast(lin)
    card = lin.sees("已登记，编号YH20261123-0001。\n已通知：吴志强（整改责任人）、孙立新、周敏。")
    assert "整改期限：2026年12月23日 09:00" in card.text
    assert len(card.photos) == 1
    assert len(lin.screen) == 1


async def test_whoever_has_not_joined_is_named(county, lin):
    await county.store.write(lambda session: unbind(session, county.ids["wu"]))
    await report_fast(lin)
    lin.sees("已通知：孙立新、周敏。\n吴志强还没有加入，收不到消息，请电话告知。")


def unbind(session, person_id):
    session.query(factories.Account).filter_by(person_id=person_id).delete()


async def test_notice_comes_with_photo_and_a_button_and_the_press_is_told(lin, wu, sun, zhou):
    await report_fast(lin)
    notice = wu.sees("隐患整改通知")
    assert notice.text.startswith("YH20261123-0001 待接收 · 剩30天")
    assert [label for label, _data in notice.buttons] == ["确认收到"]
    assert len(notice.photos) == 1
    await wu.taps("确认收到")
    wu.sees("YH20261123-0001 整改中")
    assert wu.labels == []
    lin.sees("吴志强已确认收到您上报的隐患，开始整改。")
    sun.sees("吴志强已确认收到整改通知，开始整改。")
    assert [message.edited for message in zhou.screen] == [True]
    zhou.sees("整改中")


async def test_neighbour_and_stranger_see_nothing(lin, chen, he):
    await report_fast(lin)
    for phone in (chen, he):
        await phone.sends("YH20261123-0001")
        await phone.presses("hazard:1:show")
        await phone.presses("hazard:1:accept")
        phone.sees_nothing_of("靠山")
        phone.sees_nothing_of("待接收")


# -- the place ---------------------------------------------------------------------------------------------


async def add(county, name, number=1, **columns):
    def unit(session):
        ident = factories.add_enterprise(session, name, code=f"91341823000000{number:04}", now=county.clock())
        for column, value in columns.items():
            setattr(session.get_one(Enterprise, ident), column, value)

    await county.store.write(unit)


async def test_photo_alone_asks_for_the_place_and_one_sentence_is_enough(lin):
    await lin.sends(photos.jpeg())
    lin.sees("已收1张照片。\n照片：1张\n在哪里？")
    await lin.sends("靠山加油站 卸油口静电接地线脱落")
    await lin.taps("提交")
    lin.sees("YH20261123-0001 待接收")


async def test_two_that_fit_are_asked_about(county, lin):
    await add(county, "靠山超市")
    await lin.sends(photos.jpeg(), "靠山 消防通道堵塞")
    assert {"靠山加油站", "靠山超市"} <= set(lin.labels)
    await lin.taps("靠山超市")
    lin.sees("地点：茂林镇·铜山村 靠山超市\n")


async def test_location_offers_the_nearest_with_metres(county, lin):
    await add(county, "铜山木业", lat=30.5315, lon=118.2101)
    await county.store.write(lambda session: session.execute(update(Grid).values(lat=30.53, lon=118.21)))
    await lin.sends("/report")
    await lin.sends(photos.jpeg())
    await lin.sends(STATION)
    assert lin.labels[:3] == ["靠山加油站 15米", "铜山木业 156米", "茂林镇·铜山村（公共区域）"]


async def test_location_far_from_everything_leaves_the_village(county, lin):
    await county.store.write(lambda session: session.execute(update(Grid).values(lat=30.53, lon=118.21)))
    await lin.sends(photos.jpeg(), "路面塌陷", Place(30.54, 118.22))
    await lin.taps("提交")
    (hazard,) = await hazards(county)
    assert (hazard.grid_code, hazard.lat, hazard.lon) == (factories.VILLAGE, 30.54, 118.22)


async def test_location_in_the_next_village_is_said(county, lin):
    def unit(session):
        session.execute(update(Grid).where(Grid.code == factories.VILLAGE).values(lat=30.50, lon=118.20))
        session.execute(update(Grid).where(Grid.code == factories.NEXT_VILLAGE).values(lat=30.60, lon=118.30))

    await county.store.write(unit)
    await lin.sends("/report")
    await lin.taps("跳过")
    await lin.sends(Place(30.60, 118.30))
    lin.sees("这个定位好像在茂林镇·奎峰村，不在您负责的范围内，请确认地点。")


async def test_location_alone_offers_to_report_there(lin):
    await lin.sends(STATION)
    lin.sees("要在这里上报隐患吗？")
    await lin.taps("上报隐患")
    await lin.sends(photos.jpeg())
    await lin.taps("靠山加油站 15米")
    lin.sees("有什么问题？")


async def test_place_in_own_words_is_kept_with_the_village(county, lin):
    await lin.sends(photos.jpeg())
    await lin.sends("村口老樟树下")
    lin.sees("地点：茂林镇·铜山村（村口老樟树下）\n有什么问题？")
    await lin.sends("树枝压住电线")
    await lin.taps("提交")
    (hazard,) = await hazards(county)
    assert (hazard.place, hazard.grid_code, hazard.category) == ("村口老樟树下", factories.VILLAGE, "electricity")


async def test_place_elsewhere_is_no_place(county, lin):
    await add(county, "奎峰超市", grid_code=factories.NEXT_VILLAGE)
    await lin.sends(photos.jpeg())
    await lin.presses("draft:1:pick.place.e2")
    lin.sees("这个选项已经失效")
    await lin.sends("奎峰超市")
    lin.sees("没有叫“奎峰超市”的单位，已记为茂林镇·铜山村的公共区域。")
    lin.sees_nothing_of("奎峰村")


async def test_grid_head_goes_down_from_town_to_village(county, sun):
    await sun.sends("/report")
    await sun.taps("跳过")
    await sun.taps("铜山村")
    await sun.sends("路面塌陷")
    await sun.taps("提交")
    assert [hazard.grid_code for hazard in await hazards(county)] == [factories.VILLAGE]


async def test_supervisor_opens_town_after_town(county, zhou):
    await zhou.sends("/report")
    await zhou.taps("跳过")
    await zhou.taps("茂林镇…")
    assert {"铜山村", "奎峰村", "就在茂林镇，不细分"} <= set(zhou.labels)
    await zhou.taps("就在茂林镇，不细分")
    await zhou.sends("路面塌陷")
    await zhou.taps("提交")
    assert [hazard.grid_code for hazard in await hazards(county)] == [factories.TOWN]


async def test_manager_is_not_asked_for_the_place(county, wu, lin):
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    wu.sees("地点：茂林镇·铜山村 靠山加油站\n")
    await wu.taps("提交")
    wu.sees("YH20261123-0001 整改中")
    lin.sees("吴志强自查上报了本单位的隐患，正在整改。")


async def test_manager_without_enterprise_is_told_so(county, wu):
    await county.store.write(lambda session: session.query(factories.EnterprisePerson).delete())
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    wu.sees("您名下还没有登记企业，暂时不能上报。")


# -- photos ------------------------------------------------------------------------------------------------


async def test_album_counts_as_one_answer(county, lin):
    shots = [photos.jpeg(photos.scene(seed=n)) for n in range(3)]
    events = [lin.message(shot, CAPTION if n == 0 else "", group="album") for n, shot in enumerate(shots)]
    await county.happens(*events)
    lin.sees("照片：3张")
    await lin.taps("提交")
    assert len(lin.sees("已登记").photos) == 3


async def test_late_photo_and_late_location_join_the_draft(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)))
    lin.sees("已收2张照片。\n照片：2张")
    await lin.sends(STATION)
    lin.sees("已收到定位。")
    await lin.taps("提交")
    (hazard,) = await hazards(county)
    assert (hazard.lat, hazard.lon) == (STATION.lat, STATION.lon)


async def test_late_caption_adds_to_what_was_written(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)), "灭火器也过期了")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [f"{CAPTION}\n灭火器也过期了"]


async def test_tenth_photo_is_said_to_be_one_too_many(county, lin):
    shots = [photos.jpeg(photos.scene(seed=n)) for n in range(11)]
    await county.happens(*(lin.message(shot, group="album") for shot in shots))
    lin.sees("最多9张照片，多出的2张没有保留。\n照片：9张")


async def test_missing_photo_is_named_and_the_others_are_kept(county, lin):
    good, bad = photos.jpeg(), Attachment("photo", "gone")
    event = lin.message(good, CAPTION)
    await county.happens(event.__class__(**{**as_fields(event), "attachments": (event.attachments[0], bad)}))
    lin.sees("第2张照片没有收到，请再发一次；已收1张。\n照片：1张")


def as_fields(event):
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


async def test_broken_photo_alone_keeps_the_caption(county, lin):
    await lin.sends(b"not a photo at all", CAPTION)
    lin.sees("这不是能识别的照片")
    lin.sees("请发现场照片")
    await lin.sends(photos.jpeg())
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [CAPTION]


async def test_file_and_words_instead_of_a_photo_are_answered(lin):
    await lin.sends("/report")
    await lin.sends(("清单.pdf", b"%PDF-1.7"))
    lin.sees("这个文件不是照片")
    await lin.sends("没有照片")
    lin.sees("请发现场照片；没有照片可以点“跳过”。")


async def test_time_of_the_camera_is_when_it_was_found(county, lin):
    await lin.sends(photos.jpeg(exif=photos.exif(taken="2026:11:22 16:30:00")), CAPTION)
    await lin.taps("提交")
    lin.sees("发现人：林晓梅（网格巡查），2026年11月22日 16:30")


# -- words, limits, changes of mind ------------------------------------------------------------------------


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


async def test_draft_left_alone_for_a_day_is_closed_with_a_notice(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    data = lin.screen[-1].buttons[0][1]
    services = Services(county.store, county.media, county.rules, county.clock, lambda _actor: None)
    county.clock.advance(hours=24, minutes=1)
    await expire_drafts(services)
    await county.settle()
    lin.sees("您有一份草稿超过24小时没有提交")
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
    lin.sees("还差一项：「地点」。")
    lin.sees_nothing_of("铜山村")
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
    xu.sees("YH20261123-0001 待核实")
    xu.sees("已请林晓梅、孙立新、周敏核实。")
    wu.sees_nothing_of("路面塌陷")
    await lin.taps("核实属实")
    lin.sees("YH20261123-0001 待接收")
    xu.sees("林晓梅已核实您上报的隐患，情况属实。")


async def test_everybody_can_report_at_once(county, lin, chen, zhou, wu):
    people = (lin, chen, zhou, wu)
    captions = ["靠山加油站 灭火器过期", "奎峰村 路面塌陷", "靠山加油站 接地线脱落", "接地线脱落"]
    await asyncio.gather(*(p.sends(photos.jpeg(), c) for p, c in zip(people, captions, strict=True)))
    await asyncio.gather(*(phone.taps("提交") for phone in people))
    numbers = [hazard.number for hazard in await hazards(county)]
    assert sorted(numbers) == [f"YH20261123-{n:04}" for n in range(1, 5)]
