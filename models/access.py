"""Who acts, and what part of the county is theirs: grid-code prefix × industry × role rows valid today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Row, Table, and_, bindparam, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.drafts import Draft
from models.enterprises.tables import EnterprisePerson
from models.errors import Forbidden
from models.people.tables import Account, Assignment, Person, Role
from models.texts import Lang

# Roles that see whatever lies in their grids (and industry); all others see only what concerns them in person.
AREA_ROLES = frozenset(
    {
        Role.OFFICER, Role.GRID_HEAD, Role.DISPATCHER, Role.SUPERVISOR, Role.INSPECTOR, Role.DUTY, Role.LEADER,
        Role.ADMIN,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """One role in one grid for one industry ("" for all)."""

    role: Role
    grid_code: str
    industry: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A bound person with the roles that hold on `day` (today, in the county's calendar)."""

    person_id: int
    name: str
    unit: str
    lang: Lang
    areas: tuple[Area, ...]
    enterprise_ids: tuple[int, ...] = ()
    day: date | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """All roles the person holds today, anywhere."""
        return frozenset(area.role for area in self.areas)

    def has(self, roles: Iterable[Role]) -> bool:
        """Tell whether the person holds any of the roles."""
        return not self.roles.isdisjoint(roles)

    def check(self, roles: Iterable[Role]) -> None:
        """Raises: Forbidden: the person holds none of the roles."""
        if not self.has(roles):
            raise Forbidden

    def covers(self, roles: Iterable[Role], *, grid_code: str, industry: str = "") -> bool:
        """Tell whether one of the roles holds for this grid and industry."""
        wanted = frozenset(roles)
        return any(
            area.role in wanted and is_inside(grid_code, area.grid_code) and area.industry in ("", industry)
            for area in self.areas
        )

    def grids(self, roles: Iterable[Role] = AREA_ROLES) -> tuple[str, ...]:
        """The codes of the grids in which the person holds one of the roles, without repeats."""
        wanted = frozenset(roles)
        return tuple(dict.fromkeys(area.grid_code for area in self.areas if area.role in wanted))


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes from a chat, whether a draft is open there, and whether it had been given up as lost."""

    actor: Actor
    has_draft: bool
    is_gone: bool


def is_inside(code: str, prefix: str) -> bool:
    """Tell whether grid `code` is `prefix` or lies inside it."""
    return code == prefix or code.startswith(_below(prefix))


def inside(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """`is_inside` as SQL, written so that an index on the column serves."""
    return or_(column == prefix, column.like(_below(prefix) + "%"))


def _below(prefix: str) -> str:
    # Division codes nest by digits up to the village's twelve; what lies below a village adds "-01", and
    # without the dash zone -1 would contain zone -10.
    return prefix if len(prefix) < 12 else f"{prefix}-"


def within(
    actor: Actor,
    grid: InstrumentedAttribute[str],
    industry: InstrumentedAttribute[str] | None = None,
    *,
    roles: Iterable[Role] = AREA_ROLES,
) -> ColumnElement[bool]:
    """The actor's areas as a condition on a grid column (and an industry column); no area, no rows."""
    wanted = frozenset(roles)
    parts: list[ColumnElement[bool]] = []
    for area in sorted(set(actor.areas), key=lambda a: (a.grid_code, a.industry, a.role)):
        if area.role not in wanted:
            continue
        part = inside(grid, area.grid_code)
        if area.industry and industry is not None:
            part = and_(part, industry == area.industry)
        parts.append(part)
    return or_(*parts) if parts else false()


# China has one time zone; the days of roles, numbers and deadlines are its days, wherever the server stands.
COUNTY_ZONE = ZoneInfo("Asia/Shanghai")


def local_day(now: datetime, zone: ZoneInfo = COUNTY_ZONE) -> date:
    """The calendar day in the county."""
    return now.astimezone(zone).date()


