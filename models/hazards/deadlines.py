"""When a hazard's time is up, and how that is said."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.hazards.flow import RUNNING, State
from models.hazards.tables import Hazard
from models.rules import HazardRules, Rules
from models.texts import Text, _
from models.workdays import after_working_days

# Nobody has been told to put it right yet, or the answer to a request is due first.
_OFFICE_STEPS = frozenset({State.REPORTED, State.ACCEPTED, State.EXTENSION})
_HOUR_S, _MINUTE_S = 3600, 60


def deadline_after(rules: HazardRules, days: int, *, now: datetime) -> datetime:
    """Until when it must be put right; 0 days (当场) are the hours of the rules."""
    return now + (timedelta(days=days) if days else timedelta(hours=rules.spot_hours))


def due_after(rules: Rules, key: str, *, now: datetime) -> datetime:
    """Until when the next move is due. `key`: a number of the hazards' rules in hours or working days."""
    amount: int = getattr(rules.hazards, key)
    if key.endswith("_hours"):
        return now + timedelta(hours=amount)
    return after_working_days(now, amount, rules.calendar)


def current_due(hazard: Hazard) -> datetime | None:
    """The time that runs at present: to put it right, or for whoever has it in hand; None if none runs."""
    if hazard.state in _OFFICE_STEPS:
        return hazard.state_due or hazard.deadline
    if hazard.state in RUNNING:
        return hazard.deadline
    if hazard.state is State.SUSPENDED:
        return hazard.suspended_until
    return hazard.state_due


def show_left(due: datetime, now: datetime) -> Text:
    """How long it is until `due`, or since."""
    late = due < now
    seconds = int(abs((due - now).total_seconds()))
    days, hours = divmod(seconds // _HOUR_S, 24)
    if days and hours:
        known = {"days": days, "hours": hours}
        return _("已超期{days}天{hours}小时", **known) if late else _("剩{days}天{hours}小时", **known)
    if days:
        return _("已超期{days}天", days=days) if late else _("剩{days}天", days=days)
    if hours:
        return _("已超期{hours}小时", hours=hours) if late else _("剩{hours}小时", hours=hours)
    minutes = max(1, seconds // _MINUTE_S)
    return _("已超期{minutes}分钟", minutes=minutes) if late else _("剩{minutes}分钟", minutes=minutes)
