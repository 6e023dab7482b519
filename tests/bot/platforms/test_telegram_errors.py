"""Each refusal and each failure of Telegram → one kind of DeliveryError, and nothing else leaves the platform."""

import asyncio
import socket

import pytest

from bot.platforms.telegram import TelegramConfig, TelegramPlatform
from bot.platforms.telegram.request import find_proxy
from models.content import Attachment, Card, Picture, say
from models.errors import (
    BadCredentials,
    Moved,
    RecipientGone,
    Rejected,
    Throttled,
    Uncertain,
    Unfetchable,
    Unreachable,
)
from tests.bot.platforms.telegram_parts import Shelf, make_platform, out
from tests.telegram_server import TOKEN, TelegramServer


@pytest.fixture
async def server():
    async with TelegramServer() as running:
        yield running


@pytest.fixture
async def platform(server):
    made = make_platform(server, read_timeout_s=0.2)
    yield made
    await made.stop()


@pytest.fixture
def lin(server):
    return server.phone("林", known=True)


# kind of fault, its text → error, its code, whether it was sent (None: uncertain)
ROWS = [
    ("429", "", Throttled, "throttled", False),
    ("403", "bot was blocked by the user", RecipientGone, "blocked", False),
    ("403", "user is deactivated", RecipientGone, "deactivated", False),
    ("403", "bot was kicked from the group chat", RecipientGone, "kicked", False),
    ("403", "bot is not a member of the channel chat", RecipientGone, "kicked", False),
    ("403", "bot can't initiate conversation with a user", RecipientGone, "chat-not-found", False),
    ("403", "something that nobody has seen before", Unreachable, "forbidden", False),
    ("400", "chat not found", RecipientGone, "chat-not-found", False),
    ("400", "PEER_ID_INVALID", RecipientGone, "chat-not-found", False),
    ("400", "message is too long", Rejected, "message-is-too-long", False),
    ("400", "wrong parameter x: 林", Rejected, "wrong-parameter-x", False),
    ("409", "", Unreachable, "conflict", False),
    ("500", "", Uncertain, "no-answer", None),
    ("502", "", Uncertain, "no-answer", None),
    ("late", "", Uncertain, "no-answer", None),
    ("lost", "", Uncertain, "no-answer", None),
    ("drop", "", Uncertain, "no-answer", None),
]


@pytest.mark.parametrize(("kind", "text", "error", "code", "sent"), ROWS)
async def test_failed_send_says_what_it_means(server, platform, lin, kind, text, error, code, sent):
    server.faults.add(method="sendMessage", kind=kind, text=text, retry_after_s=9, seconds=30)
    with pytest.raises(error) as failure:
        await platform.send(out(lin, say("待整改")))
    assert (failure.value.code, failure.value.sent) == (code, sent)
    assert await platform.send(out(lin, say("第二次")))


async def test_throttled_carries_the_wait(server, platform, lin):
    server.faults.add(method="sendMessage", kind="429", retry_after_s=9)
    with pytest.raises(Throttled) as failure:
        await platform.send(out(lin, say("x")))
    assert failure.value.retry_after_s == 9


async def test_closed_port_means_not_sent():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    platform = TelegramPlatform(TelegramConfig(TOKEN, base), Shelf())
    async with TelegramServer() as server:
        with pytest.raises(Unreachable, match="no-connection"):
            await platform.send(out(server.phone("林"), say("x")))
    await platform.stop()


@pytest.mark.parametrize(("skip", "expected"), [("", "http://127.0.0.1:3128"), ("api.example.org", None)])
def test_proxy_of_the_environment_is_used(monkeypatch, skip, expected):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:3128")
    monkeypatch.setenv("no_proxy", skip)
    assert find_proxy("https://api.example.org") == expected


async def test_full_pool_means_not_sent(server, lin):
    platform = make_platform(server)
    platform._request._connections, platform._request._connect_s = 1, 0.05
    server.faults.add(method="sendMessage", kind="late", seconds=30)
    first = asyncio.create_task(platform.send(out(lin, say("一"))))
    await server.world.wait_for(lambda: len(server.record.rows) == 1, 5)
    with pytest.raises(Unreachable, match="no-connection"):
        await platform.send(out(lin, say("二")))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await platform.stop()


async def test_wrong_token_is_bad_credentials(server):
    config = TelegramConfig("999999999:" + "A" * 35, server.api_base)
    platform = TelegramPlatform(config, Shelf())
    with pytest.raises(BadCredentials):
        await platform.start(None)
    with pytest.raises(BadCredentials):
        await platform.send(out(server.phone("林"), say("x")))
    assert not platform.ready
    await platform.stop()


async def test_upgraded_group_is_moved(server, platform):
    group = server.group("工作群")
    new = server.migrate(group)
    with pytest.raises(Moved) as failure:
        await platform.send(out(group, say("x")))
    assert failure.value.address == str(new.id)


async def test_chat_that_is_no_number_is_gone(server, platform, lin):
    outgoing = out(lin, say("x"))
    with pytest.raises(RecipientGone):
        await platform.send(type(outgoing)("somebody", outgoing.card, outgoing.reader))


async def test_picture_that_is_not_in_the_store_is_rejected(platform, lin):
    with pytest.raises(Rejected, match="media-missing"):
        await platform.send(out(lin, Card("x", pictures=(Picture("nowhere"),))))


# Downloads -------------------------------------------------------------------------------------------------
async def incoming_file(phone, data=b"x"):
    message = await phone.sends_document(data, "x.txt")
    return Attachment("file", message.document.file_id)


async def test_file_is_fetched(platform, lin):
    assert await platform.fetch(await incoming_file(lin, b"abc")) == b"abc"


@pytest.mark.parametrize(
    ("method", "kind", "error"),
    [
        (None, "missing_media", "file-404"),
        (None, "slow_media", "no-answer"),
        ("getFile", "502", "no-answer"),
        ("getFile", "lost", "no-answer"),
    ],
)
async def test_failed_fetch_can_be_repeated(server, platform, lin, method, kind, error):
    attachment = await incoming_file(lin)
    server.faults.add(method=method, kind=kind, seconds=30)
    with pytest.raises(Unreachable, match=error):
        await platform.fetch(attachment)
    assert await platform.fetch(attachment) == b"x"


async def test_file_that_cannot_be_had_says_so(platform, lin):
    with pytest.raises(Unfetchable, match="gone"):
        await platform.fetch(Attachment("file", "no-such-id"))
    with pytest.raises(Unfetchable, match="too-big"):
        await platform.fetch(await incoming_file(lin, b"0" * (20 * 1024 * 1024 + 1)))
