"""Grids by what people write instead of codes: a name or a path, as far as it is clear which one is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from models.grids.names import aliases, short_name
from models.imports.offers import OFFERED, closest

_BETWEEN = re.compile(r"[\s·•・/\\>,，、|—–_-]+")


class Named(Protocol):
    """A grid as far as its name goes."""

    @property
    def name(self) -> str:
        """The full name."""

    @property
    def parent_code(self) -> str | None:
        """The grid around it."""


class GridNames:
    """Every name of every grid; `find` gives all grids that a text may mean."""

    def __init__(self, nodes: Mapping[str, Named]) -> None:
        self._nodes = nodes
        self._aliases = {code: aliases(node.name) for code, node in nodes.items()}
        self._codes: dict[str, list[str]] = {}
        for code, names in self._aliases.items():
            for name in names:
                self._codes.setdefault(name, []).append(code)
        self._found: dict[str, list[str]] = {}
        self._near: dict[str, list[str]] = {}

    def find(self, text: str) -> list[str]:
        """The codes of the grids whose name is `text`, or ends it after the names of grids around it."""
        plain = _BETWEEN.sub("", text)
        if plain not in self._found:
            self._found[plain] = self._find(plain)
        return self._found[plain]

    def _find(self, plain: str) -> list[str]:
        fitting: dict[str, int] = {}
        for start in range(len(plain)):
            for code in self._codes.get(plain[start:], ()):
                if self._leads_to(plain[:start], self._nodes[code].parent_code):
                    fitting.setdefault(code, start)
        # Whoever writes the full name of a village does not mean the town of which it is a short name.
        exact = [
            code for code in fitting if plain.endswith((short_name(self._nodes[code].name), self._nodes[code].name))
        ]
        return exact or list(fitting)

    def _leads_to(self, words: str, code: str | None) -> bool:
        """Tell whether `words` are names of the grid and those around it, the outermost first; some may be missing."""
        if not words:
            return True
        if code is None or code not in self._nodes:
            return False
        parent = self._nodes[code].parent_code
        rest = [words.removesuffix(name) for name in self._aliases[code] if words.endswith(name)]
        return any(self._leads_to(left, parent) for left in rest) or self._leads_to(words, parent)

    def near(self, text: str) -> list[str]:
        """The codes of the grids with the most similar names, the closest first."""
        plain = _BETWEEN.sub("", text)
        if plain not in self._near:
            found = [*closest(plain, self._short_names), *closest(plain, self._paths)]
            self._near[plain] = list(dict.fromkeys(found))[:OFFERED]
        return self._near[plain]

    @cached_property
    def _short_names(self) -> dict[str, str]:
        return {code: short_name(node.name) for code, node in self._nodes.items()}

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {code: self.path(code).replace("·", "") for code in self._nodes}

    def path(self, code: str) -> str:
        """Say where a grid lies, 茂林镇·溪口村; the county is named only when it is meant itself."""
        names: list[str] = []
        at: str | None = code
        while at in self._nodes and at is not None:
            node = self._nodes[at]
            if node.parent_code in self._nodes or not names:
                names.insert(0, short_name(node.name))
            at = node.parent_code if node.parent_code != at else None
        return "·".join(names)
