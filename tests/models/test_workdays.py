"""Working days by the Chinese calendar, around holidays as the State Council laid them down (国办发明电〔2025〕7号)."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from models.rules import CalendarRules
from models.workdays import after_working_days, first_known, is_workday, last_known, unknown_years

PLAIN = CalendarRules()


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),  # Friday before 春节
        ("2026-02-14", True),  # Saturday, worked off beforehand
        ("2026-02-15", False),
        ("2026-02-16", False),  # 除夕, a Monday
        ("2026-02-23", False),  # the last day off, a Monday
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, worked off afterwards
        ("2026-03-01", False),  # a plain Sunday
        ("2026-09-20", True),  # Sunday, worked off before 国庆
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-10", True),  # Saturday, worked off afterwards
        ("2026-01-04", True),  # Sunday after 元旦
        ("2026-11-23", True),
        ("2026-11-28", False),
    ],
)
def test_workday_follows_the_calendar(day, works):
    assert is_workday(date.fromisoformat(day), PLAIN) is works


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-09-30", 1, "2026-10-08"),  # over 国庆
        ("2026-09-30", 3, "2026-10-10"),  # the make-up Saturday counts
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-02-13", 1, "2026-02-14"),  # the make-up Saturday before 春节
        ("2026-02-13", 2, "2026-02-24"),  # over 春节
        ("2026-02-14", 10, "2026-03-06"),  # 24–28 February, then 2–6 March
        ("2026-04-30", 1, "2026-05-06"),  # over 劳动节
    ],
)
def test_working_days_pass_over_holidays(start, days, end):
    nine = datetime.fromisoformat(start).replace(hour=1, tzinfo=UTC)  # 09:00 in the county
    assert after_working_days(nine, days, PLAIN).date() == date.fromisoformat(end)


def test_year_that_is_not_known_counts_monday_to_friday():
    monday = date(last_known() + 2, 10, 1)
    monday += timedelta(days=-monday.weekday() % 7)
    assert [is_workday(monday + timedelta(days=n), PLAIN) for n in range(7)] == [True] * 5 + [False] * 2
    assert is_workday(date(first_known() - 1, 10, 1), PLAIN) is (date(first_known() - 1, 10, 1).weekday() < 5)


def test_county_adds_days_and_goes_before_the_library():
    far = last_known() + 2
    friday = next(d for n in range(7) if (d := date(far, 2, 1) + timedelta(days=n)).weekday() == 4)
    sunday = friday + timedelta(days=2)
    county = attrs.evolve(PLAIN, holidays=(friday, date(2026, 11, 23)), workdays=(sunday, date(2026, 10, 1)))
    works = [is_workday(day, county) for day in (friday, sunday, date(2026, 11, 23), date(2026, 10, 1))]
    assert works == [False, True, False, True]


def test_unknown_years_are_named_in_time():
    december, november = datetime(last_known(), 12, 1, tzinfo=UTC), datetime(last_known(), 11, 1, tzinfo=UTC)
    assert unknown_years(PLAIN, now=november) == []
    assert unknown_years(PLAIN, now=december) == [last_known() + 1]
    told = CalendarRules(holidays=(date(last_known() + 1, 10, 1),))
    assert unknown_years(told, now=december) == []
