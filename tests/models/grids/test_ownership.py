from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, event
from sqlalchemy.orm import Session

from models import schema
from models.access import holds_on, local_day
from models.base import Base
from models.demo import CHEN_VILLAGE, COUNTY, LIN_VILLAGE
from models.enterprises.tables import EnterprisePerson
from models.grids.ownership import OFFICE_ROLES, UnownedPair, list_unowned_pairs, resolve_owners
from models.people.roster import do_assign, do_end_roles
from models.people.tables import Assignment, Role
from tests.factories import COUNTY as SMALL_COUNTY
from tests.factories import TOWN, VILLAGE, add_enterprise, add_grids, add_person

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
YESTERDAY = local_day(NOW) - timedelta(days=1)


async def owners(county, **about):
    return await county.read(lambda session: resolve_owners(session, now=county.clock(), **about))


async def test_enterprise_belongs_to_manager_village_and_trade(county):
    found = await owners(county, grid_code=LIN_VILLAGE, industry="hazchem", enterprise_id=county.cast.station)
    assert found.rectifiers[0] == county.cast.wu
    assert found.grid_side == (county.cast.lin, county.cast.sun)
    assert county.cast.zhou in found.industry_side
    assert (found.office, found.unowned) == (False, False)
    assert set(found.everyone) >= {county.cast.wu, county.cast.lin, county.cast.sun, county.cast.zhou}


async def test_public_place_belongs_to_the_nearest_grid_head(county):
    found = await owners(county, grid_code=LIN_VILLAGE)
    assert (found.rectifiers, found.grid_side) == ((county.cast.sun,), (county.cast.lin, county.cast.sun))


async def test_zone_belongs_to_its_village_officer(county):
    found = await owners(county, grid_code=f"{LIN_VILLAGE}-02")
    assert found.grid_side[0] == county.cast.lin


async def test_next_village_has_its_own_officer(county):
    found = await owners(county, grid_code=CHEN_VILLAGE)
    assert county.cast.chen in found.grid_side
    assert county.cast.lin not in found.everyone


async def test_supervisor_of_another_trade_is_left_out(county):
    gas = await owners(county, grid_code=LIN_VILLAGE, industry="gas")
    school = await owners(county, grid_code=LIN_VILLAGE, industry="school")
    assert set(gas.industry_side) & set(school.industry_side) == {county.cast.zhou}
    assert len(gas.industry_side) == len(school.industry_side) == 2


async def test_role_that_is_over_owns_nothing(county):
    await county.write(lambda session: do_end_roles(session, county.cast.lin, last_day=YESTERDAY))
    found = await owners(county, grid_code=LIN_VILLAGE)
    assert found.grid_side == (county.cast.sun,)


async def test_role_counts_on_its_last_day(county):
    await county.write(lambda session: do_end_roles(session, county.cast.lin, last_day=local_day(NOW)))
    assert county.cast.lin in (await owners(county, grid_code=LIN_VILLAGE)).grid_side


async def test_enterprise_without_manager_falls_to_the_office(county):
    def leave(session):
        session.execute(delete(EnterprisePerson).where(EnterprisePerson.enterprise_id == county.cast.station))

    await county.write(leave)
    found = await owners(county, grid_code=LIN_VILLAGE, industry="hazchem", enterprise_id=county.cast.station)
    assert (found.rectifiers, found.office) == ((county.cast.shen,), True)
    assert found.grid_side == (county.cast.lin, county.cast.sun)


@pytest.mark.parametrize("gone", [["shen"], ["shen", "xu"]])
async def test_office_is_the_next_kind_when_one_is_empty(county, gone):
    def leave(session):
        for name in [*gone, "zhou"]:
            do_end_roles(session, getattr(county.cast, name), last_day=YESTERDAY)

    await county.write(leave)
    found = await owners(county, grid_code=LIN_VILLAGE, industry="other")
    assert found.industry_side == ((county.cast.xu if gone == ["shen"] else county.cast.qian),)
    assert (found.office, found.unowned) == (True, False)


