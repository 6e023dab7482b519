"""Updates reach the inbox before Telegram is told so: by polling and through the webhook."""

import asyncio
import io
import logging
import random

import aiohttp
import pytest
import yarl
from aiohttp import web

from bot.platforms.telegram import TelegramConfig, TelegramPlatform
from models.content import say
from tests.bot.platforms.telegram_parts import Inbox, Shelf, make_platform, out, running
from tests.telegram_server import TOKEN, TelegramServer

SECRET = "correct-horse-battery"


@pytest.fixture
async def server():
    async with TelegramServer() as running_server:
        running_server.webhook.retry_unit_s = 0.001
        yield running_server


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def lin(server):
    return server.phone("林")


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("bot.platforms.telegram.poll.FIRST_PAUSE_S", 0.001)


async def calm(server, condition):
    assert await server.world.wait_for(condition, 10)


# Polling ---------------------------------------------------------------------------------------------------
async def test_messages_arrive_in_batches(server, inbox, lin):
    for number in range(120):
        await lin.sends(str(number))
    async with running(server, inbox) as platform:
        await inbox.has(120)
        assert platform.ready
    assert (inbox.texts(), inbox.batches) == ([str(number) for number in range(120)], 2)


async def test_batch_is_confirmed_only_after_the_inbox_has_it(server, inbox, lin):
    held = asyncio.Event()

    class Slow(Inbox):
        async def receive(self, batch):
            await super().receive(batch)
            await held.wait()

    slow = Slow()
    await lin.sends("一")
    async with running(server, slow):
        await slow.has(1)
        assert len(server.world.updates.pending) == 1
    # The process ended before the commit was through: the next one gets the message again.
    async with running(server, inbox):
        await inbox.has(1)
        await lin.sends("二")
        await inbox.has(2)
        await calm(server, lambda: server.world.updates.confirmed_below > int(inbox.events[0].event_id))
    assert inbox.texts() == ["一", "二"]


async def test_batch_that_cannot_be_stored_comes_again(server, inbox, lin):
    inbox.fail = 3
    await lin.sends("一")
    async with running(server, inbox):
        await inbox.has(1)
    assert inbox.texts() == ["一"]


async def test_polling_goes_on_after_failures(server, inbox, lin):
    for kind in ("502", "lost", "drop", "429"):
        server.faults.add(method="getUpdates", kind=kind, retry_after_s=0)
    await lin.sends("一")
    async with running(server, inbox) as platform:
        await inbox.has(1)
        assert platform.ready


async def test_conflict_is_said_once_and_polling_goes_on(server, inbox, lin, caplog, monkeypatch):
    monkeypatch.setattr("bot.platforms.telegram.poll.CONFLICT_PAUSE_S", 0.01)
    for _ in range(3):
        server.faults.add(method="getUpdates", kind="409")
    await lin.sends("一")
    async with running(server, inbox) as platform:
        await inbox.has(1)
        assert platform.ready
    said = [record for record in caplog.records if "another process polls" in record.message]
    assert len(said) == 1


async def test_whoever_is_pushed_aside_is_not_ready(server, inbox, caplog):
    async with running(server, inbox, long_poll_s=30) as first:
        await calm_poll(server)
        async with running(server, Inbox()) as second:
            async with asyncio.timeout(5):
                while first.ready or not second.ready:
                    await asyncio.sleep(0)
            assert not first._receiving.done()


async def calm_poll(server):
    async with asyncio.timeout(5):
        while server.world.updates._poll is None:
            await asyncio.sleep(0)


async def silence(server):
    """Everything is confirmed, a poll ends without updates, and the next one asks for whatever there is."""
    updates = server.world.updates
    async with asyncio.timeout(5):
        while updates.confirmed_below <= 1001 or updates._last_poll[0] != 0:
            if updates.confirmed_below > 1001:
                updates.wake()
            await asyncio.sleep(0)


async def test_platform_can_start_again(server, inbox, lin):
    platform = make_platform(server)
    for text in "一二":
        await platform.start(inbox.receive)
        await lin.sends(text)
        await inbox.has(len(inbox.events) + (text not in inbox.texts()))
        await platform.stop()
        assert not platform.ready
    assert inbox.texts() == ["一", "二"]


