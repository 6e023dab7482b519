"""Leaving: a chat is taken from its person, or a person leaves the service with all chats."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from models.access import Actor, local_day
from models.audit import do_audit
from models.content import Card
from models.drafts import Draft
from models.errors import NotFound
from models.outbox import do_reply
from models.people.entries import Entry, lasts_on, load_entry
from models.people.invites import CandidatePage, do_void, page_people, visible_people
from models.people.joining import Chat
from models.people.roster import do_end_roles
from models.people.tables import Account, Assignment, Deputy, Person
from models.texts import _


def do_unbind_chat(session: Session, actor: Actor, chat: Chat, *, now: datetime) -> None:
    """Take a chat away from its person; what was being filled in there is cancelled.

    Raises: NotFound: the chat is not the actor's.
    """
    taken = session.execute(
        update(Account)
        .where(
            Account.platform == chat.platform,
            Account.chat == chat.chat,
            Account.person_id == actor.person_id,
            Account.unbound_at.is_(None),
        )
        .values(unbound_at=now, menu="")
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    _cancel_draft(session, chat, now)
    do_audit(
        session, action="people:unbind", subject=f"person:{actor.person_id}", person_id=actor.person_id,
        detail={"platform": chat.platform}, now=now,
    )  # fmt: skip


def visible_leavers(actor: Actor, *, now: datetime) -> Select[Person]:
    """People whom the actor may take out of service: all but oneself in the grids that the actor administers."""
    return visible_people(actor, now=now).where(Person.id != actor.person_id)


def list_leavers(session: Session, actor: Actor, *, name: str = "", page: int = 0, now: datetime) -> CandidatePage:
    """People whom the actor may take out of service, whose name contains `name`."""
    statement = visible_leavers(actor, now=now)
    if name:
        statement = statement.where(Person.name.contains(name, autoescape=True))
    return page_people(session, statement, page=page)


def access_leaver(session: Session, actor: Actor, person_id: int, *, now: datetime) -> Entry:
    """Give somebody whom the actor may take out of service. Raises: NotFound: nobody, or not this actor's."""
    allowed = session.scalar(visible_leavers(actor, now=now).where(Person.id == person_id))
    entry = load_entry(session, person_id, now=now) if allowed else None
    if entry is None:
        raise NotFound
    return entry


def check_leave(session: Session, actor: Actor, person_id: int, *, now: datetime) -> Entry:
    """Take a person out of service: roles end, chats are unbound with a last word, codes and drafts are void.

    The roles' last day is yesterday, so that nothing can be done in their name from this moment on.
    Raises: NotFound: nobody, or nobody whom this actor may take out of service.
    """
    entry = access_leaver(session, actor, person_id, now=now)
    yesterday = local_day(now) - timedelta(days=1)
    do_end_roles(session, person_id, last_day=yesterday)
    session.execute(
        update(Deputy).where(Deputy.deputy_id == person_id, Deputy.ends_on > yesterday).values(ends_on=yesterday)
    )
    do_void(session, person_id, now=now)
    chats = _do_release(session, person_id, now=now)
    do_audit(
        session, action="people:leave", subject=f"person:{person_id}", person_id=actor.person_id,
        detail={"chats": chats}, now=now,
    )  # fmt: skip
    return entry


def try_release_one(session: Session, *, now: datetime) -> bool:
    """Unbind the chats of one person whose roles have all ended; False if there is no such person left."""
    in_service = exists().where(Assignment.person_id == Account.person_id, lasts_on(local_day(now)))
    person_id = session.scalar(
        select(Account.person_id)
        .where(Account.unbound_at.is_(None), ~in_service.correlate(Account))
        .order_by(Account.id)
        .limit(1)
    )
    if person_id is None:
        return False
    do_void(session, person_id, now=now)
    chats = _do_release(session, person_id, now=now)
    do_audit(
        session, action="people:release", subject=f"person:{person_id}", person_id=None, detail={"chats": chats},
        now=now,
    )  # fmt: skip
    return True


def _do_release(session: Session, person_id: int, *, now: datetime) -> int:
    """Unbind every chat of a person, with a last sentence and an empty menu; return how many."""
    bound = session.execute(
        select(Account, Person.lang)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id == person_id, Account.unbound_at.is_(None))
        .order_by(Account.id)
    ).all()
    farewell = Card(lines=(_("您的岗位已结束，本聊天已解除绑定。感谢您的付出！"),), menu=())
    for account, lang in bound:
        account.unbound_at, account.menu = now, ""
        _cancel_draft(session, Chat(account.platform, account.chat), now)
        if not account.gone:
            do_reply(session, farewell, platform=account.platform, chat=account.chat, lang=lang, now=now)
    session.execute(
        update(Draft)
        .where(Draft.person_id == person_id, Draft.status == "open")
        .values(status="cancelled", updated_at=now)
    )
    session.flush()
    return len(bound)


def _cancel_draft(session: Session, chat: Chat, now: datetime) -> None:
    session.execute(
        update(Draft)
        .where(Draft.platform == chat.platform, Draft.chat == chat.chat, Draft.status == "open")
        .values(status="cancelled", updated_at=now)
    )