async def test_lack_of_any_office_is_said(county):
    def leave(session):
        for name in ("shen", "xu", "qian", "zhou"):
            do_end_roles(session, getattr(county.cast, name), last_day=YESTERDAY)

    await county.write(leave)
    found = await owners(county, grid_code=LIN_VILLAGE, industry="other")
    assert (found.industry_side, found.office, found.unowned) == ((), False, True)


async def test_resolving_takes_two_queries(county):
    seen = []
    event.listen(county.store.engine, "before_cursor_execute", lambda *_args: seen.append(1))
    await owners(county, grid_code=LIN_VILLAGE, industry="hazchem", enterprise_id=county.cast.station)
    assert len(seen) == 2


async def test_demo_county_leaves_nothing_unowned(county):
    assert await county.read(lambda session: list_unowned_pairs(session, county.clock())) == []


async def test_pairs_without_owner_are_listed(county):
    def leave(session):
        for name in ("lin", "sun", "zhou"):
            do_end_roles(session, getattr(county.cast, name), last_day=YESTERDAY)
        add_enterprise(session, "无人监管的仓库", industry="storage", grid=LIN_VILLAGE, now=NOW)
        return list_unowned_pairs(session, NOW)

    pairs = await county.write(leave)
    assert pairs == [UnownedPair(LIN_VILLAGE, ""), UnownedPair(LIN_VILLAGE, "storage")]


async def test_county_wide_grid_head_covers_every_village(county):
    def leave(session):
        do_end_roles(session, county.cast.lin, last_day=YESTERDAY)
        do_end_roles(session, county.cast.sun, last_day=YESTERDAY)
        do_assign(session, county.cast.zheng, Role.GRID_HEAD, COUNTY)
        return list_unowned_pairs(session, NOW), resolve_owners(session, grid_code=LIN_VILLAGE, now=NOW)

    pairs, found = await county.write(leave)
    assert (pairs, found.rectifiers) == ([], (county.cast.zheng,))


# ------------------------------------------------------------------------------------------- for every hazard

GRIDS = [SMALL_COUNTY, TOWN, VILLAGE, f"{VILLAGE}-01"]
TRADES = ["", "danger", "gas"]
posts = st.lists(
    st.tuples(
        st.sampled_from([Role.OFFICER, Role.GRID_HEAD, Role.SUPERVISOR, Role.MANAGER, *OFFICE_ROLES]),
        st.sampled_from(GRIDS),
        st.sampled_from(TRADES),
        st.sampled_from([(None, None), ("2026-01-01", None), (None, "2026-11-22"), ("2026-11-24", None)]),
    ),
    max_size=8,
    unique_by=lambda post: post[:3],
)


@pytest.fixture(scope="module")
def small_county():
    """Four grids and an enterprise with nobody in them, in memory; each example is rolled back."""
    assert schema
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        add_grids(session)
        people = [add_person(session, f"人{n}", f"1990000{n:04d}", now=NOW) for n in range(9)]
        station = add_enterprise(session, "靠山加油站", managers=people[:2], now=NOW)
        session.commit()
        yield session, people, station


@given(posts, st.sampled_from(GRIDS), st.sampled_from(TRADES), st.booleans(), st.sampled_from([None, *OFFICE_ROLES]))
def test_every_hazard_has_owners_once_there_is_an_office(small_county, drawn, grid, trade, at_station, office):
    session, people, station = small_county
    for person_id, (role, where, industry, dates) in zip(people, drawn, strict=False):
        days = [day and datetime.fromisoformat(day).date() for day in dates]
        do_assign(session, person_id, role, where, industry=industry, starts_on=days[0], ends_on=days[1])
    if office:
        do_assign(session, people[-1], office, SMALL_COUNTY)
    enterprise = station if at_station else None
    found = resolve_owners(session, grid_code=grid, industry=trade, enterprise_id=enterprise, now=NOW)
    today = set(session.scalars(Assignment.__table__.select().with_only_columns(Assignment.person_id)
                                .where(holds_on(local_day(NOW)))))  # fmt: skip
    session.rollback()
    sides = [found.rectifiers, found.grid_side, *([found.industry_side] if trade else [])]
    assert set(found.everyone) <= today
    assert not (found.office and found.unowned)
    assert found.unowned == (not all(sides))
    assert all(sides) or office is None
