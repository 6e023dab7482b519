"""The table of timed jobs. What is due is a column in the database; a job only ticks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.access import Actor
from models.content import Card
from models.media import MediaStore
from models.rules import Rules
from models.session import Store
from scheduler import housekeeping, ledgers, people


@dataclass(frozen=True, slots=True)
class Services:
    """What jobs work with. `menu_card` makes the card that renews a person's command menu."""

    store: Store
    media: MediaStore
    rules: Rules
    clock: Callable[[], datetime]
    menu_card: Callable[[Actor | None], Card]


@dataclass(frozen=True, slots=True)
class Job:
    """A job: it runs at the start of the process that leads, and then `every` so often."""

    name: str
    every: timedelta
    run: Callable[[Services], Awaitable[None]]


JOBS: tuple[Job, ...] = (
    Job("expire-drafts", timedelta(minutes=5), housekeeping.expire_drafts),
    Job("forget-inbox", timedelta(hours=6), housekeeping.forget_inbox),
    Job("recover-leases", timedelta(seconds=30), housekeeping.recover_leases),
    Job("release-leavers", timedelta(hours=1), people.release_leavers),
    Job("forget-attempts", timedelta(hours=6), people.forget_attempts),
    Job("renew-menus", timedelta(minutes=10), people.renew_menus),
    Job("forget-ledgers", timedelta(hours=12), ledgers.forget_queries),
    Job("index-names", timedelta(minutes=10), housekeeping.index_names),
    Job("sweep-media", timedelta(hours=1), housekeeping.sweep_media),
)
