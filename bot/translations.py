"""Are all sentences of the product there in English? Found in the source itself, without tools of a developer."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from models.texts import DOMAIN, LOCALES

FLOORS = ("bot", "handlers", "models", "scheduler")
CHINESE = re.compile(r"[\u3400-\u9fff]")  # "{number} · {state}" is the same in every language
LATIN = re.compile(r"[A-Za-z]")
FIELD = re.compile(r"\{\w*\}")
MARKS = frozenset({"_", "N_"})


def find_untranslated(root: Path = LOCALES.parent, locales: Path = LOCALES) -> list[str]:
    """The sentences that somebody who reads English would see in Chinese, in order.

    Raises: OSError: there is no English catalogue at all.
    """
    catalogue = gettext.translation(DOMAIN, locales, ["en"])
    catalogue.add_fallback(_Unknown())
    return sorted(sentence for sentence in _sentences(root) if not _is_told(sentence, catalogue.gettext(sentence)))


class _Unknown(gettext.NullTranslations):
    """Has no English for anything."""

    def gettext(self, _message: str) -> str:
        """Give nothing."""
        return ""


def _is_told(sentence: str, english: str) -> bool:
    """Tell whether a sentence has its English: its own words only if they are in both languages (语言 / Language)."""
    return bool(english) and (english != sentence or bool(LATIN.search(FIELD.sub("", sentence))))


def _sentences(root: Path) -> set[str]:
    paths = (path for floor in FLOORS for path in (root / floor).rglob("*.py"))
    return {sentence for path in paths for sentence in _marked(path)}


def _marked(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS):
            continue
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and CHINESE.search(first.value):
            yield first.value
