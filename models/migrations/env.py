"""Run by Alembic for every command; the connection comes from `models.migrate`, which owns the transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from models.audit import restore_guards
from models.migrations.comparing import OPTIONS
from models.schema import METADATA

MIGRATING = 0x77616E67_67650002  # PostgreSQL: two processes that start at once migrate one after the other.


def run() -> None:
    """Run the migrations on the connection that was handed over."""
    connection: Connection = context.config.attributes["connection"]
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATING})
    only = context.config.attributes.get("only")

    def is_wanted(_item: object, name: str | None, kind: str, *_rest: object) -> bool:
        return not only or kind != "table" or name in only

    context.configure(connection=connection, target_metadata=METADATA, include_object=is_wanted, **OPTIONS)
    context.run_migrations()
    restore_guards(connection)


run()