async def test_unreadable_update_holds_up_nobody(server, inbox, lin):
    server.world.updates.push("message", {"chat": "nonsense"}, chat=1)
    await lin.sends("一")
    async with running(server, inbox):
        await inbox.has(1)
        await lin.sends("二")
        await inbox.has(2)
    assert inbox.texts() == ["一", "二"]


async def test_update_twice_has_one_event_id(server, inbox, lin):
    server.faults.add(kind="dup")
    await lin.sends("一")
    async with running(server, inbox):
        await inbox.has(1)
        await lin.sends("二")
        await inbox.has(2)
    assert inbox.texts() == ["一", "二"]


async def test_ready_soon_although_nobody_writes(server, inbox):
    async with running(server, inbox, long_poll_s=50) as platform:
        await calm_poll(server)
        assert platform.ready


async def test_telegram_may_come_back_later(server, inbox, lin):
    server.faults.add(method="getMe", kind="502", times=2)
    server.faults.add(method="deleteWebhook", kind="lost")
    async with running(server, inbox):
        await lin.sends("一")
        await inbox.has(1)


async def test_update_ids_may_start_again_anywhere(server, inbox, lin):
    async with running(server, inbox, long_poll_s=1):
        await lin.sends("一")
        await inbox.has(1)
        await silence(server)
        server.world.updates._next_id = 5
        await lin.sends("二")
        await inbox.has(2)
    assert inbox.texts() == ["一", "二"]


async def test_start_waits_for_nobody_when_telegram_is_away(inbox, lin):
    platform = TelegramPlatform(TelegramConfig(TOKEN, "http://127.0.0.1:9"), Shelf())
    await platform.start(inbox.receive)
    assert (platform.ready, await platform.link("x")) == (False, None)
    await platform.stop()


# Buttons and groups ----------------------------------------------------------------------------------------
async def test_pressed_button_never_keeps_spinning(server, inbox, lin):
    async with running(server, inbox) as platform:
        await lin.sends("x")
        tap = lin.presses(lin.chat.messages[max(lin.chat.messages)], "hazard:1:close")
        assert await tap.answered() == ""
        assert (platform.ready, inbox.events[-1].data) == (True, "hazard:1:close")


async def test_press_is_stored_before_it_is_answered(server, inbox, lin):
    inbox.fail = 10**6
    message = await lin.sends("x")
    async with running(server, inbox):
        tap = lin.presses(message, "hazard:1:close")
        await calm_failures(inbox)
        assert tap._press.answer is None


async def calm_failures(inbox):
    before = inbox.fail
    async with asyncio.timeout(5):
        while inbox.fail > before - 3:
            await asyncio.sleep(0)


async def test_group_gets_one_polite_sentence_and_nothing_else(server, inbox, lin):
    group = server.group("工作群")
    async with running(server, inbox):
        for text in ("/start", "/report", "在吗"):
            await lin.sends(text, chat=group)
        await lin.sends("私聊")
        await inbox.has(1)
        await calm(server, lambda: bool(server.record.of(group.id)))
    assert (inbox.texts(), len(server.record.of(group.id, "sendMessage"))) == (["私聊"], 1)


async def test_strangers_find_start_in_the_menu(server, inbox, lin):
    async with running(server, inbox):
        await calm(server, lambda: len(server.world.commands) == 2)
    assert list(lin.commands) == ["start"]


