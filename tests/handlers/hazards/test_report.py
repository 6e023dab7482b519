"""Reporting a hazard: the fast way, the guided way, and everything that goes otherwise on the way."""

import pytest
from sqlalchemy import select, update

from models.content import Place
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.hazards.tables import Hazard
from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION, STATION, TARGETS, WAYS, report_fast, report_guided, sees_registered


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())


@pytest.mark.parametrize("way", WAYS)
async def test_report_takes_few_actions(lin, wu, way):
    actions = await WAYS[way](lin)
    assert actions <= TARGETS.get(way, TARGETS["guided"])
    lin.sees("YH20261123-0001 待接收")
    wu.sees("隐患整改通知")


@pytest.mark.parametrize(("way", "actions"), [(report_fast, 2), (report_guided, 6)])
async def test_fast_way_takes_two_and_guided_six(lin, way, actions):
    assert await way(lin) == actions


async def test_summary_shows_guesses_deadline_and_who_is_responsible(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    lin.sees(
        "隐患上报，请核对\n照片：1张\n地点：茂林镇·铜山村 靠山加油站「推测」\n"
        "问题：靠山加油站 卸油口静电接地线脱落 重大\n类别：用电安全「推测」\n等级：重大隐患「推测」\n"
        "整改期限：30天「推测」\n整改责任人：吴志强"
    )
    assert lin.labels == ["提交", "修改", "取消", "改为危险化学品", "改为一般隐患", "改为90天"]


async def test_acknowledgement_names_number_people_and_deadline(lin):
    await report_fast(lin)
    card = sees_registered(lin, "YH20261123-0001")
    assert "\n已登记。\n已通知：吴志强（整改责任人）、孙立新、周敏。" in card.text
    assert card.text.count("YH20261123-0001") == 1
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
    assert notice.buttons[0][0] == "确认收到"
    assert len(notice.photos) == 1
    await wu.taps("确认收到")
    wu.sees("YH20261123-0001 整改中")
    assert "确认收到" not in wu.labels
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
    await lin.sends("老樟树下")
    lin.sees("您的网格里没有登记「老樟树下」。")
    await lin.taps("铜山村")
    lin.sees("地点：茂林镇·铜山村（老樟树下）\n有什么问题？")
    await lin.sends("树枝压住电线")
    await lin.taps("提交")
    (hazard,) = await hazards(county)
    assert (hazard.place, hazard.grid_code, hazard.category) == ("老樟树下", factories.VILLAGE, "electricity")


async def test_place_elsewhere_is_no_place(county, lin):
    await add(county, "奎峰超市", grid_code=factories.NEXT_VILLAGE)
    await lin.sends(photos.jpeg())
    await lin.presses("draft:1:pick.place.e2")
    lin.sees("这个选项已经失效")
    await lin.sends("奎峰超市")
    lin.sees("您的网格里没有登记「奎峰超市」。")
    lin.sees("在哪里？")
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
