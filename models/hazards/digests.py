"""The daily digest: one message a day for each person, with what waits, the most urgent first.

`people.digest_at` is when a person's next one is due; `do_digest` is one transaction. Whoever has nothing waiting gets
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from models.access import COUNTY_ZONE, Actor, load_actor, load_actors, local_day
from models.content import Button, Card
from models.grids.ownership import OFFICE_ROLES
from models.hazards.steps import first_hour, next_hour
from models.hazards.todo import TodoItem, Watched, list_todo, list_watched
from models.outbox import Lane, do_tell
from models.people.leaves import list_on_leave, stand_ins
from models.people.tables import Account, Person, Role
from models.rules import Rules
from models.session import Session
from models.texts import Line, _

KEY = "digest"
_STAND_INS = frozenset({Role.GRID_HEAD, *OFFICE_ROLES})


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What waits for a person today."""

    items: Sequence[TodoItem]
    watched: Watched


def list_due_digests(session: Session, *, now: datetime, limit: int) -> list[int]:
    """The people (ids) whose digest is due, those who wait longest first."""
    return list(
        session.scalars(
            select(Person.id).where(Person.digest_at <= now).order_by(Person.digest_at, Person.id).limit(limit)
        )
    )


def do_digest(session: Session, person_id: int, *, rules: Rules, now: datetime) -> bool:
    """Queue a person's digest, if anything waits, and plan the next one; False if none is due."""
    person = session.scalars(
        select(Person).where(Person.id == person_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    was = person.digest_at
    if was is None or was > now:
        return False
    has_chat = select(Account.id).where(Account.person_id == person_id, Account.unbound_at.is_(None)).limit(1)
    if session.scalar(has_chat) is None:
        person.digest_at = None
        return True
    person.digest_at = next_hour(now, rules)
    # Who has joined since, or whose hour the rules have changed, begins with the next one.
    if was != first_hour(was, rules) or not _may_come(person.digest_at, rules, now):
        return True
    actor = load_actor(session, person_id, now=now)
    away = list_on_leave(session, now=now)
    if actor is not None and person_id not in away:
        found = _look(session, actor, away, rules=rules, now=now)
        if found.items or found.watched.items:
            do_tell(
                session, [person_id], show_digest(found.items, found.watched, rules=rules), now=now, lane=Lane.DIGEST,
                dedupe=f"digest:{local_day(now)}", placing="move", expires_at=person.digest_at, deputies=False,
            )  # fmt: skip
    return True


def _may_come(following: datetime, rules: Rules, now: datetime) -> bool:
    """Tell whether a digest that was missed may still come: on its day, before the quiet hours.

    Else the next one says the same, and two on one day would be one too many.
    """
    local = now.astimezone(COUNTY_ZONE)
    return local_day(following - timedelta(days=1)) == local.date() and not rules.quiet.has_hour(local.hour)


def do_put_off(session: Session, person_id: int, *, rules: Rules, now: datetime) -> None:
    """Let a digest that cannot be made wait for the next day."""
    session.get_one(Person, person_id).digest_at = next_hour(now, rules)


def _look(session: Session, actor: Actor, away: Sequence[int], *, rules: Rules, now: datetime) -> _Waiting:
    items = list_todo(session, actor, now, rules.hazards)
    # Those who are on leave without a deputy; a deputy has the work of the absent in the own list already.
    if away and actor.has(_STAND_INS):
        known = {item.hazard_id for item in items}
        instead = stand_ins(session, away, now=now)
        absent = load_actors(session, [one for one, others in instead.items() if actor.person_id in others], now=now)
        for other in absent.values():
            theirs = list_todo(session, other, now, rules.hazards)
            items += [
                replace(item, title=_("{name}请假：{title}", name=other.name, title=item.title))
                for item in theirs
                if item.hazard_id not in known
            ]
            known |= {item.hazard_id for item in theirs}
    dated = [item for item in items if item.deadline is not None]
    undated = [item for item in items if item.deadline is None]
    ordered = [*sorted(dated, key=lambda item: item.deadline or now), *undated]
    return _Waiting(ordered, list_watched(session, actor, now, rules))


def show_digest(items: Sequence[TodoItem], watched: Watched, *, rules: Rules) -> Card:
    """The card: each line opens a case; what waits for the person goes before what the person only looks after."""
    known = {item.hazard_id for item in items}
    every = [*items, *(item for item in watched.items if item.hazard_id not in known)]
    rows = [(Button(item.title, item.button),) for item in every[: rules.reminders.digest_rows]]
    lines: list[Line] = []
    if watched.late:
        lines.append(_("逾期{days}天以上：{count}件", days=rules.reminders.leader_days, count=watched.late))
    if watched.major:
        lines.append(_("未销号的重大隐患：{count}件", count=watched.major))
    if len(every) > len(rows):
        lines.append(_("还有{count}条没有列出。", count=len(every) - len(rows)))
    title = _("每日提醒：{count}件待办，最急的在前", count=len(items)) if items else _("每日提醒：您辖区需要关注的隐患")
    last = Button(_("全部待办"), "cmd:todo:") if items else Button(_("隐患台账"), "cmd:ledger:")
    return Card(title=title, lines=tuple(lines), buttons=(*rows, (last,)), key=KEY)