# Webhook ---------------------------------------------------------------------------------------------------
@pytest.fixture
async def hook(server, inbox):
    """A running webhook; `hook.url` is where it listens."""
    runner_app = web.Application()
    platform = make_platform(server, mode="webhook", webhook_url="http://127.0.0.1:0/telegram", webhook_secret=SECRET)
    platform.mount(runner_app, inbox.receive)
    runner = web.AppRunner(runner_app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield platform, f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    await platform.stop()
    await server.webhook.stop()
    await runner.cleanup()


async def opened(hook, inbox):
    platform, url = hook
    object.__setattr__(platform._config, "webhook_url", url)
    await platform.start(inbox.receive)
    return platform


async def test_webhook_delivers_in_order_through_failures(server, hook, inbox, lin):
    platform = await opened(hook, inbox)
    inbox.fail = 3
    for number in range(20):
        await lin.sends(str(number))
    await inbox.has(20)
    assert (inbox.texts(), platform.ready) == ([str(number) for number in range(20)], True)


async def test_webhook_is_set_when_telegram_comes_back(server, hook, inbox, lin):
    server.faults.add(method="setWebhook", kind="502", times=2)
    platform = await opened(hook, inbox)
    assert not platform.ready
    await lin.sends("一")
    await inbox.has(1)
    assert platform.ready


async def test_webhook_takes_forty_updates_in_any_order(hook, inbox):
    updates = [
        {
            "update_id": number,
            "message": {"message_id": number, "date": 1, "chat": {"id": 7, "type": "private"}, "text": str(number)}
            | {"from": {"id": 7, "is_bot": False, "first_name": "林"}},
        }
        for number in range(40)
    ]
    random.Random(5).shuffle(updates)
    async with aiohttp.ClientSession(headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}) as http:
        answers = await asyncio.gather(*(http.post(hook[1], json=update) for update in [*updates, *updates[:10]]))
    assert {answer.status for answer in answers} == {200}
    assert sorted(map(int, inbox.texts())) == list(range(40))


KNOCKS = [
    ({}, b"{}", 403),
    ({"X-Telegram-Bot-Api-Secret-Token": "wrong"}, b"{}", 403),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET * 100}, b"{}", 403),
    ({"X-Telegram-Bot-Api-Secret-Token": "密".encode().decode("latin-1")}, b"{}", 403),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"{}", 400),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"[1]", 400),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"\xff", 400),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b'{"update_id": 1}', 200),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, io.BytesIO(b"0" * (1024 * 1024 + 1)), 413),
]


@pytest.mark.parametrize(("headers", "body", "status"), KNOCKS)
async def test_webhook_opens_to_telegram_only(hook, inbox, headers, body, status):
    async with aiohttp.ClientSession() as http, http.post(hook[1], data=body, headers=headers) as answer:
        assert (answer.status, await answer.text()) == (status, "")
    assert inbox.events == []


async def test_secret_that_is_no_text_is_a_wrong_one(hook, inbox):
    url = yarl.URL(hook[1])
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-Telegram-Bot-Api-Secret-Token: "
    writer.write(head.encode() + b"\xff\xfe\r\n\r\n{}")
    assert b" 403 " in await reader.readline()
    writer.close()


async def test_webhook_says_500_until_the_inbox_takes_it(hook, inbox, lin):
    inbox.fail = 1
    body = {"update_id": 1, "message": (await lin.sends("一")).to_json()}
    async with aiohttp.ClientSession(headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}) as http:
        statuses = [(await http.post(hook[1], json=body)).status for _ in range(2)]
    assert (statuses, inbox.texts()) == ([500, 200], ["一"])


def test_webhook_needs_a_secret(server):
    platform = make_platform(server, mode="webhook", webhook_url="https://example.org/telegram")
    with pytest.raises(ValueError, match="TELEGRAM_WEBHOOK_SECRET"):
        platform.mount(web.Application(), None)


def test_polling_mounts_nothing(server):
    app = web.Application()
    make_platform(server).mount(app, None)
    assert list(app.router.routes()) == []


# Secrets ---------------------------------------------------------------------------------------------------
async def test_token_is_in_no_log_and_no_repr(server, inbox, lin, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram").setLevel(logging.NOTSET)
    server.faults.add(method="getUpdates", kind="lost")
    server.faults.add(method="sendMessage", kind="drop")
    async with running(server, inbox) as platform:
        await lin.sends("一")
        await inbox.has(1)
        with pytest.raises(Exception, match="no-answer") as failure:
            await platform.send(out(lin, say("x")))
        seen = [repr(platform), repr(platform._bot), repr(platform._config), caplog.text]
        seen += [repr(error) for error in (failure.value, failure.value.__cause__)]
    assert not any(TOKEN in text or TOKEN.split(":")[1] in text for text in seen)
