"""Keeping the vocabulary true to the registers: names that are new or changed are found by a partial index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast as cast_type

from sqlalchemy import String, Table, bindparam, cast, delete, insert, literal, or_, select, union_all, update

from models.base import UNINDEXED
from models.enterprises.tables import Enterprise
from models.grids.names import short_name
from models.grids.tables import Grid
from models.people.tables import Person
from models.session import Session
from models.vocabulary.forms import bare_name, everyday_forms, grid_forms, plain_text
from models.vocabulary.sounds import pairs
from models.vocabulary.tables import Name, NamePair, Standing

SOME = 200  # Names per unit.
HEARD = "heard"  # Where a session keeps what it has heard; forgotten when names are added.


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a register whose name has not been taken up as it stands. `key`: its id or code."""

    kind: str
    key: int | str
    name: str


_NAMES, _PAIRS = cast_type("Table", Name.__table__), cast_type("Table", NamePair.__table__)
_REGISTERS: dict[str, tuple[Any, Any, str]] = {
    "enterprise": (Enterprise.__table__, Enterprise.__table__.c.id, "enterprise_id"),
    "grid": (Grid.__table__, Grid.__table__.c.code, "grid_code"),
    "person": (Person.__table__, Person.__table__.c.id, "person_id"),
}
# Built once: this is asked before every caption. The condition is to the letter that of the partial indexes.
_UNKNOWN = union_all(
    *(
        select(literal(kind).label("kind"), cast(key, String(32)).label("key"), table.c.name).where(UNINDEXED)
        for kind, (table, key, _column) in _REGISTERS.items()
    )
)


def do_index_names(session: Session) -> int:
    """Take up names that are new or have changed, some at a time; give how many. One query if there is none.

    Call it again until it gives 0: a county's names at once would hold up everybody who writes.
    """
    rows = [
        _Row(kind, key if kind == "grid" else int(key), name)
        for kind, key, name in session.execute(_UNKNOWN.limit(SOME)).all()
    ]
    if not rows:
        return 0
    county = session.scalar(select(Grid.name).where(Grid.parent_code.is_(None)).order_by(Grid.code).limit(1)) or ""
    _take_up(session, rows, county)
    return len(rows)


def _take_up(session: Session, rows: Sequence[_Row], county: str) -> None:
    for kind, (table, key, column) in _REGISTERS.items():
        mine = [row for row in rows if row.kind == kind]
        if not mine:
            continue
        values = [
            {"text": _text(row, county)[:128], "standing": Standing.OFFICIAL, column: row.key, "lessons": 0}
            for row in mine
        ]
        # What was a nickname before may be the register's name now.
        outdated = or_(Name.standing == Standing.OFFICIAL, Name.text.in_([value["text"] for value in values]))
        session.execute(
            delete(Name).where(getattr(Name, column).in_([row.key for row in mine]), outdated),
            execution_options={"synchronize_session": False},
        )
        do_add_names(session, values)
        session.execute(
            update(table).where(key == bindparam("this")).values(indexed_name=bindparam("as_is")),
            [{"this": row.key, "as_is": row.name} for row in mine],
        )


def _text(row: _Row, county: str) -> str:
    if row.kind == "enterprise":
        return bare_name(row.name, county=county)
    return short_name(plain_text(row.name)) if row.kind == "grid" else plain_text(row.name)


def do_add_names(session: Session, values: Iterable[dict[str, Any]]) -> list[int]:
    """Add names with their pairs of sounds; give their ids."""
    rows = list(values)
    if not rows:
        return []
    session.info.pop(HEARD, None)
    # On the tables themselves: an import brings thousands, and the mapper would cost more than the database.
    made = session.execute(insert(_NAMES).returning(_NAMES.c.id, _NAMES.c.text), rows).all()
    heard = [{"pair": pair[:24], "name_id": ident} for ident, text in made for pair in _pairs(text)]
    if heard:
        session.execute(insert(_PAIRS), heard)
    return [ident for ident, _text_ in made]


def _pairs(text: str) -> set[str]:
    forms = {*everyday_forms(text), *grid_forms(text)}
    return {pair for form in forms for pair in pairs(form)}
