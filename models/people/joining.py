"""Joining: a code or a verified phone number says who a chat belongs to, the person confirms, the chat is bound.

Wrong codes are values here, not exceptions: the count of them must survive the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from models.access import holds_on, is_inside, local_day
from models.audit import do_audit
from models.content import say
from models.errors import InvalidInput, NotFound
from models.grids.tree import enclosing
from models.outbox import do_reply, do_tell
from models.people.entries import Entry, lasts_on, load_entry
from models.people.invites import do_use, do_void, find_invite
from models.people.phones import read_phone
from models.people.reach import list_with_role
from models.people.roster import find_person
from models.people.tables import Account, Assignment, Invite, JoinAttempt, Person, Role
from models.rules import JoiningRules
from models.texts import When, _
from models.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat of a platform."""

    platform: str
    chat: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom a chat belongs to, as its code or (`invite_id` None) its phone number says."""

    person_id: int
    invite_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a chat was not let in.

    wrong: no open invite has this code (unknown, used, expired and withdrawn are one and the same) · locked:
    too many wrong codes, `until` when · unlisted: the phone number is nobody's on the roster · taken: the chat
    belongs to somebody else already.
    """

    reason: Literal["wrong", "locked", "unlisted", "taken"]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A chat was bound; `first`: it is the person's first one ever."""

    entry: Entry
    first: bool


def find_holder(session: Session, chat: Chat, *, now: datetime) -> int | None:
    """Whom a chat belongs to; None also if that person's roles have all ended."""
    return session.scalar(
        select(Account.person_id)
        .join(Assignment, Assignment.person_id == Account.person_id)
        .where(
            Account.platform == chat.platform,
            Account.chat == chat.chat,
            Account.unbound_at.is_(None),
            lasts_on(local_day(now)),
        )
        .limit(1)
    )


def check_code(session: Session, code: str, chat: Chat, *, rules: JoiningRules, now: datetime) -> Claim | Refused:
    """Look a code (as read) up; a wrong one counts, and too many lock the chat out."""
    if until := find_lock(session, chat, now=now):
        return Refused("locked", until)
    invite = find_invite(session, code)
    if invite and invite.used_at is None and invite.expires_at > now and load_entry(session, invite.person_id, now=now):
        return Claim(invite.person_id, invite.id)
    return _count_failure(session, chat, rules=rules, now=now)


def check_phone(session: Session, phone: str, chat: Chat, *, now: datetime) -> Claim | Refused:
    """Look up a number that the platform vouches for."""
    if until := find_lock(session, chat, now=now):
        return Refused("locked", until)
    try:
        person = find_person(session, read_phone(phone))
    except InvalidInput:  # a foreign number: nobody's on the roster
        person = None
    if person is None or load_entry(session, person.id, now=now) is None:
        return Refused("unlisted")
    return Claim(person.id)


def find_lock(session: Session, chat: Chat, *, now: datetime) -> datetime | None:
    """Until when a chat is locked out; None if it is not."""
    row = session.get(JoinAttempt, (chat.platform, chat.chat))
    return row.locked_until if row and row.locked_until and row.locked_until > now else None


def _count_failure(session: Session, chat: Chat, *, rules: JoiningRules, now: datetime) -> Refused:
    """Count a wrong code; failures are forgotten after as long as a lock lasts."""
    span = timedelta(minutes=rules.lock_minutes)
    row = session.get(JoinAttempt, (chat.platform, chat.chat))
    if row is None:
        row = JoinAttempt(platform=chat.platform, chat=chat.chat, failures=0, first_at=now)
        session.add(row)
    if now - row.first_at >= span or row.locked_until:
        row.failures, row.first_at, row.locked_until = 0, now, None
    row.failures += 1
    if row.failures < rules.wrong_codes:
        session.flush()
        return Refused("wrong")
    row.locked_until = now + span
    session.flush()
    do_audit(
        session, action="people:lockout", subject=f"chat:{chat.platform}"[:64], person_id=None,
        detail={"chat": chat.chat, "failures": row.failures}, now=now,
    )  # fmt: skip
    return Refused("locked", row.locked_until)


