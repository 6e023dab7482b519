"""Who can be reached, and what to do when somebody no longer can."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select, update

from models.access import holds_on, is_inside, local_day
from models.content import say
from models.outbox import OutboxRow, do_tell
from models.people.tables import Account, Assignment, Person, Role
from models.session import Session
from models.texts import _


def do_mark_gone(session: Session, *, platform: str, chat: str, code: str, now: datetime) -> None:
    """Switch a chat off that the platform says is dead, and tell the person's grid heads (失联).

    Told once per chat: a second report of the same chat changes nothing.
    """
    account = session.scalars(
        select(Account).where(Account.platform == platform, Account.chat == chat, Account.gone == "")
    ).first()
    if account is None:
        return
    account.gone = code[:64]
    session.flush()
    person = session.get_one(Person, account.person_id)
    reachable = session.scalar(
        select(Account.id).where(Account.person_id == person.id, Account.unbound_at.is_(None), Account.gone == "")
    )
    if reachable is not None or account.unbound_at is not None:
        return
    card = say(
        _("失联提醒"),
        _("{name}（{unit}）的聊天账号已收不到消息，请电话联系本人，请其重新加入。", name=person.name, unit=person.unit),
        tone="warn",
    )
    do_tell(session, list_heads(session, person.id, now=now), card, now=now, dedupe=f"gone:{account.id}:{now:%Y%m%d}")


def do_reach(session: Session, chats: Iterable[tuple[str, str]]) -> None:
    """Whoever writes from a chat (platform, chat) can be reached there again."""
    addresses = set(chats)
    if not addresses:
        return
    asked = {"platforms": list({platform for platform, _ in addresses}), "chats": list({chat for _, chat in addresses})}
    session.execute(_REACHED, asked, execution_options={"synchronize_session": False})


_REACHED = (
    update(Account)
    .where(
        Account.platform.in_(bindparam("platforms", expanding=True)),
        Account.chat.in_(bindparam("chats", expanding=True)),
        Account.gone != "",
    )
    .values(gone="")
)


def do_move_chat(session: Session, *, platform: str, chat: str, address: str) -> None:
    """A chat lives under another address now; what waits for it goes there."""
    session.execute(update(Account).where(Account.platform == platform, Account.chat == chat).values(chat=address))
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.platform == platform, OutboxRow.chat == chat, OutboxRow.status.in_(("queued", "leased")))
        .values(chat=address)
        .execution_options(synchronize_session=False)
    )


def list_heads(session: Session, person_id: int, *, now: datetime) -> list[int]:
    """The grid heads above a person: of each grid the person has a role in, and of the grids around it."""
    day = local_day(now)
    codes = session.scalars(
        select(Assignment.grid_code).where(Assignment.person_id == person_id, holds_on(day)).distinct()
    ).all()
    heads = session.execute(
        select(Assignment.person_id, Assignment.grid_code)
        .where(Assignment.role == Role.GRID_HEAD, holds_on(day), Assignment.person_id != person_id)
        .order_by(Assignment.grid_code.desc(), Assignment.id)
    ).all()
    above = [head for head, grid in heads if any(is_inside(code, grid) for code in codes)]
    return list(dict.fromkeys(above))


def list_with_role(session: Session, role: Role, *, now: datetime) -> list[int]:
    """Everybody who holds a role today."""
    return list(
        session.scalars(
            select(Assignment.person_id)
            .where(Assignment.role == role, holds_on(local_day(now)))
            .distinct()
            .order_by(Assignment.person_id)
        )
    )
