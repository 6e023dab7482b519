"""Who answers for a place and a trade: 属地 × 行业 (domain.md, section 1).

Every object has two owners, the grid it lies in and the department of its industry. Where one of them is
missing, the leading group's office (领导组办公室) steps in, so that nothing is ever unowned or silently unsent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Date, Table, bindparam, select
from sqlalchemy.orm import Session, aliased

from models.access import holds_on, is_inside, local_day
from models.enterprises.tables import Enterprise, EnterprisePerson
from models.grids.tables import Grid
from models.grids.tree import enclosing
from models.people.tables import Assignment, Role

# The office is whoever of these exists: the first kind that anybody holds.
OFFICE_ROLES = (Role.DISPATCHER, Role.DUTY, Role.ADMIN)
_OWNER_ROLES = (Role.OFFICER, Role.GRID_HEAD, Role.SUPERVISOR, *OFFICE_ROLES)


@dataclass(frozen=True, slots=True)
class Owners:
    """Person ids, whoever stands nearest first (smallest enclosing grid), each once.

    `rectifiers` must put it right; `grid_side` are the officers of the place and the grid heads above them;
    `industry_side` the supervisors of the trade (empty by right when no industry was given). `office`: at
    least one of the three had nobody, and holds the office instead. `unowned`: there is no office either,
    and somebody is missing.
    """

    rectifiers: tuple[int, ...]
    grid_side: tuple[int, ...]
    industry_side: tuple[int, ...]
    office: bool = False
    unowned: bool = False

    @property
    def everyone(self) -> tuple[int, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.rectifiers, *self.grid_side, *self.industry_side)))


@dataclass(frozen=True, slots=True)
class UnownedPair:
    """A grid and an industry ("": the grid side) for which only the office answers, if there is one."""

    grid_code: str
    industry: str


@dataclass(frozen=True, slots=True)
class _Post:
    person_id: int
    role: Role
    grid_code: str
    industry: str


def resolve_owners(
    session: Session, *, grid_code: str, industry: str = "", enterprise_id: int | None = None, now: datetime
) -> Owners:
    """Say who answers for something in a grid, of a trade, at an enterprise (None: a public place).

    Only roles that hold today count. Two queries at most.
    """
    posts = _posts(session, grid_code, now)
    mine = [post for post in posts if post.industry in ("", industry)]
    heads = [post for post in mine if post.role is Role.GRID_HEAD]
    if enterprise_id is None:
        # The smallest grid's head alone: those above hear of it as grid side, they do not sweep the street.
        rectifiers = [post.person_id for post in heads if post.grid_code == heads[0].grid_code]
    else:
        rectifiers = _managers(session, enterprise_id, now)
    return _with_office(
        rectifiers,
        [post.person_id for post in mine if post.role in (Role.OFFICER, Role.GRID_HEAD)],
        [post.person_id for post in mine if post.role is Role.SUPERVISOR],
        office=_office(posts),
        needs_industry=bool(industry),
    )


def _with_office(
    rectifiers: list[int], grid_side: list[int], industry_side: list[int], *, office: list[int], needs_industry: bool
) -> Owners:
    lacking = not rectifiers or not grid_side or (needs_industry and not industry_side)
    return Owners(
        rectifiers=_once(rectifiers or office),
        grid_side=_once(grid_side or office),
        industry_side=_once(industry_side or (office if needs_industry else [])),
        office=lacking and bool(office),
        unowned=lacking and not office,
    )


def _once(people: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(people))


def _posts(session: Session, grid_code: str, now: datetime) -> list[_Post]:
    """The owner roles of all enclosing grids, the smallest grid's first."""
    rows = session.execute(_POSTS, {"codes": enclosing(grid_code), "day": local_day(now)})
    posts = [_Post(*row) for row in rows]
    return sorted(posts, key=lambda post: -len(post.grid_code))


