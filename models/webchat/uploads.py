"""Files that a page has uploaded for a message to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.errors import InvalidInput
from models.media import Kept, Media, do_record, find_media
from models.texts import _
from models.upsert import insert_new
from models.webchat.tables import WebUpload

UNUSED_LIFE = timedelta(days=7)  # A page that was composed offline may come back for its files this late.
NAME_CHARS = 128


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file as a message shows it; `size` in bytes, `width` and `height` in pixels (0: no picture)."""

    kind: Literal["photo", "file"]
    sha: str
    name: str
    mime: str
    size: int
    width: int
    height: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind, "sha": self.sha, "name": self.name, "mime": self.mime, "size": self.size,
            "width": self.width, "height": self.height,
        }  # fmt: skip


def do_upload(session: Session, chat: str, upload_id: str, kept: Kept, *, name: str, now: datetime) -> Upload:
    """Note a stored file under the page's id for it; the first one under an id stays."""
    do_record(session, kept, now=now)
    kind = "photo" if kept.kind == "picture" else "file"
    row = {
        "chat": chat, "upload_id": upload_id, "kind": kind, "sha": kept.sha, "name": name[:NAME_CHARS],
        "created_at": now,
    }  # fmt: skip
    insert_new(session, WebUpload, [row], key=("chat", "upload_id"))
    return access_uploads(session, chat, [upload_id])[0]


def find_upload(session: Session, chat: str, upload_id: str) -> Upload | None:
    """Give what the chat has uploaded under this id."""
    return _load(session, chat, [upload_id]).get(upload_id)


def access_uploads(session: Session, chat: str, upload_ids: Sequence[str]) -> list[Upload]:
    """Give the chat's uploads in the order asked for. Raises: InvalidInput: one of them is not there."""
    found = _load(session, chat, upload_ids)
    if any(upload_id not in found for upload_id in upload_ids):
        raise InvalidInput(_("有照片或文件没有传完，请重新发送。"))
    return [found[upload_id] for upload_id in upload_ids]


def do_forget_uploads(session: Session, *, now: datetime) -> None:
    """Forget which files were uploaded long ago; messages that show them keep them."""
    session.execute(delete(WebUpload).where(WebUpload.created_at < now - UNUSED_LIFE))


def describe(media: Media, *, name: str = "") -> Upload:
    """Say of a recorded file what a message shows."""
    kind: Literal["photo", "file"] = "photo" if media.kind == "picture" else "file"
    return Upload(kind, media.sha, name, media.mime, media.size, media.width, media.height)


def _load(session: Session, chat: str, upload_ids: Sequence[str]) -> dict[str, Upload]:
    rows = session.scalars(select(WebUpload).where(WebUpload.chat == chat, WebUpload.upload_id.in_(upload_ids))).all()
    media = find_media(session, [row.sha for row in rows])
    return {row.upload_id: describe(media[row.sha], name=row.name) for row in rows}
