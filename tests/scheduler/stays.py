"""What people know of a case: where it stood from when to when, and what time ran meanwhile.

Told by what they did, without a look at the columns that the clock of the product reads.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")
OVER = frozenset({"closed", "dismissed"})
# What somebody has to do next, until when: hours, or working days. Source: rules.toml, said a second time.
HOURS = {"reported": 2, "accepted": 4}
WORKING_DAYS = {"assigned": 1, "extension": 10, "review": 3, "delisting": 3}
LEADS_TO = {
    "verify": "assigned", "dismiss": "dismissed", "accept": "rectifying", "return": "accepted",
    "dispatch": "assigned", "submit": "review", "extend": "extension", "approve": "rectifying",
    "refuse": "rectifying", "pass": "closed", "propose": "delisting", "fail": "rectifying", "sign": "closed",
    "reopen": "rectifying", "suspend": "suspended",
}  # fmt: skip


def working_days_after(moment, days):
    while days:
        moment += timedelta(days=1)
        days -= chinese_calendar.is_workday(moment.astimezone(ZONE).date())
    return moment


def due_in(state, now):
    if state in HOURS:
        return now + timedelta(hours=HOURS[state])
    return working_days_after(now, WORKING_DAYS[state]) if state in WORKING_DAYS else None


@dataclass
class Stay:
    """How long a case stood in a state, and what time ran meanwhile."""

    state: str
    since: datetime
    deadline: datetime
    due: datetime | None = None
    until: datetime | None = None  # of a suspension
    end: datetime | None = None


@dataclass
class Case:
    """A case as its people know it: `firm` None is a public place, for which the town's head has to answer."""

    id: int
    village: int
    firm: int | None
    is_major: bool
    reporter: str
    industry: str
    stays: list
    asked: datetime | None = None
    back_to: str = ""
    returned: int = 0
    asker: str = ""

    @property
    def now(self):
        return self.stays[-1]

    @property
    def town(self):
        return self.village // 10

    @property
    def rectifier(self):
        return f"head{self.town}" if self.firm is None else f"manager{self.firm}"

    def moves(self, action, at, **said):
        """Go where a move leads; `said` is what its maker decided (deadline, asked, until)."""
        last = self.now
        state = self.back_to if action == "resume" else LEADS_TO[action]
        deadline = said.get("deadline", self.asked if action == "approve" else last.deadline)
        if action == "resume":
            deadline += at - last.since  # its time stood still
        self.back_to = last.state if action == "suspend" else ""
        self.asked = said.get("asked", self.asked if action in ("suspend", "resume") else None)
        self.returned += action == "return"
        last.end = at
        self.stays.append(Stay(state, at, deadline, due_in(state, at), said.get("until")))


@dataclass(frozen=True)
class Absence:
    """Somebody is away from a day to a day (inclusive), with a deputy or ("") without.

    Not on leave: the deputy only helps, and both are told.
    """

    who: str
    first: object
    last: object
    deputy: str
    is_leave: bool = True

    def holds(self, day):
        return self.first <= day <= self.last


def clash(one, other):
    """Nobody is away twice at once, and no deputy is away meanwhile."""
    meanwhile = one.first <= other.last and other.first <= one.last
    return meanwhile and (one.who in (other.who, other.deputy) or one.deputy == other.who)
