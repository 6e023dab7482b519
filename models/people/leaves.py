"""Leave (请假): who is away from which day to which, and who gets meanwhile what would remind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.access import Actor, holds_on, local_day
from models.audit import do_audit
from models.content import say
from models.errors import InvalidInput, NotFound
from models.grids.ownership import list_office
from models.outbox import do_tell
from models.people.deputies import check_span, deputies_of
from models.people.entries import day_of
from models.people.reach import list_heads
from models.people.tables import Assignment, Leave
from models.texts import Line, When, _


@dataclass(frozen=True, slots=True)
class Away:
    """A leave between two days (inclusive)."""

    id: int
    starts_on: date
    ends_on: date

    @property
    def span(self) -> dict[str, Line]:
        """The days as fields of a sentence."""
        return {"since": When(day_of(self.starts_on), "day"), "until": When(day_of(self.ends_on), "day")}


def on_leave(session: Session, people: Iterable[int], *, now: datetime) -> set[int]:
    """Those of the people who are on leave today."""
    return set(session.scalars(_today(now).where(Leave.person_id.in_(set(people)))))


def list_on_leave(session: Session, *, now: datetime) -> list[int]:
    """Everybody who is on leave today."""
    return list(session.scalars(_today(now)))


def _today(now: datetime) -> Select[int]:
    day = local_day(now)
    return select(Leave.person_id).where(Leave.starts_on <= day, Leave.ends_on >= day).order_by(Leave.id)


def stand_ins(session: Session, people: Iterable[int], *, now: datetime) -> dict[int, list[int]]:
    """For each of these people who is on leave today: who gets the reminders and digests meanwhile.

    Their deputies; where there is none, the nearest grid heads above; else the office. Whoever is away too is left out.
    """
    away = on_leave(session, people, now=now)
    if not away:
        return {}
    deputies = deputies_of(session, away, now=now)
    also_away = away | on_leave(session, [deputy for deputy, _absent in deputies], now=now)
    found = {
        person_id: [deputy for deputy, absent in deputies if absent == person_id and deputy not in also_away]
        for person_id in sorted(away)
    }
    return {person_id: named or _above(session, person_id, now=now) for person_id, named in found.items()}


def _above(session: Session, person_id: int, *, now: datetime) -> list[int]:
    heads = list_heads(session, person_id, now=now)
    away = on_leave(session, heads, now=now)
    present = [head for head in heads if head not in away]
    if present:
        return present[:1]
    code = session.scalar(
        select(Assignment.grid_code)
        .where(Assignment.person_id == person_id, holds_on(local_day(now)))
        .order_by(Assignment.grid_code.desc())
        .limit(1)
    )
    office = list_office(session, code, now=now) if code else []
    away = on_leave(session, office, now=now)
    return [one for one in office if one not in away and one != person_id]


def list_leaves(session: Session, person_id: int, *, now: datetime) -> list[Away]:
    """A person's leaves that have not ended."""
    rows = session.execute(
        select(Leave.id, Leave.starts_on, Leave.ends_on)
        .where(Leave.person_id == person_id, Leave.ends_on >= local_day(now))
        .order_by(Leave.starts_on, Leave.id)
    )
    return [Away(*row) for row in rows]


def check_take_leave(session: Session, actor: Actor, starts_on: date, ends_on: date, *, now: datetime) -> Away:
    """Note that a person is away between two days (inclusive); who stands in by then is told.

    Raises: InvalidInput: the days do not fit, or some of them are a leave already.
    """
    check_span(starts_on, ends_on, now=now)
    for other in list_leaves(session, actor.person_id, now=now):
        if other.starts_on <= ends_on and starts_on <= other.ends_on:
            raise InvalidInput(_("{since}至{until}已经请过假，请先销假。", **other.span))
    row = Leave(person_id=actor.person_id, starts_on=starts_on, ends_on=ends_on)
    session.add(row)
    session.flush()
    away = Away(row.id, starts_on, ends_on)
    told = say(_("{name}请假，{since}至{until}，期间的催办提醒会发给您。", name=actor.name, **away.span))
    others = list_stand_ins(session, actor.person_id, away)
    do_tell(session, others, told, now=now, dedupe=f"away:{row.id}", deputies=False)
    _audit(session, actor, "people:away", away, now)
    return away


def list_stand_ins(session: Session, person_id: int, away: Away) -> list[int]:
    """Who gets what would remind a person on the first day of a leave."""
    return stand_ins(session, [person_id], now=day_of(away.starts_on)).get(person_id, [])


def check_end_leave(session: Session, actor: Actor, leave_id: int, *, now: datetime) -> Away:
    """End a leave at once: from now on reminders come to the person again.

    Raises: NotFound: no such leave, it has ended, or it is somebody else's.
    """
    for away in list_leaves(session, actor.person_id, now=now):
        if away.id == leave_id:
            row = session.get_one(Leave, leave_id)
            row.ends_on = local_day(now) - timedelta(days=1)
            session.flush()
            _audit(session, actor, "people:back", away, now)
            return away
    raise NotFound


def _audit(session: Session, actor: Actor, action: str, away: Away, now: datetime) -> None:
    do_audit(
        session, action=action, subject=f"person:{actor.person_id}", person_id=actor.person_id,
        detail={"from": away.starts_on.isoformat(), "to": away.ends_on.isoformat()}, now=now,
    )  # fmt: skip
