"""Imports in chat: who may import, and the moves from a sent file to done and undone.

A handler only notes what is wanted; the work is done by whoever drives imports (scheduler/imports.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from models.access import Actor, load_actor
from models.errors import Forbidden, InvalidInput, NotFound, Stale
from models.grids.tables import Grid
from models.imports.tables import BUSY, DUE, Import, ImportChange, State
from models.people.tables import Role
from models.texts import Line, Text, _, dump_line

LOCK: Final = 0x77616E67_67650007  # PostgreSQL: who claims the tables holds this advisory lock until the commit.
LEASE: Final = timedelta(seconds=30)  # A step takes a moment; whoever has been silent for so long is gone.

_STATES = {
    State.CHECKING: _("正在检查"),
    State.READY: _("等待确认"),
    State.REFUSED: _("有误，未写入"),
    State.UNCHANGED: _("没有变化"),
    State.CONFIRMED: _("正在导入"),
    State.APPLYING: _("正在导入"),
    State.RETURNING: _("正在导入"),
    State.DONE: _("已导入"),
    State.UNDO: _("正在撤销"),
    State.UNDOING: _("正在撤销"),
    State.UNDONE: _("已撤销"),
    State.CANCELLED: _("已取消"),
}


def state_text(state: State) -> Text:
    """The state in words."""
    return _STATES.get(state, _("已结束"))


def check_importer(session: Session, actor: Actor) -> None:
    """Raises: Forbidden: no administrator of the whole county; a table may reach into every grid."""
    grids = actor.grids([Role.ADMIN])
    if not grids:
        raise Forbidden
    if session.scalar(select(Grid.code).where(Grid.code.in_(grids), Grid.parent_code.is_(None)).limit(1)) is None:
        raise Forbidden(_("表格导入由全县的系统管理员办理，请把表格交给管理员。"))


def access_import(session: Session, actor: Actor, ident: str) -> Import:
    """Fetch an import as this person. Raises: NotFound: there is none, or the person may not import."""
    try:
        check_importer(session, actor)
    except Forbidden:
        raise NotFound from None
    found = session.get(Import, _read_id(ident), populate_existing=True)
    if found is None:
        raise NotFound
    return found


def may_see_import(session: Session, person_id: int, ident: str, now: datetime) -> bool:
    """Tell whether a person may see the import a card shows, at the moment when it is sent."""
    actor = load_actor(session, person_id, now=now)
    try:
        return actor is not None and access_import(session, actor, ident) is not None
    except NotFound:
        return False


def _read_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound
    return int(text)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for something, and where the answer goes."""

    person_id: int | None
    platform: str
    chat: str
    lang: str


COMMAND_LINE: Final = Asker(None, "", "", "zh")


def do_open(
    session: Session, state: State, asker: Asker, *, now: datetime, files: Sequence[dict[str, Any]] = (), **more: Any
) -> Import:
    """Begin an import or a wish for templates.

    Raises: InvalidInput: it is to be written at once, and another import is under way.
    """
    if state in BUSY:
        _check_free(session)
    fields: dict[str, Any] = {"skip": [], "wrong": [], "counts": {}, "digest": "", "total": 0} | more
    row = Import(
        state=state, files=list(files), done=0, tries=0, why={}, created_at=now, touched_at=now, **asdict(asker),
        **fields,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def do_confirm(session: Session, row: Import, asker: Asker, *, now: datetime) -> None:
    """Let an import that was shown be written.

    Raises: Stale: it was confirmed or cancelled before. InvalidInput: another import is under way.
    """
    if row.state is State.READY:
        _check_free(session)
    _do_move(session, row, State.READY, State.CONFIRMED, now=now, **asdict(asker))


def do_cancel(session: Session, row: Import, *, now: datetime) -> None:
    """Give up an import before anything is written. Raises: Stale: too late, or done before."""
    if row.state not in (State.CHECKING, State.READY):
        raise Stale(now_in=state_text(row.state))
    _do_move(session, row, row.state, State.CANCELLED, now=now)


def do_ask_undo(session: Session, row: Import, asker: Asker, *, now: datetime) -> None:
    """Let the last import be taken back.

    Raises: Stale: it is not done, or no longer. InvalidInput: there is a later one, or another is under way.
    """
    check_undoable(session, row)
    _do_move(session, row, State.DONE, State.UNDO, now=now, **asdict(asker))


def check_undoable(session: Session, row: Import) -> None:
    """Raises: Stale: it is not done, or no longer. InvalidInput: there is a later one, or another is under way."""
    if row.state is not State.DONE:
        raise Stale(now_in=state_text(row.state))
    _check_free(session)
    staged = session.scalar(select(func.count()).where(ImportChange.import_id == row.id))
    if not is_last(session, row) or staged != row.total:
        raise InvalidInput(_("只能撤销最近一次导入，这一次之后又导入过。"))


def _do_move(session: Session, row: Import, source: State, target: State, *, now: datetime, **more: Any) -> None:
    moved = session.execute(
        update(Import)
        .where(Import.id == row.id, Import.state == source)
        .values(state=target, touched_at=now, tries=0, **more)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(now_in=state_text(row.state))


def _check_free(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if session.scalar(select(Import.id).where(Import.state.in_(BUSY)).limit(1)) is not None:
        raise InvalidInput(_("另一次导入正在进行，请稍候再试。"))


def find_last(session: Session) -> Import | None:
    """Give the last import that was written, also if it has been taken back since."""
    written = (State.DONE, State.UNDO, State.UNDOING, State.UNDONE)
    newest = select(Import).where(Import.state.in_(written)).order_by(Import.finished_at.desc(), Import.id.desc())
    return session.scalars(newest.limit(1)).first()


def is_last(session: Session, row: Import) -> bool:
    """Tell whether this is the last import that was written."""
    last = find_last(session)
    return last is not None and last.id == row.id


def find_due(session: Session, *, now: datetime, own: int | None = None, chats: bool = True) -> Import | None:
    """Give the oldest import that waits to be worked on, one from a chat only with `chats`; `own`: only this one.

    One of the command line is left to it, unless it has been silent for too long.
    """
    due = select(Import).where(Import.state.in_(DUE)).order_by(Import.id).limit(1)
    if own is not None:
        return session.scalars(due.where(Import.id == own)).first()
    is_left = and_(Import.chat == "", Import.touched_at < now - LEASE)
    return session.scalars(due.where(or_(Import.chat != "", is_left) if chats else is_left)).first()


def do_settle(session: Session, row_id: int, source: State, target: State, *, now: datetime, **more: Any) -> bool:
    """Note how a piece of work on an import has ended; False if it is no longer where it was (cancelled meanwhile)."""
    moved = session.execute(
        update(Import)
        .where(Import.id == row_id, Import.state == source)
        .values(state=target, touched_at=now, **more)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def reason(line: Line) -> dict[str, Any]:
    """A sentence to be kept with an import until it ends."""
    return {"line": dump_line(line)}