def _managers(session: Session, enterprise_id: int, now: datetime) -> list[int]:
    """Whoever answers for an enterprise and still is a manager where it lies; 负责人 before 安全管理员."""
    rows = session.execute(_MANAGERS, {"enterprise": enterprise_id, "day": local_day(now)})
    return [person_id for person_id, area, lies_in in rows if is_inside(lies_in, area)]


# Built once and on the tables themselves, as in models/access.py: they run with every report.
_DAY = bindparam("day", type_=Date)
_HELD, _ANSWERING, _PLACES = (cast("Table", kind.__table__) for kind in (Assignment, EnterprisePerson, Enterprise))
_POSTS = (
    select(_HELD.c.person_id, _HELD.c.role, _HELD.c.grid_code, _HELD.c.industry)
    .where(
        _HELD.c.grid_code.in_(bindparam("codes", expanding=True)),
        _HELD.c.role.in_(_OWNER_ROLES),
        holds_on(_DAY),
    )
    .order_by(_HELD.c.id)
)
_MANAGERS = (
    select(_ANSWERING.c.person_id, _HELD.c.grid_code, _PLACES.c.grid_code)
    .select_from(
        _ANSWERING.join(_PLACES, _PLACES.c.id == _ANSWERING.c.enterprise_id).join(
            _HELD, _HELD.c.person_id == _ANSWERING.c.person_id
        )
    )
    .where(
        _ANSWERING.c.enterprise_id == bindparam("enterprise"),
        _HELD.c.role == Role.MANAGER,
        holds_on(_DAY),
    )
    .order_by(_ANSWERING.c.duty, _ANSWERING.c.id)
)


def _office(posts: list[_Post]) -> list[int]:
    for role in OFFICE_ROLES:
        holders = [post.person_id for post in posts if post.role is role]
        if holders:
            return holders
    return []


def list_office(session: Session, grid_code: str, *, now: datetime) -> list[int]:
    """The leading group's office (领导组办公室) above a grid: dispatchers, else duty officers, else administrators."""
    rows = session.execute(
        select(Assignment.person_id, Assignment.role).where(
            Assignment.grid_code.in_(enclosing(grid_code)),
            Assignment.role.in_(OFFICE_ROLES),
            holds_on(local_day(now)),
        )
    ).all()
    for role in OFFICE_ROLES:
        holders = sorted({person_id for person_id, held in rows if held is role})
        if holders:
            return holders
    return []


def list_unowned_pairs(session: Session, now: datetime) -> list[UnownedPair]:
    """The (grid, industry) pairs in use that have no owner of their own, for start-up and `check`.

    In use are: every smallest grid, for the grid side (industry ""), and every grid × industry in which an
    enterprise lies. Three queries.
    """
    rows = session.execute(
        select(Assignment.role, Assignment.grid_code, Assignment.industry).where(
            Assignment.role.in_((Role.OFFICER, Role.GRID_HEAD, Role.SUPERVISOR)), holds_on(local_day(now))
        )
    ).all()
    heads = {(code, industry) for role, code, industry in rows if role is not Role.SUPERVISOR}
    supervisors = {(code, industry) for role, code, industry in rows if role is Role.SUPERVISOR}
    child = aliased(Grid)
    smallest = session.scalars(
        select(Grid.code).where(~select(child.code).where(child.parent_code == Grid.code).exists())
    ).all()
    trades = session.execute(select(Enterprise.grid_code, Enterprise.industry).distinct()).all()
    pairs = [UnownedPair(code, "") for code in smallest if not _is_covered(code, "", heads)]
    pairs += [UnownedPair(code, trade) for code, trade in trades if not _is_covered(code, trade, supervisors)]
    return sorted(pairs, key=lambda pair: (pair.grid_code, pair.industry))


def _is_covered(code: str, industry: str, posts: set[tuple[str, str]]) -> bool:
    return any((area, trade) in posts for area in enclosing(code) for trade in {"", industry})
