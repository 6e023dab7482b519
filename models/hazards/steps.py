"""What has to be looked at in a case, and when: a pure function of where it stands and of the rules. No I/O.

`list_steps` is the whole plan of a case; `hazards.wake_at` is the time of the next of its steps. What has been said is
remembered by models/hazards/reminders.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Literal

from models.access import COUNTY_ZONE, local_day
from models.hazards.flow import OPEN, State
from models.hazards.tables import Hazard
from models.rules import Rules
from models.texts import N_, Text, _
from models.workdays import after_working_days

# Whose turn it is: the rectifier's deadline; whoever has the step in hand, and above; the levels of 逾期; the system.
Turn = Literal["rectifier", "duty", "above", "officer", "head", "supervisor", "system"]
# The most urgent first: of several reminders that one person would get at once, the first is sent.
TURNS: tuple[Turn, ...] = ("supervisor", "head", "officer", "above", "duty", "rectifier", "system")

RESUME = "resume"
_REMINDED = frozenset({State.ASSIGNED, State.RECTIFYING})
# Somebody has been told to put it right, and has not yet.
_LATE = _REMINDED | {State.EXTENSION}

_WAITING = {
    State.REPORTED: N_("这条线索已过核实时限，请尽快核实。"),
    State.ACCEPTED: N_("这条隐患已过派遣时限，请尽快派遣。"),
    State.ASSIGNED: N_("整改通知还没有确认收到，请先点“确认收到”。"),
    State.EXTENSION: N_("延期申请已过审批时限，请尽快审批。"),
    State.REVIEW: N_("整改结果已过复查时限，请尽快复查。"),
    State.DELISTING: N_("这条重大隐患已过签字时限，请尽快签字销号。"),
}
_WAITING_BELOW = {
    State.REPORTED: N_("这条线索过了核实时限仍没有核实，请督促。"),
    State.ACCEPTED: N_("这条隐患过了派遣时限仍没有派遣，请督促。"),
    State.ASSIGNED: N_("整改责任人仍没有确认收到整改通知，请督促。"),
    State.EXTENSION: N_("延期申请过了审批时限仍没有审批，请督促。"),
    State.REVIEW: N_("整改结果过了复查时限仍没有复查，请督促。"),
    State.DELISTING: N_("这条重大隐患过了签字时限仍没有签字，请督促。"),
}
_OVERDUE: Mapping[Turn, str] = {
    "officer": N_("整改已逾期，请到现场督促整改。"),
    "head": N_("整改已逾期{days}天，请督促整改。"),
    "supervisor": N_("整改已逾期{days}天，请督办。"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What the steps of a hazard depend on."""

    state: State
    state_since: datetime
    state_due: datetime | None
    deadline: datetime | None
    suspended_until: datetime | None

    @classmethod
    def of(cls, hazard: Hazard, changes: Mapping[str, Any] = MappingProxyType({})) -> Case:
        """A hazard as it stands, or as it will stand with these columns changed."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: changes[name] if name in changes else getattr(hazard, name) for name in names})


@dataclass(frozen=True, slots=True)
class Step:
    """Something to say (or, for the system, to do) about a case at a time.

    `for_time`: the deadline it is about; with `once` it is said once in the life of a case, whatever the deadline.
    `until`: from then on it no longer applies.
    """

    at: datetime
    kind: str
    turn: Turn
    for_time: datetime
    once: bool = False
    until: datetime | None = None

    def is_said(self, said: Collection[tuple[str, datetime]]) -> bool:
        """Tell whether it is among what has been said: (kind, for_time)."""
        if self.once:
            return any(kind == self.kind for kind, _for_time in said)
        return (self.kind, self.for_time) in said


def list_steps(case: Case, rules: Rules) -> list[Step]:
    """The steps of a case from where it stands, in the order of their times."""
    return sorted(_steps(case, rules), key=lambda step: step.at)


def _steps(case: Case, rules: Rules) -> Iterator[Step]:
    if case.state is State.SUSPENDED and case.suspended_until is not None:
        yield Step(case.suspended_until, RESUME, "system", case.suspended_until)
    if case.state in _REMINDED and case.deadline is not None:
        yield from _before(case, case.deadline, rules)
    if case.state in _LATE and case.deadline is not None:
        yield from _after(case.deadline, rules)
    if case.state in _WAITING and case.state_due is not None:
        due, above = (
            case.state_due,
            after_working_days(case.state_due, rules.reminders.late_working_days, rules.calendar),
        )
        yield Step(due, f"{case.state}-late", "duty", due)
        yield Step(above, f"{case.state}-above", "above", due)


def _before(case: Case, deadline: datetime, rules: Rules) -> Iterator[Step]:
    for days in rules.reminders.before_days:
        at = _at_hour(local_day(deadline) - timedelta(days=days), rules)
        # Whoever was told a moment ago what is to be done by when needs no reminder of it.
        if case.state_since < at < deadline:
            yield Step(at, f"before-{days}", "rectifier", deadline, until=deadline)


def _after(deadline: datetime, rules: Rules) -> Iterator[Step]:
    levels: tuple[tuple[Turn, int], ...] = (
        ("officer", 0),
        ("head", rules.hazards.overdue_head_days),
        ("supervisor", rules.hazards.overdue_supervisor_days),
    )
    for turn, days in levels:
        at = first_hour(deadline + timedelta(days=days), rules)
        yield Step(at, f"overdue-{turn}", turn, deadline, once=True)


def next_wake(
    case: Case, rules: Rules, *, now: datetime, said: Collection[tuple[str, datetime]] = ()
) -> datetime | None:
    """When the case has to be looked at next; `now` if something is due that has perhaps not been said."""
    if case.state not in OPEN:
        return None
    times = (step.at for step in list_steps(case, rules) if not step.is_said(said))
    return min((max(at, now) for at in times), default=None)


def first_hour(moment: datetime, rules: Rules) -> datetime:
    """The first time, from this moment on, that it is the hour of reminders in the county."""
    at = _at_hour(local_day(moment), rules)
    return at if at >= moment else at + timedelta(days=1)


def next_hour(now: datetime, rules: Rules) -> datetime:
    """The next time, after this moment, that it is the hour of reminders in the county."""
    return first_hour(now + timedelta(microseconds=1), rules)


def _at_hour(day: date, rules: Rules) -> datetime:
    return datetime.combine(day, time(rules.reminders.hour), COUNTY_ZONE)


def sentence(step: Step, case: Case, *, now: datetime) -> Text:
    """What is said above the card; days are counted when it is said."""
    days = (local_day(step.for_time) - local_day(now)).days
    if step.turn == "rectifier":
        if days > 0:
            return _("还有{days}天到整改期限，请按期整改。", days=days)
        return _("今天是整改期限，请尽快整改。")
    if step.turn in _OVERDUE:
        says = _OVERDUE[step.turn]
        return Text(says, {"days": max(1, -days)} if "{days}" in says else {})
    return Text((_WAITING if step.turn == "duty" else _WAITING_BELOW)[case.state])
