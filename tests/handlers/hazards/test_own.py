"""/hazards: the manager sees all of the own enterprise and what to do next; officers what they reported."""

import pytest
from sqlalchemy import update

from benchmarks.statements import counted
from models.access import load_actor
from models.hazards.flow import State
from models.hazards.own import OWN, list_own, overview
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardOwner, Source
from models.people.tables import Deputy
from tests import factories, photos
from tests.factories import VILLAGE
from tests.handlers.hazards.ways import report_fast, sees_registered


@pytest.fixture
def filed(county):
    """Register hazards of an enterprise as 林, and put each into a state; their ids."""

    async def file(*states, enterprise="station", by="lin", days=7):
        def unit(session):
            actor, ids = load_actor(session, county.ids[by], now=county.clock()), []
            for number, state in enumerate(states, start=1):
                spot = Spot(VILLAGE, "", enterprise_id=county.ids[enterprise])
                report = Report(spot, f"第{number}处静电接地线脱落", "electricity", "general", days)
                hazard = check_register(session, actor, report, rules=county.rules, now=county.clock()).hazard
                done = state in {State.CLOSED, State.DISMISSED}
                session.execute(
                    update(Hazard)
                    .where(Hazard.id == hazard.id)
                    .values(state=state, closed_at=county.clock() if done else None)
                )
                ids.append(hazard.id)
            return ids

        ids = await county.store.write(unit)
        await county.settle()
        return ids

    return file


@pytest.fixture
async def second_firm(county):
    """吴 answers for a second enterprise, 茂林饭店."""

    def unit(session):
        return factories.add_enterprise(
            session, "茂林饭店", code="91341823MA2N000001", managers=[county.ids["wu"]], now=county.clock()
        )

    county.ids["hotel"] = await county.store.write(unit)
    return county.ids["hotel"]


@pytest.mark.parametrize("word", ["/hazards", "我的隐患", "本单位隐患", "整改"])
async def test_manager_sees_what_stands_where_and_what_to_do_next(wu, filed, word):
    await filed(State.ASSIGNED, State.REVIEW)
    wu.clears()
    await wu.sends(word)
    card = wu.sees("本单位隐患：未办结2条")
    assert (
        "1. YH20261123-0001 待接收 · 剩7天\n第1处静电接地线脱落\n下一步：请您点「确认收到」（剩1天），然后整改。"
        in card.text
    )
    assert "2. YH20261123-0002 待复查" in card.text
    assert "下一步：林晓梅、孙立新、周敏复查" in card.text


async def test_row_opens_the_card(wu, filed):
    await filed(State.ASSIGNED)
    wu.clears()
    await wu.sends("/hazards")
    await wu.taps("1. 0001")
    assert "确认收到" in wu.labels
    assert wu.screen[-1].text.startswith("YH20261123-0001 待接收")


async def test_most_urgent_comes_first(wu, filed, county):
    await filed(State.RECTIFYING, days=15)
    await filed(State.RECTIFYING, days=3)
    await county.store.write(lambda session: session.execute(update(Hazard).values(state_due=None)))
    await wu.sends("/hazards")
    card = wu.sees("本单位隐患")
    assert card.text.index("-0002") < card.text.index("-0001")


async def test_closed_ones_stand_behind_a_button(wu, filed):
    await filed(State.CLOSED, State.ASSIGNED)
    wu.clears()
    await wu.sends("/hazards")
    assert "-0001" not in wu.screen[-1].text
    await wu.taps("已办结（1）")
    assert wu.sees("本单位隐患：已办结1条\n1. YH20261123-0001 已销号\n").edited
    wu.sees_nothing_of("下一步")
    await wu.taps("未办结（1）")
    wu.sees("本单位隐患：未办结1条")


async def test_eight_rows_a_page_with_the_count(wu, filed):
    await filed(*[State.RECTIFYING] * 9)
    wu.clears()
    await wu.sends("/hazards")
    assert wu.sees("未办结9条，第1/2页").text.count("下一步") == 8
    await wu.taps("下一页")
    assert wu.sees("未办结9条，第2/2页").text.count("下一步") == 1
    assert len(wu.screen) == 1
    await wu.taps("上一页")
    wu.sees("第1/2页")


