"""Events into effects and answers: what waits together shares a transaction, each event in its own savepoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.strangers import StrangerLimit
from handlers.registry import Answer, Registry, Request
from handlers.router import route
from models.access import Sender, find_senders
from models.content import Card, Incoming, say
from models.delivery import Claim
from models.errors import Collided, DomainError, Stale, StorageFailed
from models.inbox import do_finish
from models.media import Kept, do_record
from models.outbox import Lane, Placing, Reply, do_reply_all
from models.people.reach import do_reach
from models.rules import Rules
from models.session import Session, Store, Unit, attempt, watch_roster

log = logging.getLogger(__name__)

MAX_BATCH = 64  # Events per transaction: bounds how long the first of them waits for the last.


@dataclass(frozen=True, slots=True)
class Job:
    """One event to handle: its inbox rows (an album has several) and the files it brought."""

    incoming: Incoming
    ids: tuple[int, ...]
    kept: tuple[Kept, ...] = ()

    @property
    def chat(self) -> tuple[str, str]:
        """Platform and chat."""
        return self.incoming.platform, self.incoming.chat


_Waiting = tuple[Job, asyncio.Future[None]]


class Outbound(Protocol):
    """The sending side (`scheduler.deliver`), as far as those who fill the outbox know it."""

    def wake(self) -> None:
        """Say that something may have been queued."""

    def plan(self) -> Unit[Claim] | None:
        """Give a claim to make in the transaction that queues, or None."""

    def begin(self, found: Claim | None) -> None:
        """Send what a planned claim found."""


class Desk:
    """Handles events of different chats together.

    Who is behind a chat, the answers and the inbox marks are then one statement each for all of them.
    """

    def __init__(
        self, store: Store, *, registry: Registry, rules: Rules, clock: Callable[[], datetime], outbound: Outbound
    ) -> None:
        self._store = store
        self._outbound = outbound
        self._registry = registry
        self._rules = rules
        self._clock = clock
        few, more = rules.joining.stranger_messages_per_minute, rules.public.messages_per_minute
        self._strangers = StrangerLimit(more if rules.public.enabled else few)
        self._waiting: list[_Waiting] = []
        self._worker: asyncio.Task[None] | None = None

    async def handle(self, job: Job) -> None:
        """Handle an event; returns when its effect, its answers and its inbox mark are committed.

        Raises: StorageFailed: the database takes nothing. Else what the handler raised; nothing of it was kept.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, done))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        await done

    async def stop(self) -> None:
        """Take up nothing more."""
        self._waiting.clear()
        if self._worker:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            batch = [(job, done) for job, done in batch if not done.done()]
            outcomes = await self._run([job for job, _done in batch])
            for (_job, done), error in zip(batch, outcomes, strict=True):
                if done.done():
                    continue  # whoever waited for it has been cancelled
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

    async def _run(self, jobs: Sequence[Job]) -> list[Exception | None]:
        claim, found = self._outbound.plan(), None
        try:
            outcomes, found = await self._store.write(
                lambda session: (self._unit(session, jobs), _claim(session, claim))
            )
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the event
            if isinstance(error, StorageFailed) and not isinstance(error, Collided):
                return [error] * len(jobs)
            if len(jobs) > 1:  # one of them spoils it for all: each by itself
                return [outcome for job in jobs for outcome in await self._run([job])]
            # Stale: another process has handled this event, so nothing is left to do.
            return [None if isinstance(error, Stale) else error]
        else:
            return outcomes
        finally:
            if claim:
                self._outbound.begin(found)
            else:
                self._outbound.wake()

    def _unit(self, session: Session, jobs: Sequence[Job]) -> list[Exception | None]:
        """Everything the events change; for each what went wrong with it, None if nothing."""
        now = self._clock()
        chats = [job.chat for job in jobs]
        has_changed, senders = watch_roster(session), find_senders(session, chats, now=now)
        do_reach(session, [chat for chat, sender in senders.items() if sender.is_gone])
        outcomes: list[Exception | None] = []
        replies: list[Reply] = []
        finished: list[int] = []
        for job in jobs:
            if has_changed():
                # Somebody joined, left or was given another role a moment ago: the others are not who they were.
                senders = find_senders(session, chats, now=now)
            try:
                replies += self._answer(session, job, senders.get(job.chat), now)
            except Collided:
                raise  # what the others hold is in the way of another process
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this event; the others go on
                outcomes.append(error)
            else:
                finished += job.ids
                outcomes.append(None)
        do_reply_all(session, replies, now=now)
        do_finish(session, finished, now=now)
        return outcomes

    def _answer(self, session: Session, job: Job, sender: Sender | None, now: datetime) -> list[Reply]:
        if sender is None and not self._strangers.allows(job.chat, now=now):
            return []
        lang = sender.actor.lang if sender else language_of(job.incoming)

        def effect(inner: Session) -> Answer:
            for item in job.kept:
                do_record(inner, item, now=now)
            request = Request(
                inner, job.incoming, sender.actor if sender else None, now, self._rules, self._registry, lang,
                is_draftless=sender is not None and not sender.has_draft,
            )  # fmt: skip
            return route(request)

        try:
            answer = attempt(session, effect)
        except DomainError as error:
            answer = replace(say(error.text), fresh=True)
        return _replies(job.incoming, sender, answer, lang)


def _claim(session: Session, claim: Unit[Claim] | None) -> Claim | None:
    """Claim what the events have just queued; going wrong here must not undo what they did."""
    try:
        return attempt(session, claim) if claim else None
    except Exception:
        log.exception("cannot claim what was queued")
        return None


def language_of(incoming: Incoming) -> str:
    """The platform's hint, for somebody we do not know: Chinese unless it names another language."""
    return "zh" if not incoming.lang or incoming.lang.lower().startswith("zh") else "en"


def _replies(incoming: Incoming, sender: Sender | None, answer: Answer, lang: str) -> list[Reply]:
    """The cards of an answer, for the chat that asked.

    A pressed card changes in place; after a message the card of the same key moves to the end of the chat,
    so that it never stands above what it answers.
    """
    cards = [answer] if isinstance(answer, Card) else list(answer or ())
    pressed = incoming.message if incoming.kind == "press" else ""
    replies = []
    for index, card in enumerate(cards):
        placing, previous = _place(card, pressed if index == 0 else "")
        if incoming.kind == "arrival" and placing == "move":
            placing = "edit"  # it answers nothing that was just said, so it may change further up
        reply = Reply(
            card, incoming.platform, incoming.chat, card.lang or lang,
            # A farewell, which empties the menu, is said when the chat is nobody's any more.
            person_id=sender.actor.person_id if sender and card.menu != () else None,
            placing=placing, previous=previous,
            # A flood of strangers keeps nobody of the roster waiting.
            lane=Lane.REPLY if sender else Lane.ORDER,
        )  # fmt: skip
        replies.append(reply)
    return replies


def _place(card: Card, pressed: str) -> tuple[Placing, str]:
    if card.fresh:
        return "new", ""
    if pressed:
        return "edit", pressed
    return ("move" if card.key or card.replaces else "new"), ""
