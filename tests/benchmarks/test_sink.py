"""The canned Bot API server keeps a queue as the real one does, and lets people act as scripted."""

import asyncio
import json

import pytest

from benchmarks.sink import Connection, World


class Wire:
    """What was written to a connection."""

    def __init__(self):
        self.answers = []

    def write(self, data):
        head, _blank, body = data.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        self.answers.append(json.loads(body))


@pytest.fixture
def world():
    return World(latency_s=0)


@pytest.fixture
def wire(world):
    wire = Wire()
    wire.connection = Connection(world)
    wire.connection.connection_made(wire)
    return wire


def ask(wire, path, body=None):
    data = json.dumps(body).encode() if body is not None else b""
    head = f"POST /bot1:x/{path} HTTP/1.1\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    wire.connection.data_received(head + data)
    return wire.answers[-1] if wire.answers else None


def texts(answer):
    return [update["message"]["text"] for update in answer["result"]]


def test_update_stays_until_it_is_confirmed(world, wire):
    world.load({"7": [{"text": "一"}, {"text": "二"}]}, ahead=True)
    first = ask(wire, "getUpdates")
    assert texts(first) == texts(ask(wire, "getUpdates")) == ["一", "二"]
    assert texts(ask(wire, f"getUpdates?offset={first['result'][0]['update_id'] + 1}")) == ["二"]


async def test_held_poll_is_answered_when_something_comes(world, wire):
    assert ask(wire, "getUpdates?timeout=10") is None
    world.load({"7": [{"text": "一"}]}, ahead=True)
    assert texts(wire.answers[-1]) == ["一"]


def test_next_turn_follows_the_answer(world, wire):
    world.load({"7": [{"text": "一"}, {"text": "二", "shows": 2}, {"text": "三"}]}, ahead=False)
    seen = []
    for _answer in range(4):
        seen.append(texts(ask(wire, "getUpdates"))[-1])
        ask(wire, "sendMessage", {"chat_id": 7, "text": "x"})
    assert seen == ["一", "二", "二", "三"]
    assert world.left == 0


def test_person_presses_what_the_card_offers(world, wire):
    keyboard = {"inline_keyboard": [[{"text": "提交", "callback_data": "draft:1:submit"}]]}
    world.load({"7": [{"text": "一"}, {"press": "提交"}]}, ahead=False)
    ask(wire, "sendMessage", {"chat_id": 7, "text": "x", "reply_markup": keyboard})
    assert ask(wire, "getUpdates")["result"][-1]["callback_query"]["data"] == "draft:1:submit"


def test_request_in_pieces_is_put_together(world, wire):
    world.load({"7": [{"text": "一"}]}, ahead=True)
    request = b"POST /bot1:x/getUpdates HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"
    for start in range(0, len(request), 7):
        wire.connection.data_received(request[start : start + 7])
    assert texts(wire.answers[0]) == ["一"]


def test_button_that_must_go_first_is_pressed_first(world, wire):
    world.load({"7": [{"text": "一"}, {"press": "提交", "instead": "仍要新建"}]}, ahead=False)
    for offered, pressed in (("仍要新建", "draft:1:new"), ("提交", "draft:1:submit")):
        keys = [[{"text": offered, "callback_data": pressed}]]
        ask(wire, "sendMessage", {"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": keys}})
        assert ask(wire, "getUpdates")["result"][-1]["callback_query"]["data"] == pressed


async def test_timed_turns_come_at_their_moments_and_never_two_at_once(world, wire):
    world.load({"7": [{"text": "一", "kind": "text"}, {"text": "二"}]}, every_s=0.001)
    await asyncio.sleep(0.02)
    assert texts(ask(wire, "getUpdates")) == ["一"]
    ask(wire, "sendMessage", {"chat_id": 7, "text": "x"})
    await asyncio.sleep(0.02)
    assert texts(ask(wire, "getUpdates")) == ["一", "二"]
    assert [kind for kind, _seconds in world.waits_s] == ["text"]


def test_file_is_found_by_its_id_and_made_different(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"photo")
    world = World(latency_s=0, files=tmp_path)
    assert [world.file(ident) for ident in ("a.jpg", "a.jpg#7")] == [b"photo", b"photo#7"]


def test_album_is_answered_with_as_many_messages(wire):
    media = json.dumps([{"type": "photo", "media": "attach://a"}, {"type": "photo", "media": "attach://b"}])
    assert len(ask(wire, "sendMediaGroup", {"chat_id": 7, "media": json.loads(media)})["result"]) == 2
