"""吴 puts right what was found at his filling station, or says why not; each conversation is a row of MOVES."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.hazards.tables import Hazard, HazardEvent, HazardPhoto, PhotoKind
from models.people.tables import Role
from tests import factories, photos
from tests.handlers.hazards.ways import report_fast

CAPTION = "靠山加油站 卸油口静电接地线脱落"
NUMBER = "YH20261123-0001"


@pytest.fixture
async def notice(lin, wu):
    """林 has reported; 吴 has the notice on his screen."""
    await report_fast(lin, CAPTION)
    return wu.sees("隐患整改通知")


async def hazard(county, ident=1):
    return await county.store.read(lambda session: session.get_one(Hazard, ident))


async def events(county, ident=1):
    rows = select(HazardEvent).where(HazardEvent.hazard_id == ident).order_by(HazardEvent.id)
    return await county.store.read(lambda session: session.scalars(rows).all())


async def test_notice_has_what_the_manager_needs_and_no_more(notice):
    labels = [label for label, _data in notice.buttons]
    assert labels == ["确认收到", "提交整改", "申请延期", "有异议", "更多"]


async def test_manager_hands_in_from_the_notice_in_three_actions(county, notice, lin, wu):
    before = wu.actions
    await wu.taps("提交整改")
    wu.sees("请发整改后的照片")
    await wu.sends(photos.jpeg(), "接地线已重新接好")
    card = wu.sees("提交整改，请核对")
    assert (NUMBER in card.text, "说明：接地线已重新接好" in card.text, len(card.photos)) == (True, True, 1)
    await wu.taps("提交")
    assert wu.actions - before == 3
    assert "待复查" in wu.sees("经过").text
    assert "吴志强已提交整改结果，请复查。" in lin.sees("待复查").text
    kinds = select(HazardPhoto.kind).where(HazardPhoto.hazard_id == 1).order_by(HazardPhoto.id)
    assert await county.store.read(lambda s: s.scalars(kinds).all()) == [PhotoKind.BEFORE, PhotoKind.AFTER]


async def test_words_before_the_photo_are_kept(notice, wu):
    await wu.taps("提交整改")
    await wu.sends("接地线已重新接好")
    wu.sees("已记下说明，还差照片")
    await wu.sends(photos.jpeg())
    assert "说明：接地线已重新接好" in wu.sees("提交整改，请核对").text


async def test_photo_without_words_asks_for_one_sentence(notice, wu):
    await wu.taps("提交整改")
    await wu.sends(photos.jpeg())
    wu.sees("怎么整改的")
    await wu.sends(photos.jpeg(photos.scene(seed=2)))
    wu.sees("怎么整改的")
    await wu.sends("接地线已重新接好")
    assert "照片：2张" in wu.sees("提交整改，请核对").text


async def test_words_can_be_changed_before_it_is_handed_in(notice, wu):
    await wu.taps("提交整改")
    await wu.sends(photos.jpeg(), "接好了")
    await wu.taps("修改")
    await wu.taps("说明")
    await wu.sends("接地线已重新接好")
    await wu.taps("提交")
    assert "提交整改（接地线已重新接好）" in wu.sees("经过").text


async def test_extension_is_asked_for_and_granted(county, notice, wu, sun):
    due = (await hazard(county)).deadline
    await wu.taps("申请延期")
    wu.sees("要延长多少天")
    await wu.taps("15天")
    await wu.sends("配件要从外地发货")
    assert "延期审批中" in wu.sees("经过").text
    card = sun.sees("吴志强申请延长整改期限，请审批。").text
    assert "说明：配件要从外地发货" in card
    assert "申请延期至：2026年12月15日 09:00" in card
    await sun.taps("同意延期")
    wu.sees("孙立新同意延期，整改期限已更新。")
    found = await hazard(county)
    assert (found.deadline, found.extensions, found.deadline_asked) == (due + timedelta(days=15), 1, None)


@pytest.mark.parametrize(("typed", "days"), [("10", 10), ("10天", 10), ("一周", 7), ("12月10日", 10)])
async def test_extension_takes_days_and_dates(county, notice, wu, typed, days):
    await wu.taps("申请延期")
    await wu.sends(typed)
    await wu.sends("配件要从外地发货")
    found = await hazard(county)
    assert found.deadline_asked == found.deadline + timedelta(days=days)


@pytest.mark.parametrize("typed", ["尽快", "0天", "400天", "昨天", "11月25日"])
async def test_extension_without_a_sensible_time_is_asked_again(county, notice, wu, typed):
    await wu.taps("申请延期")
    await wu.sends(typed)
    assert "待接收" in wu.sees("要延长多少天").text
    assert (await hazard(county)).state == "assigned"


async def test_extension_is_refused_with_a_reason(county, notice, wu, sun):
    due = (await hazard(county)).deadline
    await wu.taps("申请延期")
    await wu.taps("7天")
    await wu.sends("人手不够")
    await sun.taps("不同意延期")
    await sun.sends("接地线当天就能接好")
    wu.sees("孙立新没有同意延期，请按原期限整改。")
    assert (await hazard(county)).deadline == due


async def test_objection_goes_to_somebody_else_and_only_once(county, notice, lin, wu, sun):
    await wu.taps("有异议")
    await wu.sends(photos.jpeg(), "接地线本来就是好的")
    assert "待核实" in wu.sees("经过").text
    assert "核实属实" not in lin.labels
    sun.sees("吴志强对这条隐患有异议，请再次核实。")
    await sun.taps("核实属实")
    assert "有异议" not in wu.labels
    await wu.presses("hazard:1:object")
    await wu.sends("还是好的")
    wu.sees("已经提过异议")


async def test_objection_that_holds_ends_the_case(county, notice, wu, sun):
    await wu.taps("有异议")
    await wu.sends("接地线本来就是好的")
    await sun.taps("不属实")
    await sun.sends("现场查看接地线完好")
    wu.sees("孙立新核实后认为情况不属实，不用整改。")
    assert (await hazard(county)).closed_at is not None


async def test_return_says_why_and_the_grid_head_learns_of_it(county, notice, wu, sun):
    await wu.taps("更多")
    await wu.taps("退回")
    await wu.sends("这处场地不归我们管")
    assert "待派遣" in wu.describe()
    sun.sees("吴志强退回了这条隐患，请重新派遣。")


@pytest.fixture
async def wei(county):
    """魏红, safety manager of the same filling station."""

    def unit(session):
        wei = factories.add_person(
            session, "魏红", "19900000061", (Role.MANAGER, factories.VILLAGE), chat="wei", now=county.clock()
        )
        row = factories.EnterprisePerson(enterprise_id=county.ids["station"], person_id=wei, duty="safety")
        session.add(row)

    await county.store.write(unit)
    return county.phone("wei")


async def test_colleague_takes_over(county, wei, lin, wu):
    await report_fast(lin, CAPTION)
    await wu.taps("更多")
    await wu.taps("转交同事")
    await wu.taps("魏红")
    wei.sees("吴志强把这条隐患转交给您办理，请按期整改。")
    assert "整改责任人：魏红" in lin.sees("已把这条隐患转交给同事办理").text
    await wei.taps("提交整改")
    await wei.sends(photos.jpeg(), "接地线已重新接好")
    await wei.taps("提交")
    assert [event.action for event in await events(county)] == ["report", "dispatch", "delegate", "submit"]


async def test_stranger_to_the_enterprise_cannot_be_given_it(notice, wu):
    await wu.taps("更多")
    await wu.taps("转交同事")
    await wu.sends("陈建国")
    wu.sees("没有找到可以办理的「陈建国」")


async def test_anything_can_be_added_at_any_time(county, notice, lin, wu):
    await lin.sends(NUMBER)
    await lin.taps("更多")
    await lin.taps("补充")
    await lin.sends(photos.jpeg(photos.scene(seed=3)), "旁边还堆着纸箱")
    assert "补充（旁边还堆着纸箱）" in lin.sees("经过").text
    wu.sees("林晓梅补充了情况，请查看。")
    assert (await hazard(county)).state == "assigned"
    await wu.presses("hazard:1:accept", notice.id)
    assert (await hazard(county)).state == "rectifying"


async def test_draft_survives_that_somebody_else_was_faster(county, notice, wu, wei, lin):
    await wu.taps("提交整改")
    await wei.sends(NUMBER)
    await wei.taps("提交整改")
    await wei.sends(photos.jpeg(), "接好了")
    await wei.taps("提交")
    await wu.sends(photos.jpeg(photos.scene(seed=2)), "已经接好")
    await wu.taps("提交")
    assert "魏红已于" in wu.describe()
    assert len([event for event in await events(county) if event.action == "submit"]) == 1


async def test_officer_fixes_it_on_the_spot_and_does_not_pass_it(county, notice, lin, wu, sun):
    await lin.sends(NUMBER)
    await lin.taps("现场已整改")
    await lin.sends(photos.jpeg(photos.scene(seed=4)), "当场接好")
    await lin.taps("提交")
    assert "通过销号" not in lin.labels
    wu.sees("林晓梅报告这条隐患已在现场整改")
    await sun.taps("通过销号")
    assert (await hazard(county)).state == "closed"
