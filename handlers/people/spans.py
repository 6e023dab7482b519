"""From which day to which: the two questions that 代班 and 请假 ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from handlers.dialog import Answers, Choice
from handlers.registry import Request
from models.access import local_day
from models.people.days import read_day, read_last_day
from models.people.deputies import check_span
from models.people.entries import day_of
from models.texts import Line, When, _

LENGTHS = (1, 3, 7, 14)


def read_starts(request: Request, _answers: Answers) -> str:
    """Read the first day. Raises: InvalidInput: no day, or in the past."""
    day = read_day(request.incoming.text, today=local_day(request.now))
    check_span(day, day, now=request.now)
    return day.isoformat()


def starts_choices(request: Request, _answers: Answers) -> Sequence[Choice]:
    """Today or tomorrow."""
    today = local_day(request.now)
    return [
        Choice(_("今天"), "d0", today.isoformat()),
        Choice(_("明天"), "d1", (today + timedelta(days=1)).isoformat()),
    ]


def read_until(request: Request, answers: Answers) -> str:
    """Read the last day. Raises: InvalidInput: no day, before the first one, or too late."""
    first = date.fromisoformat(answers["starts"])
    last = read_last_day(request.incoming.text, starts_on=first, today=local_day(request.now))
    check_span(first, last, now=request.now)
    return last.isoformat()


def until_choices(_request: Request, answers: Answers) -> Sequence[Choice]:
    """So many days."""
    first = date.fromisoformat(answers["starts"])
    return [
        Choice(_("{count}天", count=count), f"n{count}", (first + timedelta(days=count - 1)).isoformat())
        for count in LENGTHS
    ]


def in_order(_request: Request, answers: Answers) -> bool:
    """Tell whether the last day can stand beside the first one."""
    return "starts" not in answers or answers["until"] >= answers["starts"]


def show_day(_request: Request, day: str) -> Line:
    """A day as people read it."""
    return When(day_of(date.fromisoformat(day)), "day")
