"""The page's own line to the server, and the plain requests it falls back on where sockets do not get through."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import WSCloseCode, WSMsgType, web

from bot.platforms.web.desk import Desk
from bot.platforms.web.doors import Door
from bot.platforms.web.frames import Frame, WrongFrame, read_frame, read_since, show_page
from bot.platforms.web.hub import Connection, read_news
from models.session import Session
from models.webchat.chats import find_owner, load_state
from models.webchat.messages import list_latest

log = logging.getLogger(__name__)

FRAME_BYTES = 64 * 1024
PING_S = 25.0
LEAVE_S = 1.0  # For a page that takes no more: its last frame may wait in a full buffer.
REV_DIGITS, ID_DIGITS = 9, 18  # What fits the columns.


async def serve_socket(desk: Desk, door: Door, request: web.Request) -> web.WebSocketResponse:
    """Talk with one open page until it goes."""
    chat = desk.admit(request, door)
    socket = web.WebSocketResponse(heartbeat=PING_S, max_msg_size=FRAME_BYTES)
    connection = Connection(chat, socket.send_json)
    if not desk.hub.has_room(chat):
        raise web.HTTPTooManyRequests(headers={"Retry-After": "30"})
    with desk.hub.joined(connection):
        await socket.prepare(request)
        await _talk(desk, request, socket, connection)
    return socket


async def _talk(desk: Desk, request: web.Request, socket: web.WebSocketResponse, connection: Connection) -> None:
    pump = asyncio.create_task(connection.pump(desk.store, desk.zone))
    listening = asyncio.create_task(_listen(desk, request, socket, connection))
    going = asyncio.create_task(connection.must_go.wait())
    tasks = (pump, listening, going)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        connection.leave()
        listening.cancel()
        await asyncio.wait(tasks, timeout=LEAVE_S)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for error in results:
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            log.error("a page of the web chat was cut off", exc_info=error)
    await socket.close(code=WSCloseCode.GOING_AWAY)


async def _listen(desk: Desk, request: web.Request, socket: web.WebSocketResponse, connection: Connection) -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
            return
        try:
            answer = await _answer(desk, request, connection, read_frame(message.data))
        except WrongFrame:
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        if answer:
            await socket.send_json(answer)


async def _answer(desk: Desk, request: web.Request, connection: Connection, frame: Frame) -> Frame | None:
    if frame.get("t") == "hello":
        connection.greet(read_since(frame))
        return None
    if frame.get("t") == "ping":
        return {"t": "beat"}
    return await desk.take(request, connection.chat, frame, is_member=connection.is_member)


async def take_post(desk: Desk, door: Door, request: web.Request) -> web.Response:
    """Take one message or pressed button without a socket."""
    chat = desk.admit(request, door)
    try:
        frame = read_frame(await read_limited(request, FRAME_BYTES))
        owner = await desk.store.read(lambda session: find_owner(session, chat))
        return web.json_response(await desk.take(request, chat, frame, is_member=owner is not None))
    except WrongFrame:
        raise web.HTTPBadRequest from None


async def show_news(desk: Desk, door: Door, request: web.Request) -> web.Response:
    """Say what is new after `since` without a socket: the same frames, in a list."""
    chat = desk.admit(request, door)
    since = _number(request, "since", REV_DIGITS)
    state, news, more = await desk.store.read(lambda session: read_news(session, chat, since, desk.zone))
    return web.json_response({"frames": [state, news], "more": more})


async def show_older(desk: Desk, door: Door, request: web.Request) -> web.Response:
    """Give the messages that stand before message `before`."""
    chat = desk.admit(request, door)
    before = _number(request, "before", ID_DIGITS)

    def unit(session: Session) -> Frame:
        return show_page(list_latest(session, chat, load_state(session, chat), before=before))

    return web.json_response(await desk.store.read(unit))


async def read_limited(request: web.Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes. Raises: HTTPRequestEntityTooLarge: there is more."""
    too_large = web.HTTPRequestEntityTooLarge(limit, request.content_length or limit + 1)
    if (request.content_length or 0) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.content.iter_chunked(FRAME_BYTES):
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _number(request: web.Request, name: str, digits: int) -> int | None:
    value = request.query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= digits else None
