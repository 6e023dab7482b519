"""Rows for tests, in few words. The cast of the stories is in `cast`."""

from datetime import date

from models.enterprises.tables import Enterprise, EnterprisePerson, Industry
from models.grids.tables import Grid, Level
from models.people.tables import Account, Assignment, Person, Role

COUNTY, TOWN, VILLAGE, NEXT_VILLAGE = "341823", "341823101", "341823101201", "341823101202"


def add_grids(session):
    """Jing County, the town 茂林镇, and two of its villages."""
    rows = [
        (COUNTY, "泾县", Level.COUNTY, None),
        (TOWN, "茂林镇", Level.TOWN, COUNTY),
        (VILLAGE, "铜山村村委会", Level.VILLAGE, TOWN),
        (NEXT_VILLAGE, "奎峰村村委会", Level.VILLAGE, TOWN),
    ]
    for code, name, level, parent in rows:
        session.add(Grid(code=code, name=name, level=level, parent_code=parent))
        session.flush()


def add_person(session, name, phone, *roles, unit="", lang="zh", chat=None, platform="memory", now):
    """A person with roles given as (Role, grid code[, industry]) and, if named, a bound chat."""
    person = Person(name=name, phone=phone, unit=unit, lang=lang, created_at=now)
    session.add(person)
    session.flush()
    for role, grid_code, *industry in roles:
        add_role(session, person.id, role, grid_code, *industry)
    if chat:
        bind(session, person.id, chat, platform=platform, now=now)
    return person.id


def add_role(session, person_id, role, grid_code, industry="", starts_on=None, ends_on=None):
    session.add(
        Assignment(
            person_id=person_id,
            role=Role(role),
            grid_code=grid_code,
            industry=industry,
            starts_on=starts_on and date.fromisoformat(starts_on),
            ends_on=ends_on and date.fromisoformat(ends_on),
        )
    )
    session.flush()


def bind(session, person_id, chat, *, platform="memory", now):
    session.add(Account(platform=platform, chat=chat, person_id=person_id, bound_at=now))
    session.get_one(Person, person_id).digest_at = now
    session.flush()


def add_enterprise(session, name, *, code="91341823MA2N000000", industry="danger", grid=VILLAGE, managers=(), now):
    """An enterprise with its industry and the people who answer for it."""
    if session.get(Industry, industry) is None:
        session.add(Industry(code=industry, name=industry))
        session.flush()
    row = Enterprise(
        name=name, credit_code=code, industry=industry, grid_code=grid, address="", lat=30.53, lon=118.21,
        standard="", headcount=None, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for person_id in managers:
        session.add(EnterprisePerson(enterprise_id=row.id, person_id=person_id, duty="principal"))
    session.flush()
    return row.id


def cast(session, now):
    """林 陈 周 吴 郑 in their grids, each on the memory platform under a chat of the family name."""
    add_grids(session)
    people = {
        "lin": add_person(session, "林晓梅", "19900000001", (Role.OFFICER, VILLAGE), chat="lin", now=now),
        "chen": add_person(session, "陈建国", "19900000002", (Role.OFFICER, NEXT_VILLAGE), chat="chen", now=now),
        "zhou": add_person(session, "周敏", "19900000003", (Role.SUPERVISOR, COUNTY), chat="zhou", now=now),
        "wu": add_person(session, "吴志强", "19900000004", (Role.MANAGER, VILLAGE), chat="wu", now=now),
        "zheng": add_person(session, "郑国平", "19900000005", (Role.LEADER, COUNTY), chat="zheng", now=now),
        "sun": add_person(session, "孙立新", "19900000006", (Role.GRID_HEAD, TOWN), chat="sun", now=now),
        "qian": add_person(session, "钱文静", "19900000007", (Role.ADMIN, COUNTY), chat="qian", now=now),
    }
    people["station"] = add_enterprise(session, "靠山加油站", managers=[people["wu"]], now=now)
    return people
