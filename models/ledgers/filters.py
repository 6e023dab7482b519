"""The filters of a ledger: what people mean by the words they type, as values that can be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select

from models.access import Actor
from models.errors import NotFound
from models.ledgers.tables import LedgerQuery
from models.session import Session
from models.texts import Line, dump_line, load_line

Kind = Literal[
    "grid", "state", "level", "trade", "enterprise", "called", "person", "due", "listed", "mine", "days",
    "number", "text",
]  # fmt: skip
KEEP = timedelta(days=30)  # A ledger card older than this has to be asked for again.


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. Those of one kind are alternatives, except words of text: each of them must occur.

    `value`: a grid code, a key of `words.STATES`, a level's code, "categories/industry/word" (codes with commas;
    any may be empty), an enterprise id, "word/grid codes", the ids of people, "overdue" or "soon", "" (listed,
    mine), two days "2026-11-01..2026-11-30" (inclusive), the beginning of a number or, after a hyphen, its end, a word.
    """

    kind: Kind
    value: str
    label: Line


def do_save_query(session: Session, actor: Actor, filters: Sequence[Filter], *, now: datetime) -> int:
    """Remember the filters of a card; the id goes into its buttons."""
    rows = [[item.kind, item.value, dump_line(item.label)] for item in filters]
    query = LedgerQuery(person_id=actor.person_id, filters=rows, made_at=now)
    session.add(query)
    session.flush()
    return query.id


def access_query(session: Session, actor: Actor, query_id: int) -> list[Filter]:
    """The filters of one of the person's own cards.

    Raises: NotFound: made up, somebody else's, or too old.
    """
    rows: list[Any] | None = session.scalar(
        select(LedgerQuery.filters).where(LedgerQuery.id == query_id, LedgerQuery.person_id == actor.person_id)
    )
    if rows is None:
        raise NotFound
    return [Filter(kind, value, load_line(label)) for kind, value, label in rows]


def do_forget_queries(session: Session, *, now: datetime) -> int:
    """Delete the filters of cards that are older than `KEEP`; return how many."""
    gone = session.execute(delete(LedgerQuery).where(LedgerQuery.made_at < now - KEEP))
    return int(gone.rowcount)  # type: ignore[attr-defined]
