"""Photos that could not be fetched when they were sent: asked for again, with longer and longer waits, for a day."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import DeliveryError, InvalidInput, StorageFailed
from models.hazards.late_photos import Due, do_arrive, do_ask_later, do_drop, list_due
from models.media import Kept, do_record
from models.session import Session

if TYPE_CHECKING:
    from scheduler.jobs import Services

log = logging.getLogger(__name__)

AT_ONCE = 8  # Photos per tick; the platforms serve the people who write now as well.
FETCH_S = 60.0


async def fetch_late_photos(services: Services) -> None:
    """Ask for the photos that are due; what comes goes through the inbox, like what people send."""
    now = services.clock()
    due = await services.store.read(lambda session: list_due(session, now=now, limit=AT_ONCE))
    await asyncio.gather(*(_ask(services, item) for item in due))


async def _ask(services: Services, due: Due) -> None:
    now = services.clock()
    if not due.is_wanted:
        await services.store.write(lambda session: do_drop(session, due.id))
        return
    kept: Kept | None = None
    attachment = due.attachment
    try:
        async with asyncio.timeout(FETCH_S):
            data = await services.fetch(due.platform, attachment)
        kept = await services.media.keep(data, name=attachment.name)
        attachment = replace(attachment, sha=kept.sha, mime=kept.mime, size=kept.size)
    except InvalidInput as refusal:
        attachment = replace(attachment, error=refusal.code, reason=refusal.text)
    except (DeliveryError, TimeoutError, StorageFailed) as error:
        code = error.code if isinstance(error, DeliveryError) else type(error).__name__
        log.info("a photo is still missing", extra={"reference": f"L{due.id}", "code": code})
        attachment = replace(attachment, error=code, late=not isinstance(error, DeliveryError) or error.retryable)
    except Exception:
        # Put off like one that is away: asked for at every tick it would keep the others from being asked for.
        log.exception("a late photo cannot be taken", extra={"reference": f"L{due.id}"})
        attachment = replace(attachment, error="fault", late=True)

    def unit(session: Session) -> None:
        if attachment.late and do_ask_later(session, due.id, now=now):
            return
        if kept:
            do_record(session, kept, now=now)
        do_arrive(session, due.id, replace(attachment, late=False), now=now)

    await services.store.write(unit)
