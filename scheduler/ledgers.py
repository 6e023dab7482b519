"""Jobs about ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.ledgers.filters import do_forget_queries

if TYPE_CHECKING:
    from scheduler.jobs import Services


async def forget_queries(services: Services) -> None:
    """Delete the filters of ledger cards that nobody will press again."""
    now = services.clock()
    await services.store.write(lambda session: do_forget_queries(session, now=now))
