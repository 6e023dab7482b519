"""The phones of the demo page: chats that belong to people of the demo county from the start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import load_actor, within
from models.content import Place
from models.enterprises.tables import Enterprise
from models.facts import get_or_make_secret
from models.people.tables import Account
from models.webchat.chats import PLATFORM

COUNTY_TOWN = Place(30.6888, 118.4198)  # Source: the seat of Jing County on any map; for a county without data.


def do_open_phone(session: Session, *, key: str, person_id: int, now: datetime) -> str:
    """Give the chat of a demo phone, bound to its person."""
    chat = get_or_make_secret(session, f"demo-phone:{key}")
    account = session.scalar(select(Account).where(Account.platform == PLATFORM, Account.chat == chat))
    if account is None:
        session.add(Account(platform=PLATFORM, chat=chat, person_id=person_id, bound_at=now))
    elif account.person_id != person_id or account.unbound_at is not None:
        account.person_id, account.bound_at, account.unbound_at, account.gone = person_id, now, None, ""
    return chat


def find_example(session: Session, person_id: int, *, now: datetime) -> tuple[Place, str]:
    """Give the place and the name of an enterprise in the person's grids, for the sample photo."""
    actor = load_actor(session, person_id, now=now)
    if actor is None:
        return COUNTY_TOWN, ""
    found = session.scalars(
        select(Enterprise)
        .where(within(actor, Enterprise.grid_code), Enterprise.lat.is_not(None))
        .order_by(Enterprise.id)
        .limit(1)
    ).one_or_none()
    if found is None or found.lat is None or found.lon is None:
        return COUNTY_TOWN, ""
    return Place(found.lat, found.lon), found.name
