from datetime import date

from models.access import local_day
from models.demo import CHEN_VILLAGE, COUNTY, LIN_VILLAGE
from models.enterprises.tables import Enterprise
from models.people import roster
from models.people.tables import Person, Role

YESTERDAY = date(2026, 11, 22)


def roles(session, person_id, now):
    return [(post.role, post.grid_code) for post in roster.list_roles(session, person_id, now=now)]


async def test_person_is_known_by_phone(county):
    def add(session):
        first = roster.do_person(session, name="何平", phone="19900000099", unit="茂林镇", now=county.clock())
        again = roster.do_person(session, name="何萍", phone="19900000099", now=county.clock())
        return first.id == again.id, again.name, again.unit, roster.find_person(session, "19900000099").name

    assert await county.write(add) == (True, "何萍", "茂林镇", "何萍")


async def test_people_of_one_name_are_all_found(county):
    def add(session):
        roster.do_person(session, name="林晓梅", phone="19900000099", now=county.clock())
        return [person.phone for person in roster.find_people(session, "林晓梅")]

    assert await county.write(add) == ["15400000001", "19900000099"]


async def test_second_assignment_changes_the_dates(county):
    def assign(session):
        first = roster.do_assign(session, county.cast.lin, Role.GRID_HEAD, CHEN_VILLAGE)
        again = roster.do_assign(session, county.cast.lin, Role.GRID_HEAD, CHEN_VILLAGE, ends_on=YESTERDAY)
        return first is again, set(roles(session, county.cast.lin, county.clock()))

    assert await county.write(assign) == (True, {(Role.OFFICER, LIN_VILLAGE), (Role.INFORMANT, LIN_VILLAGE)})


async def test_leaving_ends_every_role(county):
    def leave(session):
        count = roster.do_end_roles(session, county.cast.lin, last_day=YESTERDAY)
        return count, roster.do_end_roles(session, county.cast.lin, last_day=YESTERDAY)

    assert await county.write(leave) == (2, 0)
    assert await county.actor("lin") is None


async def test_new_manager_gets_role_and_enterprise(county):
    def join(session):
        station = session.get(Enterprise, county.cast.station)
        for duty in (roster.SAFETY, roster.PRINCIPAL, roster.SAFETY):  # who is both stays 负责人
            roster.do_enterprise_person(session, station, county.cast.chen, duty)

    await county.write(join)
    chen = await county.actor("chen")
    assert chen.enterprise_ids == (county.cast.station,)
    assert chen.covers([Role.MANAGER], grid_code=LIN_VILLAGE)


async def test_roles_of_others_stay_untouched(county):
    before = await county.read(lambda session: roles(session, county.cast.zheng, county.clock()))
    await county.write(
        lambda session: roster.do_end_roles(session, county.cast.lin, last_day=local_day(county.clock()))
    )
    assert before == [(Role.LEADER, COUNTY)]
    assert await county.read(lambda session: roles(session, county.cast.zheng, county.clock())) == before
    assert await county.read(lambda session: session.get(Person, county.cast.lin).name) == "林晓梅"
