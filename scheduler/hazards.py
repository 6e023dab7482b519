"""The clock of the cases: what is due is said, one case or person at a time; what fails holds nobody else back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.errors import StorageFailed
from models.hazards.digests import do_digest, do_put_off, list_due_digests
from models.hazards.reminders import do_back_off, do_wake, list_due

if TYPE_CHECKING:
    from models.session import Session
    from scheduler.jobs import Services

log = logging.getLogger(__name__)

AT_ONCE = 200  # Cases or people listed at a time.
TOGETHER = 8  # Of them under way at a time: what waits together shares a commit, and people's own units find room.


async def wake_hazards(services: Services) -> None:
    """Look at every case that is due: remind, escalate, take up again what was suspended."""

    def list_ids(session: Session) -> list[int]:
        return list_due(session, now=services.clock(), limit=AT_ONCE)

    def wake(session: Session, hazard_id: int) -> None:
        do_wake(session, hazard_id, rules=services.rules, now=services.clock())

    def back_off(session: Session, hazard_id: int) -> None:
        do_back_off(session, hazard_id, now=services.clock())

    await _work_off(services, "H", list_ids, wake, back_off)


async def send_digests(services: Services) -> None:
    """Queue the digest of everybody whose hour has come."""

    def list_ids(session: Session) -> list[int]:
        return list_due_digests(session, now=services.clock(), limit=AT_ONCE)

    def digest(session: Session, person_id: int) -> None:
        do_digest(session, person_id, rules=services.rules, now=services.clock())

    def put_off(session: Session, person_id: int) -> None:
        do_put_off(session, person_id, rules=services.rules, now=services.clock())

    await _work_off(services, "P", list_ids, digest, put_off)


async def _work_off(
    services: Services,
    kind: str,
    list_ids: Callable[[Session], list[int]],
    do: Callable[[Session, int], object],
    later: Callable[[Session, int], object],
) -> None:
    """Do everything that is listed, until nothing is; what cannot be done is put off (`later`)."""

    async def one(ident: int) -> None:
        try:
            await services.store.write(lambda session: do(session, ident))
        except StorageFailed:
            raise
        except Exception:
            log.exception("cannot be done now; again later", extra={"reference": f"{kind}{ident}"})
            await services.store.write(lambda session: later(session, ident))

    while ids := await services.store.read(list_ids):
        for start in range(0, len(ids), TOGETHER):
            await asyncio.gather(*(one(ident) for ident in ids[start : start + TOGETHER]))
