"""Working on imports: checked in a worker process, written in steps, and nobody else has to wait.

What is due is a column (`models.imports.tables.DUE`), so a restart goes on where the last process stopped.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from models.content import Card, File
from models.errors import Stale, StorageFailed
from models.imports import cards
from models.imports.corrections import NAME
from models.imports.forms import render_forms
from models.imports.jobs import do_settle, find_due, reason
from models.imports.process import FAULT, Checked, Worker, checked, run_worker
from models.imports.rows import Conflict
from models.imports.steps import do_begin, do_clear, do_clear_old, do_finish, do_stage, do_step
from models.imports.tables import Import, State
from models.imports.worker import Request
from models.media import Kept, MediaStore, do_record
from models.outbox import Lane, Reply, do_reply_all
from models.session import Session, Store, Unit
from models.texts import Line, _, load_line
from models.vocabulary.index import do_index_names

T = TypeVar("T")
log = logging.getLogger(__name__)

POLL_S: Final = 1.0  # How soon a file that was sent is taken up.
TRIES: Final = 3
LONGEST_WAIT_S: Final = 60.0
# What was begun and does not come to its end is taken back, in either direction.
TURNS: Final = {State.APPLYING: State.RETURNING, State.UNDOING: State.APPLYING}
BREATH: Final = 0.5  # Between two steps the tables are left to the others for as long as a step took.


class Wakes(Protocol):
    """The sending side, as far as it is told that something was queued."""

    def wake(self) -> None: ...


@dataclass(slots=True)
class Importer:
    """Takes up imports one after the other.

    `own`: only this one. `is_leader`: also those of chats, else only what a command line has left behind.
    """

    store: Store
    media: MediaStore | None
    clock: Callable[[], datetime]
    outbound: Wakes | None = None
    worker: Worker = run_worker
    own: int | None = None
    is_leader: bool = True

    async def run(self) -> None:
        """Work on what is due, for as long as this process leads."""
        while True:
            try:
                idle = not await self.try_one()
            except StorageFailed:
                log.exception("the database is away; trying again")
                idle = True
            await asyncio.sleep(POLL_S if idle else 0)

    async def drain(self) -> None:
        """Work until nothing is due (tests, the command line)."""
        while await self.try_one():
            pass

    async def try_one(self) -> bool:
        """Do one piece of work; False if nothing is due."""
        now = self.clock()
        own, is_leader = self.own, self.is_leader
        row = await self.store.read(lambda session: find_due(session, now=now, own=own, chats=is_leader))
        if row is None:
            return False
        try:
            await self._work(row)
        except (Stale, StorageFailed) as error:
            if isinstance(error, StorageFailed):
                raise
            # It was cancelled meanwhile, or another process goes on with it.
        except Exception:
            log.exception("an import failed", extra={"import": row.id, "state": row.state.value})
            await self._fail(row)
        if self.outbound:
            self.outbound.wake()
        return True

    async def _work(self, row: Import) -> None:
        if row.state is State.ASKED:
            await self._send_templates(row)
        elif row.state is State.CHECKING:
            await self._check(row)
        elif row.state is State.CONFIRMED:
            await self._stage(row)
        elif row.state is State.UNDO:
            await self._check_undo(row)
        else:
            await self._take_steps(row)

    # -- checking ------------------------------------------------------------------------------------------

    async def _check(self, row: Import) -> None:
        async with checked(self._request(row), worker=self.worker) as found:
            await self._show_plan(row, found)

    async def _show_plan(self, row: Import, found: Checked, *, has_changed: bool = False) -> None:
        """Say what was found; the import waits for its confirmation, or is over."""
        summary = found.summary
        if summary.failed:
            await self._end(row, State.REFUSED, lambda row: cards.show_failed(row, summary.failed))
            return
        kept = await self._keep_wrong_rows(found)
        target = State.REFUSED if summary.wrong else State.READY if summary.total else State.UNCHANGED
        file = File(kept.sha, NAME, kept.mime) if kept else None
        more = {
            "counts": summary.plain_counts, "digest": summary.digest, "total": summary.total,
            "wrong": summary.wrong_places, "skip": summary.skip, "files": summary.files,
        }  # fmt: skip
        await self._end(
            row, target, lambda row: cards.show_plan(row, summary, file, has_changed=has_changed), kept=kept, **more
        )

    async def _keep_wrong_rows(self, found: Checked) -> Kept | None:
        path = found.wrong_file
        if path is None or self.media is None:
            return None
        return await self.media.keep_file(await asyncio.to_thread(path.read_bytes), name=NAME)

    def _request(self, row: Import) -> Request:
        media = self.media
        files = [{**file, "path": str(media.path(file["sha"], "original"))} for file in row.files] if media else []
        return Request(
            url=self.store.url, now=self.clock().isoformat(), folder="", files=files, skip=row.skip,
            # What a corrected file belongs to has been put together with it by the first check.
            media=str(media.root) if media and not row.skip else "", import_id=row.id,
        )  # fmt: skip

    # -- writing -------------------------------------------------------------------------------------------

    async def _stage(self, row: Import) -> None:
        """Check once more, as the store may have changed; write the same changes down, or show the new ones."""
        await self._clear(row.id)  # What was written down before a crash.
        if not row.chat:
            # One of the command line, which is gone: nothing was written yet, and nothing will be.
            await self._end(row, State.CANCELLED, None)
            return
        async with checked(self._request(row), worker=self.worker) as found:
            summary = found.summary
            if summary.failed or summary.wrong or summary.digest != row.digest:
                await self._show_plan(row, found, has_changed=True)
                return
            await self.stage(row.id, found)

    async def stage(self, row_id: int, found: Checked) -> None:
        """Write the changes down; from the end of this on, the import is finished, come what may."""
        async for start, changes in found.list_changes():
            await self._unit(lambda session, s=start, c=changes: do_stage(session, row_id, s, c, now=self.clock()))  # type: ignore[misc]
        total = found.summary.total
        await self._unit(lambda session: do_begin(session, row_id, total=total, now=self.clock()))

    async def _clear(self, row_id: int) -> None:
        while await self._unit(lambda session: do_clear(session, row_id)):
            pass

    async def _forget_old(self) -> None:
        while await self._unit(do_clear_old):
            pass

    async def _take_steps(self, row: Import) -> None:
        """Go on, forward or back, to the end."""
        is_strict = not row.why
        try:
            while await self._unit(lambda s: do_step(s, row.id, now=self.clock(), is_strict=is_strict)):
                pass
        except Conflict:
            log.info("an import meets a row that has changed", extra={"import": row.id, "state": row.state.value})
            await self._turn_back(row)
            return
        await self._finish(row)

    async def _turn_back(self, row: Import) -> None:
        """Everything or nothing: what was begun is taken back, in either direction."""
        why = reason(_("有人同时改动了其中的数据。"))
        target = TURNS[row.state]
        await self.store.write(lambda session: do_settle(session, row.id, row.state, target, now=self.clock(), why=why))

    async def _finish(self, row: Import) -> None:
        while await self._unit(do_index_names):  # before anybody is told: captions may name what has just come
            pass
        if row.state is State.RETURNING:
            # As if it had just been sent: what would happen now is shown anew.
            await self._clear(row.id)
            again = State.CHECKING if row.chat else State.CANCELLED
            await self._end(row, again, None, why={}, done=0)
            return
        why: list[Line] = [load_line(row.why["line"])] if row.why else []
        target = State.DONE if row.state is State.APPLYING else State.UNDONE

        def unit(session: Session) -> None:
            found = session.get_one(Import, row.id, populate_existing=True)
            do_finish(session, found, target, now=self.clock())
            shown = cards.show_undone(found) if target is State.UNDONE else cards.show_done(found)
            self._tell(session, found, cards.show_kept(found, why) if why else shown)

        await self.store.write(unit)
        # Only the last import can be taken back, and only once.
        if target is State.UNDONE:
            await self._clear(row.id)
        await self._forget_old()

    # -- taking back ---------------------------------------------------------------------------------------

    async def _check_undo(self, row: Import) -> None:
        request = Request(url=self.store.url, now=self.clock().isoformat(), folder="", undo=row.id)
        async with checked(request, worker=self.worker) as found:
            obstacles, failed = found.summary.obstacles, found.summary.failed
        if failed:
            await self._end(row, State.DONE, lambda row: cards.show_failed(row, FAULT))
        elif obstacles:
            await self._end(row, State.DONE, lambda row: cards.show_kept(row, obstacles))
        else:
            await self.store.write(
                lambda session: do_settle(session, row.id, State.UNDO, State.UNDOING, now=self.clock(), why={})
            )

    # -- templates -----------------------------------------------------------------------------------------

    async def _send_templates(self, row: Import) -> None:
        if self.media is None:
            return
        forms = await render_forms(self.store)
        kept = [(await self.media.keep_file(form.data, name=form.name), form.name) for form in forms]
        files = [File(one.sha, name, one.mime) for one, name in kept]

        def unit(session: Session) -> None:
            for one, _name in kept:
                do_record(session, one, now=self.clock())
            if do_settle(session, row.id, State.ASKED, State.SENT, now=self.clock()):
                self._tell(session, row, cards.show_templates(row, files))

        await self.store.write(unit)

    # -- saying so -----------------------------------------------------------------------------------------

    async def _end(
        self,
        row: Import,
        target: State,
        show: Callable[[Import], Card] | None,
        *,
        kept: Kept | None = None,
        **more: object,
    ) -> None:
        def unit(session: Session) -> None:
            if kept:
                do_record(session, kept, now=self.clock())
            if do_settle(session, row.id, row.state, target, now=self.clock(), **more) and show:
                self._tell(session, row, show(session.get_one(Import, row.id, populate_existing=True)))

        await self.store.write(unit)

    def _tell(self, session: Session, row: Import, card: Card) -> None:
        if row.chat:
            # Not a reply: whether it may still be seen is checked when it is sent. No notice: somebody waits for it.
            told = Reply(
                card, row.platform, row.chat, row.lang, person_id=row.person_id, placing="move", lane=Lane.ORDER,
                subject=row.card_key,
            )  # fmt: skip
            do_reply_all(session, [told], now=self.clock())

    async def _fail(self, row: Import) -> None:
        """Try again a few times; then give up what can be given up, with a sentence."""

        def unit(session: Session) -> int:
            found = session.get_one(Import, row.id, populate_existing=True)
            found.tries += 1
            if found.tries < TRIES:
                return found.tries
            back = {State.CHECKING: State.REFUSED, State.CONFIRMED: State.REFUSED, State.UNDO: State.DONE}
            if found.state in TURNS and not found.why:
                found.state, found.tries, found.why = TURNS[found.state], 0, reason(FAULT)
            elif target := back.get(found.state, State.CANCELLED if found.state is State.ASKED else None):
                found.state = target
                self._tell(session, found, cards.show_failed(found, FAULT))
            return found.tries

        tries = await self.store.write(unit)
        await self._forget_old()
        # One that is half written is never given up, but tried more and more seldom.
        await asyncio.sleep(min(LONGEST_WAIT_S, POLL_S * 2 ** min(tries, 10)))

    async def _unit(self, unit: Unit[T]) -> T:
        """Run one short unit, then leave the tables to the others for as long."""
        begun = time.perf_counter()
        try:
            return await self.store.write(unit)
        finally:
            await asyncio.sleep(BREATH * (time.perf_counter() - begun))
