"""Writing an import in steps, forward and back: all or nothing as an outcome, and nobody else waits for it.

Each step is one short unit that moves `done`; whoever finds an import half-way goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.audit import do_audit
from models.enterprises.industries import do_seed_industries
from models.errors import Stale
from models.imports.changes import Change
from models.imports.jobs import find_last, state_text
from models.imports.rows import Conflict, do_change
from models.imports.tables import BUSY, Import, ImportChange, State
from models.session import attempt

# Rows per step: a step stays below 15 ms of the writer's time on the slower of the two databases.
STEP_ROWS: Final = 200
STAGE_ROWS: Final = 400


def do_stage(session: Session, row_id: int, start: int, changes: Sequence[Any], *, now: datetime) -> None:
    """Write down changes (as JSON values) from number `start` on.

    Raises: Stale: the import is no longer to be written.
    """
    _touch(session, row_id, (State.CONFIRMED,), now)
    rows = [{"import_id": row_id, "seq": start + at, "change": change} for at, change in enumerate(changes)]
    session.execute(insert(ImportChange), rows)


def do_clear(session: Session, row_id: int) -> bool:
    """Forget a few of the changes written down for this import; False if there were none."""
    return _do_clear(session, ImportChange.import_id == row_id)


def do_clear_old(session: Session) -> bool:
    """Forget a few of the changes that nobody can take back any more; False if there were none.

    The last import keeps its own, and so does one that another process has begun meanwhile.
    """
    last = find_last(session)
    old = select(Import.id).where(Import.state.not_in(BUSY), Import.id != (last.id if last else 0))
    return _do_clear(session, ImportChange.import_id.in_(old))


def _do_clear(session: Session, wanted: ColumnElement[bool]) -> bool:
    some = session.execute(select(ImportChange.import_id, ImportChange.seq).where(wanted).limit(STAGE_ROWS)).all()
    for import_id in {import_id for import_id, _seq in some}:
        seqs = [seq for found, seq in some if found == import_id]
        session.execute(delete(ImportChange).where(ImportChange.import_id == import_id, ImportChange.seq.in_(seqs)))
    return bool(some)


def do_begin(session: Session, row_id: int, *, total: int, now: datetime) -> None:
    """All changes are written down: from now on the import is finished, come what may.

    Raises: ValueError: they are not all there.
    """
    staged = session.scalar(select(func.count()).where(ImportChange.import_id == row_id))
    if staged != total:
        raise ValueError(f"{staged} of {total} changes were written down")
    _touch(session, row_id, (State.CONFIRMED,), now, state=State.APPLYING, total=total, done=0)
    do_seed_industries(session)


def do_step(session: Session, row_id: int, *, now: datetime, is_strict: bool = True) -> bool:
    """Do or take back the next few changes; False if none was left.

    Without `is_strict`, a row that somebody else has changed meanwhile is left as it is.
    Raises: Conflict: such a row was met, nothing of the step was kept. Stale: another process goes on with it.
    ValueError: some of the changes that were written down are gone.
    """
    row = session.get_one(Import, row_id, populate_existing=True)
    is_forward = row.state is State.APPLYING
    first = row.done if is_forward else max(0, row.done - STEP_ROWS)
    last = min(row.total, row.done + STEP_ROWS) if is_forward else row.done
    if first >= last:
        return False
    # First, so that of two processes the second waits here, finds the step done, and touches no row of it.
    moved = session.execute(
        update(Import)
        .where(Import.id == row_id, Import.state == row.state, Import.done == row.done)
        .values(done=last if is_forward else first, touched_at=now)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(now_in=state_text(row.state))
    changes = list_changes(session, row_id, first, last)
    if is_strict and len(changes) != last - first:
        raise ValueError(f"{len(changes)} of {last - first} changes of a step are there")
    if not is_forward:
        changes = [change.inverted() for change in reversed(changes)]
    if is_strict:
        do_change(session, changes, now=now)
    else:
        _do_what_fits(session, changes, now)
    return True


def _do_what_fits(session: Session, changes: Sequence[Change], now: datetime) -> None:
    for change in changes:
        try:
            attempt(session, lambda inner, change=change: do_change(inner, [change], now=now))  # type: ignore[misc]
        except Conflict:
            continue


def list_changes(session: Session, row_id: int, first: int, last: int) -> list[Change]:
    """The changes of an import from number `first` up to, not including, `last`."""
    rows = session.scalars(
        select(ImportChange.change)
        .where(ImportChange.import_id == row_id, ImportChange.seq >= first, ImportChange.seq < last)
        .order_by(ImportChange.seq)
    )
    return [Change.from_json(change) for change in rows]


def do_finish(session: Session, row: Import, target: State, *, now: datetime) -> None:
    """Close an import that is written or taken back, with its row in the audit.

    Raises: Stale: another process has closed it.
    """
    _touch(session, row.id, (row.state,), now, state=target, finished_at=now, why={})
    if target in (State.DONE, State.UNDONE) and not row.why:
        action = "imports:write" if target is State.DONE else "imports:undo"
        subject = f"import:{row.id}"
        do_audit(session, action=action, subject=subject, person_id=row.person_id, now=now, detail=row.counts)


def _touch(session: Session, row_id: int, states: Sequence[State], now: datetime, **values: Any) -> None:
    moved = session.execute(
        update(Import)
        .where(Import.id == row_id, Import.state.in_(states))
        .values(touched_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(now_in=state_text(session.get_one(Import, row_id, populate_existing=True).state))
