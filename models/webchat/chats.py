"""A browser's chat as a whole: to whom it belongs, its menu, and how far its history has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.people.tables import Account, Person
from models.upsert import insert_new
from models.webchat.tables import WebChat

PLATFORM = "web"
BOUND = and_(Account.platform == PLATFORM, Account.unbound_at.is_(None))


@dataclass(frozen=True, slots=True)
class ChatState:
    """What a page shows around the messages; `owner` is the bound person's id, None for a stranger."""

    rev: int = 0
    owner: int | None = None
    name: str = ""
    lang: str = ""
    menu: tuple[dict[str, str], ...] = ()


def load_state(session: Session, chat: str) -> ChatState:
    """Give a chat's state; one that has never written or been written to is empty."""
    row = session.get(WebChat, chat)
    person = session.execute(
        select(Person.id, Person.name, Person.lang)
        .join(Account, Account.person_id == Person.id)
        .where(BOUND, Account.chat == chat)
    ).one_or_none()
    rev = row.rev if row else 0
    if person is None:
        return ChatState(rev)
    menu = row.menu if row and row.menu_owner == person.id else []
    return ChatState(rev, person.id, person.name, person.lang, tuple(menu))


def list_heads(session: Session, chats: Iterable[str]) -> dict[str, tuple[int, int | None]]:
    """Give (revision, owner) of each of `chats`: whoever watches them compares it with what was there."""
    wanted = list(chats)
    revs = dict(session.execute(select(WebChat.chat, WebChat.rev).where(WebChat.chat.in_(wanted))).all())
    owners = dict(session.execute(select(Account.chat, Account.person_id).where(BOUND, Account.chat.in_(wanted))).all())
    return {chat: (revs.get(chat, 0), owners.get(chat)) for chat in wanted}


def find_owner(session: Session, chat: str) -> int | None:
    """Give the person to whom the chat is bound now."""
    return session.scalar(select(Account.person_id).where(BOUND, Account.chat == chat))


def lock_chat(session: Session, chat: str, *, now: datetime) -> WebChat:
    """Give the chat's row, made if need be and locked until the unit ends: its changes come one by one."""
    wanted = select(WebChat).where(WebChat.chat == chat).with_for_update()
    row = session.scalar(wanted)
    if row is None:
        fresh = {"chat": chat, "rev": 0, "menu": [], "menu_owner": None, "created_at": now}
        insert_new(session, WebChat, [fresh], key=("chat",))
        row = session.scalars(wanted).one()
    return row


def do_set_menu(session: Session, chat: str, menu: list[dict[str, str]], *, now: datetime) -> None:
    """Replace the menu of whoever the chat belongs to."""
    row = lock_chat(session, chat, now=now)
    owner = find_owner(session, chat)
    if row.menu == menu and row.menu_owner == owner:
        return
    row.menu, row.menu_owner, row.rev = menu, owner, row.rev + 1
