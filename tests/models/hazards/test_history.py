"""The events of a hazard, replayed, give what is stored; what does not fit is named."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as hooks
from sqlalchemy import update

from models.hazards import history
from models.hazards.flow import State, find_move
from models.hazards.history import Broken, Mismatch, Standing, find_mismatches, replay
from models.hazards.tables import HazardEvent
from tests.models.hazards.test_flow import evidence, whoever_may

START = datetime(2026, 11, 23, 1, tzinfo=UTC)


@dataclass
class Row:
    action: str
    from_state: State | None
    to_state: State
    at: datetime = START


def told(*steps):
    """Events an hour apart, written as "action>state"."""
    rows, state = [], None
    for hour, step in enumerate(steps):
        action, _, target = step.partition(">")
        rows.append(Row(action, state, State(target), START + timedelta(hours=hour)))
        state = State(target)
    return rows


def test_replay_counts_rounds_returns_and_extensions():
    story = ("report>accepted", "dispatch>assigned", "return>accepted", "dispatch>assigned", "accept>rectifying",
             "extend>extension", "approve>rectifying", "submit>review", "fail>rectifying", "submit>review",
             "pass>closed", "reopen>rectifying")  # fmt: skip
    stand = replay(told(*story))
    assert stand == Standing(State.RECTIFYING, START + timedelta(hours=11), round=3, returned=1, extensions=1)
    closed = replay(told(*story[:-1]))
    assert (closed.state, closed.closed_at) == (State.CLOSED, START + timedelta(hours=10))


def test_replay_remembers_where_a_suspended_hazard_came_from():
    story = ("report>accepted", "suspend>suspended")
    assert replay(told(*story)).state_before is State.ACCEPTED
    assert replay(told(*story, "resume>accepted")).state_before is None


def test_replay_passes_over_what_moves_nothing():
    stand = replay(told("report>accepted", "photo>accepted", "supplement>accepted"))
    assert stand == Standing(State.ACCEPTED, START)


@pytest.mark.parametrize(
    ("story", "fault"),
    [
        ((), "no history"),
        (("accept>rectifying",), "begins with accept"),
        (("report>closed",), "begins with report"),
        (("report>accepted", "pass>closed"), "pass leads from accepted to closed"),
        (("report>accepted", "dispatch>review"), "dispatch leads from accepted to review"),
        (("report>accepted", "suspend>suspended", "resume>review"), "resume leads from suspended to review"),
        (("report>accepted", "photo>review"), "photo leads to review"),
    ],
)
def test_history_that_cannot_be_is_refused(story, fault):
    with pytest.raises(Broken, match=fault):
        replay(told(*story))


def test_gap_in_the_history_is_refused():
    rows = told("report>accepted", "dispatch>assigned", "accept>rectifying")
    with pytest.raises(Broken, match="accept from assigned, but it stood in accepted"):
        replay([rows[0], rows[2]])


async def test_sound_cases_stand_where_their_history_ends(town, monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    cases = [await town.reports() for _ in range(5)]
    for hazard_id, steps in zip(cases, (1, 2, 3, 4, 0), strict=True):
        for action in ("accept", "submit", "fail", "submit")[:steps]:
            move = find_move(action)
            await town.moves(whoever_may(move), hazard_id, action, **await evidence(town, move))
        town.clock.advance(hours=1)
    assert await town.store.read(lambda session: list(find_mismatches(session))) == [None] * 5


async def test_changed_row_and_lost_event_are_named(town):
    first, second, third = [await town.registers() for _ in range(3)]
    await town.puts(first.hazard.id, state=State.CLOSED, round=4)
    lost = update(HazardEvent).where(HazardEvent.hazard_id == second.hazard.id, HazardEvent.action == "report")
    await town.store.write(lambda session: session.execute(lost.values(hazard_id=third.hazard.id)))
    found = await town.store.read(lambda session: list(find_mismatches(session)))
    assert found[0] == Mismatch(first.hazard.number, ("state", "round"))
    assert (found[1].number, found[1].fault) == (second.hazard.number, "begins with dispatch")
    assert found[2].number == third.hazard.number


async def test_walk_reads_a_page_at_a_time(town, monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    for _ in range(5):
        await town.reports()
    statements = []
    hooks.listen(town.store.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    await town.store.read(lambda session: list(find_mismatches(session)))
    assert len(statements) == 3 * 2 + 1
