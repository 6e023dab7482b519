"""The clock of the cases: what is due is said, one case or person at a time; what fails holds nobody else back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
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

    async def wake(hazard_id: int) -> None:
        rules, now = services.rules, services.clock()
        try:
            await services.store.write(lambda session: do_wake(session, hazard_id, rules=rules, now=now))
        except StorageFailed:
            raise
        except Exception:
            log.exception("a case cannot be looked at; again later", extra={"reference": f"H{hazard_id}"})
            await services.store.write(lambda session: do_back_off(session, hazard_id, now=now))

    await _work_off(services, list_ids, wake)


async def send_digests(services: Services) -> None:
    """Queue the digest of everybody whose hour has come."""

    def list_ids(session: Session) -> list[int]:
        return list_due_digests(session, now=services.clock(), limit=AT_ONCE)

    async def digest(person_id: int) -> None:
        rules, now = services.rules, services.clock()
        try:
            await services.store.write(lambda session: do_digest(session, person_id, rules=rules, now=now))
        except StorageFailed:
            raise
        except Exception:
            log.exception("a digest cannot be made", extra={"reference": f"P{person_id}"})
            await services.store.write(lambda session: do_put_off(session, person_id, rules=rules, now=now))

    await _work_off(services, list_ids, digest)


async def _work_off(
    services: Services, list_ids: Callable[[Session], list[int]], one: Callable[[int], Awaitable[None]]
) -> None:
    """Do `one` for everything that is listed, until nothing is."""
    while ids := await services.store.read(list_ids):
        for start in range(0, len(ids), TOGETHER):
            await asyncio.gather(*(one(ident) for ident in ids[start : start + TOGETHER]))