async def test_several_enterprises_are_named_and_filtered(wu, filed, second_firm):
    await filed(State.ASSIGNED)
    await filed(State.ASSIGNED, State.ASSIGNED, enterprise="hotel")
    wu.clears()
    await wu.sends("/hazards")
    assert "茂林饭店：第1处" in wu.sees("未办结3条").text
    await wu.taps("茂林饭店（2）")
    card = wu.sees("茂林饭店：未办结2条")
    assert "茂林饭店：第1处" not in card.text
    await wu.taps("靠山加油站（1）")
    wu.sees("靠山加油站：未办结1条")
    await wu.taps("本单位隐患（3）")
    wu.sees("本单位隐患：未办结3条")


async def test_officer_sees_what_the_officer_reported(lin, chen, filed):
    await filed(State.ASSIGNED)
    await lin.sends("我上报的")
    card = lin.sees("我上报的隐患：未办结1条")
    assert "靠山加油站：第1处" in card.text
    assert "下一步：吴志强确认收到" in card.text
    assert "自查上报" not in lin.labels
    await chen.sends("我上报的")
    assert "-0001" not in chen.sees("没有未办结的隐患。").text


async def test_manager_has_both_lists(wu, filed):
    await filed(State.ASSIGNED)
    await filed(State.RECTIFYING, by="wu")
    wu.clears()
    await wu.sends("/hazards")
    await wu.taps("我上报的隐患（1）")
    assert "-0001" not in wu.sees("我上报的隐患：未办结1条").text


async def test_grid_head_sees_the_public_place_that_is_the_grid_heads_to_rectify(county, lin, sun):
    await lin.sends(photos.jpeg(), "铜山村 路面塌陷")
    await lin.taps("提交")
    sun.clears()
    await sun.sends("/hazards")
    assert "请您点「确认收到」" in sun.sees("由我整改的隐患：未办结1条").text


async def test_deputy_sees_what_the_absent_must_put_right(county, chen, filed):
    await filed(State.ASSIGNED)
    today = county.clock().date()
    row = {"person_id": county.ids["wu"], "deputy_id": county.ids["chen"], "starts_on": today, "ends_on": today}
    await county.store.write(lambda session: session.add(Deputy(**row)))
    await chen.sends("/hazards")
    assert "请您点「确认收到」" in chen.sees("-0001").text


async def test_tip_is_not_shown_to_the_enterprise_before_it_is_verified(county, wu, filed):
    await filed(State.REPORTED, State.DISMISSED)
    await county.store.write(lambda session: session.query(HazardOwner).delete())
    wu.clears()
    await wu.sends("/hazards")
    wu.sees("没有未办结的隐患。")
    assert not [label for label in wu.labels if label.startswith("已办结")]


@pytest.mark.parametrize(
    "data",
    [
        "hazards:own:closed", "hazards:own:open.x", "hazards:e999:open.0", "hazards:e:open.0", "hazards::open.0",
        "hazards:e1 OR 1=1:open.0", "hazards:reported:report", "hazards:e999:report", "hazards:own:open.9999999",
    ],
)  # fmt: skip
async def test_forged_buttons_sound_like_unknown_ones(wu, filed, data):
    await filed(State.ASSIGNED)
    wu.clears()
    await wu.presses(data)
    assert wu.screen[-1].text.startswith("没有找到")


async def test_enterprise_of_another_manager_stays_closed(county, wu, filed, second_firm):
    await filed(State.ASSIGNED, enterprise="hotel")

    def unit(session):
        session.query(factories.EnterprisePerson).filter_by(enterprise_id=second_firm).delete()

    await county.store.write(unit)
    wu.clears()
    for action in ("open.0", "report"):
        await wu.presses(f"hazards:e{second_firm}:{action}")
        assert wu.screen[-1].text.startswith("没有找到")


