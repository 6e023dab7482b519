"""Where what a page sends is taken in: kept in the chat's history, then handed to the inbox, then confirmed.

Both steps know the page's own id of a message, so a page may send it again as often as it likes: after an
answer that got lost, after a crash between the steps, from two tabs at once. It happens once.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.platforms.base import OnIncoming
from bot.platforms.web.doors import Door, Sessions
from bot.platforms.web.frames import UPLOADS, Frame, Pressed, Said, read_event, show_refusal
from bot.platforms.web.hub import Hub
from bot.platforms.web.limits import Limiter
from models.content import Attachment, Incoming
from models.errors import InvalidInput, StorageFailed
from models.media import MediaStore
from models.people.codes import read_code
from models.session import Session, Store
from models.texts import _
from models.webchat.messages import Content, do_say, find_said
from models.webchat.uploads import access_uploads

log = logging.getLogger(__name__)

HIDDEN = "••••••"
START = re.compile(r"^/start\b")
AGAIN_S = 5.0


@dataclass(slots=True)
class Desk:
    """What all handlers of the chat page need. `on_incoming` and `sessions` are there once it is open."""

    store: Store
    media: MediaStore
    hub: Hub
    clock: Callable[[], datetime]
    zone: str
    strangers_may_upload: bool = False
    on_incoming: OnIncoming | None = None
    sessions: Sessions | None = None
    strangers: Limiter = field(default_factory=lambda: Limiter(per_minute=5, burst=5))
    members: Limiter = field(default_factory=lambda: Limiter(per_minute=120, burst=40))
    # Strangers behind one address share this, so that fresh cookies are no way around the limit. An office or a
    # reverse proxy is one address, hence so many.
    addresses: Limiter = field(default_factory=lambda: Limiter(per_minute=300, burst=100))
    uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(6))
    # Photos of strangers come one by one, so that the places above are everybody else's.
    strangers_uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def admit(self, request: web.Request, door: Door) -> str:
        """Give the chat of the page that asks.

        Raises: HTTPUnauthorized: it has no cookie of ours (it fetches the page anew). HTTPForbidden: another
        site asks in its visitor's name. HTTPServiceUnavailable: not open yet, or closing.
        """
        if self.sessions is None or self.on_incoming is None:
            raise web.HTTPServiceUnavailable
        reads = request.method in ("GET", "HEAD") and "Upgrade" not in request.headers
        if not reads and not self.sessions.is_own_page(request):
            raise web.HTTPForbidden
        chat = self.sessions.read(request, door)
        if not chat:
            raise web.HTTPUnauthorized
        return chat

    async def take(self, request: web.Request, chat: str, frame: Frame, *, is_member: bool) -> Frame:
        """Take in a message or a pressed button; the answer is "ack" or "refused".

        `is_member`: the chat is somebody's; it decides how much may come in, nothing else.
        Raises: WrongFrame: no page of ours sends this.
        """
        event = read_event(frame)
        if wait := self.must_wait(request, chat, is_member=is_member):
            return show_refusal(event.id, _("发得太快了，稍后会自动重试。"), event.lang, again_s=wait)
        try:
            if isinstance(event, Said):
                await self._keep(chat, event)
            elif self.on_incoming is not None:
                await self.on_incoming([_press(chat, event)])
        except InvalidInput as refusal:
            return show_refusal(event.id, refusal.text, event.lang)
        except StorageFailed:
            log.exception("the web chat could not keep a message")
            return show_refusal(event.id, _("暂时无法保存，稍后会自动重试。"), event.lang, again_s=AGAIN_S)
        return {"t": "ack", "id": event.id}

    def must_wait(self, request: web.Request, chat: str, *, is_member: bool) -> float:
        """Count one event of the chat; give the seconds it has to wait, 0 if it may come in."""
        if is_member:
            return self.members.take(chat)
        return self.strangers.take(chat) or self.addresses.take(request.remote or "")

    async def _keep(self, chat: str, said: Said) -> None:
        """Take a message into the inbox, then into the history.

        In this order, because a page drops its own copy as soon as it sees the message in the history: what
        stands there must have been handed over, whatever ends this process in between.
        """
        now = self.clock()
        attachments = await self.store.read(lambda session: _read_uploads(session, chat, said))
        if attachments is None:
            return  # it stands in the history already
        incoming = Incoming(
            platform="web",
            chat=chat,
            event_id=f"{chat}:{said.id}",
            text=said.text,
            attachments=tuple(_attachment(item) for item in attachments),
            place=said.place,
            lang=said.lang,
            sent_at=min(said.sent_at or now, now),
        )
        if self.on_incoming is not None:
            await self.on_incoming([incoming])
        await self.store.write(lambda session: _say(session, chat, said, attachments, now=now))
        self.hub.wake(chat)


_Files = list[dict[str, Any]]


def _read_uploads(session: Session, chat: str, said: Said) -> _Files | None:
    if find_said(session, chat, said.id) is not None:
        return None
    if len(said.uploads) > UPLOADS:
        raise InvalidInput(_("一次最多发{count}张照片，请分几次发。", count=UPLOADS))
    if not (said.text.strip() or said.uploads or said.place):
        raise InvalidInput(_("消息是空的，请输入内容后再发送。"))
    return [upload.to_json() for upload in access_uploads(session, chat, said.uploads)]


def _say(session: Session, chat: str, said: Said, attachments: _Files, *, now: datetime) -> None:
    if find_said(session, chat, said.id) is not None:
        return
    body: dict[str, object] = {"lines": [_harmless(said.text)] if said.text else []}
    if said.place:
        body["place"] = {"lat": said.place.lat, "lon": said.place.lon}
    do_say(session, chat, said.id, Content(body, attachments), now=now)


def _harmless(text: str) -> str:
    """What the history shows of a text: an invite code is as good as a key until it is used."""
    if START.match(text) and " " in text:
        return f"/start {HIDDEN}"
    return HIDDEN if read_code(text) else text


def _press(chat: str, pressed: Pressed) -> Incoming:
    return Incoming(
        platform="web", chat=chat, event_id=f"{chat}:{pressed.id}", kind="press", data=pressed.data,
        message=pressed.message, lang=pressed.lang,
    )  # fmt: skip


def _attachment(item: dict[str, object]) -> Attachment:
    sha = str(item["sha"])
    return Attachment(
        kind="photo" if item["kind"] == "photo" else "file", ref=sha, sha=sha, name=str(item["name"]),
        mime=str(item["mime"]), size=int(str(item["size"])),
    )  # fmt: skip
