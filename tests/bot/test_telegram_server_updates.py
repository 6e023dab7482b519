"""Updates leave the local Bot API server as they leave Telegram: by polling, or through a webhook."""

import asyncio

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict

from tests.bot.telegram_bot import stock_bot
from tests.telegram_server import TelegramPhone, TelegramServer

SECRET = "s3cret_-"


@pytest.fixture
async def server():
    async with TelegramServer() as running:
        running.webhook.retry_unit_s = 0.001
        yield running


@pytest.fixture
async def bot(server):
    async with stock_bot(server) as started:
        yield started


@pytest.fixture
def lin(server):
    return server.phone("林")


class Hook:
    """A webhook that answers with the given statuses, then 200, and remembers what came."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.seen: list[dict] = []
        self.secrets: set[str | None] = set()
        self.arrived = asyncio.Condition()
        self.hold = asyncio.Event()
        self.hold.set()

    async def serve(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.seen.append(await request.json())
        async with self.arrived:
            self.arrived.notify_all()
        await self.hold.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.seen) >= count)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.seen]


@pytest.fixture
async def hook(bot):
    hook = Hook()
    app = web.Application()
    app.router.add_post("/telegram", hook.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/telegram", secret_token=SECRET)
    yield hook
    hook.hold.set()
    await bot.delete_webhook()
    await runner.cleanup()


# Polling ---------------------------------------------------------------------------------------------------
async def test_offset_confirms_everything_below(bot: Bot, lin: TelegramPhone):
    for text in "一二三":
        await lin.sends(text)
    first = await bot.get_updates()
    again = await bot.get_updates(offset=first[1].update_id)
    assert [update.message.text for update in again] == ["二", "三"]
    assert [update.message.text for update in await bot.get_updates(offset=-1)] == ["三"]


async def test_unconfirmed_updates_come_again(bot: Bot, lin):
    await lin.sends("一")
    assert [u.update_id for u in await bot.get_updates()] == [u.update_id for u in await bot.get_updates()]


async def test_poll_waits_until_something_comes(bot: Bot, lin):
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.wait([poll], timeout=0.05)
    await lin.sends("来了")
    assert [update.message.text for update in await poll] == ["来了"]


async def test_same_offset_at_once_is_held(server: TelegramServer, bot: Bot, lin):
    assert await bot.get_updates(offset=7) == ()
    held = asyncio.create_task(bot.get_updates(offset=7))
    await asyncio.wait([held], timeout=0.05)
    assert not held.done()
    await lin.sends("好")
    assert len(await held) == 1


async def test_batch_has_at_most_the_limit(bot: Bot, lin):
    for number in range(120):
        await lin.sends(str(number))
    assert [len(await bot.get_updates(limit=limit)) for limit in (1, 100)] == [1, 100]


async def test_second_poller_ends_the_first_with_conflict(server: TelegramServer, bot: Bot):
    async with stock_bot(server) as other:
        first = asyncio.create_task(bot.get_updates(timeout=5))
        await asyncio.wait([first], timeout=0.05)
        second = asyncio.create_task(other.get_updates(timeout=5))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        server.world.updates.wake()
        assert await second == ()


async def test_only_wanted_kinds_are_queued(bot: Bot, lin):
    await bot.get_updates(allowed_updates=["callback_query"])
    await lin.sends("没人要")
    assert await bot.get_updates(offset=1, allowed_updates=[]) == ()
    await lin.sends("有人要")
    assert len(await bot.get_updates()) == 1


async def test_update_can_come_twice(server: TelegramServer, bot: Bot, lin):
    server.faults.add(kind="dup")
    await lin.sends("一")
    first = await bot.get_updates()
    second = await bot.get_updates(offset=first[0].update_id + 1)
    assert first[0].update_id == second[0].update_id


async def test_updates_can_come_out_of_order(server: TelegramServer, bot: Bot, lin):
    server.faults.add(kind="reorder", times=3)
    for text in "一二三":
        await lin.sends(text)
    assert [update.message.text for update in await bot.get_updates()] == ["三", "二", "一"]


# Webhook ---------------------------------------------------------------------------------------------------
async def test_polling_conflicts_with_a_webhook(bot: Bot, hook):
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url.endswith("/telegram")


async def test_webhook_gets_updates_with_the_secret(hook: Hook, lin):
    await lin.sends("一")
    await hook.has(1)
    assert (hook.texts(), hook.secrets) == (["一"], {SECRET})


async def test_webhook_keeps_the_order_of_a_chat_through_errors(server: TelegramServer, hook: Hook, lin):
    hook.statuses = [500, 502, 403]
    for text in "一二三":
        await lin.sends(text)
    await hook.has(6)
    assert hook.texts() == ["一", "一", "一", "一", "二", "三"]
    assert server.webhook.last_error.startswith("Wrong response from the webhook: 403")


async def test_slow_chat_holds_up_nobody_else(server: TelegramServer, hook: Hook, lin):
    chen = server.phone("陈")
    hook.hold.clear()
    await lin.sends("林一")
    await lin.sends("林二")
    await chen.sends("陈一")
    await hook.has(2)
    assert sorted(hook.texts()) == ["林一", "陈一"]


async def test_presses_do_not_wait_for_messages(bot: Bot, hook: Hook, lin):
    hook.hold.clear()
    message = await lin.sends("一")
    await hook.has(1)
    lin.presses(message, "h:1:close")
    await hook.has(2)
    assert hook.seen[1]["callback_query"]["data"] == "h:1:close"


async def test_webhook_can_get_updates_twice_and_out_of_order(server: TelegramServer, hook: Hook, lin):
    server.faults.add(kind="reorder", times=2)
    server.faults.add(kind="dup")
    for text in "一二三":
        await lin.sends(text)
    await hook.has(4)
    assert sorted(hook.texts()) == sorted("一二三三")
    assert hook.texts().index("二") < hook.texts().index("一")


async def test_pending_updates_survive_a_deleted_webhook(bot: Bot, hook: Hook, lin):
    hook.statuses = [500] * 1000
    await lin.sends("一")
    await hook.has(2)
    await bot.delete_webhook()
    assert [update.message.text for update in await bot.get_updates()] == ["一"]


async def test_secret_has_plain_characters(bot: Bot):
    with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
        await bot.set_webhook("https://example.org/x", secret_token="密")
