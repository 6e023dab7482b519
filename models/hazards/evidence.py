"""What a person brings to a move, checked against what the move asks: words, photos, days, people, another case."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.access import Actor
from models.errors import InvalidInput, NotFound
from models.hazards.access import access_hazard
from models.hazards.flow import OPEN, Ask, Move
from models.hazards.hands import Hand
from models.hazards.owning import visible_colleagues, visible_rectifiers
from models.hazards.tables import Hazard
from models.people.contacts import names_of
from models.people.tables import Person
from models.rules import HazardRules, Rules
from models.session import Session
from models.texts import _
from models.workdays import after_working_days

LONGEST_DAYS = 365  # Source: domain.md, section 3: at most one year.


@dataclass(frozen=True, slots=True)
class Evidence:
    """What comes with a move.

    `photos`: addresses of stored photos. `days`: the new time, counted from what `base_of` says. `original`: the
    hazard that it is the same as. `people`: to whom it is given.
    """

    note: str = ""
    photos: tuple[str, ...] = ()
    days: int | None = None
    original: int | None = None
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The case, the move, and whoever makes it: what every check looks at."""

    session: Session
    actor: Actor
    hazard: Hazard
    move: Move
    hand: Hand
    rules: Rules
    now: datetime


@dataclass(slots=True)
class Given:
    """What the checks made of it: the columns that change, the words for the history."""

    note: str
    changes: dict[str, Any] = field(default_factory=dict)


def check_evidence(asked: Asked, evidence: Evidence) -> Given:
    """Check what a move asks for, and give what it changes.

    Raises: InvalidInput: something is lacking or does not fit. NotFound: a person or case out of reach.
    """
    given = Given(evidence.note.strip())
    for ask in asked.move.asks:
        _CHECKS[ask](asked, evidence, given)
    return given


def base_of(hazard: Hazard, move: Move, now: datetime) -> datetime:
    """From when the days of a move count: an extension from the deadline unless that is over, all others from now."""
    if move.action == "extend" and hazard.deadline is not None:
        return max(hazard.deadline, now)
    return now


def list_days(hazard: Hazard, move: Move, rules: HazardRules, now: datetime) -> list[int]:
    """The days that are offered, the suggested first, the others in order."""
    if move.action == "extend":
        return list(rules.extension_days)
    if move.action == "suspend":
        return list(rules.suspension_days)
    if move.action == "raise":
        return list(level.deadline_days) if (level := rules.first_level(major=True)) else [rules.rework_days]
    level = rules.level(hazard.level)
    choices = sorted(day for day in (level.deadline_days if level else ()) if day)
    # What is left of the deadline is not taken away by a failed review.
    suggested = max(rules.rework_days, _days_left(hazard, now))
    return [suggested, *(day for day in choices if day != suggested)]


def _days_left(hazard: Hazard, now: datetime) -> int:
    """The days until the deadline, one that has begun counted; 0 once it is over."""
    left = (hazard.deadline - now) / timedelta(days=1) if hazard.deadline else 0
    return max(0, math.ceil(left))


def _note(asked: Asked, evidence: Evidence, given: Given) -> None:
    limits = asked.rules.hazards
    if len(given.note) < limits.description_min:
        raise InvalidInput(_("请写一句说明。"))
    _check_length(asked, given)


def _check_length(asked: Asked, given: Given) -> None:
    most = asked.rules.hazards.description_max
    if len(given.note) > most:
        over = {"count": most, "length": len(given.note)}
        raise InvalidInput(_("文字太长：最多{count}个字，现在是{length}个字，请删减后再发。", **over))


def _photos(asked: Asked, evidence: Evidence, given: Given) -> None:
    if len(evidence.photos) < asked.move.min_photos:
        raise InvalidInput(_("请先发至少{count}张照片。", count=asked.move.min_photos))
    if len(evidence.photos) > asked.rules.hazards.photos_max:
        raise InvalidInput(_("照片最多{count}张。", count=asked.rules.hazards.photos_max))


def _more(asked: Asked, evidence: Evidence, given: Given) -> None:
    if not given.note and not evidence.photos:
        raise InvalidInput(_("请发照片，或写一句说明。"))
    _photos(asked, evidence, given)
    _check_length(asked, given)


def _days(asked: Asked, evidence: Evidence, given: Given) -> None:
    hazard, move, now, rules = asked.hazard, asked.move, asked.now, asked.rules.hazards
    days = list_days(hazard, move, rules, now)[0] if evidence.days is None else evidence.days
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(_("请选1到{most}天。", most=LONGEST_DAYS))
    until = base_of(hazard, move, now) + timedelta(days=days)
    if move.action == "suspend":
        given.changes["suspended_until"] = until
        return
    if hazard.is_major and until > hazard.reported_at + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(_("重大隐患最迟要在登记后{most}天内完成整改。", most=LONGEST_DAYS))
    if move.action != "extend":
        is_kept = hazard.deadline is not None and days == _days_left(hazard, now)
        given.changes["deadline"] = hazard.deadline if is_kept else until
        return
    ahead = rules.extension_ahead_working_days
    if hazard.is_major and hazard.deadline and after_working_days(now, ahead, asked.rules.calendar) > hazard.deadline:
        raise InvalidInput(_("重大隐患延期要在期限前{ahead}个工作日提出，请联系监管部门。", ahead=ahead))
    given.changes["deadline_asked"] = until


def _original(asked: Asked, evidence: Evidence, given: Given) -> None:
    if evidence.original is None or evidence.original == asked.hazard.id:
        raise InvalidInput(_("请选择另一条隐患。"))
    session = asked.session
    # Whoever closes it at this moment is waited for, or waits.
    session.execute(select(Hazard.id).where(Hazard.id == evidence.original).with_for_update())
    original = access_hazard(session, asked.actor, evidence.original)
    if original.state not in OPEN:
        raise InvalidInput(_("{number}已经办结，不能并入。", number=original.number))
    given.changes["merged_into"] = original.id
    given.note = original.number


def _owners(asked: Asked, evidence: Evidence, given: Given) -> None:
    _people(asked, evidence, given, visible_rectifiers(asked.hazard, now=asked.now))


def _colleague(asked: Asked, evidence: Evidence, given: Given) -> None:
    _people(asked, evidence, given, visible_colleagues(asked.actor, asked.hazard, now=asked.now))


def _people(asked: Asked, evidence: Evidence, given: Given, allowed: Any) -> None:
    if not evidence.people:
        raise InvalidInput(_("请点选，或发姓名。"))
    found = set(asked.session.scalars(allowed.with_only_columns(Person.id).where(Person.id.in_(evidence.people))))
    if found != set(evidence.people):
        raise NotFound
    given.note = "、".join(names_of(asked.session, evidence.people).values())


def _elsewhere(asked: Asked, evidence: Evidence, given: Given) -> None:
    """What these ask is checked and stored by models/hazards/majors.py."""


_CHECKS: dict[Ask, Callable[[Asked, Evidence, Given], None]] = {
    "note": _note,
    "photos": _photos,
    "more": _more,
    "days": _days,
    "original": _original,
    "owners": _owners,
    "colleague": _colleague,
    "measures": _elsewhere,
    "listing": _elsewhere,
}
