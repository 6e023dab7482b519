"""The messages of a web chat: placing, saying, and catching up without a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.errors import NotFound, Unchangeable
from models.webchat.chats import ChatState, find_owner, lock_chat
from models.webchat.tables import WebChat, WebMessage

SECRET_LIFE = timedelta(days=7)  # Source: conversations.md, Joining: no code opens anything after 7 days.
PAGE = 50

Placing = Literal["new", "edit", "move", "refresh"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shows: rendered texts in `body`, stored files in `attachments` (plain JSON values)."""

    body: dict[str, Any]
    attachments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, and the chat's revision up to which they are complete; `more`: there are others to ask for."""

    rev: int
    messages: Sequence[WebMessage]
    more: bool


def do_place(
    session: Session,
    chat: str,
    content: Content,
    *,
    now: datetime,
    placing: Placing = "new",
    previous: str = "",
    key: str = "",
    repeat: bool = False,
    secret: bool = False,
) -> str:
    """Show a message of ours in the chat; return its id.

    "edit" changes `previous` in place, "move" takes it away and adds the message at the end; without a
    `previous` that still stands, both add one. `key` names this very sending: a `repeat` of it adds nothing.
    Raises: Unchangeable: it should have been refreshed and does not stand any more.
    """
    row = lock_chat(session, chat, now=now)
    old = _find(session, chat, previous) if placing != "new" else None
    if placing in ("edit", "refresh") and old is not None:
        return _edit(session, row, old, content, now=now, secret=secret)
    if placing == "refresh":
        raise Unchangeable("gone")
    before = find_said(session, chat, key)
    if before is not None and repeat:
        return str(before.id)
    if before is not None:
        before.client_id = ""  # the outbox counts anew after it has been emptied: this is another message
    if old is not None:
        row.rev += 1
        old.rev, old.removed_at = row.rev, now
    session.flush()  # key and revision are free for the new message
    return str(_add(session, row, content, direction="out", client_id=key, now=now, secret=secret).id)


def find_said(session: Session, chat: str, client_id: str) -> WebMessage | None:
    """Give what the person sent under the page's own id."""
    return session.scalar(
        select(WebMessage).where(WebMessage.chat == chat, WebMessage.client_id == client_id, WebMessage.client_id != "")
    )


def do_say(session: Session, chat: str, client_id: str, content: Content, *, now: datetime) -> WebMessage:
    """Keep what the person sent under the page's own id; sent again, it gives back what was kept first."""
    row = lock_chat(session, chat, now=now)
    known = find_said(session, chat, client_id)
    return known or _add(session, row, content, direction="in", client_id=client_id, now=now, secret=False)


def list_changes(session: Session, chat: str, state: ChatState, *, since: int, limit: int = PAGE) -> Page:
    """What has changed in the chat after revision `since`, oldest change first.

    `state` was loaded before in this unit: what is committed in between comes twice rather than never.
    """
    rows = session.scalars(
        select(WebMessage)
        .where(*_visible(chat, state.owner), WebMessage.rev > since)
        .order_by(WebMessage.rev)
        .limit(limit + 1)
    ).all()
    if len(rows) > limit:
        return Page(rows[limit - 1].rev, rows[:limit], more=True)
    return Page(max([state.rev, *(row.rev for row in rows[-1:])]), rows, more=False)


def list_latest(session: Session, chat: str, state: ChatState, *, before: int | None = None, limit: int = PAGE) -> Page:
    """The last messages of the chat (before message id `before`), in the order in which they stand."""
    wanted = select(WebMessage).where(*_visible(chat, state.owner), WebMessage.removed_at.is_(None))
    if before is not None:
        wanted = wanted.where(WebMessage.id < before)
    rows = session.scalars(wanted.order_by(WebMessage.id.desc()).limit(limit + 1)).all()
    return Page(state.rev, rows[:limit][::-1], more=len(rows) > limit)


def access_message(session: Session, chat: str, message_id: int) -> WebMessage:
    """Give a message of this chat. Raises: NotFound: no such message, or not this chat's to see."""
    row = session.scalar(
        select(WebMessage).where(
            *_visible(chat, find_owner(session, chat)), WebMessage.id == message_id, WebMessage.removed_at.is_(None)
        )
    )
    if row is None:
        raise NotFound
    return row


def access_attachment(session: Session, chat: str, message_id: int, sha: str) -> dict[str, Any]:
    """Give what a message of this chat says of its file `sha`. Raises: NotFound: it carries no such file."""
    row = access_message(session, chat, message_id)
    for item in row.attachments:
        if item.get("sha") == sha:
            return dict(item)
    raise NotFound


def do_wipe_secrets(session: Session, *, now: datetime) -> int:
    """Take away messages whose secret has lost its use; return how many."""
    due = session.execute(
        select(WebMessage.chat, WebMessage.id).where(WebMessage.wipe_at <= now).order_by(WebMessage.chat).limit(100)
    ).all()
    for chat, message_id in due:
        row = lock_chat(session, chat, now=now)
        message = session.get_one(WebMessage, message_id)
        row.rev += 1
        message.rev, message.removed_at, message.wipe_at = row.rev, now, None
        message.body, message.attachments = {}, []
    return len(due)


def _add(
    session: Session, row: WebChat, content: Content, *, direction: str, client_id: str, now: datetime, secret: bool
) -> WebMessage:
    row.rev += 1
    message = WebMessage(
        chat=row.chat, rev=row.rev, direction=direction, client_id=client_id, owner=find_owner(session, row.chat),
        body=content.body, attachments=content.attachments, created_at=now,
        wipe_at=now + SECRET_LIFE if secret else None,
    )  # fmt: skip
    session.add(message)
    session.flush()  # its id is the answer
    return message


def _edit(session: Session, row: WebChat, old: WebMessage, content: Content, *, now: datetime, secret: bool) -> str:
    # What it shows now belongs to whom the chat belongs now: a welcome to who has joined, a farewell to nobody.
    owner = find_owner(session, row.chat)
    if (old.body, old.attachments, old.owner) != (content.body, content.attachments, owner):
        row.rev += 1
        old.rev, old.body, old.attachments, old.edited_at = row.rev, content.body, content.attachments, now
        old.owner = owner
        old.wipe_at = now + SECRET_LIFE if secret else None
    return str(old.id)


def _find(session: Session, chat: str, ident: str) -> WebMessage | None:
    if not (ident.isascii() and ident.isdigit()):
        return None
    return session.scalar(
        select(WebMessage).where(
            WebMessage.chat == chat,
            WebMessage.id == int(ident),
            WebMessage.direction == "out",
            WebMessage.removed_at.is_(None),
        )
    )


def _visible(chat: str, owner: int | None) -> tuple[ColumnElement[bool], ...]:
    # What was said while the chat was somebody's is that person's: after unbinding, or when somebody else takes
    # over the browser, it is gone from the page.
    mine = WebMessage.owner.is_(None)
    return (WebMessage.chat == chat, mine if owner is None else or_(mine, WebMessage.owner == owner))
