"""What the history of a hazard says of it: the events alone give the columns that moves have set.

`python -m bot check` walks all hazards with it, and the tests compare every step of the loop with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import groupby
from typing import Protocol

from sqlalchemy import select

from models.hazards.flow import FINAL, Move, State, find_move
from models.hazards.tables import Hazard, HazardEvent
from models.session import Session

PAGE = 500  # Hazards whose events are in memory together.
_FIRST = frozenset({State.REPORTED, State.ACCEPTED})


class Row(Protocol):
    """As much of an event as tells where the hazard went."""

    @property
    def action(self) -> str: ...
    @property
    def from_state(self) -> State | None: ...
    @property
    def to_state(self) -> State: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a hazard stands; the fields are columns of `Hazard`."""

    state: State
    state_since: datetime
    state_before: State | None = None
    round: int = 1
    returned: int = 0
    extensions: int = 0
    closed_at: datetime | None = None


class Broken(Exception):
    """Events that no hazard can have gone through."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A hazard that does not stand where its history ends: the columns that differ, or what is wrong with it."""

    number: str
    columns: tuple[str, ...] = field(default=())
    fault: str = ""


def replay(events: Iterable[Row]) -> Standing:
    """Go through the events of one hazard, oldest first.

    Raises: Broken: no events, or one that cannot follow the one before it.
    """
    stand: Standing | None = None
    for event in events:
        stand = _step(stand, event)
    if stand is None:
        raise Broken("no history")
    return stand


def _step(stand: Standing | None, event: Row) -> Standing:
    if stand is None:
        if event.action != "report" or event.from_state is not None or event.to_state not in _FIRST:
            raise Broken(f"begins with {event.action}")
        return Standing(event.to_state, event.at)
    move = find_move(event.action)
    if event.from_state is not stand.state:
        raise Broken(f"{event.action} from {event.from_state}, but it stood in {stand.state}")
    if move is None:  # a note, a photo: it adds something and moves nothing
        if event.to_state is not stand.state:
            raise Broken(f"{event.action} leads to {event.to_state}")
        return stand
    if stand.state not in move.sources or event.to_state is not move.leads(stand.state, stand.state_before):
        raise Broken(f"{event.action} leads from {event.from_state} to {event.to_state}")
    return _moved(stand, move, event)


def _moved(stand: Standing, move: Move, event: Row) -> Standing:
    if event.to_state is stand.state and not move.deadline:  # 补充, 转交: it stays, and so does its time
        return stand
    return replace(
        stand,
        state=event.to_state,
        state_since=event.at,
        state_before=stand.state if event.to_state is State.SUSPENDED else None,
        round=stand.round + (move.action in {"fail", "reopen"}),
        returned=stand.returned + (move.action == "return"),
        extensions=stand.extensions + (move.action == "approve"),
        closed_at=event.at if event.to_state in FINAL else None,
    )


_COLUMNS = tuple(column.name for column in fields(Standing))
_EVENT = (
    HazardEvent.hazard_id, HazardEvent.action, HazardEvent.from_state, HazardEvent.to_state, HazardEvent.at,
)  # fmt: skip


def find_mismatches(session: Session) -> Iterator[Mismatch | None]:
    """Compare every hazard with its history, one after the other; None: it stands where its events lead."""
    last = 0
    stored = select(Hazard.id, Hazard.number, *(getattr(Hazard, name) for name in _COLUMNS)).order_by(Hazard.id)
    while rows := session.execute(stored.where(Hazard.id > last).limit(PAGE)).all():
        first, last = rows[0].id, rows[-1].id
        told = session.execute(
            select(*_EVENT)
            .where(HazardEvent.hazard_id.between(first, last))
            .order_by(HazardEvent.hazard_id, HazardEvent.id)
        )
        events: dict[int, Sequence[Row]] = {
            ident: list(group) for ident, group in groupby(told, lambda event: event.hazard_id)
        }
        for row in rows:
            _ident, number, *values = row
            yield _compare(number, Standing(*values), events.get(row.id, ()))


def _compare(number: str, stored: Standing, events: Sequence[Row]) -> Mismatch | None:
    try:
        stand = replay(events)
    except Broken as fault:
        return Mismatch(number, fault=str(fault))
    differing = tuple(name for name in _COLUMNS if getattr(stored, name) != getattr(stand, name))
    return Mismatch(number, differing) if differing else None
