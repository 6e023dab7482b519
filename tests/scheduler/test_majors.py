"""Weekly: 吴 is asked for the progress of a listed hazard, 孙 hears of silence, 郑 gets the open major hazards."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from handlers import build_registry
from handlers.people.menu import menu_card
from models.access import load_actor
from models.hazards.access import may_see
from models.hazards.evidence import Evidence
from models.hazards.flow import State
from models.hazards.majors import Listing, check_list
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.progress import may_ask
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardListing, LeaderReport, ListingLevel
from models.outbox import OutboxRow
from models.people.roster import do_end_roles
from models.people.tables import Deputy, Role
from scheduler.jobs import JOBS, Services
from scheduler.majors import ask_progress, report_majors
from tests import factories
from tests.fakes import County

ASKED, SILENT, WEEKLY = "请填报整改进展", "没有填报进展", "本周辖区未销号的重大隐患"


@pytest.fixture
async def county(store, clock):
    registry, checks = build_registry(), {"hazard": may_see, "progress": may_ask}
    county = County(store, media=None, clock=clock, registry=registry, checks=checks)
    county.ids = await store.write(lambda session: factories.cast(session, clock()))
    county.services = Services(store, None, county.rules, clock, lambda actor: menu_card(registry, actor))
    yield county
    await county.stop()


async def acts(county, name, make):
    """Let somebody do something in a unit of its own: `make(session, actor)`."""
    return await county.store.write(
        lambda session: make(session, load_actor(session, county.ids[name], now=county.clock()))
    )


async def reports(county, level="major", days=30, grid=factories.VILLAGE, name="lin"):
    spot = Spot(grid, "", county.ids["station"] if grid == factories.VILLAGE else None, "靠山加油站")
    report = Report(spot, "卸油口静电接地线脱落", "electricity", level, days)
    made = await acts(
        county, name, lambda s, actor: check_register(s, actor, report, rules=county.rules, now=county.clock())
    )
    await county.settle()
    return made.hazard.id


@pytest.fixture
async def listed(county):
    """A major hazard in 吴's hands that 周 has listed on Monday at nine."""
    ident = await reports(county)
    await puts(county, state=State.RECTIFYING)
    listing = Listing(ListingLevel.COUNTY, "泾县应急管理局", "泾安督〔2026〕12号", date(2027, 1, 22))
    await acts(
        county, "zhou", lambda s, actor: check_list(s, actor, ident, listing, rules=county.rules, now=county.clock())
    )
    await county.settle()
    return ident


async def puts(county, **columns):
    await county.store.write(lambda session: session.execute(update(Hazard).values(**columns)))


async def answers(county, ident):
    def make(session, actor):
        note = Evidence(note="接地线已到货")
        check_move(session, actor, ident, "progress", rules=county.rules, now=county.clock(), evidence=note)

    await acts(county, "wu", make)


async def ticks(county, job=ask_progress, **span):
    county.clock.advance(**span)
    await job(county.services)
    await county.settle()


async def told(county, name, text):
    """How often somebody was told something, sent or not."""
    rows = select(OutboxRow.card).where(OutboxRow.person_id == county.ids[name])
    cards = await county.store.read(lambda session: session.scalars(rows).all())
    return sum(text in str(card) for card in cards)


def test_jobs_are_in_the_table():
    assert {ask_progress, report_majors} <= {job.run for job in JOBS}


async def test_progress_is_asked_every_week_in_the_morning(county, listed):
    await ticks(county, days=6, hours=22, minutes=59)
    assert await told(county, "wu", ASKED) == 0
    await ticks(county, minutes=1)
    shown = county.phone("wu").sees(ASKED)
    assert [label for label, _data in shown.buttons] == ["填报进展"]
    await ticks(county)
    await ticks(county, days=1)
    assert await told(county, "wu", ASKED) == 1
    await answers(county, listed)
    await ticks(county, days=6)
    assert await told(county, "wu", ASKED) == 2


async def test_silence_is_told_to_the_grid_head_once(county, listed):
    await ticks(county, days=7)
    await ticks(county, days=1, hours=23)
    assert await told(county, "sun", SILENT) == 0
    for _time in range(3):
        await ticks(county, hours=1)
    assert await told(county, "sun", SILENT) == 1
    for name in ("lin", "chen", "zheng"):
        assert await told(county, name, SILENT) == 0
    county.phone("sun").sees("整改责任人超过2天没有填报进展，请督促。")


async def test_silence_is_told_to_the_office_where_there_is_no_grid_head(county, listed):
    await ticks(county, days=7)
    await county.store.write(lambda s: do_end_roles(s, county.ids["sun"], last_day=date(2026, 11, 24)))
    await ticks(county, days=2)
    assert await told(county, "qian", SILENT) == 1


async def test_answer_stops_the_escalation(county, listed):
    await ticks(county, days=7)
    await answers(county, listed)
    await ticks(county, days=3)
    assert await told(county, "sun", SILENT) == 0


