"""INSERT … ON CONFLICT, spoken alike to SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Base


def insert_new(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    returning: Sequence[str] = (),
) -> list[Any]:
    """Insert the rows whose `key` is not there yet; return the named columns of those inserted."""
    if not rows:
        return []
    statement = _insert(session, table).on_conflict_do_nothing(index_elements=list(key))
    if not returning:
        session.execute(statement, list(rows))
        return []
    columns = [getattr(table, name) for name in returning]
    return list(session.execute(statement.returning(*columns), list(rows)).all())


def upsert(
    session: Session,
    table: type[Base],
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
    change: Mapping[str, Any],
) -> None:
    """Insert a row, or apply `change` to the one with the same `key`."""
    statement = _insert(session, table).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(change)))


def _insert(session: Session, table: type[Base]) -> Any:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
