"""Names, and whom a person may call: phones are whole within the own chain, masked for everybody else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from models.access import Actor, is_inside
from models.people.tables import Person

_HEAD, _TAIL = 3, 4


def mask_phone(phone: str) -> str:
    """Show the first three and the last four digits: 199****0001."""
    hidden = max(1, len(phone) - _HEAD - _TAIL)
    return f"{phone[:_HEAD]}{'*' * hidden}{phone[-_TAIL:]}" if len(phone) > _HEAD + _TAIL else "*" * len(phone)


def is_in_chain(one: Actor, other: Actor | None) -> bool:
    """Tell whether two people stand in one chain: a grid of one encloses a grid of the other, or is the same.

    Two neighbours' grids enclose nothing in common; whoever holds no role any more stands in no chain.
    """
    if other is None:
        return False
    return any(
        is_inside(mine.grid_code, theirs.grid_code) or is_inside(theirs.grid_code, mine.grid_code)
        for mine in one.areas
        for theirs in other.areas
    )


def names_of(session: Session, people: Iterable[int]) -> dict[int, str]:
    """The names of people by id, in the order in which they were asked for."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        return {}
    names: dict[int, str] = {row.id: row.name for row in session.execute(_NAMES, {"people": wanted})}
    return {person_id: names[person_id] for person_id in wanted if person_id in names}


# Built once, on the table itself: every card of a hazard names people.
_PEOPLE = cast("Table", Person.__table__)
_NAMES = select(_PEOPLE.c.id, _PEOPLE.c.name).where(_PEOPLE.c.id.in_(bindparam("people", expanding=True)))
