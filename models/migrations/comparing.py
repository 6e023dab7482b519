"""How the models are compared with a database, in migrations and in their tests."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import JSON, DateTime, Enum, String

from models.base import Json, Moment


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Write a column's type without naming a class of ours: a migration outlives the code beside it."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if isinstance(item, Json):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def compare_type(_context: Any, _inspected: Any, _column: Any, inspected_type: Any, model_type: Any) -> bool | None:
    """Tell the comparison that our own types are what they are stored as; None leaves it to Alembic."""
    if isinstance(model_type, Moment):
        return not isinstance(inspected_type, DateTime)
    if isinstance(model_type, Enum):
        return not isinstance(inspected_type, String)
    if isinstance(model_type, Json):
        return not isinstance(inspected_type, JSON)  # JSONB is one
    return None


OPTIONS: dict[str, Any] = {
    "compare_type": compare_type,
    "compare_server_default": True,
    "render_as_batch": True,
    "render_item": render_item,
}