async def test_page_takes_few_statements_however_many_rows(county, filed):
    await filed(*[State.RECTIFYING] * 8)
    await filed(*[State.REVIEW] * 2)

    def unit(session):
        actor = load_actor(session, county.ids["wu"], now=county.clock())
        with counted() as statements:
            overview(session, actor)
            list_own(session, actor, OWN, is_closed=False, page=0, rules=county.rules, now=county.clock())
        return len(statements)

    assert await county.store.read(unit) <= 10


# -- 自查上报 ------------------------------------------------------------------------------------------------


async def hazards(county):
    return await county.store.read(lambda session: session.query(Hazard).order_by(Hazard.id).all())


async def test_photo_with_caption_of_a_manager_is_a_self_check(county, wu, lin):
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    await wu.taps("提交")
    [hazard] = await hazards(county)
    assert (hazard.source, hazard.state, hazard.enterprise_id) == (
        Source.SELF_CHECK, State.RECTIFYING, county.ids["station"],
    )  # fmt: skip
    card = sees_registered(wu, "YH20261123-0001")
    assert "下一步：请您整改" in card.text
    assert "企业自查" in card.text
    lin.sees("吴志强自查上报了本单位的隐患，正在整改。")
    wu.sees_nothing_of("隐患整改通知")


async def test_self_check_button_knows_the_enterprise(county, wu):
    await wu.sends("/hazards")
    await wu.taps("自查上报")
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    assert "地点：茂林镇·铜山村 靠山加油站\n" in wu.screen[-1].text
    await wu.taps("提交")
    [hazard] = await hazards(county)
    assert (hazard.source, hazard.enterprise_id) == (Source.SELF_CHECK, county.ids["station"])


async def test_self_check_of_several_enterprises_asks_which(county, wu, second_firm):
    await wu.sends("/hazards")
    await wu.taps("自查上报")
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    assert {"靠山加油站", "茂林饭店"} <= set(wu.labels)
    await wu.taps("茂林饭店")
    await wu.taps("提交")
    assert [hazard.enterprise_id for hazard in await hazards(county)] == [second_firm]


async def test_self_check_from_a_filtered_list_asks_nothing(county, wu, filed, second_firm):
    await filed(State.CLOSED, enterprise="hotel")
    wu.clears()
    await wu.presses(f"hazards:e{second_firm}:report")
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    await wu.taps("提交")
    assert [hazard.enterprise_id for hazard in await hazards(county)] == [second_firm] * 2


async def test_manager_who_is_an_officer_too_reports_the_own_enterprise(county, wu):
    await county.store.write(
        lambda session: factories.add_role(session, county.ids["wu"], factories.Role.OFFICER, VILLAGE)
    )
    await wu.sends("/hazards")
    await wu.taps("自查上报")
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    await wu.taps("提交")
    assert [hazard.source for hazard in await hazards(county)] == [Source.SELF_CHECK]


async def test_open_draft_is_asked_about_first(wu):
    await wu.sends(photos.jpeg())
    await wu.sends("/hazards")
    await wu.taps("自查上报")
    wu.sees("您有一份「隐患上报」还没有提交")
    await wu.taps("放弃并开始新的")
    wu.sees("请发现场照片")


async def test_report_of_an_officer_about_the_enterprise_is_no_self_check(county, lin, wu):
    await report_fast(lin, "靠山加油站 灭火器压力不足")
    wu.sees("隐患整改通知")
    assert [hazard.source for hazard in await hazards(county)] == [Source.PATROL]


async def test_what_was_fixed_at_once_goes_straight_to_review(county, wu, lin):
    await wu.sends("/hazards")
    await wu.taps("现场已整改")
    await wu.sends(photos.jpeg(), "灭火器压力不足")
    wu.sees("提交后请发整改后的照片")
    await wu.taps("提交")
    sees_registered(wu, "YH20261123-0001")
    await wu.sends(photos.jpeg(photos.scene(seed=4)), "已换新灭火器")
    await wu.taps("提交")
    [hazard] = await hazards(county)
    assert (hazard.source, hazard.state) == (Source.SELF_CHECK, State.REVIEW)
    assert "请您复查" in lin.screen[-1].text
