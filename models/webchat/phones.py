"""The phones of the demo page: chats that belong to people of the demo county from the start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.facts import get_or_make_secret
from models.people.tables import Account, Person
from models.webchat.chats import PLATFORM


def do_open_phone(session: Session, *, key: str, person_id: int, now: datetime) -> str:
    """Give the chat of a demo phone, bound to its person."""
    chat = get_or_make_secret(session, f"demo-phone:{key}")
    account = session.scalar(select(Account).where(Account.platform == PLATFORM, Account.chat == chat))
    if account is None:
        session.add(Account(platform=PLATFORM, chat=chat, person_id=person_id, bound_at=now))
        session.get_one(Person, person_id).digest_at = now
    elif account.person_id != person_id or account.unbound_at is not None:
        account.person_id, account.bound_at, account.unbound_at, account.gone = person_id, now, None, ""
    return chat
