"""The roster (花名册): who is who, who holds which role where, who answers for which enterprise.

Phones are the key; they come in through `models.people.phones.read_phone`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.access import holds_on, local_day
from models.enterprises.tables import Enterprise, EnterprisePerson
from models.people.phones import read_phone
from models.people.tables import Assignment, Person, Role

Duty = Literal["principal", "safety"]
PRINCIPAL: Duty = "principal"
SAFETY: Duty = "safety"

__all__ = [
    "PRINCIPAL", "SAFETY", "Duty", "do_assign", "do_end_roles", "do_enterprise_person",
    "do_person", "find_people", "find_person", "list_roles", "read_phone",
]  # fmt: skip


def find_person(session: Session, phone: str) -> Person | None:
    """Give the person with this phone (in the roster's form, see `read_phone`)."""
    return session.scalars(select(Person).where(Person.phone == phone)).first()


def find_people(session: Session, name: str) -> list[Person]:
    """Everybody of this name, in the order of the roster."""
    return list(session.scalars(select(Person).where(Person.name == name).order_by(Person.id)))


def list_roles(session: Session, person_id: int, *, now: datetime) -> list[Assignment]:
    """The roles a person holds today."""
    return list(
        session.scalars(
            select(Assignment)
            .where(Assignment.person_id == person_id, holds_on(local_day(now)))
            .order_by(Assignment.grid_code, Assignment.id)
        )
    )


def do_person(session: Session, *, name: str, phone: str, unit: str = "", now: datetime) -> Person:
    """Put a person on the roster, or bring name and unit of the one with this phone up to date."""
    person = find_person(session, phone)
    if person is None:
        person = Person(name=name, phone=phone, unit=unit, lang="zh", created_at=now)
        session.add(person)
    person.name = name
    person.unit = unit or person.unit
    session.flush()
    return person


def do_assign(
    session: Session,
    person_id: int,
    role: Role,
    grid_code: str,
    *,
    industry: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Assignment:
    """Give a person a role in a grid; one that is there already gets the new dates."""
    found = session.scalars(
        select(Assignment).where(
            Assignment.person_id == person_id,
            Assignment.role == role,
            Assignment.grid_code == grid_code,
            Assignment.industry == industry,
        )
    ).first()
    if found is None:
        found = Assignment(person_id=person_id, role=role, grid_code=grid_code, industry=industry)
        session.add(found)
    found.starts_on, found.ends_on = starts_on, ends_on
    session.flush()
    return found


def do_end_roles(session: Session, person_id: int, *, last_day: date) -> int:
    """Let every role of a person end on a day (it still counts on that day); return how many were cut short."""
    rows = session.scalars(
        select(Assignment).where(
            Assignment.person_id == person_id, or_(Assignment.ends_on.is_(None), Assignment.ends_on > last_day)
        )
    ).all()
    for row in rows:
        row.ends_on = last_day
    session.flush()
    return len(rows)


def do_enterprise_person(session: Session, enterprise: Enterprise, person_id: int, duty: Duty) -> None:
    """Make a person answer for an enterprise, with the manager's role where it lies.

    Who is both 负责人 and 安全管理员 is kept as 负责人.
    """
    found = session.scalars(
        select(EnterprisePerson).where(
            EnterprisePerson.enterprise_id == enterprise.id, EnterprisePerson.person_id == person_id
        )
    ).first()
    if found is None:
        session.add(EnterprisePerson(enterprise_id=enterprise.id, person_id=person_id, duty=duty))
    elif duty == PRINCIPAL:
        found.duty = duty
    do_assign(session, person_id, Role.MANAGER, enterprise.grid_code)
