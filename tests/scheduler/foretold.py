"""Which reminders a year must have brought, told from what people did; docs/reminders.md said a second time."""

from collections import Counter
from datetime import datetime, time, timedelta

from tests.scheduler.stays import ZONE, working_days_after

BEFORE = (3, 1, 0)
LEVELS = (("officer", 0), ("head", 1), ("supervisor", 3))
# Of several things for one person at once, the first is said.
URGENCY = ("supervisor", "head", "officer", "above", "duty", "rectifier")


def eight(day):
    return datetime.combine(day, time(8), ZONE)


def first_eight(moment):
    at = eight(moment.astimezone(ZONE).date())
    return at if at >= moment else at + timedelta(days=1)


def plan_of(stay):
    """(when, kind, whose turn, about which time, once in a life) for one stay of a case."""
    if stay.state in ("assigned", "rectifying"):
        for days in BEFORE:
            at = eight(stay.deadline.astimezone(ZONE).date() - timedelta(days=days))
            if stay.since < at < stay.deadline:
                yield at, f"before-{days}", "rectifier", stay.deadline, False
    if stay.state in ("assigned", "rectifying", "extension"):
        for turn, days in LEVELS:
            yield first_eight(stay.deadline + timedelta(days=days)), f"overdue-{turn}", turn, stay.deadline, True
    if stay.due is not None:
        yield stay.due, f"{stay.state}-late", "duty", stay.due, False
        yield working_days_after(stay.due, 1), f"{stay.state}-above", "above", stay.due, False


def told_of(case, end):
    """(when, kind, turn, about which time) of all that had to be said in the life of a case."""
    said, once = set(), set()
    for stay in case.stays:
        last = stay.end or end
        for planned, kind, turn, about, only_once in sorted(plan_of(stay)):
            at = max(planned, stay.since)
            if at >= last or (kind, about) in said or kind in once:
                continue
            said.add((kind, about))
            once |= {kind} if only_once else set()
            yield at, kind, turn, about, stay


def meant(case, stay, turn):
    """Whose turn it is in person."""
    head, officer, supervisor = f"head{case.town}", f"officer{case.village}", f"supervisor-{case.industry}"
    duty = {
        "reported": {officer, head, supervisor},
        "accepted": {"office", head},
        "assigned": {case.rectifier},
        "extension": {head, supervisor} - {case.asker},
        "review": {officer, head, supervisor} - {case.rectifier},
        "delisting": {"leader"},
    }.get(stay.state, set())
    if turn == "above":
        return {head} - duty or {"office"} - duty
    return {"rectifier": {case.rectifier}, "officer": {officer}, "head": {head}, "supervisor": {supervisor},
            "duty": duty}[turn]  # fmt: skip


def reached(year, case, people, day):
    """Who gets what is meant for these people on a day: they and their deputies; for the absent, whoever stands in."""
    found = set()
    for who in people:
        absence = year.away(who, day)
        if absence is None or not absence.is_leave:
            found.add(who)
        if absence is not None:
            found.add(absence.deputy or f"head{case.town}")
    return found


def foretell(year):
    """Every reminder of the year: (who, when, "case:kind:milliseconds"), as it must stand in the outbox."""
    wanted = Counter()
    for case in year.cases.values():
        moments = {}
        for at, kind, turn, about, stay in told_of(case, year.end):
            moments.setdefault(at, []).append((turn, kind, about, stay))
        for at, told in moments.items():
            got = set()
            for turn, kind, about, stay in sorted(told, key=lambda row: URGENCY.index(row[0])):
                people = reached(year, case, meant(case, stay, turn), at.astimezone(ZONE).date())
                what = f"{case.id}:{kind}:{round(about.timestamp() * 1000)}"
                wanted.update((who, at, what) for who in people - got)
                got |= people
    return wanted


def compare(year):
    """What was sent beside what had to be: (missing, too many), and the digests that are missing or too many."""
    sent = Counter((one.who, one.at, one.what) for one in year.sent if one.what != "digest")
    wanted = foretell(year)
    digests = Counter((one.who, one.at.astimezone(ZONE).date()) for one in year.sent if one.what == "digest")
    foreseen = {(who, day) for day, people in year.mornings for who in people}
    watched = ("manager", "officer", "clerk", "supervisor", "leader")
    told = {key for key in digests if key[0].startswith(watched)}
    return {
        "reminders sent": sum(sent.values()),
        "reminders twice": sum(
            count - 1 for count in Counter((who, what) for who, _at, what in sent.elements()).values()
        ),
        "reminders missing": sorted((wanted - sent).elements(), key=str),
        "reminders nobody foretold": sorted((sent - wanted).elements(), key=str),
        "digests sent": sum(digests.values()),
        "second digests of a day": [key for key, count in digests.items() if count > 1],
        "digests missing": sorted(foreseen - told, key=str),
        "digests of people without work": sorted(told - foreseen, key=str),
    }
