"""Whatever people try, in whatever order: the loop holds.

Hypothesis draws who is away, what is reported, and who presses what, one after the other or at once. After every
step each case must stand where its history leads, and everything in the history must have been somebody's right;
what that is `machine.py` says a second time, without asking the product.
"""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from models.audit import verify
from models.hazards.deadlines import current_due
from models.hazards.flow import OPEN, State, find_move
from models.hazards.history import replay
from models.session import open_store
from tests import databases
from tests.models.hazards.machine import ACTIONS, COLUMNS, LEGAL, PEOPLE, REPORTERS, STAND_INS, Press, World

STEPS = 20
# What a found story is cut down to takes minutes; WANGGE_SHRINK=1 asks for it.
PHASES = (Phase.explicit, Phase.generate) + ((Phase.shrink,) if os.environ.get("WANGGE_SHRINK") else ())
CALM = {"derandomize": True, "deadline": None, "phases": PHASES, "suppress_health_check": list(HealthCheck)}

pauses = st.sampled_from([{}, {}, {"minutes": 5}, {"hours": 5}, {"days": 1}, {"days": 4}])
absences = st.lists(
    st.tuples(st.sampled_from(STAND_INS), st.integers(0, 3), st.integers(0, 9)), max_size=2,
    unique_by=lambda absence: absence[0][0],
)  # fmt: skip
reports = st.sampled_from(sorted(REPORTERS)).flatmap(
    lambda place: st.tuples(st.just(place), st.sampled_from(REPORTERS[place]), st.sampled_from(["general", "major"]))
)
wild = st.builds(
    Press, st.sampled_from(sorted(PEOPLE)), st.sampled_from(ACTIONS), st.sampled_from(["说明", "说明", " "]),
    st.integers(0, 2),
)  # fmt: skip


@pytest.fixture
async def world_on(clock):
    """Make the county of the machine in a database."""
    stores = []

    async def make(url):
        stores.append(open_store(url))
        return await World(stores[-1], clock).settle_down()

    yield make
    for store in stores:
        await store.close()


@pytest.fixture
def in_memory(sqlite_template):
    """A database for which no disk has to turn: hundreds of commits, and nothing that must outlast a power cut."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield databases.sqlite_copy(sqlite_template, Path(folder))


@pytest.fixture
async def on_sqlite(world_on, in_memory):
    world = await world_on(in_memory)
    yield world
    # A machine that never gets anywhere proves nothing.
    assert set(ACTIONS) == world.walked - {"supplement"}


@pytest.fixture
async def on_postgres(world_on, postgres_database):
    return await world_on(postgres_database)


@pytest.mark.timeout(300)
@settings(max_examples=60, **CALM)
@given(data=st.data())
async def test_loop_holds_whatever_people_try(on_sqlite, data):
    await play(on_sqlite, data)


@pytest.mark.timeout(300)
@settings(max_examples=8, **CALM)
@given(data=st.data())
async def test_loop_holds_on_postgres_too(on_postgres, data):
    await play(on_postgres, data)


async def play(world, data):
    """One story, from the reports to the last press."""
    await world.begin(data.draw(absences), data.draw(st.lists(reports, min_size=2, max_size=3)))
    for case in world.cases:
        if case.row.is_major and data.draw(st.booleans()):
            await world.fill_items(case)
    check_all(world)
    for _step in range(STEPS):
        world.clock.advance(**data.draw(pauses))
        case = world.cases[data.draw(st.integers(0, len(world.cases) - 1))]
        presses = [draw_press(world, case, data) for _ in range(data.draw(st.sampled_from([1, 1, 1, 2, 3])))]
        note(f"{world.clock():%d %H:%M} case {case.id} {case.state}: {presses}")
        await (one(world, case, *presses) if len(presses) == 1 else several(world, case, presses))
        check_all(world)
    report = await world.store.read(verify)
    assert report.broken is None
    assert await world.unaudited() == []


def draw_press(world, case, data):
    """Mostly something that has to succeed here, so that stories get somewhere."""
    promising = world.promising(case) if data.draw(st.integers(0, 3)) else []
    if not promising:
        return data.draw(wild)
    action = data.draw(st.sampled_from(sorted({press.action for press in promising})))
    return data.draw(st.sampled_from([press for press in promising if press.action == action]))


async def one(world, case, press):
    """A press by itself succeeds exactly if the rules say so; refused, it has written nothing at all."""
    expected, before = world.may(press, case), world.written(case)
    refusal = await world.try_press(case, press)
    fresh = await world.look(case)
    assert (refusal is None) == expected, f"{press} in {case.state}: {refusal!r}"
    if refusal:
        assert world.written(case) == before, f"{press} was refused ({refusal}) and has written something"
    judge(world, case, fresh, [] if refusal else [press])


async def several(world, case, presses):
    """Of presses at the same moment those succeed that the history shows, and no others."""
    refusals = await asyncio.gather(*(world.try_press(case, press) for press in presses))
    made = [press for press, refusal in zip(presses, refusals, strict=True) if refusal is None]
    judge(world, case, await world.look(case), made)


def judge(world, case, fresh, made):
    """Whether what was written was each maker's right at that moment, and is what the makers were told."""
    # What another case was merged into has its words by now, too.
    by_people = [event for event in fresh if event.person_id is not None and event.action != "supplement"]
    assert sorted((world.name(event.person_id), event.action) for event in by_people) == sorted(
        (press.who, press.action) for press in made
    )
    for event in fresh:
        judge_one(world, case, event)
        case.events.append(event)
        world.walked.add(event.action)
    case.owners = case.owners_now


def judge_one(world, case, event):
    move, last = find_move(event.action), case.events[-1]
    if move is None:
        assert (event.action, event.from_state) == ("supplement", event.to_state)
        return
    assert (event.from_state, event.action, event.to_state) in LEGAL
    assert event.from_state is last.to_state
    if event.person_id is None:
        assert find_move(last.action).then == event.action
        return
    who = world.name(event.person_id)
    absent = world.name(event.on_behalf_of) if event.on_behalf_of else None
    assert absent in world.hands(who, move, case), f"{who} for {absent} made {event.action}"
    assert world.hindrance(who, absent, move, case) == ""
    assert len(event.photos) >= move.min_photos
    assert event.note or "note" not in move.asks


def check_all(world):
    """What holds for every case at any time."""
    for case in world.cases:
        row, stand = case.row, replay(case.events)
        assert {name: getattr(row, name) for name in COLUMNS} == {name: getattr(stand, name) for name in COLUMNS}
        assert (row.state is State.MERGED) == (row.merged_into is not None)
        if row.state not in OPEN:
            continue
        assert current_due(row) is not None, f"case {case.id} waits in {row.state} for ever"
        assert row.wake_at is not None, f"case {case.id} in {row.state} is never looked at"
        assert world.has_somebody(case), f"case {case.id} in {row.state} is nobody's"
