"""A move that breaks off, wherever that is, has not happened; the next attempt makes all of it."""

from contextlib import contextmanager, suppress
from itertools import count

import pytest
from sqlalchemy import Engine, event, func, select

from models.audit import AuditRow, verify
from models.hazards.flow import MOVES, State
from models.hazards.history import find_mismatches
from models.hazards.tables import Hazard, HazardEvent, HazardOwner, HazardPhoto
from models.outbox import OutboxRow
from tests.models.hazards.test_flow import evidence, stand, whoever_may

TABLES = (HazardEvent, HazardPhoto, OutboxRow, AuditRow, HazardOwner)
BROKEN = {move.action: move for move in MOVES if move.action in {"verify", "accept", "submit", "fail", "pass"}}


class Broke(Exception):
    """What no statement says by itself."""


@contextmanager
def breaking(at):
    """Let the statement of this number fail; yields whether it came to that."""
    numbers, broke = count(), []

    def fail(*_details):
        if next(numbers) == at:
            broke.append(at)
            raise Broke

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        yield broke
    finally:
        event.remove(Engine, "before_cursor_execute", fail)


async def everything(town, hazard_id):
    def unit(session):
        row = session.get_one(Hazard, hazard_id)
        counts = [session.scalar(select(func.count()).select_from(table)) for table in TABLES]
        return counts, [getattr(row, column.name) for column in Hazard.__table__.columns]

    return await town.store.read(unit)


@pytest.mark.parametrize("move", BROKEN.values(), ids=BROKEN)
async def test_move_that_breaks_off_anywhere_has_not_happened(town, move):
    hazard_id = await stand(town, min(move.sources), move)
    await town.puts(hazard_id, reporter_id=town.ids["fang"])
    before, actor = await everything(town, hazard_id), whoever_may(move)
    asked = await evidence(town, move)
    for number in count():
        with breaking(number) as broke, suppress(Broke):
            await town.moves(actor, hazard_id, move.action, **asked)
        if not broke:
            break
        assert await everything(town, hazard_id) == before, f"broken off at statement {number}"
    assert number > 10
    assert (await town.hazard(hazard_id)).state is (move.target if not move.then else State.ASSIGNED)
    assert (await town.store.read(verify)).broken is None


async def test_report_that_breaks_off_anywhere_leaves_no_case(town):
    for number in count():
        with breaking(number) as broke, suppress(Broke):
            made = await town.registers()
        if not broke:
            break
        counts = await town.store.read(
            lambda session: [session.scalar(select(func.count(table.id))) for table in TABLES]
        )
        assert counts == [0] * len(TABLES), f"broken off at statement {number}"
    assert await town.store.read(lambda session: list(find_mismatches(session))) == [None]
    assert made.hazard.number.endswith("-0001")
