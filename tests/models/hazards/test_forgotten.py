"""No open case is left alone by the clock without somebody being told of it."""

from datetime import timedelta

from models.hazards import forgotten
from models.hazards.forgotten import find_forgotten
from models.hazards.reminders import do_wake
from models.hazards.steps import list_steps
from tests.models.hazards.conftest import RULES


async def forgotten_in(town):
    found = await town.store.read(lambda session: list(find_forgotten(session, rules=RULES, now=town.clock())))
    return [(case.number, case.is_late) for case in found]


async def test_case_that_has_its_time_is_not_forgotten(town):
    await town.reports()
    assert await forgotten_in(town) == []


async def test_case_without_a_time_is_forgotten(town, monkeypatch):
    monkeypatch.setattr(forgotten, "PAGE", 2)
    cases = [await town.registers() for _ in range(5)]
    for made in cases[1:]:
        await town.puts(made.hazard.id, wake_at=None)
    assert await forgotten_in(town) == [(made.hazard.number, False) for made in cases[1:]]


async def test_clock_that_stands_still_is_found(town):
    made = await town.registers()
    await town.puts(made.hazard.id, wake_at=town.clock() - timedelta(minutes=59))
    assert await forgotten_in(town) == []
    town.clock.advance(minutes=2)
    assert await forgotten_in(town) == [(made.hazard.number, True)]


async def test_closed_case_and_one_of_which_all_is_said_are_left_alone(town):
    hazard_id = await town.reports()
    town.clock.advance(days=60)
    await town.store.write(lambda session: do_wake(session, hazard_id, rules=RULES, now=town.clock()))
    hazard = await town.hazard(hazard_id)
    assert hazard.wake_at is None
    assert list_steps(forgotten.Case.of(hazard), RULES)
    assert await forgotten_in(town) == []
    await town.moves("wu", hazard_id, "accept")
    await town.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))
    await town.moves("lin", hazard_id, "pass")
    assert await forgotten_in(town) == []
