"""Nothing crosses: whatever the tree and the roles, a person sees exactly what the rules of the house say."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from models.access import AREA_ROLES, Actor, Area, is_inside
from models.base import Base
from models.errors import NotFound
from models.hazards.access import access_hazard, may_see, visible_hazards
from models.hazards.flow import Side, State
from models.hazards.search import list_hazards, tally
from models.hazards.tables import Hazard, HazardOwner, Source
from models.hazards.todo import list_todo
from models.ledgers.filters import Filter
from models.people.tables import Deputy, Role
from models.session import Session
from tests.models.hazards.conftest import RULES

NOW = datetime.fromisoformat("2026-11-23T01:00:00+00:00")
TODAY = date(2026, 11, 23)
CODES = [
    "341823", "341823101", "341823102", "341823101201", "341823101202", "341823102201",
    "341823101201-1", "341823101201-10", "341823101202-1",
]  # fmt: skip
INDUSTRIES = ["", "gas", "hazchem"]
PEOPLE = range(1, 6)
ENTERPRISES = (1, 2)

areas = st.builds(Area, st.sampled_from(list(Role)), st.sampled_from(CODES), st.sampled_from(INDUSTRIES))
actors = st.builds(
    Actor, st.sampled_from(PEOPLE), st.just("林"), st.just(""), st.just("zh"),
    st.lists(areas, max_size=3).map(tuple), st.lists(st.sampled_from(ENTERPRISES), unique=True).map(tuple),
    st.just(TODAY),
)  # fmt: skip
hazards = st.fixed_dictionaries(
    {
        "grid_code": st.sampled_from(CODES),
        "industry": st.sampled_from(INDUSTRIES),
        "enterprise_id": st.none() | st.sampled_from(ENTERPRISES),
        "reporter_id": st.sampled_from(PEOPLE),
        "state": st.sampled_from(list(State)),
    }
)
owners = st.sets(st.tuples(st.integers(0, 5), st.sampled_from(PEOPLE), st.sampled_from(list(Side))), max_size=6)
deputies = st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(-3, 3)), max_size=3)


@pytest.fixture(scope="module")
def engine():
    """Tables without foreign keys switched on: the stories need no grids and people, only their codes."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def fill(session, cases, owned, absences):
    for index, case in enumerate(cases):
        at = {"state_since": NOW, "found_at": NOW, "reported_at": NOW, "deadline": NOW + timedelta(days=index - 2)}
        session.add(
            Hazard(
                id=index + 1, number=f"YH20261123-{index:04}", county="341823", place="", description="堵塞",
                remark="", category="gas", level="general", is_major=False, source=Source.PATROL, round=1,
                returned=0, extensions=0, **at, **case,
            )
        )  # fmt: skip
    for index, person_id, side in owned:
        if index < len(cases):
            session.add(HazardOwner(hazard_id=index + 1, person_id=person_id, side=side))
    for person_id, deputy_id, days in absences:
        day = TODAY + timedelta(days=days)
        session.add(Deputy(person_id=person_id, deputy_id=deputy_id, starts_on=day, ends_on=day))
    session.flush()


def expected(actor, cases, owned, absences):
    """The rules once more, in plain words and without SQL."""
    stands_for = {who for who, deputy, days in absences if deputy == actor.person_id and days == 0}
    me = {actor.person_id, *stands_for}
    found = set()
    for index, case in enumerate(cases):
        in_area = any(
            area.role in AREA_ROLES
            and is_inside(case["grid_code"], area.grid_code)
            and area.industry in ("", case["industry"])
            for area in actor.areas
        )
        verified = case["state"] not in (State.REPORTED, State.DISMISSED)
        managed = case["enterprise_id"] in actor.enterprise_ids and verified
        owns = any(at == index and person in me for at, person, _side in owned)
        if in_area or managed or owns or case["reporter_id"] in me:
            found.add(index + 1)
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actor=actors, cases=st.lists(hazards, max_size=6), owned=owners, absences=deputies)
def test_person_sees_what_is_theirs_and_nothing_else(engine, actor, cases, owned, absences):
    with engine.connect() as connection, Session(connection) as session:
        fill(session, cases, owned, absences)
        theirs = expected(actor, cases, owned, absences)
        assert {hazard.id for hazard in session.scalars(visible_hazards(actor))} == theirs
        for ident in range(1, len(cases) + 2):
            if ident in theirs:
                assert access_hazard(session, actor, ident).id == ident
            else:
                with pytest.raises(NotFound):
                    access_hazard(session, actor, ident)
        session.rollback()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actor=actors, cases=st.lists(hazards, max_size=6), owned=owners, code=st.sampled_from(CODES),
    word=st.sampled_from(["堵", "100%", "_"]),
)  # fmt: skip
def test_no_filter_and_no_count_shows_more(engine, actor, cases, owned, code, word):
    with engine.connect() as connection, Session(connection) as session:
        fill(session, cases, owned, set())
        theirs = expected(actor, cases, owned, set())
        filters = [Filter("grid", code, ""), Filter("text", word, "")]
        page = {"page": 0, "now": NOW, "rules": RULES.hazards}
        every = [index + 1 for index in range(len(cases)) if index + 1 in theirs]
        assert tally(session, actor, now=NOW, rules=RULES.hazards).total == len(every)
        found = {row.hazard.id for row in list_hazards(session, actor, filters, **page).rows}
        fitting = {ident for ident in every if is_inside(cases[ident - 1]["grid_code"], code) and word == "堵"}
        assert found == fitting
        assert {item.hazard_id for item in list_todo(session, actor, NOW, RULES.hazards)} <= theirs
        session.rollback()


async def test_neighbour_and_stranger_see_nothing_on_either_database(town):
    hazard_id = await town.reports("lin")
    for name in ("chen", "nobody"):
        ident = town.ids.get(name, 10**6)
        seen = await town.store.read(
            lambda session, ident=ident: may_see(session, ident, str(hazard_id), town.clock())
        )  # fmt: skip
        assert seen is False
    for forged in ("", "1e3", "１", "-1", "9" * 30, "1 OR 1=1"):
        assert not await town.store.read(
            lambda session, forged=forged: may_see(session, town.ids["lin"], forged, town.clock())
        )
