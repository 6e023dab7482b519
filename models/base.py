"""The declarative base and the column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Index, Integer, MetaData, TextClause, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only for INTEGER; PostgreSQL gets the 64 bits that outlive the county.
Serial = BigInteger().with_variant(Integer(), "sqlite")


class _Written(sqlite.DATETIME):
    """SQLite's text for a moment, the same as SQLAlchemy's own, at a third of the cost: every row has several."""

    def bind_processor(self, _dialect: Dialect) -> Callable[[Any], Any]:
        """Write with microseconds, so that texts compare as the moments do."""
        return lambda value: value and value.isoformat(" ", "microseconds")


class Json(TypeDecorator[Any]):
    """JSON; on PostgreSQL the kind that is stored parsed. Its dialect, some megabytes, is loaded only there."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Take the database's own kind."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(self.impl_instance)
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; a naive one is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Take the cheaper of the two ways to write it on SQLite."""
        return dialect.type_descriptor(_Written() if dialect.name == "sqlite" else self.impl_instance)  # type: ignore[no-untyped-call]

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite, which has no zones, gets the bare UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(kind: type[StrEnum]) -> Enum:
    """Store an enum as its text value: readable in the table, and a new member needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


_WHERE = "where"
UNINDEXED = text("coalesce(indexed_name, '') <> name")


def unindexed(name: str) -> Index:
    """The index by which names that the vocabulary has not taken up yet are found (models/vocabulary/index.py)."""
    return partial_index(name, "name", where=UNINDEXED)


def partial_index(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """Make an index over some of the rows, on both databases; SQLAlchemy is not made to load PostgreSQL's dialect."""
    return Index(name, *columns, unique=unique, sqlite_where=where, info={_WHERE: where})


def speak_postgres(metadata: MetaData) -> None:
    """Give the partial indexes their condition in PostgreSQL's words, before they are written or compared there."""
    for table in metadata.tables.values():
        for index in table.indexes:
            if _WHERE in index.info:
                index.dialect_options["postgresql"]["where"] = index.info[_WHERE]


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: Moment, dict[str, Any]: Json, list[Any]: Json}
