"""What happens to a hazard stands in the audit as well: one row per act, in the transaction of the act."""

import asyncio

import pytest
from sqlalchemy import func, select

from models.audit import AuditRow, verify
from models.errors import Stale
from models.hazards.tables import Hazard, HazardEvent


async def audit(town):
    return await town.store.read(lambda session: session.scalars(select(AuditRow).order_by(AuditRow.id)).all())


async def test_report_and_dispatch_are_a_row_each(town):
    hazard_id = await town.reports("lin")
    rows = await audit(town)
    assert [(row.action, row.subject, row.person_id) for row in rows] == [
        ("hazards:report", f"hazard:{hazard_id}", town.ids["lin"]),
        ("hazards:dispatch", f"hazard:{hazard_id}", None),
    ]
    assert rows[0].detail["number"] == "YH20261123-0001"
    assert rows[0].detail["said"] == "卸油口静电接地线脱落"
    assert (rows[1].detail["from"], rows[1].detail["to"]) == ("accepted", "assigned")


async def test_move_is_a_row_and_one_that_came_too_late_is_none(town):
    hazard_id = await town.reports("lin")
    await town.moves("wu", hazard_id, "accept")
    with pytest.raises(Stale):
        await town.moves("wu", hazard_id, "accept")
    assert [row.action for row in await audit(town)][2:] == ["hazards:accept"]


async def test_fifty_reports_at_once_make_fifty_cases_and_one_chain(town):
    """In parallel transactions on PostgreSQL, in shared ones on SQLite."""
    await asyncio.gather(*(town.reports("lin", description=f"第{n}号灭火器过期") for n in range(50)))

    def unit(session):
        counts = [session.scalar(select(func.count(column))) for column in (Hazard.id, HazardEvent.id, AuditRow.id)]
        numbers = session.scalars(select(Hazard.number)).all()
        return counts, len(set(numbers)), verify(session).broken

    assert await town.store.read(unit) == ([50, 100, 100], 50, None)
