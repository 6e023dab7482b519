"""The table of timed jobs. What is due is a column in the database; a job only ticks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.access import Actor
from models.content import Attachment, Card
from models.errors import Unfetchable
from models.media import MediaStore
from models.rules import Rules
from models.session import Store
from scheduler import hazards, housekeeping, ledgers, people, photos


async def _fetch_nothing(_platform: str, _attachment: Attachment) -> bytes:
    raise Unfetchable("no-platform")


@dataclass(frozen=True, slots=True)
class Services:
    """What jobs work with.

    `menu_card` makes the card that renews a person's command menu; `fetch` downloads a file that came in on a platform
    (raises DeliveryError).
    """

    store: Store
    media: MediaStore
    rules: Rules
    clock: Callable[[], datetime]
    menu_card: Callable[[Actor | None], Card]
    fetch: Callable[[str, Attachment], Awaitable[bytes]] = _fetch_nothing


@dataclass(frozen=True, slots=True)
class Job:
    """A job: it runs at the start of the process that leads (unless it may take long), and then `every` so often."""

    name: str
    every: timedelta
    run: Callable[[Services], Awaitable[None]]
    at_start: bool = True


JOBS: tuple[Job, ...] = (
    Job("expire-drafts", timedelta(minutes=5), housekeeping.expire_drafts),
    Job("forget-inbox", timedelta(hours=6), housekeeping.forget_inbox),
    Job("recover-leases", timedelta(seconds=30), housekeeping.recover_leases),
    Job("release-leavers", timedelta(hours=1), people.release_leavers),
    Job("forget-attempts", timedelta(hours=6), people.forget_attempts),
    Job("renew-menus", timedelta(minutes=10), people.renew_menus),
    Job("forget-ledgers", timedelta(hours=12), ledgers.forget_queries),
    Job("fetch-late-photos", timedelta(seconds=15), photos.fetch_late_photos, at_start=False),
    Job("wake-hazards", timedelta(seconds=30), hazards.wake_hazards, at_start=False),
    Job("send-digests", timedelta(seconds=30), hazards.send_digests, at_start=False),
    Job("log-audit-head", timedelta(days=1), housekeeping.log_audit_head),
    Job("index-names", timedelta(minutes=10), housekeeping.index_names),
    Job("sweep-media", timedelta(hours=1), housekeeping.sweep_media),
)
