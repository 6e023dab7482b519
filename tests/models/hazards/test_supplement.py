"""并入: words and photos join the case that is there, everybody concerned is told, nobody's name slips out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.access import load_actor
from models.audit import AuditRow
from models.errors import InvalidInput, NotFound, Stale
from models.hazards.access import access_hazard
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import DISTINCT, SAME_PHOTO, State
from models.hazards.supplement import check_supplement
from models.hazards.tables import HazardPhoto, PhotoKind
from tests.models.hazards.test_duplicates import STREET, add_informant

NEW = "b" * 64


async def adds(town, name, hazard_id, **fields):
    actor, report = await town.actor(name), town.finding(**{"photos": (NEW,), **fields})
    return await town.store.write(
        lambda session: check_supplement(session, actor, hazard_id, report, rules=town.rules, now=town.clock())
    )


async def card(town, name, hazard_id):
    """What somebody reads who opens the case."""

    def unit(session):
        now = town.clock()
        actor = load_actor(session, town.ids[name], now=now)
        view = load_view(session, access_hazard(session, actor, hazard_id), now=now)
        return show_hazard(session, view, actor, rules=town.rules, now=now)

    return town.read(await town.store.read(unit))


async def test_words_and_photos_join_the_case_which_stays_where_it_is(town):
    hazard_id = await town.reports("lin")
    await adds(town, "zhou", hazard_id, description="接地线掉了", remark="昨天就这样")
    *_before, event = await town.events(hazard_id)
    assert (event.action, event.person_id, event.note) == ("supplement", town.ids["zhou"], "接地线掉了\n昨天就这样")
    assert (event.from_state, event.to_state) == (State.ASSIGNED, State.ASSIGNED)
    rows = select(HazardPhoto.sha, HazardPhoto.kind).order_by(HazardPhoto.id)
    assert (await town.store.read(lambda session: session.execute(rows).all()))[1] == (NEW, PhotoKind.EXTRA)
    assert "周敏：补充情况（接地线掉了" in await card(town, "wu", hazard_id)


async def test_it_is_one_row_of_the_audit(town):
    hazard_id = await town.reports("lin")
    await adds(town, "zhou", hazard_id)
    last = await town.store.read(lambda s: s.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first())
    assert (last.id, last.action, last.person_id) == (3, "hazards:supplement", town.ids["zhou"])


async def test_everybody_concerned_is_told_but_whoever_added(town):
    hazard_id = await town.reports("lin")
    before = {name: len(await town.told(name)) for name in ("lin", "wu", "sun", "zhou", "chen")}
    await adds(town, "zhou", hazard_id)
    new = {name: len(await town.told(name)) - count for name, count in before.items()}
    assert new == {"lin": 1, "wu": 1, "sun": 1, "zhou": 0, "chen": 0}
    assert "这条隐患有新的补充情况，请查看。" in (await town.told("wu"))[-1]


async def test_graver_level_is_not_lost(town):
    hazard_id = await town.reports("lin")
    await adds(town, "zhou", hazard_id, level="major", days=30)
    assert "补充人认为是重大隐患，请核实。" in (await town.told("lin"))[-1]
    assert "周敏：补充情况，认为是重大隐患" in await card(town, "wu", hazard_id)
    assert not (await town.hazard(hazard_id)).is_major


async def test_whoever_added_is_told_of_the_outcome_like_the_reporter(town):
    hazard_id = await town.reports("lin")
    await adds(town, "zheng", hazard_id)
    await town.moves("wu", hazard_id, "accept")
    assert "已确认收到您上报的隐患" in (await town.told("lin"))[-1]
    assert "已确认收到您上报的隐患" in (await town.told("zheng"))[-1]


@pytest.mark.parametrize("state", [State.CLOSED, State.DISMISSED, State.MERGED])
async def test_case_that_was_closed_meanwhile_is_stale_and_stays_as_it_is(town, state):
    hazard_id = await town.reports("lin")
    await town.puts(hazard_id, state=state)
    with pytest.raises(Stale):
        await adds(town, "zhou", hazard_id)
    assert [event.action for event in await town.events(hazard_id)] == ["report", "dispatch"]


async def test_case_of_another_village_is_unknown_and_a_wrong_report_refused(town):
    hazard_id = await town.reports("lin")
    for ident in (hazard_id, 99):
        with pytest.raises(NotFound):
            await adds(town, "chen", ident)
    with pytest.raises(InvalidInput):
        await adds(town, "zhou", hazard_id, description="堵")


async def test_author_of_a_tip_stays_unknown_also_when_adding(town):
    await add_informant(town)
    hazard_id = await town.reports("xu", spot=STREET)
    await town.puts(hazard_id, enterprise_id=town.ids["station"])
    await town.moves("lin", hazard_id, "verify")
    await adds(town, "xu", hazard_id)
    assert "许芳" not in "".join([*await town.told("wu"), await card(town, "wu", hazard_id)])
    assert "群众举报：补充情况" in await card(town, "wu", hazard_id)
    assert "许芳：补充情况" in await card(town, "lin", hazard_id)


async def test_reviewer_sees_what_the_reporter_was_shown_and_who_may_not_see_that_does_not(town):
    await add_informant(town)
    tip = await town.reports("xu", spot=STREET)
    await town.puts(tip, enterprise_id=town.ids["station"])
    hazard_id = await town.reports("lin", unlike=((tip, DISTINCT),))
    assert "林晓梅：已提示疑似重复，报告人选择新建（YH20261123-0001）" in await card(town, "zhou", hazard_id)
    assert "YH20261123-0001" not in await card(town, "wu", hazard_id)
    assert "疑似重复" not in await card(town, "wu", hazard_id)


async def test_photo_that_was_used_before_is_written_down_as_such(town):
    old = await town.reports("lin")
    await town.puts(old, state=State.CLOSED, closed_at=town.clock() - timedelta(days=200))
    hazard_id = await town.reports("lin", unlike=((old, SAME_PHOTO), (99, DISTINCT)))
    said = await card(town, "zhou", hazard_id)
    assert "林晓梅：已提示照片几乎相同，报告人选择新建（YH20261123-0001）" in said
    assert "疑似重复" not in said
