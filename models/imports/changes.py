"""What an import changes, row by row, as values: the rows before and after, named by what people know them by.

A change names its row by a natural key (phone, credit code …), so that it can be planned before there are ids, done
in steps, and undone by the same means. The tables come in the order in which rows may refer to each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

GRIDS: Final = "grids"
PEOPLE: Final = "people"
ENTERPRISES: Final = "enterprises"
LINKS: Final = "links"  # who answers for which enterprise
POSTS: Final = "posts"  # who holds which role where; last, because rights come with it
TABLES: Final = (GRIDS, PEOPLE, ENTERPRISES, LINKS, POSTS)

Key = tuple[str, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row before and after, as plain JSON values; None where it is not there."""

    table: str
    key: Key
    before: Values | None
    after: Values | None

    @property
    def verb(self) -> str:
        """What it does to the table: insert, update or delete."""
        if self.before is None:
            return "insert"
        return "delete" if self.after is None else "update"

    def inverted(self) -> Change:
        """The change that takes this one back."""
        return Change(self.table, self.key, self.after, self.before)

    def to_json(self) -> list[Any]:
        """Plain JSON values."""
        return [self.table, list(self.key), self.before, self.after]

    @classmethod
    def from_json(cls, values: list[Any]) -> Change:
        """Rebuild from `to_json`."""
        table, key, before, after = values
        return cls(table, tuple(key), before, after)


def digest(changes: Iterable[Change]) -> str:
    """A fingerprint: equal if and only if the same would happen."""
    found = hashlib.sha256()
    for change in changes:
        found.update(json.dumps(change.to_json(), ensure_ascii=False, sort_keys=True).encode())
    return found.hexdigest()
