"""The fault list does what its lines say, and the record tells the truth about it."""

import asyncio
import json
import sys

import aiohttp
import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.bot.telegram_bot import stock_bot
from tests.telegram_server import TOKEN, RateLimits, TelegramServer


@pytest.fixture
async def server():
    async with TelegramServer() as running:
        yield running


@pytest.fixture
async def bot(server):
    async with stock_bot(server) as started:
        yield started


@pytest.fixture
def lin(server):
    return server.phone("林", number="+8613800000001", known=True)


# kind, what PTB makes of it, whether the person got the message
FAULTS = [
    ("ok", None, True),
    ("400", BadRequest, False),
    ("403", Forbidden, False),
    ("409", Conflict, False),
    ("429", RetryAfter, False),
    ("500", NetworkError, False),
    ("502", NetworkError, False),
    ("lost", NetworkError, False),
    ("drop", NetworkError, True),
    ("late", TimedOut, True),
]


@pytest.mark.parametrize(("kind", "error", "is_delivered"), FAULTS)
async def test_fault_hits_one_call(server: TelegramServer, lin, kind, error, is_delivered):
    server.faults.add(method="sendMessage", chat=lin.id, kind=kind, seconds=30)
    async with stock_bot(server, read_timeout_s=0.1) as bot:
        failure = None
        try:
            await bot.send_message(lin.id, "一")
        except TelegramError as caught:
            failure = type(caught)
        assert failure is error
        assert [row.fields["text"] for row in server.record.of(lin.id)] == ["一"] * is_delivered
        await bot.send_message(lin.id, "二")


async def test_429_says_how_long_to_wait(server: TelegramServer, bot: Bot, lin):
    fault = server.faults.add(method="sendMessage", kind="429", retry_after_s=7)
    with pytest.raises(RetryAfter) as later:
        await bot.send_message(lin.id, "x")
    assert (later.value.retry_after.total_seconds(), fault.hits) == (7, 1)


async def test_403_can_say_anything(server: TelegramServer, bot: Bot, lin):
    server.faults.add(kind="403", text="bot can't initiate conversation with a user")
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(lin.id, "x")


async def test_faults_come_in_their_order(server: TelegramServer, bot: Bot, lin):
    server.faults.add(kind="ok", method="sendMessage")
    server.faults.add(kind="403", method="sendMessage", times=2)
    outcomes = []
    for _ in range(4):
        try:
            await bot.send_message(lin.id, "x")
            outcomes.append("sent")
        except Forbidden:
            outcomes.append("refused")
    assert outcomes == ["sent", "refused", "refused", "sent"]


async def test_fault_of_one_chat_leaves_others_alone(server: TelegramServer, bot: Bot, lin):
    chen = server.phone("陈", known=True)
    server.faults.add(kind="502", chat=chen.id, times=None)
    await bot.send_message(lin.id, "x")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(chen.id, "x")


async def test_unknown_fault_is_refused(server: TelegramServer):
    with pytest.raises(ValueError, match="unknown fault 'gremlins'"):
        server.faults.add(kind="gremlins")


@pytest.mark.parametrize(("kind", "error"), [("missing_media", TelegramError), ("slow_media", TimedOut)])
async def test_download_can_fail(server: TelegramServer, lin, kind, error):
    message = await lin.sends_document(b"x", "x.txt")
    server.faults.add(kind=kind, seconds=30)
    async with stock_bot(server, read_timeout_s=0.1) as bot:
        file = await bot.get_file(message.document.file_id)
        with pytest.raises(error):
            await file.download_as_bytearray()
        assert bytes(await file.download_as_bytearray()) == b"x"


