"""Numbers are never given twice, whoever draws at the same time."""

import asyncio
from datetime import UTC, datetime

import pytest

from models.errors import DomainError, NotFound
from models.hazards.numbers import do_number
from models.hazards.tables import HazardCounter


async def test_two_hundred_reports_at_once_get_two_hundred_numbers(town):
    reporters = ["lin", "sun", "zhou", "fang", "wu"]
    registered = await asyncio.gather(*(town.registers(reporters[i % 5]) for i in range(200)))
    numbers = sorted(case.hazard.number for case in registered)
    assert numbers == [f"YH20261123-{n:04}" for n in range(1, 201)]
    assert len({case.hazard.id for case in registered}) == 200


async def test_two_hundred_draws_at_once_leave_no_gap(store, clock):
    draws = (store.write(lambda session: do_number(session, "341823", now=clock())) for _ in range(200))
    assert sorted(await asyncio.gather(*draws)) == [f"YH20261123-{n:04}" for n in range(1, 201)]


async def test_counties_and_days_count_apart(store, clock):
    def draw(county, now):
        return store.write(lambda session: do_number(session, county, now=now))

    assert await draw("341823", clock()) == "YH20261123-0001"
    assert await draw("341824", clock()) == "YH20261123-0001"
    # 16:00 in Greenwich is midnight in the county.
    assert await draw("341823", datetime(2026, 11, 23, 15, 59, tzinfo=UTC)) == "YH20261123-0002"
    assert await draw("341823", datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == "YH20261124-0001"


async def test_number_of_a_refused_report_is_given_to_the_next(town):
    elsewhere = town.finding().spot
    with pytest.raises(DomainError):
        await town.registers("lin", description="")
    with pytest.raises(NotFound):
        await town.registers("chen", spot=elsewhere)
    assert (await town.registers("lin")).hazard.number == "YH20261123-0001"


async def test_ten_thousandth_of_a_day_gets_five_digits(store, clock):
    def unit(session):
        do_number(session, "341823", now=clock())
        session.query(HazardCounter).update({"last": 9999})
        return do_number(session, "341823", now=clock())

    assert await store.write(unit) == "YH20261123-10000"
