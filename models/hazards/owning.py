"""Who owns a hazard: written down at dispatch, changed by 改派 and 转交."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import Select, Table, and_, bindparam, delete, exists, or_, select

from models.access import Actor, holds_on, load_actor, local_day
from models.enterprises.tables import EnterprisePerson
from models.grids.ownership import OFFICE_ROLES, Owners, resolve_owners
from models.grids.tree import enclosing
from models.hazards.flow import Side
from models.hazards.tables import Hazard, HazardOwner, OwnerKind
from models.people.tables import Assignment, Person, Role
from models.session import Session
from models.upsert import insert_new

# Who can be made to put something right, besides the managers of the enterprise.
_CAN_RECTIFY = (Role.GRID_HEAD, Role.OFFICER, Role.SUPERVISOR, *OFFICE_ROLES)


def do_own(session: Session, hazard: Hazard, owners: Owners, kind: OwnerKind) -> None:
    """Replace the owners of a hazard."""
    session.execute(_DISOWN, {"hazard": hazard.id})
    sides = [(Side.RECTIFIER, owners.rectifiers), (Side.GRID, owners.grid_side), (Side.INDUSTRY, owners.industry_side)]
    if kind is OwnerKind.OFFICE:
        sides.append((Side.OFFICE, owners.rectifiers))
    rows = [
        {"hazard_id": hazard.id, "person_id": person_id, "side": side} for side, people in sides for person_id in people
    ]
    insert_new(session, HazardOwner, rows, key=("hazard_id", "person_id", "side"))


# Built once, on the table itself, as in models/access.py.
_OWNERS = cast("Table", HazardOwner.__table__)
_DISOWN = delete(_OWNERS).where(_OWNERS.c.hazard_id == bindparam("hazard"))


def owner_kind(session: Session, hazard: Hazard, owners: Owners, *, now: datetime) -> OwnerKind:
    """Who has to put it right: the enterprise, the grid, or the office that stepped in for one of them."""
    if not owners.rectifiers:
        return OwnerKind.NOBODY
    kind = OwnerKind.GRID if hazard.enterprise_id is None else OwnerKind.ENTERPRISE
    if not owners.office:
        return kind
    first = load_actor(session, owners.rectifiers[0], now=now)
    if first is None:
        return OwnerKind.OFFICE
    where = {"grid_code": hazard.grid_code, "industry": hazard.industry}
    own = (
        first.covers({Role.GRID_HEAD}, **where)
        if kind is OwnerKind.GRID
        else (hazard.enterprise_id in first.enterprise_ids)
    )
    return kind if own else OwnerKind.OFFICE


def visible_rectifiers(hazard: Hazard, *, now: datetime) -> Select[Person]:
    """To whom the office may give a hazard: its enterprise's managers, and whoever looks after its place and trade."""
    serves = and_(Assignment.person_id == Person.id, holds_on(local_day(now)))
    near = and_(
        serves,
        Assignment.grid_code.in_(enclosing(hazard.grid_code)),
        Assignment.role.in_(_CAN_RECTIFY),
        Assignment.industry.in_(("", hazard.industry)),
    )
    manages = and_(
        EnterprisePerson.person_id == Person.id, EnterprisePerson.enterprise_id == hazard.enterprise_id,
        exists().where(serves, Assignment.role == Role.MANAGER).correlate(Person),
    )  # fmt: skip
    return select(Person).where(or_(exists().where(near), exists().where(manages)))


def visible_colleagues(actor: Actor, hazard: Hazard, *, now: datetime) -> Select[Person]:
    """To whom a person may hand on what is the person's own: colleagues among those who could be given it."""
    mine = or_(
        Person.unit == actor.unit if actor.unit else Person.id.is_(None),
        exists().where(
            EnterprisePerson.person_id == Person.id, EnterprisePerson.enterprise_id == hazard.enterprise_id
        ),
        exists().where(
            Assignment.person_id == Person.id, holds_on(local_day(now)),
            Assignment.grid_code.in_(actor.grids(_CAN_RECTIFY)), Assignment.role.in_(_CAN_RECTIFY),
        ),
    )  # fmt: skip
    return visible_rectifiers(hazard, now=now).where(Person.id != actor.person_id, mine)


def reassigned(session: Session, hazard: Hazard, people: tuple[int, ...], *, now: datetime) -> Owners:
    """The owners once the office has said who puts it right; the grid and the trade keep theirs."""
    owners = resolve_owners(
        session, grid_code=hazard.grid_code, industry=hazard.industry, enterprise_id=hazard.enterprise_id, now=now
    )
    return replace(owners, rectifiers=people, office=False)


def delegated(owned: list[tuple[int, Side]], giver: int, people: tuple[int, ...]) -> Owners:
    """The owners once one of those who must put it right has handed it on to colleagues."""

    def on(side: Side) -> list[int]:
        return [person_id for person_id, own in owned if own is side]

    others = [person_id for person_id in on(Side.RECTIFIER) if person_id != giver]
    rectifiers = tuple(dict.fromkeys([*people, *others]))
    return Owners(rectifiers, tuple(on(Side.GRID)), tuple(on(Side.INDUSTRY)), bool(on(Side.OFFICE)))


def kind_of(session: Session, hazard: Hazard, people: tuple[int, ...], *, now: datetime) -> OwnerKind:
    """As whom the people chosen by the office put it right."""
    first = load_actor(session, people[0], now=now)
    if first is not None and hazard.enterprise_id in first.enterprise_ids:
        return OwnerKind.ENTERPRISE
    where = {"grid_code": hazard.grid_code, "industry": hazard.industry}
    of_grid = first is not None and first.covers({Role.GRID_HEAD, Role.OFFICER, Role.SUPERVISOR}, **where)
    return OwnerKind.GRID if of_grid else OwnerKind.OFFICE
