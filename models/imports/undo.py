"""Whether an import can be taken back: nothing of it was changed since, and nothing else refers to what it made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from models.enterprises.tables import Enterprise, EnterprisePerson
from models.grids.tables import Grid
from models.imports.changes import ENTERPRISES, GRIDS, LINKS, PEOPLE, POSTS, TABLES, Change, Key
from models.imports.report import in_lists
from models.imports.rows import load_rows
from models.people.tables import Assignment, Person, Role
from models.texts import Text, _

# Tables whose rows an import makes itself, or that only tell of it.
_OWN: Final = frozenset({"grids", "people", "enterprises", "enterprise_people", "assignments", "imports"})
_JOINED: Final = frozenset({"accounts", "invites"})


@dataclass(frozen=True, slots=True)
class _Made:
    """A row that the import made: its name for people, and the primary key under which others refer to it."""

    name: str
    pk: int | str


def list_obstacles(session: Session, changes: Sequence[Change]) -> list[Text]:
    """Say what stands against taking the changes back; nothing: they can be."""
    keys = {table: {change.key for change in changes if change.table == table} for table in TABLES}
    found: dict[str, Text] = {}
    made: dict[str, list[_Made]] = {GRIDS: [], PEOPLE: [], ENTERPRISES: []}
    for table in TABLES:
        for some in in_lists([change for change in changes if change.table == table]):
            stored = load_rows(session, table, (change.key for change in some))
            for change in some:
                row = stored.get(change.key)
                if (row.values if row else None) != change.after:
                    name = _name(session, change)
                    found.setdefault(name, _("「{name}」在导入之后又改过。", name=name))
                elif row and change.before is None and table in made:
                    made[table].append(_Made(str(row.values["name"]), row.pk))
    for name, reason in (*_from_outside(session, made), *_from_others(session, made, keys)):
        found.setdefault(name, reason)
    return list(found.values())


def _name(session: Session, change: Change) -> str:
    """What people call the row; a role and a duty by the person who has it, never by a phone."""
    values = change.after or change.before or {}
    if "name" in values:
        return str(values["name"])
    phone = change.key[1] if change.table == LINKS else change.key[0]
    person = load_rows(session, PEOPLE, [(phone,)]).get((phone,))
    return str(person.values["name"]) if person else ""


def _from_outside(session: Session, made: dict[str, list[_Made]]) -> Iterator[tuple[str, Text]]:
    """References from tables that an import does not touch: chats, invites, hazards."""
    for table, rows in made.items():
        for column in _columns(table):
            for some in in_lists(rows):
                names = {row.pk: row.name for row in some}
                for pk in session.scalars(select(column).where(column.in_(names)).distinct()):
                    name = names[pk]
                    if column.table.name in _JOINED:
                        yield name, _("「{name}」已加入或已受邀。", name=name)
                    else:
                        yield name, _("「{name}」已有业务记录。", name=name)


def _columns(table: str) -> Iterator[Column[int | str]]:
    from models.schema import METADATA

    for other in METADATA.tables.values():
        if other.name in _OWN:
            continue
        for column in other.columns:
            keys = [key for key in column.foreign_keys if key.column.table.name == table]
            if any(key.ondelete == "CASCADE" for key in keys):
                continue  # what only describes the row goes with it
            if keys or (table == GRIDS and column.name == "grid_code"):
                yield column


def _from_others(
    session: Session, made: dict[str, list[_Made]], keys: dict[str, set[Key]]
) -> Iterator[tuple[str, Text]]:
    """References from rows of the same tables that came by other ways."""
    post, link = Assignment, EnterprisePerson
    role = select(Person.phone, post.role, post.grid_code, post.industry).join(Person, Person.id == post.person_id)
    duty = (
        select(Enterprise.credit_code, Person.phone)
        .join(link, link.enterprise_id == Enterprise.id)
        .join(Person, Person.id == link.person_id)
    )
    searches = (
        (PEOPLE, post.person_id, role, POSTS),
        (PEOPLE, link.person_id, duty, LINKS),
        (ENTERPRISES, link.enterprise_id, duty, LINKS),
        (GRIDS, post.grid_code, role, POSTS),
        (GRIDS, Enterprise.grid_code, select(Enterprise.credit_code), ENTERPRISES),
        (GRIDS, Grid.parent_code, select(Grid.code), GRIDS),
    )
    for table, column, statement, own in searches:
        for some in in_lists(made[table]):
            names = {row.pk: row.name for row in some}
            for *key, pk in session.execute(statement.add_columns(column).where(column.in_(names))):
                if _key(key) not in keys[own]:
                    yield names[pk], _("「{name}」已有业务记录。", name=names[pk])


def _key(values: Iterable[object]) -> Key:
    return tuple(value.value if isinstance(value, Role) else str(value) for value in values)
