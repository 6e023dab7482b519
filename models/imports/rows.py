"""Changes on the tables: the only place where an import makes, changes and deletes rows.

What a row consists of beside the values of a change (when it was made, what is derived from its name) is filled in
by `*_columns`, for new and for changed rows alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import Base
from models.enterprises.tables import Enterprise, EnterprisePerson
from models.grids.tables import Grid, Level
from models.imports.changes import ENTERPRISES, GRIDS, LINKS, PEOPLE, POSTS, Change, Key, Values
from models.people.tables import Assignment, Person, Role

GRID_FIELDS = ("name", "level", "parent_code", "lat", "lon")
PERSON_FIELDS = ("name", "unit")
ENTERPRISE_FIELDS = ("name", "industry", "grid_code", "address", "lat", "lon", "standard", "headcount")


class Conflict(Exception):
    """A row is not as the change found it, or something refers to it: nothing of the step was kept."""

    def __init__(self, change: Change) -> None:
        super().__init__(f"{change.verb} {change.table}")
        self.change = change


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row: its primary key, and its values as in a change."""

    pk: Any
    values: Values


def grid_columns(values: Values) -> dict[str, Any]:
    """All columns of a grid that follow from the values of a change."""
    return {**values, "level": Level(values["level"])}


def person_columns(values: Values) -> dict[str, Any]:
    """All columns of a person that follow from the values of a change."""
    return dict(values)


def enterprise_columns(values: Values) -> dict[str, Any]:
    """All columns of an enterprise that follow from the values of a change."""
    return dict(values)


def post_columns(values: Values) -> dict[str, Any]:
    """All columns of a role that follow from the values of a change."""
    return {name: value and date.fromisoformat(value) for name, value in values.items()}


def post_values(starts_on: date | None, ends_on: date | None) -> Values:
    """The values of a role, as a change has them."""
    return {"starts_on": starts_on and starts_on.isoformat(), "ends_on": ends_on and ends_on.isoformat()}


def load_rows(session: Session, table: str, keys: Iterable[Key]) -> dict[Key, Row]:
    """Give the stored rows of these keys."""
    return _LOADERS[table](session, list(dict.fromkeys(keys)))


def do_change(session: Session, changes: Sequence[Change], *, now: datetime) -> None:
    """Do changes in this order.

    Raises: Conflict: a row is not as it is before the change, or rows that stay refer to one that would go.
    """
    for (table, verb), group in groupby(changes, key=lambda change: (change.table, change.verb)):
        some = list(group)
        stored = load_rows(session, table, (change.key for change in some))
        for change in some:
            row = stored.get(change.key)
            if (row.values if row else None) != change.before:
                raise Conflict(change)
        try:
            if verb == "insert":
                _INSERTERS[table](session, some, now)
            elif verb == "update":
                session.execute(update(_MODELS[table]), [_with_pk(table, stored[item.key], item) for item in some])
            else:
                model, primary = _MODELS[table], _primary(table)
                gone = [stored[change.key].pk for change in some]
                session.execute(delete(model).where(getattr(model, primary).in_(gone)))
        except IntegrityError as error:
            raise Conflict(some[0]) from error


_MODELS: dict[str, type[Base]] = {
    GRIDS: Grid, PEOPLE: Person, ENTERPRISES: Enterprise, LINKS: EnterprisePerson, POSTS: Assignment,
}  # fmt: skip
_COLUMNS = {GRIDS: grid_columns, PEOPLE: person_columns, ENTERPRISES: enterprise_columns, POSTS: post_columns}


def _primary(table: str) -> str:
    return "code" if table == GRIDS else "id"


def _with_pk(table: str, row: Row, change: Change) -> dict[str, Any]:
    after = change.after or {}
    return {_primary(table): row.pk, **_COLUMNS.get(table, dict)(after)}


# -- what is stored ----------------------------------------------------------------------------------------


