"""The web chat's history: chats, their messages, and the files that were uploaded for messages to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, partial_index

HAS_CLIENT_ID = text("client_id <> ''")
WIPES = text("wipe_at IS NOT NULL")


class WebChat(Base):
    """One browser's chat.

    `rev` counts its changes; it grows only under this row's lock, so a reader that has seen revision n has seen
    every change before it. `menu` is the command menu as the page shows it, made for `menu_owner`.
    """

    __tablename__ = "web_chats"

    chat: Mapped[str] = mapped_column(String(64), primary_key=True)
    rev: Mapped[int] = mapped_column(default=0)
    menu: Mapped[list[Any]] = mapped_column(default=list)
    menu_owner: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]


class WebMessage(Base):
    """One message of a chat, as its page shows it. `rev` is the chat's revision of its latest change.

    `direction`: "in" from the person, "out" from us. `client_id`: the id that the page gave its own message,
    or the outbox gave its sending.
    `owner`: to whom the chat belonged when it was written; nobody else sees it, even in the same browser.
    `body`: rendered texts, buttons, QR texts, place. `attachments`: kind, sha, name, mime, size, width, height.
    `wipe_at`: when a secret has lost its use and is blanked.
    """

    __tablename__ = "web_messages"
    __table_args__ = (
        Index("ix_web_messages_rev", "chat", "rev", unique=True),
        Index("ix_web_messages_order", "chat", "id"),
        partial_index(
            "ix_web_messages_client", "chat", "client_id", unique=True,
            where=HAS_CLIENT_ID
        ),
        partial_index("ix_web_messages_wipe", "wipe_at", where=WIPES),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    chat: Mapped[str] = mapped_column(ForeignKey("web_chats.chat"))
    rev: Mapped[int]
    direction: Mapped[str] = mapped_column(String(4))
    client_id: Mapped[str] = mapped_column(String(64), default="")
    owner: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    body: Mapped[dict[str, Any]]
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    wipe_at: Mapped[datetime | None]


class WebUpload(Base):
    """A file that a page has uploaded under an id of its own, until a message names it."""

    __tablename__ = "web_uploads"

    chat: Mapped[str] = mapped_column(String(64), primary_key=True)
    upload_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    sha: Mapped[str] = mapped_column(ForeignKey("media.sha"))
    name: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]