@pytest.mark.parametrize("state", [State.SUSPENDED, State.CLOSED, State.REVIEW, State.DELISTING, State.ACCEPTED])
async def test_nothing_is_asked_where_nobody_has_it_in_hand(county, listed, state):
    await puts(county, state=state)
    await ticks(county, days=7)
    assert await told(county, "wu", ASKED) == 0
    await puts(county, state=State.RECTIFYING)
    await ticks(county, days=7)
    assert await told(county, "wu", ASKED) == 1


async def test_question_is_not_sent_when_it_no_longer_applies(county, listed):
    county.clock.advance(days=7)
    await ask_progress(county.services)
    await puts(county, state=State.SUSPENDED)
    await county.settle()
    county.phone("wu").sees_nothing_of(ASKED)
    await ticks(county, days=3)
    assert await told(county, "sun", SILENT) == 0


async def test_answered_question_is_not_sent(county, listed):
    county.clock.advance(days=7)
    await ask_progress(county.services)
    await answers(county, listed)
    await county.settle()
    county.phone("wu").sees_nothing_of(ASKED)


async def test_weeks_of_silence_of_the_program_are_caught_up_once(county, listed):
    await ticks(county, days=40)
    await ticks(county)
    assert await told(county, "wu", ASKED) == 1
    listing = await county.store.read(lambda session: session.scalars(select(HazardListing)).one())
    assert listing.progress_at > county.clock()


async def test_deputy_is_asked_too(county, listed):
    today = county.clock().date()

    def stand_in(session):
        ids = {"person_id": county.ids["wu"], "deputy_id": county.ids["chen"]}
        session.add(Deputy(**ids, starts_on=today, ends_on=today + timedelta(days=30)))

    await county.store.write(stand_in)
    await ticks(county, days=7)
    county.phone("chen").sees(ASKED)


# -- leaders -------------------------------------------------------------------------------------------------


async def test_leader_is_told_of_a_major_hazard_at_once(county):
    def of_the_next_village(session):
        role = (Role.LEADER, factories.NEXT_VILLAGE)
        return factories.add_person(session, "韩冰", "19900000041", role, chat="han", now=county.clock())

    county.ids["han"] = await county.store.write(of_the_next_village)
    await reports(county, level="general", days=7)
    assert await told(county, "zheng", "隐患") == 0
    await reports(county)
    shown = county.phone("zheng").sees("辖区新登记一条重大隐患，请关注。").text
    assert shown.startswith("YH20261123-0002 待接收")
    county.phone("han").sees_nothing_of("重大")
    assert await told(county, "zheng", "辖区新登记") == 1


async def test_leader_hears_of_a_self_check_too(county):
    await reports(county, name="wu")
    assert await told(county, "zheng", "辖区新登记") == 1


async def test_leader_hears_of_a_place_that_nobody_answers_for(county):
    await county.store.write(
        lambda session: [
            do_end_roles(session, county.ids[name], last_day=date(2026, 11, 22)) for name in ("wu", "sun", "qian")
        ]
    )
    await reports(county)
    assert await told(county, "zheng", "辖区新登记") == 1


async def test_leader_gets_all_open_major_hazards_every_monday(county):
    await ticks(county, report_majors)
    first = await reports(county, days=90)
    late = await reports(county)
    await ticks(county, report_majors, days=6, hours=22)
    assert await told(county, "zheng", WEEKLY) == 0
    await ticks(county, report_majors, days=28, hours=2)
    shown = county.phone("zheng").sees(WEEKLY)
    assert "2条" in shown.text
    assert "1. YH20261123-0002 茂林镇·铜山村 靠山加油站\n待接收，五落实 0/6，未挂牌，已超期5天" in shown.text
    assert "2. YH20261123-0001" in shown.text
    assert [data for _label, data in shown.buttons] == [f"hazard:{late}:open", f"hazard:{first}:open"]
    await ticks(county, report_majors, hours=1)
    assert await told(county, "zheng", WEEKLY) == 1


async def test_leader_gets_nothing_where_nothing_is_open(county):
    await ticks(county, report_majors)
    await reports(county, level="general", days=7)
    await reports(county)
    await puts(county, state=State.CLOSED)
    await ticks(county, report_majors, days=7)
    assert await told(county, "zheng", WEEKLY) == 0


async def test_former_leader_gets_nothing_any_more(county):
    await ticks(county, report_majors)
    await reports(county)
    await county.store.write(lambda s: do_end_roles(s, county.ids["zheng"], last_day=date(2026, 11, 24)))
    await ticks(county, report_majors, days=7)
    assert await told(county, "zheng", WEEKLY) == 0
    assert await county.store.read(lambda session: session.query(LeaderReport).count()) == 0


async def test_long_list_says_where_the_rest_is(county):
    await ticks(county, report_majors)
    for _number in range(22):
        await reports(county)
    await ticks(county, report_majors, days=7)
    assert "还有2条，发送「重大 未销号」查看。" in county.phone("zheng").sees(WEEKLY).text
