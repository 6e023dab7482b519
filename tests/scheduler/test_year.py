"""The better part of a year passes: every reminder comes, none comes twice, nobody hears a digest twice a day.

The full size, 1,000 enterprises and 20,000 hazards, is `python -m benchmarks year`.
"""

import pytest

from models.hazards.history import find_mismatches
from tests.models.hazards.conftest import RULES
from tests.scheduler.foretold import compare
from tests.scheduler.year import Scale, Year

pytestmark = pytest.mark.timeout(400)


async def live(store, clock, media, scale):
    year = Year(store, media, clock, RULES, scale)
    await year.begin()
    await year.leave()
    await year.run()
    found = compare(year)
    counts = {name: value if isinstance(value, int) else len(value) for name, value in found.items()}
    print(f"{scale}: {year.acts} moves, {year.ticks} ticks, {counts}")
    return year, found


# From New Year past the Spring Festival, Qingming and May Day; on PostgreSQL past the first of them.
YEARS = [
    pytest.param("sqlite", Scale(2, 60, 200), id="sqlite"),
    pytest.param("postgres", Scale(2, 20, 45), id="postgres"),
]


@pytest.mark.parametrize(("database_url", "scale"), YEARS, indirect=["database_url"])
async def test_year_brings_every_reminder_once_and_one_digest_a_day(store, clock, media, scale):
    year, found = await live(store, clock, media, scale)
    assert {name: rows[:5] for name, rows in found.items() if isinstance(rows, list) and rows} == {}
    assert found["reminders twice"] == 0
    assert found["reminders sent"] > scale.hazards
    assert await store.read(lambda session: [one for one in find_mismatches(session) if one]) == []
    stood = {stay.state for case in year.cases.values() for stay in case.stays}
    assert scale.days < 200 or stood >= {"extension", "suspended", "review", "delisting", "accepted", "reported"}
