"""A Bot API server that costs next to nothing, so that what is measured is the client: `python -m benchmarks.sink`.

It keeps real queues (an update stays until a later offset confirms it, an empty queue holds the poll open) and
answers everything else with canned results. It checks nothing; tests/telegram_server is the strict one. HTTP is
read by hand: a framework here would take the second core away from the bot.

    POST /control/load   {"scripts": {"CHAT": [turn, …]}, "ahead": bool, "pause_s": seconds, "every_s": seconds}; a
                         turn is {"text": …} or any field of a message, or {"press": "what the button says"}, and
                         may say how many messages answer it ("shows", default 1), what to press before if it is
                         offered ("instead"), and under which name it is counted ("kind"). `ahead`: all turns are
                         queued at once, chat by chat; `every_s`: one turn at these moments, chat by chat, whoever
                         has been answered; else the next one follows the answer to the one before, after a pause.
    GET  /control/state  {"left": answers still expected, "elapsed_s": from the load to the last answer, "calls",
                         "first_poll": when (monotonic clock) updates were first asked for, "last_call"}
    GET  /control/waits  [kind, seconds from the turn to its answer] for each answer
    GET  /control/said   [chat, text] of each message of the bot that is JSON or a form

Files come from the folder `--files`: the id `a.jpg#7` is the file a.jpg with "#7" after its end, so that a few files
make any number of different photos.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, unquote_plus, urlsplit

MAX_BATCH = 100
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
BOT = {"id": 110201543, "is_bot": True, "first_name": "sink", "username": "sink_bot"}
# JSON, a form and multipart alike: the name, a few signs, the number.
_CHAT = re.compile(rb"chat_id[^0-9-]{1,8}(-?\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_MESSAGE = re.compile(rb"message_id[^0-9]{1,8}(\d+)")
_SHOWS = ("sendmessage", "sendphoto", "senddocument", "editmessagetext", "editmessagemedia")
# The text in JSON, in a form, and in multipart.
_TEXT = re.compile(r'"text": ?"([^"]*)"|(?:^|&)text=([^&]*)|name="text"\r\n(?:[^\r]+\r\n)*\r\n([^\r]*)')
_MEDIUM = re.compile(r'"type": ?"photo"')
_FILE_ID = re.compile(rb'file_id"?[:=] ?"?([^"&]+)')


@dataclass(slots=True)
class Chat:
    """One person: what they will still do, and what they wait for."""

    id: int
    turns: deque[dict[str, Any]] = field(default_factory=deque)
    awaited: int = 0
    asked_at: float = 0.0
    kind: str = ""
    card: int = 0
    buttons: dict[str, str] = field(default_factory=dict)


class World:
    """The queue of updates, the people, and the clock readings."""

    def __init__(self, latency_s: float, files: Path | None = None) -> None:
        self.latency_s = latency_s
        self._files = files
        self.chats: dict[int, Chat] = {}
        self.updates: deque[tuple[int, str]] = deque()
        self.poller: tuple[Connection, asyncio.TimerHandle] | None = None
        self.calls: Counter[str] = Counter()
        self.waits_s: list[tuple[str, float]] = []
        self.said: list[tuple[int, str]] = []
        self.first_s = self.last_s = self.first_poll = self.last_call = 0.0
        self.left = 0
        self.pause_s = 0.0
        self._is_timed = False
        self._update_id = self._message_id = 1000

    def load(
        self,
        scripts: dict[str, list[dict[str, Any]]],
        *,
        ahead: bool = False,
        pause_s: float = 0.0,
        every_s: float = 0.0,
    ) -> None:
        """Begin a measurement."""
        self.pause_s, self._is_timed = pause_s, bool(every_s)
        self.calls.clear()
        self.waits_s.clear()
        self.said.clear()
        self.left = sum(turn.get("shows", 1) for turns in scripts.values() for turn in turns)
        self.first_s = self.last_s = time.monotonic()
        for name, turns in scripts.items():
            chat = self.chats.setdefault(int(name), Chat(int(name)))
            chat.turns.extend(turns)
        if every_s:
            self._tick(deque(self.chats[int(name)] for name in scripts), time.monotonic(), every_s)
            return
        longest = max(map(len, scripts.values())) if ahead else 1
        for _round in range(longest):
            for name in scripts:
                self.next_turn(self.chats[int(name)])
        self.wake()

    def _tick(self, waiting: deque[Chat], due: float, every_s: float) -> None:
        """Let the next person act who has been answered, and come back at the next moment."""
        free = next((chat for chat in waiting if not chat.awaited), None)
        if free is not None:
            waiting.remove(free)
            self.next_turn(free)
            self.wake()
            if free.turns:
                waiting.append(free)
        if waiting:
            due += every_s
            wait_s = max(0.0, due - time.monotonic())
            asyncio.get_running_loop().call_later(wait_s, self._tick, waiting, due, every_s)

    def next_turn(self, chat: Chat) -> None:
        """Let a person do the next thing of the script."""
        if not chat.turns:
            return
        turn = dict(chat.turns.popleft())
        if (before := turn.pop("instead", "")) in chat.buttons:
            chat.turns.appendleft(turn)
            turn = {"press": before, "kind": "press"}
            self.left += 1
        chat.awaited += turn.pop("shows", 1)
        chat.asked_at, chat.kind = time.monotonic(), turn.pop("kind", "")
        self._update_id += 1
        self.updates.append((self._update_id, json.dumps(self._update(chat, turn))))

    def _update(self, chat: Chat, turn: dict[str, Any]) -> dict[str, Any]:
        person = {"id": chat.id, "is_bot": False, "first_name": "p", "language_code": "zh-hans"}
        home = {"id": chat.id, "type": "private", "first_name": "p"}
        self._message_id += 1
        if label := turn.pop("press", ""):
            card = {"message_id": chat.card, "from": BOT, "chat": home, "date": int(time.time()), "text": "card"}
            query = {"id": str(self._update_id), "from": person, "chat_instance": "1", "message": card}
            return {"update_id": self._update_id, "callback_query": query | {"data": chat.buttons[label]}}
        message = {"message_id": self._message_id, "from": person, "chat": home, "date": int(time.time()), **turn}
        return {"update_id": self._update_id, "message": message}

    def wake(self) -> None:
        """Answer the poll that is held open."""
        if self.poller and self.updates:
            connection, timer = self.poller
            timer.cancel()
            self.poller = None
            connection.answer(self.batch())

    def batch(self) -> str:
        """The oldest updates, as a result."""
        return "[" + ",".join(body for _id, body in list(self.updates)[:MAX_BATCH]) + "]"

    def confirm(self, offset: int) -> None:
        """Forget what lies below the offset."""
        while self.updates and self.updates[0][0] < offset:
            self.updates.popleft()

    def shown(self, method: str, body: bytes) -> str:
        """Take a message of the bot; the canned result."""
        found = _CHAT.search(body)
        chat = self.chats.setdefault(int(found[1]), Chat(int(found[1]))) if found else Chat(0)
        edited = _MESSAGE.search(body) if method.startswith("edit") else None
        self._message_id += 1
        message_id = int(edited[1]) if edited else self._message_id
        if text := _TEXT.search(body.decode("utf-8", "replace")):
            self.said.append((chat.id, text[1] or unquote_plus(text[2] or "") or text[3] or ""))
        if b"callback_data" in body:
            chat.card, chat.buttons = message_id, _read_buttons(body)
        if chat.awaited:
            chat.awaited -= 1
            self._answered(chat)
        home = {"id": chat.id, "type": "private", "first_name": "p"}
        return json.dumps({"message_id": message_id, "from": BOT, "chat": home, "date": int(time.time()), "text": "x"})

    def album(self, body: bytes) -> str:
        """Take pictures that stand above a message; the canned result."""
        found = _CHAT.search(body)
        home = {"id": int(found[1]) if found else 0, "type": "private", "first_name": "p"}
        self._message_id += (count := len(_MEDIUM.findall(unquote_plus(body.decode("latin-1")))))
        made = range(self._message_id - count + 1, self._message_id + 1)
        return json.dumps([{"message_id": n, "from": BOT, "chat": home, "date": int(time.time())} for n in made])

    def _answered(self, chat: Chat) -> None:
        self.last_s = time.monotonic()
        self.left -= 1
        self.waits_s.append((chat.kind, self.last_s - chat.asked_at))
        if chat.awaited or not chat.turns or self._is_timed:
            return
        if self.pause_s:
            asyncio.get_running_loop().call_later(self.pause_s, self._go_on, chat)
        else:
            self._go_on(chat)

    def _go_on(self, chat: Chat) -> None:
        self.next_turn(chat)
        self.wake()

    def file(self, ident: str) -> bytes:
        """The bytes of a file by its id."""
        name, _sign, number = ident.partition("#")
        if self._files is None:
            raise ValueError("there are no files without --files")
        return (self._files / name).read_bytes() + (f"#{number}".encode() if number else b"")

    def state(self) -> dict[str, Any]:
        """What happened since `load`."""
        return {
            "left": self.left, "elapsed_s": self.last_s - self.first_s, "calls": self.calls,
            "first_poll": self.first_poll, "last_call": self.last_call,
        }  # fmt: skip


def _read_buttons(body: bytes) -> dict[str, str]:
    """Captions and data of an inline keyboard, in a JSON body or in a field of a form with files."""
    if body.startswith(b"{"):
        markup = json.loads(body).get("reply_markup") or {}
    else:
        at = body.index(b'{"inline_keyboard"')
        markup = json.loads(body[at : body.index(b"\r\n", at)])
    rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
    return {key["text"]: key.get("callback_data", "") for row in rows for key in row}


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _LENGTH.search(head)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < size:
                return
            body, self._buffer = self._buffer[end + 4 : size], self._buffer[size:]
            self._serve(head.split(b" ", 2)[1].decode(), body)

    def _serve(self, target: str, body: bytes) -> None:
        world, address = self._world, urlsplit(target)
        name = address.path.rpartition("/")[2].lower()
        if address.path.startswith("/control/"):
            if name == "load":
                world.load(**json.loads(body))
            told = {"waits": world.waits_s, "said": world.said}
            self._write(json.dumps(told[name] if name in told else world.state()))
            return
        if address.path.startswith("/file/"):
            self._send(world.file(unquote(name)), "application/octet-stream")
            return
        world.calls[name] += 1
        if name == "getupdates":
            world.first_poll = world.first_poll or time.monotonic()
            self._poll(parse_qs(address.query) or parse_qs(body.decode()))
            return
        world.last_call = time.monotonic()
        if name in _SHOWS:
            self._later(world.shown(name, body))
        elif name == "sendmediagroup":
            self._later(world.album(body))
        elif name == "getme":
            self._later(json.dumps(BOT))
        elif name == "getfile":
            found = _FILE_ID.search(body)
            ident = unquote_plus(found[1].decode()) if found else ""
            path = quote(ident, safe="")
            self._later(json.dumps({"file_id": ident, "file_unique_id": ident, "file_path": path}))
        else:
            self._later("true")

    def _poll(self, question: dict[str, list[str]]) -> None:
        self._world.confirm(int(question.get("offset", ["0"])[0]))
        if self._world.updates:
            self._later(self._world.batch())
            return
        wait_s = float(question.get("timeout", ["0"])[0])
        timer = asyncio.get_running_loop().call_later(wait_s, self._give_up)
        self._world.poller = (self, timer)

    def _give_up(self) -> None:
        self._world.poller = None
        self.answer("[]")

    def _later(self, result: str) -> None:
        if self._world.latency_s:
            asyncio.get_running_loop().call_later(self._world.latency_s, self.answer, result)
        else:
            self.answer(result)

    def answer(self, result: str) -> None:
        """Write `{"ok": true, "result": …}`."""
        self._write('{"ok":true,"result":' + result + "}")

    def _write(self, text: str) -> None:
        self._send(text.encode(), "application/json")

    def _send(self, body: bytes, kind: str) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def serve(port: int, latency_s: float, files: Path | None) -> None:
    """Serve until SIGTERM."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    world = World(latency_s, files)
    server = await loop.create_server(lambda: Connection(world), "127.0.0.1", port, backlog=512)
    print(f"listening http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--files", type=Path)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.latency_s, options.files))
