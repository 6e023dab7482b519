"""INSERT … ON CONFLICT, spoken alike to SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Table
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
    statement = _insert_new(session.get_bind().dialect.name, table, tuple(key), tuple(returning))
    done = session.execute(statement, list(rows))
    return list(done.all()) if returning else []


@cache
def _insert_new(dialect: str, table: type[Base], key: tuple[str, ...], returning: tuple[str, ...]) -> Any:
    """The statement, on the table itself and built once: it runs with every event."""
    columns = cast("Table", table.__table__)
    statement = _insert(dialect, columns).on_conflict_do_nothing(index_elements=list(key))
    return statement.returning(*(columns.c[name] for name in returning)) if returning else statement


def upsert(
    session: Session,
    table: type[Base],
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
    change: Mapping[str, Any],
) -> None:
    """Insert a row, or apply `change` to the one with the same `key`."""
    statement = _insert(session.get_bind().dialect.name, table).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(change)))


def _insert(dialect: str, table: Any) -> Any:
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
