"""The language a person reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, select, update

from models.access import Actor
from models.content import Card
from models.errors import NotFound
from models.outbox import Lane, OutboxRow, Reply, do_reply_all
from models.people.tables import Account, Person
from models.session import Session
from models.texts import LANGS

CARDS, ROWS = 8, 64  # (P) What is further up nobody reads again; a card may have been changed several times.


def do_choose_language(session: Session, actor: Actor, lang: str, *, now: datetime) -> None:
    """Set the language of a person; the cards on the person's screens follow.

    Raises: NotFound: no such language.
    """
    if lang not in LANGS:
        raise NotFound
    if lang == actor.lang:
        return
    session.execute(update(Person).where(Person.id == actor.person_id).values(lang=lang))
    _tell_again(session, actor.person_id, lang, now=now)


def _tell_again(session: Session, person_id: int, lang: str, *, now: datetime) -> None:
    """Change the newest cards in place: each as it was told last, in the other language."""
    theirs = and_(
        Account.platform == OutboxRow.platform,
        Account.chat == OutboxRow.chat,
        Account.person_id == OutboxRow.person_id,
        Account.unbound_at.is_(None),
    )
    columns = (OutboxRow.platform, OutboxRow.chat, OutboxRow.card, OutboxRow.external_id, OutboxRow.subject)
    rows = session.execute(
        select(*columns)
        .join(Account, theirs)
        .where(OutboxRow.person_id == person_id, OutboxRow.status.in_(("sent", "queued", "leased")))
        .order_by(OutboxRow.id.desc())
        .limit(ROWS)
    ).all()
    again: list[Reply] = []
    gone: set[tuple[str, str, str]] = set()  # by key or message: what has been changed or replaced since
    for platform, chat, values, message, subject in rows:
        card = Card.from_json(values)
        names = {(platform, chat, name) for name in (card.key, message and f"#{message}") if name}
        if card.key and not card.secret and not names & gone:
            plain = replace(card, menu=None, lang="", replaces="", fresh=False)
            again.append(Reply(plain, platform, chat, lang, person_id, "edit", lane=Lane.NOTICE, subject=subject))
        gone |= names | {(platform, chat, card.replaces)}
    do_reply_all(session, again[:CARDS][::-1], now=now)