def holds_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Condition: an assignment holds on this day."""
    return and_(
        or_(Assignment.starts_on.is_(None), Assignment.starts_on <= day),
        or_(Assignment.ends_on.is_(None), Assignment.ends_on >= day),
    )


_RoleRow = Row[*tuple[Any, ...]]  # the columns of `_COLUMNS`, and others


def find_actor(session: Session, platform: str, chat: str, *, now: datetime) -> Actor | None:
    """Who is behind a chat; None for a stranger, for an unbound chat and for somebody without a role today."""
    found = find_senders(session, [(platform, chat)], now=now).get((platform, chat))
    return found.actor if found else None


def find_senders(session: Session, chats: Iterable[tuple[str, str]], *, now: datetime) -> dict[tuple[str, str], Sender]:
    """Who is behind each of these chats (platform, chat); nobody, as in `find_actor`, is left out."""
    wanted, day = set(chats), local_day(now)
    asked = {"platforms": list({platform for platform, _ in wanted}), "chats": list({chat for _, chat in wanted})}
    rows = [row for row in session.execute(_BEHIND_CHATS, {**asked, "day": day}) if (row.platform, row.chat) in wanted]
    actors = _actors(session, rows, day)
    return {
        (row.platform, row.chat): Sender(actors[row.id], bool(row.has_draft), is_gone=row.gone != "") for row in rows
    }


def load_actor(session: Session, person_id: int, *, now: datetime) -> Actor | None:
    """A person of the roster as an actor; None if unknown or without a role today."""
    return load_actors(session, [person_id], now=now).get(person_id)


def load_actors(session: Session, people: Iterable[int], *, now: datetime) -> dict[int, Actor]:
    """People of the roster as actors, by id; those without a role today are left out. Two queries at most."""
    day = local_day(now)
    rows = session.execute(_OF_PEOPLE, {"people": list(people), "day": day}).all()
    return _actors(session, rows, day)


# Built once, and on the tables themselves: these run with every event; building a statement costs more than
# running it, and the mapper costs as much again.
_DAY = bindparam("day", type_=Date)
_PEOPLE, _POSTS, _ACCOUNTS = (cast("Table", kind.__table__) for kind in (Person, Assignment, Account))
_HELD = _PEOPLE.join(_POSTS, and_(_POSTS.c.person_id == _PEOPLE.c.id, holds_on(_DAY)))
_COLUMNS = (
    _PEOPLE.c.id, _PEOPLE.c.name, _PEOPLE.c.unit, _PEOPLE.c.lang,
    _POSTS.c.role, _POSTS.c.grid_code, _POSTS.c.industry,
)  # fmt: skip
_OF_PEOPLE = select(*_COLUMNS).select_from(_HELD).where(_PEOPLE.c.id.in_(bindparam("people", expanding=True)))
_DRAFTS = cast("Table", Draft.__table__)
_HAS_DRAFT = exists().where(
    _DRAFTS.c.platform == _ACCOUNTS.c.platform, _DRAFTS.c.chat == _ACCOUNTS.c.chat, _DRAFTS.c.status == "open"
)
_BEHIND_CHATS = (
    select(*_COLUMNS, _ACCOUNTS.c.platform, _ACCOUNTS.c.chat, _ACCOUNTS.c.gone, _HAS_DRAFT.label("has_draft"))
    .select_from(_HELD.join(_ACCOUNTS, _ACCOUNTS.c.person_id == _PEOPLE.c.id))
    .where(
        _ACCOUNTS.c.platform.in_(bindparam("platforms", expanding=True)),
        _ACCOUNTS.c.chat.in_(bindparam("chats", expanding=True)),
        _ACCOUNTS.c.unbound_at.is_(None),
    )
)


def _actors(session: Session, rows: Sequence[_RoleRow], day: date) -> dict[int, Actor]:
    people: dict[int, list[_RoleRow]] = {}
    for row in rows:
        people.setdefault(row.id, []).append(row)
    managers = [row.id for row in rows if row.role is Role.MANAGER]
    enterprises: dict[int, list[int]] = {}
    if managers:
        answers_for = select(EnterprisePerson.person_id, EnterprisePerson.enterprise_id)
        for person_id, enterprise_id in session.execute(answers_for.where(EnterprisePerson.person_id.in_(managers))):
            enterprises.setdefault(person_id, []).append(enterprise_id)
    return {
        person_id: Actor(
            person_id, mine[0].name, mine[0].unit, mine[0].lang,
            tuple(dict.fromkeys(Area(row.role, row.grid_code, row.industry) for row in mine)),
            tuple(enterprises.get(person_id, ())), day,
        )
        for person_id, mine in people.items()
    }  # fmt: skip
