"""Photos and files: uploaded under an id of the page's own, given out only to the chat whose messages carry them."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.platforms.web.desk import Desk
from bot.platforms.web.doors import Door
from bot.platforms.web.frames import IDENT, read_lang, show_refusal
from bot.platforms.web.sockets import ID_DIGITS, read_limited
from models.content import Picture
from models.errors import InvalidInput, NotFound, StorageFailed
from models.media import Variant
from models.sniff import MAX_BYTES
from models.texts import Line, Text, _, load_line
from models.webchat.chats import find_owner
from models.webchat.messages import access_attachment, access_message
from models.webchat.uploads import do_upload, find_upload

# The same address always has the same content: it holds its hash.
KEEP_FOR_GOOD = "private, max-age=31536000, immutable"
UPLOAD_S = 180  # 20 MB over a poor line; whoever is slower must not keep the others out.
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]')
# Shown as what they are when opened; anything else is only a download of bytes to the browser.
PLAIN_TYPES = frozenset(
    {
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/zip",
        "audio/mpeg",
        "audio/ogg",
        "audio/mp4",
    }
)


async def take_upload(desk: Desk, door: Door, request: web.Request) -> web.Response:
    """Keep one file (the raw body); the same id again gives the same answer without a second copy."""
    chat = desk.admit(request, door)
    upload_id, lang = request.query.get("id", ""), read_lang(dict(request.query))
    if not IDENT.fullmatch(upload_id):
        raise web.HTTPBadRequest

    def refuse(status: int, text: Text, again_s: float = 0) -> web.Response:
        return web.json_response(show_refusal(upload_id, text, lang, again_s=again_s), status=status)

    known = await desk.store.read(lambda session: find_upload(session, chat, upload_id))
    if known:
        return web.json_response({"t": "ack", "id": upload_id})
    owner = await desk.store.read(lambda session: find_owner(session, chat))
    if owner is None and not desk.strangers_may_upload:
        return refuse(403, _("请先用邀请码加入，再发照片或文件。"))
    if wait := desk.must_wait(request, chat, is_member=owner is not None):
        return refuse(429, _("发得太快了，稍后会自动重试。"), wait)
    try:
        async with desk.uploading if owner else desk.strangers_uploading, asyncio.timeout(UPLOAD_S):
            await _keep(desk, chat, upload_id, request, is_photo=owner is None or request.query.get("as") == "photo")
    except web.HTTPRequestEntityTooLarge:
        return refuse(413, _("文件超过{size}MB，发不了。", size=MAX_BYTES // 1024 // 1024))
    except InvalidInput as refusal:
        return refuse(422, refusal.text)
    except TimeoutError:
        return refuse(408, _("网络太慢，稍后会自动重试。"), 5)
    except StorageFailed:
        return refuse(503, _("暂时无法保存，稍后会自动重试。"), 5)
    return web.json_response({"t": "ack", "id": upload_id})


async def _keep(desk: Desk, chat: str, upload_id: str, request: web.Request, *, is_photo: bool) -> None:
    data = await read_limited(request, MAX_BYTES)
    name = clean_name(request.query.get("name", ""))
    keep = desk.media.keep if is_photo else desk.media.keep_any
    kept = await keep(data, name=name)
    now = desk.clock()
    await desk.store.write(lambda session: do_upload(session, chat, upload_id, kept, name=name, now=now))


async def give_picture(desk: Desk, door: Door, request: web.Request) -> web.StreamResponse:
    """Give the thumbnail or the copy of a photo that a message of this chat carries; never the original.

    A photo of a case is given with its watermark, which is drawn when the first person opens it.
    """
    variant: Variant = "thumb" if request.match_info["variant"] == "thumb" else "copy"
    item = await _find(desk, door, request)
    if item["kind"] != "photo":
        raise web.HTTPNotFound
    headers = {"Content-Type": "image/jpeg", "Content-Disposition": "inline"}
    if "pair" in item:
        return await _give_pair(desk, Picture.from_json(item["pair"]), headers, is_small=variant == "thumb")
    lines = [load_line(line) for line in item.get("mark", ())]
    if variant == "copy" and lines:
        return await _give_marked(desk, str(item["sha"]), lines, headers)
    return _give(desk, str(item["sha"]), variant, headers)


async def give_file(desk: Desk, door: Door, request: web.Request) -> web.StreamResponse:
    """Give a file that a message of this chat carries, as a download."""
    item = await _find(desk, door, request)
    if item["kind"] != "file":
        raise web.HTTPNotFound
    mime = str(item["mime"])
    headers = {
        "Content-Type": mime if mime in PLAIN_TYPES else "application/octet-stream",
        "Content-Disposition": show_disposition(str(item["name"])),
    }
    return _give(desk, str(item["sha"]), "original", headers)


async def give_qr(desk: Desk, door: Door, request: web.Request) -> web.Response:
    """Draw a QR code of a message of this chat; it is drawn each time and lies in no store."""
    chat = desk.admit(request, door)
    message_id, number = _message_id(request), int(request.match_info["number"])
    try:
        body = await desk.store.read(lambda session: access_message(session, chat, message_id).body)
        text = body.get("qr", [])[number]
    except (NotFound, IndexError):
        raise web.HTTPNotFound from None
    return web.Response(body=await desk.media.render_qr(text), content_type="image/png")


def clean_name(name: str) -> str:
    """Make a file name that is only a name: no path, no control or direction marks, not endless."""
    cleaned = UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, ending = cleaned.rpartition(".")
    return f"{stem[:80]}.{ending[:12]}" if dot and stem else cleaned[:80]


def show_disposition(name: str) -> str:
    """Give the header that names a download. Source: RFC 6266, with a plain name for old browsers."""
    name = clean_name(name) or "file"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _find(desk: Desk, door: Door, request: web.Request) -> dict[str, Any]:
    chat = desk.admit(request, door)
    message_id, sha = _message_id(request), request.match_info["sha"]
    try:
        return await desk.store.read(lambda session: access_attachment(session, chat, message_id, sha))
    except NotFound:
        raise web.HTTPNotFound from None


def _message_id(request: web.Request) -> int:
    value = request.match_info["message"]
    if len(value) > ID_DIGITS:
        raise web.HTTPNotFound
    return int(value)


async def _give_marked(desk: Desk, sha: str, lines: list[Line], headers: dict[str, str]) -> web.FileResponse:
    try:
        path = await desk.media.mark(sha, lines)
    except NotFound:
        raise web.HTTPNotFound from None
    return web.FileResponse(path, headers={**headers, "Cache-Control": KEEP_FOR_GOOD})


async def _give_pair(desk: Desk, picture: Picture, headers: dict[str, str], *, is_small: bool) -> web.FileResponse:
    try:
        path = await desk.media.pair(picture, is_small=is_small)
    except NotFound:
        raise web.HTTPNotFound from None
    return web.FileResponse(path, headers={**headers, "Cache-Control": KEEP_FOR_GOOD})


def _give(desk: Desk, sha: str, variant: Variant, headers: dict[str, str]) -> web.FileResponse:
    try:
        path = desk.media.path(sha, variant)
    except NotFound:
        raise web.HTTPNotFound from None
    return web.FileResponse(path, headers={**headers, "Cache-Control": KEEP_FOR_GOOD})
