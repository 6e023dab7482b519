"""并入: words and photos join the case that is there, everybody concerned is told, nobody's name slips out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.access import load_actor
from models.audit import AuditRow
from models.content import say
from models.errors import InvalidInput, NotFound, Stale
from models.hazards.access import access_hazard
from models.hazards.besides import DISTINCT, SAME_PHOTO
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import State
from models.hazards.late_photos import do_add_photo
from models.hazards.supplement import check_supplement
from models.hazards.tables import Hazard, HazardPhoto, PhotoKind
from models.people.tables import Deputy, Role
from models.texts import Reader
from tests import factories
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


async def verified_tip(town, **fields):
    """A tip of 许芳 about the station that has been looked into, so that its manager sees it."""
    hazard_id = await town.reports("xu", spot=STREET, **fields)
    await town.puts(hazard_id, enterprise_id=town.ids["station"])
    await town.moves("lin", hazard_id, "verify")
    return hazard_id


async def later(town, name, hazard_id, sha="c" * 64, *, flow="hazard-report"):
    """A photo that could not be had with the report arrives."""
    actor = await town.actor(name)

    def unit(session):
        do_add_photo(session, actor, session.get_one(Hazard, hazard_id), sha, flow, rules=town.rules, now=town.clock())

    await town.store.write(unit)


async def test_photo_that_comes_late_does_not_name_the_author_of_a_tip(town):
    await add_informant(town)
    hazard_id = await verified_tip(town)
    await later(town, "xu", hazard_id)
    assert "许芳" not in "".join([*await town.told("wu"), await card(town, "wu", hazard_id)])
    assert "群众举报：补充照片" in await card(town, "wu", hazard_id)
    assert "许芳：补充照片" in await card(town, "lin", hazard_id)


async def test_author_of_two_tips_is_not_named_by_what_was_shown(town):
    await add_informant(town)
    first = await verified_tip(town)
    second = await verified_tip(town, unlike=((first, DISTINCT),))
    said = await card(town, "wu", second)
    assert "群众举报：已提示疑似重复，报告人选择新建（YH20261123-0001）" in said
    assert "许芳" not in said


async def test_deputy_of_a_tips_author_is_not_named_under_the_photo(town):
    await add_informant(town)
    hazard_id = await verified_tip(town)
    await stands_in(town, "shen", "沈洁", "xu")
    await adds(town, "shen", hazard_id)
    assert await marks(town, hazard_id) == ["上传 2026年11月23日 09:00 · 群众举报"] * 2
    assert "沈洁" not in await card(town, "wu", hazard_id)


async def stands_in(town, name, called, absent):
    """An informant of another village who deputises today."""

    def unit(session):
        role = (Role.INFORMANT, factories.NEXT_VILLAGE)
        person_id = factories.add_person(session, called, "19900000022", role, chat=name, now=town.clock())
        day = town.clock().date()
        session.add(Deputy(person_id=town.ids[absent], deputy_id=person_id, starts_on=day, ends_on=day))
        return person_id

    town.ids[name] = await town.store.write(unit)


async def marks(town, hazard_id):
    """The last line under each photo."""

    def unit(session):
        view = load_view(session, session.get_one(Hazard, hazard_id), now=town.clock())
        return [Reader().read(picture.mark[-1]) for picture in view.photos]

    return await town.store.read(unit)


async def test_late_photo_of_whoever_added_is_no_photo_of_the_reporter(town):
    hazard_id = await town.reports("lin")
    await adds(town, "zhou", hazard_id, photos=())
    await later(town, "zhou", hazard_id, flow="hazard-add")
    assert (await marks(town, hazard_id))[-1] == "上传 2026年11月23日 09:00 · 提供人 周敏"


async def test_addition_makes_nobody_come_too_late(town):
    await add_informant(town)
    hazard_id = await verified_tip(town)
    await town.moves("wu", hazard_id, "accept")
    await adds(town, "xu", hazard_id)
    with pytest.raises(Stale) as late:
        await town.moves("wu", hazard_id, "accept")
    assert "吴志强" in town.read(say(late.value.text))


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