def _load_grids(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    columns = [getattr(Grid, name) for name in GRID_FIELDS]
    rows = session.execute(select(Grid.code, *columns).where(Grid.code.in_(key[0] for key in keys)))
    return {(code,): Row(code, _plain(GRID_FIELDS, values)) for code, *values in rows}


def _load_people(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    columns = [getattr(Person, name) for name in PERSON_FIELDS]
    rows = session.execute(select(Person.phone, Person.id, *columns).where(Person.phone.in_(key[0] for key in keys)))
    return {(phone,): Row(id_, _plain(PERSON_FIELDS, values)) for phone, id_, *values in rows}


def _load_enterprises(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    columns = [getattr(Enterprise, name) for name in ENTERPRISE_FIELDS]
    codes = [key[0] for key in keys]
    rows = session.execute(
        select(Enterprise.credit_code, Enterprise.id, *columns).where(Enterprise.credit_code.in_(codes))
    )
    return {(code,): Row(id_, _plain(ENTERPRISE_FIELDS, values)) for code, id_, *values in rows}


def _load_links(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    link = EnterprisePerson
    rows = session.execute(
        select(Enterprise.credit_code, Person.phone, link.id, link.duty)
        .join(link, link.enterprise_id == Enterprise.id)
        .join(Person, Person.id == link.person_id)
        .where(tuple_(Enterprise.credit_code, Person.phone).in_(keys))
    )
    return {(code, phone): Row(id_, {"duty": duty}) for code, phone, id_, duty in rows}


def _load_posts(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    post, wanted = Assignment, set(keys)
    rows = session.execute(
        select(Person.phone, post.role, post.grid_code, post.industry, post.id, post.starts_on, post.ends_on)
        .join(Person, Person.id == post.person_id)
        .where(Person.phone.in_(sorted({key[0] for key in keys})))
    )
    found = {
        (phone, Role(role).value, grid, industry): Row(id_, post_values(starts_on, ends_on))
        for phone, role, grid, industry, id_, starts_on, ends_on in rows
    }
    return {key: row for key, row in found.items() if key in wanted}


def _plain(names: Sequence[str], values: Sequence[Any]) -> Values:
    return {name: str(value) if isinstance(value, Level) else value for name, value in zip(names, values, strict=True)}


_LOADERS = {
    GRIDS: _load_grids, PEOPLE: _load_people, ENTERPRISES: _load_enterprises, LINKS: _load_links, POSTS: _load_posts,
}  # fmt: skip


# -- new rows ----------------------------------------------------------------------------------------------


def _insert_grids(session: Session, changes: Sequence[Change], now: datetime) -> None:
    session.execute(insert(Grid), [{"code": change.key[0], **grid_columns(change.after or {})} for change in changes])


def _insert_people(session: Session, changes: Sequence[Change], now: datetime) -> None:
    rows = [
        {"phone": change.key[0], "lang": "zh", "created_at": now, **person_columns(change.after or {})}
        for change in changes
    ]
    session.execute(insert(Person), rows)


def _insert_enterprises(session: Session, changes: Sequence[Change], now: datetime) -> None:
    rows = [
        {"credit_code": change.key[0], "created_at": now, **enterprise_columns(change.after or {})}
        for change in changes
    ]
    session.execute(insert(Enterprise), rows)


def _insert_links(session: Session, changes: Sequence[Change], now: datetime) -> None:
    firms = load_rows(session, ENTERPRISES, ((change.key[0],) for change in changes))
    people = load_rows(session, PEOPLE, ((change.key[1],) for change in changes))
    rows = []
    for change in changes:
        firm, person = firms.get(change.key[:1]), people.get(change.key[1:])
        if firm is None or person is None:
            raise Conflict(change)
        rows.append({"enterprise_id": firm.pk, "person_id": person.pk, **(change.after or {})})
    session.execute(insert(EnterprisePerson), rows)


def _insert_posts(session: Session, changes: Sequence[Change], now: datetime) -> None:
    people = load_rows(session, PEOPLE, ((change.key[0],) for change in changes))
    rows = []
    for change in changes:
        phone, role, grid_code, industry = change.key
        person = people.get((phone,))
        if person is None:
            raise Conflict(change)
        place = {"person_id": person.pk, "role": Role(role), "grid_code": grid_code, "industry": industry}
        rows.append({**place, **post_columns(change.after or {})})
    session.execute(insert(Assignment), rows)


_INSERTERS = {
    GRIDS: _insert_grids, PEOPLE: _insert_people, ENTERPRISES: _insert_enterprises, LINKS: _insert_links,
    POSTS: _insert_posts,
}  # fmt: skip
