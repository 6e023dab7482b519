"""Leaders: whose area holds a hazard, and what they get weekly: its open major hazards, how far, how long overdue."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import exists, func, select, text

from models.access import COUNTY_ZONE, Actor, holds_on, load_actor, local_day, within
from models.content import Button, Card
from models.enterprises.tables import Enterprise
from models.grids.tree import enclosing, name_paths
from models.hazards.deadlines import current_due, show_left
from models.hazards.flow import OPEN, State
from models.hazards.tables import Hazard, HazardListing, HazardMeasure, LeaderReport
from models.outbox import do_tell
from models.people.tables import Assignment, Role
from models.rules import HazardRules, Rules
from models.session import Session
from models.texts import Line, Text, _
from models.upsert import insert_new

MOST = 20  # Lines of one message; the ledger has the rest.
IN_ROW = 4
# Written like the condition of its index, which SQLite compares word by word.
_IS_MAJOR = text("hazards.is_major")
_UNVERIFIED = frozenset({State.REPORTED})


def list_leaders(session: Session, hazard: Hazard, *, now: datetime) -> list[int]:
    """The leaders whose area (and trade, if theirs is one) holds a hazard."""
    posts = (
        select(Assignment.person_id)
        .where(
            Assignment.grid_code.in_(enclosing(hazard.grid_code)),
            Assignment.role == Role.LEADER,
            Assignment.industry.in_(("", hazard.industry)),
            holds_on(local_day(now)),
        )
        .distinct()
    )
    return list(session.scalars(posts.order_by(Assignment.person_id)))


def next_report(now: datetime, rules: HazardRules) -> datetime:
    """The next weekly moment after `now`."""
    today = local_day(now)
    ahead = (rules.leaders_weekday - today.isoweekday()) % 7
    at = datetime.combine(today + timedelta(days=ahead), time(rules.leaders_hour), COUNTY_ZONE)
    return at if at > now else at + timedelta(days=7)


def do_enrol_leaders(session: Session, *, rules: Rules, now: datetime) -> None:
    """Whoever has become a leader gets the next weekly message."""
    known = exists().where(LeaderReport.person_id == Assignment.person_id)
    new = session.scalars(
        select(Assignment.person_id).where(Assignment.role == Role.LEADER, holds_on(local_day(now)), ~known).distinct()
    ).all()
    rows = [{"person_id": person_id, "next_at": next_report(now, rules.hazards)} for person_id in new]
    insert_new(session, LeaderReport, rows, key=("person_id",))


def try_report_one(session: Session, *, rules: Rules, now: datetime) -> bool:
    """Send one leader the message that is due, whatever time has passed only once; was there one?

    Nothing is sent where no major hazard is open, nor to somebody who is no leader any more.
    """
    due = select(LeaderReport).where(LeaderReport.next_at <= now)
    report = session.scalars(due.order_by(LeaderReport.next_at).limit(1)).first()
    if report is None:
        return False
    actor = load_actor(session, report.person_id, now=now)
    if actor is None or not actor.has({Role.LEADER}):
        session.delete(report)
    else:
        report.next_at = next_report(now, rules.hazards)
        if (card := show_majors(session, actor, rules=rules, now=now)) is not None:
            dedupe = f"majors:{local_day(now):%Y%m%d}"
            do_tell(session, [actor.person_id], card, now=now, dedupe=dedupe)
    session.flush()
    return True


def show_majors(session: Session, actor: Actor, *, rules: Rules, now: datetime) -> Card | None:
    """All open major hazards of a leader's area, the most overdue first; None if there are none. Four queries."""
    mine = within(actor, Hazard.grid_code, Hazard.industry, roles={Role.LEADER})
    where = (_IS_MAJOR, Hazard.state.in_(OPEN - _UNVERIFIED), mine)
    total = session.scalar(select(func.count(Hazard.id)).where(*where)) or 0
    if not total:
        return None
    filled = select(func.count(HazardMeasure.id)).where(HazardMeasure.hazard_id == Hazard.id).scalar_subquery()
    listed = exists().where(HazardListing.hazard_id == Hazard.id, HazardListing.lifted_at.is_(None))
    rows = session.execute(
        select(Hazard, Enterprise.name, filled, listed)
        .outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
        .where(*where)
        .order_by(Hazard.deadline.is_(None), Hazard.deadline, Hazard.id)
        .limit(MOST)
    ).all()
    paths = name_paths(session, list({row[0].grid_code for row in rows}))
    lines: list[Line] = []
    for index, (hazard, enterprise, done, is_listed) in enumerate(rows, start=1):
        place = enterprise or hazard.place
        where_ = _("{path} {name}", path=paths[hazard.grid_code], name=place) if place else paths[hazard.grid_code]
        lines += _lines(index, hazard, where_, done, is_listed=bool(is_listed), rules=rules.hazards, now=now)
    if total > len(rows):
        lines.append(_("还有{count}条，发送「重大 未销号」查看。", count=total - len(rows)))
    buttons = [
        Button(_("{index}. {number}", index=index, number=row[0].number.rpartition("-")[2]), f"hazard:{row[0].id}:open")
        for index, row in enumerate(rows, start=1)
    ]
    return Card(
        title=_("本周辖区未销号的重大隐患：{count}条", count=total),
        lines=tuple(lines),
        buttons=tuple(tuple(buttons[i : i + IN_ROW]) for i in range(0, len(buttons), IN_ROW)),
        tone="warn",
    )


def _lines(
    index: int, hazard: Hazard, place: Line, done: int, *, is_listed: bool, rules: HazardRules, now: datetime
) -> list[Line]:
    """Number and place; below it state, items laid down, and the time left or overdue."""
    due = hazard.deadline if hazard.state is not State.SUSPENDED else current_due(hazard)
    known = {
        "state": Text(hazard.state.label), "name": Text(rules.measures_name), "done": done, "all": len(rules.measures),
        "listed": _("已挂牌督办") if is_listed else _("未挂牌"),
    }  # fmt: skip
    head = _("{index}. {number} {place}", index=index, number=hazard.number, place=place)
    if due is None:
        return [head, _("{state}，{name} {done}/{all}，{listed}", **known)]
    return [head, _("{state}，{name} {done}/{all}，{listed}，{left}", left=show_left(due, now), **known)]
