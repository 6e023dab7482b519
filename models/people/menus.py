"""Which menu each chat was sent last: when roles or words change, the chats that are behind get the new one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from models.access import Actor, Area, holds_on, local_day
from models.content import Card, MenuEntry
from models.outbox import Lane, Reply, do_reply_all
from models.people.joining import Chat
from models.people.tables import Account, Assignment, Person
from models.texts import Lang, dump_line

MENU_IDENT = 16  # So many digits of a menu's hash name it in the outbox.


@dataclass(frozen=True, slots=True)
class Bound:
    """A chat that can be reached, the person behind it as of today, and the hash of its menu."""

    account_id: int
    chat: Chat
    actor: Actor
    menu: str


def hash_menu(menu: Iterable[MenuEntry], lang: str) -> str:
    """Hash a menu in a language (SHA-256, lower-case hex)."""
    written = json.dumps([lang, *([entry.name, dump_line(entry.help)] for entry in menu)], ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def do_note_menu(session: Session, chat: Chat, menu: Iterable[MenuEntry], lang: str) -> None:
    """Remember which menu a chat has been sent."""
    session.execute(
        update(Account)
        .where(Account.platform == chat.platform, Account.chat == chat.chat)
        .values(menu=hash_menu(menu, lang))
        .execution_options(synchronize_session=False)
    )


def list_bound(session: Session, *, now: datetime) -> list[Bound]:
    """Every chat that can be reached of a person who holds a role today. One query."""
    rows = session.execute(
        select(Account.id, Account.platform, Account.chat, Account.menu, Person.id, Person.name, Person.unit,
               Person.lang, Assignment.role, Assignment.grid_code, Assignment.industry)
        .join(Person, Person.id == Account.person_id)
        .join(Assignment, and_(Assignment.person_id == Person.id, holds_on(local_day(now))))
        .where(Account.unbound_at.is_(None), Account.gone == "")
        .order_by(Account.id, Assignment.id)
    )  # fmt: skip
    found = []
    for account_id, group in groupby(rows, key=lambda row: row[0]):
        posts = [tuple(row) for row in group]
        _id, platform, chat, menu, person_id, name, unit, lang = posts[0][:8]
        areas = tuple(Area(*post[8:]) for post in posts)
        known: Lang = lang
        found.append(Bound(account_id, Chat(platform, chat), Actor(person_id, name, unit, known, areas), menu))
    return found


def do_renew_menu(session: Session, bound: Bound, card: Card, *, now: datetime) -> bool:
    """Send a chat its new menu, unless somebody else has changed it meanwhile; return whether it was sent."""
    menu = card.menu or ()
    changed = session.execute(
        update(Account)
        .where(
            Account.id == bound.account_id,
            Account.person_id == bound.actor.person_id,
            Account.unbound_at.is_(None),
            Account.menu == bound.menu,
        )
        .values(menu=hash_menu(menu, bound.actor.lang))
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    # A new release renews everybody's menu at once: that must not keep answers waiting.
    renewal = Reply(
        card, bound.chat.platform, bound.chat.chat, bound.actor.lang, person_id=bound.actor.person_id,
        lane=Lane.DIGEST, subject=f"menu:{hash_menu(menu, bound.actor.lang)[:MENU_IDENT]}",
    )  # fmt: skip
    do_reply_all(session, [renewal], now=now)
    return True


def is_menu_current(session: Session, person_id: int, ident: str, now: datetime) -> bool:
    """Tell, when a renewed menu is about to be sent, whether the person has not had a newer one since."""
    wanted = and_(Account.person_id == person_id, Account.menu.startswith(ident, autoescape=True))
    return session.scalar(select(Account.id).where(wanted).limit(1)) is not None
