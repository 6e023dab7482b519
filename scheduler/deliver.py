"""Empties the outbox: claims rows, lets platforms send them, marks how it ended.

One chat is served in order, many chats at once; what is urgent goes first; each platform's rate is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from models.access import COUNTY_ZONE
from models.content import Card
from models.delivery import (
    GIVE_UP,
    MAX_BACKOFF_S,
    Claim,
    Claimed,
    MaySee,
    Result,
    do_claim,
    do_recover,
    do_unlease,
)  # fmt: skip
from models.errors import (
    BadCredentials,
    DeliveryError,
    Moved,
    Rejected,
    StorageFailed,
    Throttled,
    Uncertain,
)  # fmt: skip
from models.outbox import Lane, Placing
from models.people.reach import do_move_chat
from models.session import Session, Store, Unit
from models.texts import LANGS, Reader, _
from scheduler.marking import Marker
from scheduler.pacing import Pacer

log = logging.getLogger(__name__)

# Chats that may be served besides when all room is taken: a broadcast must not keep replies waiting.
RESERVE = 16
# How long a message may wait for its turn before it goes ahead of fresh ones that are more urgent; far below LEASE.
PATIENCE_S = {
    Lane.INCIDENT: 0.0, Lane.WARNING: 1.0, Lane.REPLY: 2.0, Lane.ORDER: 5.0, Lane.NOTICE: 5.0, Lane.DIGEST: 6.0,
}  # fmt: skip
GRACE_S = 5.0  # How long a stop waits for what is being sent: cut off, it would have to go out again.
CREDENTIALS_AGAIN = timedelta(minutes=1)  # A platform in trouble may refuse for a while what is right.
IDLE_S = 1.0  # How soon a row written by another process is seen.


class Sender(Protocol):
    """What delivering needs of a platform (see bot/platforms/base.py)."""

    name: str
    caps: Any

    async def send(self, outgoing: Any) -> str:
        """Show a card; raises DeliveryError."""


MakeOutgoing = Callable[..., Any]
OnSent = Callable[[str, str], None]


class Deliverer:
    """Sends what waits in the outbox for the given platforms.

    `make_outgoing` builds what the platforms take (the floor below does not know their types); `on_result`
    counts outcomes (platform, code). In a quiet hour of the county's clock, what can wait does.
    """

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Sender],
        *,
        make_outgoing: MakeOutgoing,
        checks: Mapping[str, MaySee],
        clock: Callable[[], datetime],
        zone: ZoneInfo,
        on_result: OnSent = lambda _platform, _code: None,
        is_quiet_hour: Callable[[int], bool] = lambda _hour: False,
    ) -> None:
        self._store = store
        self._platforms = dict(platforms)
        self._make = make_outgoing
        self._checks = dict(checks)
        self._clock = clock
        self._zone = zone
        self._on_result = on_result
        self._is_quiet = lambda moment: is_quiet_hour(moment.astimezone(COUNTY_ZONE).hour)
        self._wake = asyncio.Event()
        self._busy: dict[str, asyncio.Task[bool]] = {}
        self._wakes = self._planned = 0  # how often somebody said that something was queued; before the last claim
        self._is_cut = False  # the last claim had no room for all
        self._is_running = self._is_claiming = False
        self._stopped: dict[str, datetime] = {}  # platforms that refused our credentials, and when to ask again
        self._marker = Marker(store, clock, plan=self._plan_more, begin=self.begin)
        self._paces = {name: Pacer(platform.caps.per_second) for name, platform in platforms.items()}
        self._room = sum(platform.caps.in_flight for platform in platforms.values())

    def wake(self) -> None:
        """Something was queued: look at once."""
        self._wakes += 1
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        now = self._clock()
        await self._store.write(lambda session: do_recover(session, now=now, everything=True))
        self._is_running = True
        try:
            while True:
                due: datetime | None = None
                with contextlib.suppress(StorageFailed):
                    due = await self._round()
                await self._rest(due)
        finally:
            self._is_running = False
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=GRACE_S)
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def drain(self) -> None:
        """Deliver what is due now and return when nothing is under way (tests, `demo` seeding)."""
        while True:
            await self._round()
            if not self._busy:
                return
            await asyncio.wait(self._busy.values(), return_when=asyncio.FIRST_COMPLETED)

    async def _rest(self, due: datetime | None) -> None:
        """Wait for something to do: a wake-up, the next row's time, or what another process may have written."""
        wait_s = IDLE_S if due is None else min(IDLE_S, max(0.02, (due - self._clock()).total_seconds()))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), wait_s)
        self._wake.clear()

    async def _round(self) -> datetime | None:
        """Begin to send what is due; when nothing is, give the time of the next row."""
        claim = self._plan()
        if claim is None:
            self._wakes += self._is_claiming  # whoever claims now did not know what this round was for
            return None
        found: Claim | None = None
        try:
            found = await self._store.write(claim)
        finally:
            self._begin(found)
        return found.again_at

    def plan(self) -> Unit[Claim] | None:
        """Give a claim to be made at the end of somebody's transaction, so that its answers need none of their own.

        Its result, or None if the transaction failed, must be handed to `begin`. None: nothing can be claimed now.
        """
        self._wakes += 1  # chats that are being served now have to look once more when they are done
        return self._plan() if self._is_running else None

    def _plan_more(self, served: Collection[str]) -> Unit[Claim] | None:
        """Plan a claim for when these chats are done, if it may find something."""
        is_more = self._is_running and (self._is_cut or self._planned != self._wakes)
        return self._plan(served) if is_more else None

    def _plan(self, served: Collection[str] = ()) -> Unit[Claim] | None:
        """Plan a claim; chats in `served` are as good as done."""
        busy = [key for key in self._busy if key not in served]
        free = self._room - len(busy)
        limit, last_lane = (free, Lane.DIGEST) if free > 0 else (free + RESERVE, Lane.REPLY)
        now, wakes = self._clock(), self._wakes
        names = [name for name in self._platforms if name not in self._stopped or self._stopped[name] <= now]
        self._is_cut = self._is_cut or free <= 0
        if limit <= 0 or not names or self._is_claiming:
            return None
        # Only one at a time: what a second one took of the same chats would be sent beside the first.
        self._is_claiming, self._is_cut, self._planned = True, free <= 0, wakes

        def claim(session: Session) -> Claim:
            # The time of the claim, not of the plan: what the same transaction has queued is due as well.
            return do_claim(
                session, platforms=names, busy=busy, limit=limit, now=self._clock(), checks=self._checks,
                last_lane=last_lane, is_quiet=self._is_quiet,
            )  # fmt: skip

        return claim

    def begin(self, found: Claim | None) -> None:
        """Send what a planned claim found; None: it came to nothing."""
        if found is None or found.again_at or self._planned != self._wakes:
            self._wake.set()  # something has still to be claimed, now or at its time
        self._begin(found)

    def _begin(self, found: Claim | None) -> None:
        self._is_claiming, wakes = False, self._planned
        if found is None:
            return
        self._is_cut = self._is_cut or found.is_cut
        by_chat: dict[str, list[Claimed]] = {}  # in the order of their most urgent rows
        for row in found.rows:
            by_chat.setdefault(row.queue, []).append(row)
        for key, rows in by_chat.items():
            task = self._busy[key] = asyncio.create_task(self._serve_chat(rows))
            task.add_done_callback(lambda task, key=key: self._chat_done(key, task, wakes))  # type: ignore[misc]

    def _chat_done(self, key: str, task: asyncio.Task[bool], wakes: int) -> None:
        if self._busy.get(key) is task:  # else what was claimed with its last mark is being served already
            del self._busy[key]
        has_looked = False
        if not task.cancelled():
            if error := task.exception():
                log.error("delivery task failed", exc_info=error)
            else:
                has_looked = task.result()
        # Most often nothing more is there for this chat; asking would cost as much as the message did.
        if not has_looked and (self._is_cut or wakes != self._wakes):
            self._wake.set()

    async def _serve_chat(self, rows: Sequence[Claimed]) -> bool:
        """Send the rows of one chat in order; the first that has to wait holds back the rest.

        Returns: whether more has been looked for, for this chat as well, since the last of them was sent.
        """
        shown: dict[str, str] = {}
        has_looked = False
        for index, row in enumerate(rows, start=1):
            card, result = await self._try(row, shown)
            self._on_result(row.platform, result.code)
            is_last = index == len(rows) and result.status == "sent"
            has_looked = await self._marker.record(result, row, is_last=is_last)
            if result.status == "sent" and card.key:
                shown[card.key] = result.external_id
            if result.status != "sent":
                self._wakes += 1  # it comes again at its time, or somebody is told of it
            if result.status == "queued":
                rest = [later.id for later in rows[index:]]
                await self._store.write(lambda session, ids=rest: do_unlease(session, ids))  # type: ignore[misc]
                return False
        return has_looked

    async def _try(self, row: Claimed, shown: Mapping[str, str]) -> tuple[Card, Result]:
        try:
            card = Card.from_json(dict(row.card))
            result = await self._send(row, card, shown)
        except Exception:
            # Written by another version perhaps; a row that nobody can show must not come up for ever.
            log.exception("a stored card cannot be shown", extra={"reference": f"O{row.id}"})
            return Card(), Result(row.id, "dead", "unreadable", secret=bool(row.card.get("secret")))
        return card, replace(result, secret=True) if card.secret else result

    async def _send(self, row: Claimed, card: Card, shown: Mapping[str, str]) -> Result:
        platform = self._platforms[row.platform]
        placing, previous = self._place(row, card, shown)
        lang = card.lang or row.lang
        repeats = row.uncertain and not platform.caps.idempotent
        outgoing = self._make(
            chat=row.chat,
            card=_mark_repeat(card) if repeats and row.lane <= Lane.NOTICE else card,
            reader=Reader(lang if lang in LANGS else "zh", self._zone),
            placing=placing,
            previous=previous,
            repeat=row.uncertain,
            key=f"outbox:{row.id}",
        )
        await self._paces[row.platform].turn(PATIENCE_S[Lane(row.lane)])
        try:
            external_id = await platform.send(outgoing)
        except DeliveryError as error:
            return await self._failed(row, error)
        except Exception:
            log.exception("a platform let an unknown error out", extra={"platform": row.platform})
            return await self._failed(row, Rejected("platform-bug"))
        if self._stopped.pop(row.platform, None):
            log.info("platform takes our credentials again", extra={"platform": row.platform})
        return Result(row.id, "sent", "sent", external_id=external_id)

    @staticmethod
    def _place(row: Claimed, card: Card, shown: Mapping[str, str]) -> tuple[Placing, str]:
        """Where the card goes; one that was sent a moment ago in the same batch counts as the previous one."""
        if row.placing == "new":
            return "new", ""
        previous = shown.get(card.replaces or card.key) or row.previous
        return (row.placing, previous) if previous else ("new", "")

    async def _failed(self, row: Claimed, error: DeliveryError) -> Result:
        now = self._clock()
        if isinstance(error, Throttled):
            at = now + timedelta(seconds=(error.retry_after_s or 1) + random.uniform(0, 0.5))  # noqa: S311
            return Result(row.id, "queued", error.code, retry_at=at, uncertain=row.uncertain, counted=False)
        if isinstance(error, Moved):
            address = error.address
            await self._store.write(
                lambda session: do_move_chat(session, platform=row.platform, chat=row.chat, address=address)
            )
            return Result(row.id, "queued", error.code, retry_at=now)
        if isinstance(error, BadCredentials):
            if row.platform not in self._stopped:
                log.critical("platform refuses our credentials; asking again", extra={"platform": row.platform})
            self._stopped[row.platform] = now + CREDENTIALS_AGAIN
            return Result(row.id, "queued", error.code, retry_at=now, counted=False)
        if isinstance(error, Uncertain):
            # Perhaps delivered. What asks for action goes out once more, marked; a digest is not repeated.
            if row.uncertain or row.lane > Lane.NOTICE:
                return Result(row.id, "dead", "uncertain", uncertain=True)
            return Result(row.id, "queued", error.code, retry_at=now + _backoff(row.tries), uncertain=True)
        if error.retryable and row.tries < _MAX_TRIES:
            return Result(row.id, "queued", error.code, retry_at=now + _backoff(row.tries), uncertain=row.uncertain)
        return Result(row.id, "dead", error.code, uncertain=row.uncertain)


_MAX_TRIES = int(GIVE_UP.total_seconds() / MAX_BACKOFF_S)


def _backoff(tries: int) -> timedelta:
    seconds = min(MAX_BACKOFF_S, 2 ** min(tries + 1, 9))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret


def _mark_repeat(card: Card) -> Card:
    return replace(card, lines=(_("（重发）网络中断，可能您已收到过这一条。"), *card.lines))
