"""Roster entries as people read them: name, unit, and each role with its grid and industry by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.access import local_day
from models.enterprises.tables import Industry
from models.grids.tree import name_paths
from models.people.tables import Account, Assignment, Deputy, Person, Role
from models.texts import Line, Text, _


@dataclass(frozen=True, slots=True)
class Post:
    """One role of a person; `grid` and `industry` are names ("" for every industry), dates are inclusive."""

    role: Role
    grid_code: str
    grid: str
    industry: str
    starts_on: date | None
    ends_on: date | None

    @property
    def line(self) -> Text:
        """The role with where it holds, as a line of a card."""
        role = Text(self.role.label)
        if self.industry:
            return _("{role}（{grid}，{industry}）", role=role, grid=self.grid, industry=self.industry)
        return _("{role}（{grid}）", role=role, grid=self.grid)


@dataclass(frozen=True, slots=True)
class Entry:
    """A person of the roster with every role that has not ended."""

    person_id: int
    name: str
    unit: str
    lang: str
    posts: tuple[Post, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The unit, if known, and each role, as lines of a card."""
        return (*((self.unit,) if self.unit else ()), *(post.line for post in self.posts))

    def first_day(self) -> date | None:
        """The first day of service; None if it has no beginning."""
        days = [post.starts_on for post in self.posts]
        return None if None in days else min((day for day in days if day), default=None)


@dataclass(frozen=True, slots=True)
class Cover:
    """A deputyship between two days (inclusive): `name` is the other person."""

    id: int
    name: str
    starts_on: date
    ends_on: date


def day_of(day: date) -> datetime:
    """A calendar day as a moment that is written as this day: noon in the county."""
    return datetime.combine(day, time(12), ZoneInfo("Asia/Shanghai"))


def lasts_on(day: date) -> ColumnElement[bool]:
    """Condition: an assignment has not ended before this day (it may begin later)."""
    return or_(Assignment.ends_on.is_(None), Assignment.ends_on >= day)


def load_entry(session: Session, person_id: int, *, now: datetime) -> Entry | None:
    """Give a person's roster entry; None if unknown or without a role that has not ended."""
    person = session.get(Person, person_id)
    if person is None:
        return None
    rows = session.execute(
        select(Assignment, Industry.name)
        .outerjoin(Industry, Industry.code == Assignment.industry)
        .where(Assignment.person_id == person_id, lasts_on(local_day(now)))
        .order_by(Assignment.grid_code, Assignment.id)
    ).all()
    if not rows:
        return None
    grids = name_paths(session, [assignment.grid_code for assignment, _industry in rows])
    posts = tuple(
        Post(
            assignment.role,
            assignment.grid_code,
            grids[assignment.grid_code],
            industry or assignment.industry,
            assignment.starts_on,
            assignment.ends_on,
        )
        for assignment, industry in rows
    )
    return Entry(person.id, person.name, person.unit, person.lang, posts)


def list_deputies(session: Session, person_id: int, *, now: datetime) -> list[Cover]:
    """Who stands in for a person, now or later."""
    return _covers(session, Deputy.person_id == person_id, Deputy.deputy_id, now)


def list_deputised(session: Session, person_id: int, *, now: datetime) -> list[Cover]:
    """For whom a person stands in, now or later."""
    return _covers(session, Deputy.deputy_id == person_id, Deputy.person_id, now)


def _covers(session: Session, mine: ColumnElement[bool], other: object, now: datetime) -> list[Cover]:
    rows = session.execute(
        select(Deputy.id, Person.name, Deputy.starts_on, Deputy.ends_on)
        .join(Person, Person.id == other)
        .where(mine, Deputy.ends_on >= local_day(now))
        .order_by(Deputy.starts_on, Deputy.id)
    )
    return [Cover(*row) for row in rows]


def list_platforms(session: Session, person_id: int) -> list[str]:
    """The names of the platforms on which a person has a chat, one per chat."""
    return list(
        session.scalars(
            select(Account.platform)
            .where(Account.person_id == person_id, Account.unbound_at.is_(None))
            .order_by(Account.id)
        )
    )
