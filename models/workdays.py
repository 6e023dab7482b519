"""Working days by the Chinese calendar: public holidays, and the weekends on which they are worked off (调休).

The State Council names the days of a year in the November before. The library has them by then; a year it does not
know yet counts Monday to Friday, with what the county has written into `[calendar]` of rules.toml.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

from models.access import local_day
from models.rules import CalendarRules

_SATURDAY = 5


def is_workday(day: date, calendar: CalendarRules) -> bool:
    """Tell whether people work on this day; what the county says goes before the library."""
    if day in calendar.workdays:
        return True
    return day not in calendar.holidays and _is_workday(day)


@cache
def _is_workday(day: date) -> bool:
    import chinese_calendar

    if first_known() <= day.year <= last_known():
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _SATURDAY


@cache
def first_known() -> int:
    """The first year whose public holidays are known."""
    import chinese_calendar

    return int(min(chinese_calendar.holidays).year)


@cache
def last_known() -> int:
    """The last year whose public holidays are known."""
    import chinese_calendar

    return int(max(chinese_calendar.holidays).year)


def after_working_days(now: datetime, days: int, calendar: CalendarRules) -> datetime:
    """The same hour so many working days of the county later."""
    at = now
    while days:
        at += timedelta(days=1)
        days -= is_workday(local_day(at), calendar)
    return at


def unknown_years(calendar: CalendarRules, *, now: datetime) -> list[int]:
    """This year, and from December the next one, if neither the library nor the county knows its holidays."""
    today = local_day(now)
    wanted = [today.year, today.year + 1] if today.month == 12 else [today.year]
    named = {day.year for day in (*calendar.holidays, *calendar.workdays)}
    return [year for year in wanted if not (first_known() <= year <= last_known() or year in named)]