def do_forget_attempts(session: Session, *, now: datetime) -> int:
    """Delete the counts of chats that are not locked and guessed nothing for a day; return how many."""
    gone = session.execute(
        delete(JoinAttempt).where(
            JoinAttempt.first_at < now - timedelta(days=1),
            or_(JoinAttempt.locked_until.is_(None), JoinAttempt.locked_until <= now),
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def check_join(session: Session, claim: Claim, chat: Chat, *, lang: str, now: datetime) -> Joined | Refused:
    """Bind a chat after 是我: everything is checked again, the code is used up, who should know is told."""
    holder = find_holder(session, chat, now=now)
    if holder not in (None, claim.person_id):
        return Refused("taken")
    entry = load_entry(session, claim.person_id, now=now)
    if entry is None:
        return Refused("wrong" if claim.invite_id else "unlisted")
    if claim.invite_id and not do_use(session, claim.invite_id, now=now):
        return Refused("wrong")
    first = do_bind(session, entry.person_id, chat, lang=lang, now=now)
    _tell_others(session, entry, chat, first=first, now=now)
    do_audit(
        session, action="people:join", subject=f"person:{entry.person_id}", person_id=entry.person_id,
        detail={"platform": chat.platform, "by": "code" if claim.invite_id else "phone"}, now=now,
    )  # fmt: skip
    return Joined(entry, first)


def do_bind(session: Session, person_id: int, chat: Chat, *, lang: str = "", now: datetime) -> bool:
    """Give a chat to a person; return whether it is the first one that the person ever had.

    `lang`: the language of the first contact, kept if it is the first.
    Raises: NotFound: the chat belongs to somebody else whose roles have not ended.
    """
    first = session.scalar(select(Account.id).where(Account.person_id == person_id).limit(1)) is None
    row = {"platform": chat.platform, "chat": chat.chat, "person_id": person_id, "bound_at": now, "gone": ""}
    if not insert_new(session, Account, [row], key=("platform", "chat"), returning=("id",)):
        _take_over(session, person_id, chat, now)
    kept = {"lang": lang} if first and lang else {}
    session.execute(
        update(Person).where(Person.id == person_id).values(digest_at=func.coalesce(Person.digest_at, now), **kept)
    )
    session.execute(delete(JoinAttempt).where(JoinAttempt.platform == chat.platform, JoinAttempt.chat == chat.chat))
    return first


def _take_over(session: Session, person_id: int, chat: Chat, now: datetime) -> None:
    in_service = select(Assignment.person_id).where(lasts_on(local_day(now)))
    taken = session.execute(
        update(Account)
        .where(
            Account.platform == chat.platform,
            Account.chat == chat.chat,
            or_(
                Account.unbound_at.is_not(None),
                Account.person_id == person_id,
                Account.person_id.not_in(in_service),
            ),
        )
        .values(person_id=person_id, bound_at=now, unbound_at=None, gone="", menu="")
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound


def _tell_others(session: Session, entry: Entry, chat: Chat, *, first: bool, now: datetime) -> None:
    """Tell the nearest grid heads of a first chat, and the person's other chats of every further one."""
    if first:
        card = say(
            _("{name}已加入", name=entry.name), *entry.lines, _("如有不符，请尽快告诉管理员。"), tone="good",
        )  # fmt: skip
        do_tell(session, list_nearest_heads(session, entry, now=now), card, now=now, dedupe=f"joined:{entry.person_id}")
        return
    card = say(
        _("您的身份刚刚绑定了另一个聊天"),
        _("时间：{time}。如果不是您本人操作，请马上告诉管理员。", time=When(now)),
        tone="warn",
    )
    others = session.execute(
        select(Account.platform, Account.chat).where(
            Account.person_id == entry.person_id, Account.unbound_at.is_(None), Account.gone == ""
        )
    ).all()
    for platform, address in others:
        if (platform, address) != (chat.platform, chat.chat):
            do_reply(
                session, card, platform=platform, chat=address, lang=entry.lang, person_id=entry.person_id, now=now
            )  # fmt: skip


def list_nearest_heads(session: Session, entry: Entry, *, now: datetime) -> list[int]:
    """The grid heads of a person's grids: of each grid, or else of the smallest one around it that has any."""
    around = {code for post in entry.posts for code in enclosing(post.grid_code)}
    heads = session.execute(
        select(Assignment.person_id, Assignment.grid_code)
        .where(
            Assignment.role == Role.GRID_HEAD,
            Assignment.grid_code.in_(around),
            Assignment.person_id != entry.person_id,
            holds_on(local_day(now)),
        )
        .order_by(Assignment.id)
    ).all()
    found: dict[int, None] = {}
    for post in entry.posts:
        above = [(head, code) for head, code in heads if is_inside(post.grid_code, code)]
        nearest = max((len(code) for _head, code in above), default=0)
        found.update({head: None for head, code in above if len(code) == nearest})
    return list(found)


def do_decline(session: Session, claim: Claim, *, now: datetime) -> None:
    """After 不是我: the code that reached the wrong person becomes void, and whoever sent it is told."""
    invite = session.get(Invite, claim.invite_id) if claim.invite_id else None
    if invite:
        do_void(session, invite.person_id, now=now)
    entry = load_entry(session, claim.person_id, now=now)
    if entry is None:
        return
    if invite:
        what = _("「{name}」的邀请码到了别人手里，已经作废，请核对后重新发给本人。", name=entry.name)
    else:
        what = _("名册里「{name}」的手机号可能是别人的，请核对。", name=entry.name)
    card = say(_("有人加入时选了“不是我”"), what, tone="warn")
    told = [invite.created_by] if invite and invite.created_by else list_with_role(session, Role.ADMIN, now=now)
    do_tell(session, told, card, now=now, dedupe=f"declined:{claim.person_id}:{local_day(now):%Y%m%d}")
    do_audit(
        session, action="people:decline", subject=f"person:{claim.person_id}", person_id=None,
        detail={"by": "code" if invite else "phone"}, now=now,
    )  # fmt: skip
