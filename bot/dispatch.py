"""From the inbox to the desk: in order per chat, many chats at once, attachments fetched, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot import metrics
from bot.handling import Desk, Job, Outbound, language_of
from bot.platforms.base import Platform
from bot.strangers import PhotoGate
from handlers.registry import Registry
from models.access import find_actor
from models.content import Attachment, Incoming, join_album, say
from models.errors import DeliveryError, InvalidInput, StorageFailed
from models.hazards.public import check_may_report
from models.inbox import Waiting, do_park, do_receive, list_waiting
from models.media import Kept, MediaStore
from models.outbox import do_reply, do_tell
from models.people.joining import Chat
from models.people.reach import list_with_role
from models.people.tables import Role
from models.rules import Rules
from models.session import Session, Store
from models.sniff import TOO_BIG
from models.texts import Text, _

log = logging.getLogger(__name__)

ALBUM_QUIET_S = 1.2  # An album's parts arrive one by one; it is complete when none has come for so long.
REMEMBERED = 4_096  # Finished rows that are not taken up again, though an older list may still hold them.
TRIES = 3  # An event that failed so often is parked: it must not hold up its chat.
FETCH_TRIES = 3
MAX_FETCH_WAIT_S = 20  # The chat waits with its file; longer than this it is better asked for again.
PHOTO_S = 10.0  # The chat waits no longer for its photos: the dialog goes on, and a job asks for what is missing.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(slots=True)
class _Lane:
    """What waits in one chat, and the task that works it off."""

    waiting: deque[Waiting] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


@dataclass(slots=True)
class _Work:
    """An event under way: how often it was tried, and how often the fault was its own."""

    incoming: Incoming
    ids: tuple[int, ...]
    job: Job | None = None
    tries: int = 0
    failures: int = 0


class Dispatcher:
    """Handles what comes in.

    `receive` stores events and returns when they are committed; only the process that leads also handles
    them. `outbound` is told whenever something may have been queued in the outbox.
    """

    def __init__(
        self,
        store: Store,
        *,
        media: MediaStore,
        registry: Registry,
        rules: Rules,
        platforms: Mapping[str, Platform],
        clock: Callable[[], datetime],
        outbound: Outbound,
    ) -> None:
        self._store = store
        self._media = media
        self._desk = Desk(store, registry=registry, rules=rules, clock=clock, outbound=outbound)
        self._platforms = platforms
        self._clock = clock
        self._outbound = outbound
        self._rules, self._gate = rules, PhotoGate(rules.public.photos_per_hour)
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._known: set[int] = set()  # Rows that wait, are being handled, or were a moment ago.
        self._done: deque[int] = deque()
        self.leading = False

    async def receive(self, batch: Sequence[Incoming]) -> None:
        """Store a batch; when this returns, nothing of it can be lost any more.

        Raises: StorageFailed: nothing was stored; the platform must not confirm.
        """
        now = self._clock()
        fresh = await self._store.write(lambda session: do_receive(session, batch, now=now))
        metrics.count_received(item.platform for item in batch)
        if self.leading and self._store.is_sqlite:
            self._enqueue(fresh)
        elif self.leading:
            # Another process may have stored earlier events of the same chats: they come first.
            chats = {item.chat for item in batch}
            with contextlib.suppress(StorageFailed):  # they are stored; the next sweep takes them up
                self._enqueue(await self._store.read(lambda session: list_waiting(session, chats=chats)))

    async def sweep(self) -> None:
        """Take up what was stored by another process, or before a restart."""
        self._enqueue(await self._store.read(list_waiting))

    async def settle(self) -> None:
        """Wait until nothing is left to handle (tests, shutdown)."""
        while tasks := [lane.task for lane in self._lanes.values() if lane.task]:
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Stop handling at once; what is unfinished stays in the inbox."""
        self.leading = False
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        for task in tasks:
            task.cancel()
        await self._desk.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A task that was cancelled before its first step has cleared up nothing.
        self._lanes.clear()
        self._known.clear()
        self._done.clear()

    def _enqueue(self, rows: Sequence[Waiting]) -> None:
        for row in rows:
            row_id, incoming, _at = row
            if row_id in self._known:
                continue
            self._known.add(row_id)
            key = (incoming.platform, incoming.chat)
            lane = self._lanes.setdefault(key, _Lane())
            lane.waiting.append(row)
            lane.arrived.set()
            if lane.task is None:
                lane.task = asyncio.create_task(self._work(key, lane))

    async def _work(self, key: tuple[str, str], lane: _Lane) -> None:
        try:
            while lane.waiting:
                rows = await self._take(lane)
                try:
                    await self._handle(rows)
                except BaseException:
                    self._known.difference_update(row_id for row_id, *_rest in rows)
                    raise
                self._remember(row_id for row_id, *_rest in rows)
        finally:
            # Whatever ended this task, the next sweep takes up what it has left behind.
            self._known.difference_update(row_id for row_id, *_rest in lane.waiting)
            self._lanes.pop(key, None)

    def _remember(self, done: Iterable[int]) -> None:
        """Know what is finished for a while: a list of waiting rows may have been read before that was written."""
        self._done.extend(done)
        while len(self._done) > REMEMBERED:
            self._known.discard(self._done.popleft())

    async def _take(self, lane: _Lane) -> list[Waiting]:
        """The next event of a chat, or all parts of the album it belongs to."""
        rows = [lane.waiting.popleft()]
        group = rows[0][1].group
        while group:
            while lane.waiting and lane.waiting[0][1].group == group:
                rows.append(lane.waiting.popleft())
            if lane.waiting:
                break
            lane.arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lane.arrived.wait(), ALBUM_QUIET_S)
            if not lane.waiting:
                break
        return rows

    async def _handle(self, rows: Sequence[Waiting]) -> None:
        ids = tuple(row_id for row_id, *_rest in rows)
        incoming = rows[0][1] if len(rows) == 1 else join_album(part for _id, part, _at in rows)
        work = _Work(incoming, ids)
        while True:
            if await self._try(work):
                break
            await asyncio.sleep(min(30, 0.2 * 2**work.tries))
        took_s = max(0.0, (self._clock() - rows[0][2]).total_seconds())
        metrics.count_handled(incoming.platform, took_s)
        seen = {"reference": f"E{ids[0]}", "platform": incoming.platform, "kind": incoming.kind, "parts": len(ids)}
        log.info("event handled", extra={**seen, "seconds": round(took_s, 3), "tries": work.tries})

    async def _try(self, work: _Work) -> bool:
        """Handle an event once; tell whether it is finished with, well or not."""
        work.tries += 1
        try:
            if work.job is None:
                incoming, kept = await self._fetch_all(work.incoming)
                work.job = Job(incoming, work.ids, tuple(kept))
            await self._desk.handle(work.job)
        except StorageFailed:
            # Not the event's fault, and nothing else can be written either: wait for the disk or the server.
            log.exception("the database does not take changes; trying again", extra={"reference": f"E{work.ids[0]}"})
            return False
        except Exception:
            work.failures += 1
            reference = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(4))
            log.exception("event failed", extra={"reference": reference, "event": f"E{work.ids[0]}"})
            return work.failures >= TRIES and await self._park(work, reference)
        return True

    async def _park(self, work: _Work, reference: str) -> bool:
        """Set an event aside so that it blocks nobody; tell whether that could be written."""
        now, incoming = self._clock(), work.incoming
        sorry = say(_("系统出错，编号 {reference}，您的输入已保存。", reference=reference))

        def unit(session: Session) -> None:
            do_park(session, work.ids, reference=reference, now=now)
            do_reply(
                session, sorry, platform=incoming.platform, chat=incoming.chat, lang=language_of(incoming), now=now
            )
            notice = say(_("有一条消息处理失败，编号 {reference}，请查看日志。", reference=reference), tone="warn")
            admins = list_with_role(session, Role.ADMIN, now=now)
            do_tell(session, admins, notice, now=now, dedupe=f"parked:{work.ids[0]}")

        metrics.count_failed(incoming.platform)
        try:
            await self._store.write(unit)
        except Exception:
            log.exception("cannot park an event", extra={"reference": reference})
            return False
        self._outbound.wake()
        return True

    async def _fetch_all(self, incoming: Incoming) -> tuple[Incoming, list[Kept]]:
        """Fetch and store the attachments that are not stored yet; what cannot be had is marked so."""
        if all(item.sha for item in incoming.attachments):
            return incoming, []
        now, chat = self._clock(), (incoming.platform, incoming.chat)
        if await self._store.read(lambda session: find_actor(session, *chat, now=now)) is None:
            return await self._fetch_public(incoming, now)
        fetched = await asyncio.gather(*(self._fetch(incoming.platform, item) for item in incoming.attachments))
        attachments = tuple(attachment for attachment, _kept in fetched)
        return replace(incoming, attachments=attachments), [kept for _a, kept in fetched if kept]

    async def _fetch_public(self, incoming: Incoming, now: datetime) -> tuple[Incoming, list[Kept]]:
        """Fetch what a stranger sends: nothing at all, or a few photos where the county lets strangers report."""
        rules, chat = self._rules.public, Chat(incoming.platform, incoming.chat)
        if not rules.enabled:
            return replace(incoming, attachments=()), []
        refusal: Text | None = None
        try:
            await self._store.read(lambda session: check_may_report(session, chat, rules=self._rules, now=now))
        except InvalidInput as error:
            refusal = error.text
        attachments: list[Attachment] = []
        kept: list[Kept] = []
        for number, item in enumerate(incoming.attachments):
            reason = refusal
            if number >= rules.photos_max:
                reason = reason or _("最多{count}张照片。", count=rules.photos_max)
            is_photo = item.kind == "photo"
            if is_photo and not (reason or self._gate.allows((chat.platform, chat.chat), now=now)):
                reason = _("现在发来的照片太多，请过一会儿再发。")
            if reason or not is_photo:
                attachments.append(replace(item, error="not-taken", reason=reason))
                continue
            async with self._gate.turn:
                fetched, photo = await self._fetch(incoming.platform, item)
            attachments.append(replace(fetched, late=False))  # nobody asks for it again
            kept += [photo] if photo else []
        return replace(incoming, attachments=tuple(attachments)), kept

    async def _fetch(self, platform: str, attachment: Attachment) -> tuple[Attachment, Kept | None]:
        """Fetch and store one file; a photo that may still be had later is marked `late`."""
        if attachment.sha or attachment.error:
            is_heavy = attachment.error == "too-big"
            return (replace(attachment, reason=TOO_BIG) if is_heavy else attachment), None
        is_photo = attachment.kind == "photo"
        try:
            async with asyncio.timeout(PHOTO_S if is_photo else None):
                data = await self._download(platform, attachment)
            kept = await (self._media.keep if is_photo else self._media.keep_any)(data, name=attachment.name)
        except InvalidInput as error:
            return replace(attachment, error=error.code, reason=error.text), None
        except DeliveryError as error:
            reason = TOO_BIG if error.code == "too-big" else None
            return replace(attachment, error=error.code, reason=reason, late=is_photo and error.retryable), None
        except TimeoutError:
            return replace(attachment, error="slow", late=True), None
        except StorageFailed:
            log.exception("the media store does not take a file")
            return replace(attachment, error="storage", late=is_photo), None
        # A picture that was sent as a file is a photo, whatever its sender's phone calls it.
        kind = "photo" if kept.kind == "picture" else attachment.kind
        return replace(attachment, kind=kind, sha=kept.sha, mime=kept.mime, size=kept.size), kept

    async def _download(self, platform: str, attachment: Attachment) -> bytes:
        """Raises: DeliveryError: it cannot be had, or not at once."""
        for attempt in range(1, FETCH_TRIES):
            try:
                return await self._platforms[platform].fetch(attachment)
            except DeliveryError as error:
                if not error.retryable:
                    raise
                await asyncio.sleep(min(MAX_FETCH_WAIT_S, error.retry_after_s or attempt))
        return await self._platforms[platform].fetch(attachment)
