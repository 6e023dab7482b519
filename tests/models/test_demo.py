import pytest
from sqlalchemy import delete, func, select

from models.access import load_actor
from models.demo import CHEN_VILLAGE, COUNTY, LIN_VILLAGE, do_load_demo, read_demo
from models.enterprises.tables import Enterprise, EnterprisePerson, Industry
from models.grids.tables import Grid, Level
from models.people.tables import Assignment, Person, Role
from tests.factories import add_person

TABLES = (Grid, Industry, Person, Assignment, Enterprise, EnterprisePerson)


def test_files_hold_nothing_wrong_and_nothing_to_remark():
    assert [(batch.wrong, batch.notes) for batch in read_demo()] == [([], []), ([], [])]


async def test_second_load_changes_nothing(county):
    def count(session):
        return [session.scalar(select(func.count()).select_from(table)) for table in TABLES]

    before = await county.read(count)
    again = await county.write(lambda session: do_load_demo(session, county.clock()))
    assert (again, await county.read(count)) == (county.cast, before)
    assert before[0] == 139


@pytest.mark.parametrize(
    ("name", "role", "grid"),
    [
        ("lin", Role.OFFICER, LIN_VILLAGE),
        ("chen", Role.OFFICER, CHEN_VILLAGE),
        ("zhou", Role.SUPERVISOR, COUNTY),
        ("wu", Role.MANAGER, LIN_VILLAGE),
        ("zheng", Role.LEADER, COUNTY),
        ("sun", Role.GRID_HEAD, "341823101"),
        ("qian", Role.ADMIN, COUNTY),
        ("xu", Role.DUTY, COUNTY),
        ("shen", Role.DISPATCHER, COUNTY),
    ],
)
async def test_cast_stands_where_its_stories_play(county, name, role, grid):
    actor = await county.actor(name)
    assert actor.covers([role], grid_code=grid)
    assert not actor.covers([role], grid_code="341899")


async def test_chen_is_nowhere_in_lins_village(county):
    chen = await county.actor("chen")
    assert not chen.covers(Role, grid_code=LIN_VILLAGE)
    assert not (await county.actor("lin")).covers(Role, grid_code=CHEN_VILLAGE)


async def test_every_town_has_a_grid_head_and_every_village_an_officer(county):
    def lacking(session):
        held = {tuple(row) for row in session.execute(select(Assignment.role, Assignment.grid_code))}
        wanted = {Level.TOWN: Role.GRID_HEAD, Level.VILLAGE: Role.OFFICER}
        grids = session.execute(select(Grid.code, Grid.level).where(Grid.level.in_(wanted)))
        return [code for code, level in grids if (wanted[level], code) not in held]

    assert await county.read(lacking) == []


async def test_everything_lies_in_the_county(county):
    def outside(session):
        points = [
            *session.execute(select(Grid.lat, Grid.lon)),
            *session.execute(select(Enterprise.lat, Enterprise.lon)),
        ]
        return [point for point in points if not (30.4 < point[0] < 30.9 and 118.0 < point[1] < 118.7)]

    assert await county.read(outside) == []


async def test_numbers_belong_to_nobody(county):
    phones = await county.read(lambda session: list(session.scalars(select(Person.phone))))
    codes = await county.read(lambda session: list(session.scalars(select(Enterprise.credit_code))))
    assert [phone for phone in phones if not phone.startswith("1540000")] == []
    assert [code for code in codes if "XXXX" not in code] == []


async def test_people_who_left_stay_away_from_the_demo(county):
    await county.write(
        lambda session: session.execute(delete(Assignment).where(Assignment.person_id == county.cast.lin))
    )
    assert await county.read(lambda session: load_actor(session, county.cast.lin, now=county.clock())) is None


async def test_demo_refuses_a_store_it_does_not_fit(store, clock):
    def load(session):
        add_person(session, "别人", "15400000004", now=clock())
        do_load_demo(session, clock())

    with pytest.raises(ValueError, match=r"enterprises\.csv, row 2"):
        await store.write(load)
