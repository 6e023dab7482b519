"""Every act in the audit has a name that people read."""

import ast
import re
from pathlib import Path

import pytest

from models.trail import LABELS

ROOT = Path(__file__).resolve().parents[2]
ACT = re.compile(r"(hazards|imports|ledgers|names|people|public):[a-z_]+")
WRITERS = sorted(
    path
    for floor in ("bot", "handlers", "models", "scheduler")
    for path in (ROOT / floor).rglob("*.py")
    if "do_audit(" in path.read_text("utf-8")
)


def acts(path):
    """The acts that a module writes; what is put together (`hazards:{move}`) is named by what it is made of."""
    texts = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and ACT.fullmatch(text)}


@pytest.mark.parametrize("path", WRITERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_act_that_is_written_has_a_name(path):
    assert sorted(acts(path) - LABELS.keys()) == []


def test_acts_are_found_in_the_source():
    assert {"imports:undo", "people:leave", "names:remove"} <= set().union(*map(acts, WRITERS))
