"""When time is up, and how it is said."""

from datetime import UTC, datetime, timedelta

import pytest

from models.hazards.deadlines import current_due, deadline_after, due_after, show_left
from models.hazards.flow import State
from models.hazards.tables import Hazard
from models.texts import Reader
from models.workdays import after_working_days
from tests.models.hazards.conftest import RULES

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 09:00 in the county


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"days": 7}, "剩7天"),
        ({"days": 6, "hours": 23, "minutes": 59}, "剩6天23小时"),
        ({"days": 2, "hours": 3}, "剩2天3小时"),
        ({"hours": 5, "minutes": 10}, "剩5小时"),
        ({"minutes": 59}, "剩59分钟"),
        ({"seconds": 1}, "剩1分钟"),
        ({}, "剩1分钟"),
        ({"seconds": -1}, "已超期1分钟"),
        ({"hours": -5}, "已超期5小时"),
        ({"days": -3, "hours": -1}, "已超期3天1小时"),
        ({"days": -400}, "已超期400天"),
    ],
)
def test_time_left_is_said(span, said):
    assert Reader().read(show_left(NOW + timedelta(**span), NOW)) == said


@pytest.mark.parametrize(
    ("days", "weekday_and_day"),
    [(1, "Tue 24"), (4, "Fri 27"), (5, "Mon 30"), (10, "Mon 07")],
)
def test_working_days_leave_out_the_weekend(days, weekday_and_day):
    assert f"{after_working_days(NOW, days, RULES.calendar):%a %d}" == weekday_and_day


def test_friday_evening_in_greenwich_is_saturday_in_the_county():
    late = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    assert f"{after_working_days(late, 1, RULES.calendar):%a %d %H}" == "Sun 29 17"  # Monday, 01:00 in the county


def test_deadlines_follow_the_rules():
    assert deadline_after(RULES.hazards, 7, now=NOW) == NOW + timedelta(days=7)
    assert deadline_after(RULES.hazards, 0, now=NOW) == NOW + timedelta(hours=RULES.hazards.spot_hours)
    assert due_after(RULES, "verify_hours", now=NOW) == NOW + timedelta(hours=2)
    assert due_after(RULES, "review_working_days", now=NOW) == NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("state", "due"),
    [(State.ASSIGNED, "deadline"), (State.RECTIFYING, "deadline"), (State.REVIEW, "step"), (State.SUSPENDED, "until"),
     (State.CLOSED, None)],
)  # fmt: skip
def test_card_counts_down_to_what_runs_now(state, due):
    times = {"deadline": NOW, "step": NOW + timedelta(1), "until": NOW + timedelta(2), None: None}
    step = times["step"] if state is State.REVIEW else None
    hazard = Hazard(state=state, deadline=times["deadline"], state_due=step, suspended_until=times["until"])
    assert current_due(hazard) == times[due]
