"""What an engine tells the log."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

BROKEN = text("INSERT INTO nowhere VALUES (:phone)")


async def test_failed_statement_keeps_what_was_bound_to_itself(store):
    for way in (store.read, store.write):
        with pytest.raises(DBAPIError) as caught:
            await way(lambda session: session.execute(BROKEN, {"phone": "19900000001"}))
        assert "nowhere" in str(caught.value)
        assert "19900000001" not in str(caught.value)


@pytest.mark.parametrize("path", sorted(Path("models").rglob("*.py")), ids=str)
def test_every_engine_hides_parameters(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    engines = [call for call in calls if getattr(call.func, "id", "") in {"create_engine", "create_async_engine"}]
    assert all("hide_parameters" in {word.arg for word in call.keywords} for call in engines)
