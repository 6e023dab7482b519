"""Records how deliveries ended: what ends at the same moment in one transaction, with the next claim in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.content import say
from models.delivery import Claim, Claimed, Result, do_mark
from models.errors import StorageFailed
from models.outbox import Lane, do_tell
from models.people.reach import do_mark_gone, list_with_role
from models.people.tables import Role
from models.session import Session, Store, Unit
from models.texts import _

log = logging.getLogger(__name__)

AGAIN_S = 1.0  # The database takes nothing: how soon it is asked again.
GONE_CODES = frozenset({"blocked", "deactivated", "chat-not-found", "kicked"})

# Plans a claim for the time when these chats are done, or gives None; and takes what it has found.
Plan = Callable[[Collection[str]], Unit[Claim] | None]
Begin = Callable[[Claim | None], None]


@dataclass(frozen=True, slots=True)
class _Mark:
    """How a row's attempt ended; `is_last`: with it, its chat is done. `done`: was more claimed with it?"""

    result: Result
    row: Claimed
    is_last: bool
    done: asyncio.Future[bool]


class Marker:
    """Writes marks one transaction after the other; what ends meanwhile waits for the next."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, plan: Plan, begin: Begin) -> None:
        self._store = store
        self._clock = clock
        self._plan = plan
        self._begin = begin
        self._marks: list[_Mark] = []
        self._task: asyncio.Task[None] | None = None

    async def record(self, result: Result, row: Claimed, *, is_last: bool) -> bool:
        """Return when the outcome is committed; tell whether more was claimed with it."""
        mark = _Mark(result, row, is_last, asyncio.get_running_loop().create_future())
        self._marks.append(mark)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await asyncio.shield(mark.done)

    async def _work(self) -> None:
        while self._marks:
            marks, self._marks = self._marks, []
            try:
                await self._write_and_claim(marks)
            except StorageFailed:
                # The messages are out; until the database takes the marks, nothing else of these chats goes.
                log.exception("cannot record deliveries, trying again")
                self._marks[:0] = marks
                await asyncio.sleep(AGAIN_S)
            except Exception:
                log.exception("cannot record deliveries together, trying each by itself")
                await self._write_each(marks)

    async def _write_and_claim(self, marks: Sequence[_Mark]) -> None:
        """Record outcomes and, when more may wait, claim it as well: a commit costs as much as a message."""
        claim, found = self._plan({mark.row.queue for mark in marks if mark.is_last}), None
        try:
            found = await self._write(marks, claim)
        finally:
            if claim:
                self._begin(found)

    async def _write_each(self, marks: Sequence[_Mark]) -> None:
        """Record outcomes one by one, so that one that cannot be recorded keeps nobody else waiting."""
        for mark in marks:
            try:
                await self._write([mark])
            except StorageFailed:
                self._marks.append(mark)
            except Exception:
                log.exception("cannot tell of a dead letter", extra={"reference": f"O{mark.result.id}"})
                await self._write_bare(mark)

    async def _write_bare(self, mark: _Mark) -> None:
        """Record an outcome without what follows from it; what cannot even be recorded is given up."""
        try:
            await self._write([mark], is_told=False)
        except StorageFailed:
            self._marks.append(mark)
        except Exception:
            log.exception("cannot record a delivery, giving up", extra={"reference": f"O{mark.result.id}"})
            mark.done.set_result(False)

    async def _write(
        self, marks: Sequence[_Mark], claim: Unit[Claim] | None = None, *, is_told: bool = True
    ) -> Claim | None:
        now = self._clock()

        def unit(session: Session) -> Claim | None:
            do_mark(session, [mark.result for mark in marks], now=now)
            for mark in marks:
                if is_told and mark.result.status == "dead":
                    _on_dead(session, mark.row, mark.result, now)
            return claim(session) if claim else None

        found = await self._store.write(unit)
        for mark in marks:
            mark.done.set_result(claim is not None)
        return found


def _on_dead(session: Session, row: Claimed, result: Result, now: datetime) -> None:
    if result.code in GONE_CODES:
        do_mark_gone(session, platform=row.platform, chat=row.chat, code=result.code, now=now)
    elif result.code != "uncertain":
        # A dead letter about a dead letter would never end: admins are told in their own lane, once an hour.
        admins = list_with_role(session, Role.ADMIN, now=now)
        card = say(
            _("有消息发送失败"),
            _("消息{number}被平台拒收（{code}），请查看日志。", number=str(row.id), code=result.code),
            tone="warn",
        )
        do_tell(session, admins, card, now=now, lane=Lane.DIGEST, dedupe=f"dead:{now:%Y%m%d%H}")
