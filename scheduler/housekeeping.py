"""Jobs that keep the house: drafts that expired, events that may be forgotten, leases that ran out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from models.audit import read_head
from models.content import Card
from models.delivery import do_recover
from models.drafts import LIFE, Draft, list_expired
from models.hazards.public import PUBLIC_FLOW
from models.inbox import do_forget
from models.outbox import do_reply, do_tell_where
from models.session import Session
from models.texts import _
from models.vocabulary.index import do_index_names

if TYPE_CHECKING:
    from scheduler.jobs import Services

log = logging.getLogger(__name__)


async def expire_drafts(services: Services) -> None:
    """Close drafts left alone for a day, and say so: nothing that was typed vanishes in silence."""
    now = services.clock()
    expired = await services.store.read(lambda session: [draft.id for draft in list_expired(session, now=now)])

    def unit(session: Session, draft_id: int) -> None:
        draft = session.get_one(Draft, draft_id)
        if draft.status != "open" or draft.updated_at >= now - LIFE:  # it went on since it was listed
            return
        draft.status, draft.updated_at = "expired", now
        text = _("您有一份草稿超过24小时没有提交，已自动关闭。需要时请重新填写。")
        card = Card(lines=(text,), replaces=draft.card_key)
        if draft.flow == PUBLIC_FLOW:
            do_reply(session, card, platform=draft.platform, chat=draft.chat, lang="zh", placing="move", now=now)
        elif draft.person_id is not None:
            # In the draft's own chat, in the place of its card: that one's buttons lead nowhere now.
            here = {(draft.platform, draft.chat)}
            dedupe = f"draft-expired:{draft.id}"
            do_tell_where(session, here, [draft.person_id], card, now=now, dedupe=dedupe, placing="move")

    for draft_id in expired:
        await services.store.write(lambda session, draft_id=draft_id: unit(session, draft_id))  # type: ignore[misc]


async def forget_inbox(services: Services) -> None:
    """Delete handled events whose ids need not be remembered any longer."""
    now = services.clock()
    await services.store.write(lambda session: do_forget(session, now=now))


async def recover_leases(services: Services) -> None:
    """Take back what another process had claimed and did not finish."""
    now = services.clock()
    await services.store.write(lambda session: do_recover(session, now=now, everything=False))


async def log_audit_head(services: Services) -> None:
    """Write the head of the audit trail into the log, which lies outside of the database (`check --head`)."""
    found = await services.store.read(read_head)
    log.info("audit head", extra={"rows": found.count, "head": found.head})


async def sweep_media(services: Services) -> None:
    """Delete half-written files that a crash left."""
    await services.media.sweep(now=services.clock())


async def index_names(services: Services) -> None:
    """Take up names that no import has taken up: those that were there before the vocabulary was."""
    while await services.store.write(do_index_names):
        pass