async def test_strict_limits_answer_429(lin):
    clock = [0.0]
    limits = RateLimits(chat_burst=2, clock=lambda: clock[0])
    async with TelegramServer(limits=limits, open_chats=True) as server, stock_bot(server) as bot:
        await bot.send_message(1, "x")
        await bot.send_message(1, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(1, "x")
        clock[0] += 1
        await bot.send_message(1, "x")
        assert limits.refused == 1


async def test_limit_over_all_chats_is_30_a_second():
    limits = RateLimits(clock=lambda: 0.0)
    async with TelegramServer(limits=limits, open_chats=True) as server, stock_bot(server) as bot:
        for chat in range(1, 31):
            await bot.send_message(chat, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(31, "x")


async def test_latency_is_a_round_trip():
    loop = asyncio.get_running_loop()
    async with TelegramServer(latency_s=0.05) as server, stock_bot(server) as bot:
        started = loop.time()
        await bot.get_me()
        assert loop.time() - started >= 0.05


# Phones ----------------------------------------------------------------------------------------------------
async def answer(bot: Bot, offset: int = 0) -> int:
    """A little bot: it echoes texts with a button and answers presses."""
    for update in await bot.get_updates(offset=offset, timeout=2):
        offset = update.update_id + 1
        if update.callback_query:
            await update.callback_query.answer("收到")
            await update.callback_query.edit_message_text("已确认")
        else:
            markup = {"inline_keyboard": [[{"text": "确认", "callback_data": "h:1:ok"}]]}
            await bot.send_message(update.message.chat_id, f"你说:{update.message.text}", reply_markup=markup)
    return offset


async def test_phone_sees_taps_and_sees_the_edit(bot: Bot, lin):
    await lin.sends("靠山加油站")
    offset = await answer(bot)
    await lin.sees("你说:靠山加油站")
    tap = await lin.taps("确认")
    await answer(bot, offset)
    assert await tap.answered() == "收到"
    assert (await lin.sees("已确认")).edited
    await lin.sees_no_more("你说")


async def test_phone_tells_what_it_saw_instead(bot: Bot, lin):
    await bot.send_message(lin.id, "别的")
    with pytest.raises(AssertionError, match="< 别的"):
        await lin.sees("销号", timeout_s=0.01)
    with pytest.raises(AssertionError, match="no button '提交'"):
        await lin.taps("提交", timeout_s=0.01)


async def test_phone_shares_its_number_by_the_keyboard(bot: Bot, lin):
    keyboard = {"keyboard": [[{"text": "分享手机号", "request_contact": True}]]}
    await bot.send_message(lin.id, "您是谁?", reply_markup=keyboard)
    assert lin.keyboard == [["分享手机号"]]
    await lin.taps("分享手机号")
    contact = (await bot.get_updates())[0].message.contact
    assert (contact.phone_number, contact.user_id) == (lin.number, lin.id)
    await bot.send_message(lin.id, "好", reply_markup={"remove_keyboard": True})
    assert lin.keyboard == []


async def test_album_is_one_group_of_messages(bot: Bot, lin):
    from tests.telegram_server.pictures import jpeg

    await lin.sends_album([jpeg(), jpeg(), jpeg()], "三张")
    messages = [update.message for update in await bot.get_updates()]
    assert len({message.media_group_id for message in messages}) == 1
    assert [message.caption for message in messages] == ["三张", None, None]


@pytest.mark.parametrize("wait_s", [0, 16])
async def test_press_is_answered_once_and_soon(wait_s):
    clock = [1_000_000.0]
    async with TelegramServer(now=lambda: clock[0]) as server, stock_bot(server) as bot:
        lin = server.phone("林")
        press = lin.presses(await lin.sends("x"), "h:1:ok")._press
        clock[0] += wait_s
        if wait_s == 0:
            await bot.answer_callback_query(press.id)
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
            await bot.answer_callback_query(press.id)


# As a process ----------------------------------------------------------------------------------------------
async def test_process_keeps_a_durable_record(tmp_path):
    path = tmp_path / "record.jsonl"
    command = [sys.executable, "-m", "tests.telegram_server", "--record", str(path), "--token", TOKEN]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        base = (await process.stdout.readline()).decode().split()[1]
        async with aiohttp.ClientSession(base) as http:
            await http.post("/control/phone/77", json={"do": "sends", "with": ["你好"], "name": "林"})
            await http.post("/control/fault", json={"kind": "429", "method": "sendMessage"})
            refused = await http.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 77, "text": "一"})
            await http.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 77, "text": "二"})
            record = await (await http.get("/control/record", params={"chat": 77})).json()
            screen = await (await http.get("/control/screen/77")).json()
            state = await (await http.get("/control/state")).json()
    finally:
        process.kill()
        await process.wait()
    assert (refused.status, [row["fields"]["text"] for row in record]) == (429, ["二"])
    assert ([row["text"] for row in screen], state["pending"]) == (["你好", "二"], 1)
    assert [json.loads(line)["seq"] for line in path.read_text("utf-8").splitlines()] == [1]
