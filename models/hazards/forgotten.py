"""Open cases that nobody would ever be reminded of: the clock does not know them, or does not tick.

`python -m bot check` names them. Source: reliability.md 2.2, "escalation stops by bug".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from models.hazards.flow import OPEN
from models.hazards.steps import Case, next_wake
from models.hazards.tables import Hazard, HazardReminder
from models.rules import Rules
from models.session import Session

STILL = timedelta(hours=1)  # The clock ticks twice a minute; after a restart it has caught up long before.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Forgotten:
    """An open case that should have been looked at by now (`is_late`), or never will be although there is a reason."""

    number: str
    is_late: bool


def find_forgotten(session: Session, *, rules: Rules, now: datetime) -> Iterator[Forgotten]:
    """Give the cases that wait in vain; one without a time does not if all that can be said of it has been said."""
    overslept = and_(Hazard.state.in_(OPEN), or_(Hazard.wake_at.is_(None), Hazard.wake_at < now - STILL))
    last = 0
    while rows := session.scalars(
        select(Hazard).where(overslept, Hazard.id > last).order_by(Hazard.id).limit(PAGE)
    ).all():
        last = rows[-1].id
        told: dict[int, set[tuple[str, datetime]]] = {}
        for hazard_id, kind, for_time in session.execute(
            select(HazardReminder.hazard_id, HazardReminder.kind, HazardReminder.for_time).where(
                HazardReminder.hazard_id.between(rows[0].id, last)
            )
        ):
            told.setdefault(hazard_id, set()).add((kind, for_time))
        for hazard in rows:
            said = told.get(hazard.id, set())
            if hazard.wake_at is not None or next_wake(Case.of(hazard), rules, now=now, said=said):
                yield Forgotten(hazard.number, is_late=hazard.wake_at is not None)
        session.expunge_all()
