"""What a page sends and hears: stored first, confirmed after, once, and on all pages of the chat."""

import asyncio

import pytest

from models.content import Button, Card, MenuEntry, Place
from models.errors import StorageFailed
from tests.bot.platforms.web.site import unbind


async def test_message_is_handed_over_and_confirmed(site, lin):
    assert await lin.says("靠山加油站 消防通道被堵", "id-00001") == {"t": "ack", "id": "id-00001"}
    [incoming] = site.received
    assert (incoming.platform, incoming.chat, incoming.text) == ("web", lin.chat, "靠山加油站 消防通道被堵")
    assert incoming.event_id == f"{lin.chat}:id-00001"


async def test_message_sent_again_stands_once(site, lin):
    for _ in range(3):
        assert (await lin.says("到", "id-00001"))["t"] == "ack"
    assert len({incoming.event_id for incoming in site.received}) == 1
    assert await lin.words() == ["你好", "到"]


async def test_message_is_not_confirmed_before_the_inbox_has_it(site, lin):
    site.refuses = StorageFailed("disk full")
    answer = await lin.says("到", "id-00001")
    assert (answer["t"], answer["again"]) == ("refused", 5)
    assert await lin.words() == ["你好"]  # a page drops its own copy of whatever stands in the history
    site.refuses = None
    assert (await lin.says("到", "id-00001"))["t"] == "ack"
    assert [incoming.text for incoming in site.received] == ["到"]
    assert await lin.words() == ["你好", "到"]


async def test_very_late_repeat_is_only_confirmed(site, lin, clock):
    await lin.says("到", "id-00001")
    site.received.clear()
    clock.advance(days=7)  # the inbox has forgotten its ids by now
    assert (await lin.says("到", "id-00001"))["t"] == "ack"
    assert site.received == []


async def test_place_comes_along(site, lin):
    await lin.says("", place={"lat": 30.53, "lon": 118.21})
    assert site.received[-1].place == Place(30.53, 118.21)


async def test_time_of_writing_is_believed_only_if_past(site, lin, clock):
    await lin.says("离线时写的", at="2026-11-23T08:30:00+08:00")
    assert site.received[-1].sent_at.isoformat() == "2026-11-23T00:30:00+00:00"
    await lin.says("未来", at="2030-01-01T00:00:00+08:00")
    assert site.received[-1].sent_at == clock()


async def test_pressed_button_is_handed_over(site, lin):
    message = await site.shows(lin.chat, Card(lines=("提交吗",), buttons=((Button("提交", "h:1:submit"),),)))
    assert (await lin.presses(message, "h:1:submit"))["t"] == "ack"
    pressed = site.received[-1]
    assert (pressed.kind, pressed.data, pressed.message) == ("press", "h:1:submit", message)


@pytest.mark.parametrize("fields", [{"text": ""}, {"text": "  \n"}, {}], ids=["empty", "blank", "missing"])
async def test_empty_message_is_refused_in_words(site, lin, fields):
    answer = await lin.sends({"t": "send", **fields})
    assert (answer["t"], answer["again"]) == ("refused", 0)
    assert "消息是空的" in answer["text"]
    assert site.received == []


async def test_hostile_characters_are_taken_out(site, lin):
    await lin.says("危\x00险\ud800\x1b[31m")
    assert site.received[-1].text == "危险?[31m"


WRONG = [
    [], "text", {"t": "send", "id": "x"}, {"t": "send", "id": "id-00001", "text": 5}, {"t": "dance", "id": "id-00001"},
    {"t": "send", "id": "id-00001", "text": "x" * 8001}, {"t": "send", "id": "id-00001", "uploads": "u"},
    {"t": "send", "id": "id-00001", "place": {"lat": 91, "lon": 0}}, {"t": "send", "id": "../../../etc", "text": "x"},
    {"t": "press", "id": "id-00001", "message": "1; drop", "data": "a"},
    {"t": "press", "id": "id-00001", "message": "9" * 40, "data": "a"},
    {"t": "press", "id": "id-00001", "message": "²", "data": "a"},
    {"t": "press", "id": "id-00001", "message": "1", "data": "险" * 22},
]  # fmt: skip


@pytest.mark.parametrize("frame", WRONG, ids=str)
async def test_wrong_frame_is_refused(site, lin, frame):
    answer = await lin.post("api/send", json=frame)
    assert answer.status == 400
    assert site.received == []


async def test_socket_begins_with_state_and_page(site, lin):
    async with lin.socket() as line:
        state = await line.hears("state")
        page = await line.hears("page")
    assert (state["name"], state["lang"], state["zone"]) == ("林晓梅", "zh", "Asia/Shanghai")
    assert [message["body"]["lines"] for message in page["messages"]] == [["你好"]]


async def test_card_arrives_at_once_on_all_pages(site, lin):
    async with lin.socket() as one, lin.socket() as two:
        await asyncio.gather(one.hears("page"), two.hears("page"))
        await site.shows(lin.chat, "有新通知")
        for line in (one, two):
            [message] = (await line.hears("changes"))["messages"]
            assert message["body"]["lines"] == ["有新通知"]


async def test_what_one_page_says_stands_on_the_other(site, lin):
    async with lin.socket() as one, lin.socket() as two:
        await two.hears("page")
        await one.says({"t": "send", "id": "id-00001", "text": "到"})
        assert (await one.hears("ack"))["id"] == "id-00001"
        [message] = (await two.hears("changes"))["messages"]
    assert (message["from"], message["cid"]) == ("in", "id-00001")


async def test_edited_card_changes_in_place(site, lin):
    ident = await site.shows(lin.chat, "待接收")
    async with lin.socket() as line:
        await line.hears("page")
        await site.shows(lin.chat, "整改中", "edit", ident)
        [message] = (await line.hears("changes"))["messages"]
    assert (str(message["id"]), message["body"]["lines"]) == (ident, ["整改中"])
    assert message["edited"]


async def test_moved_card_goes_from_its_old_place(site, lin):
    ident = await site.shows(lin.chat, "草稿")
    async with lin.socket() as line:
        await line.hears("page")
        await site.shows(lin.chat, "草稿", "move", ident)
        gone, fresh = (await line.hears("changes"))["messages"]
    assert gone == {"id": int(ident), "rev": gone["rev"], "gone": True}
    assert fresh["body"]["lines"] == ["草稿"]


async def test_page_that_was_away_catches_up(site, lin):
    _state, page = await lin.news()
    for number in range(120):
        await site.shows(lin.chat, str(number))
    seen = []
    async with lin.socket(since=page["rev"]) as line:
        while len(seen) < 120:
            seen += [message["body"]["lines"][0] for message in (await line.hears("changes"))["messages"]]
    assert seen == [str(number) for number in range(120)]


async def test_menu_comes_with_the_state(site, lin):
    async with lin.socket() as line:
        assert (await line.hears("state"))["menu"] == []
        await site.shows(lin.chat, Card(menu=(MenuEntry("report", "上报隐患"),)))
        assert (await line.hears("state"))["menu"] == [{"name": "report", "help": "上报隐患"}]


async def test_unbound_browser_is_a_stranger_again(site, lin, clock):
    await site.shows(lin.chat, "林的待办")
    async with lin.socket() as line:
        bound = await line.hears("state")
        await line.hears("page")
        await site.store.write(lambda session: unbind(session, lin.chat, clock()))
        await site.platform._hub.look()
        state = await line.hears("state")
        assert (bound["name"], state["name"], state["who"]) == ("林晓梅", "", "")
        await line.says({"t": "hello", "since": None})
        assert [m["body"]["lines"] for m in (await line.hears("page"))["messages"]] == [["你好"]]


async def test_other_process_of_the_database_is_heard(site, lin, media, clock):
    """Two processes, one database: what the second writes reaches the pages of the first."""
    from tests.bot.platforms.web.site import running

    async with running(site.store, media, clock) as other, lin.socket() as line:
        await line.hears("page")
        await other.shows(lin.chat, "来自另一个进程")
        await site.platform._hub.look()
        [message] = (await line.hears("changes"))["messages"]
    assert message["body"]["lines"] == ["来自另一个进程"]


async def test_wrong_frame_closes_the_socket(site, lin):
    async with lin.socket() as line:
        await line.says({"t": "send", "id": "x"})
        assert await line.is_closed() == 1008


async def test_too_long_a_frame_closes_the_socket(site, lin):
    async with lin.socket() as line:
        await line.says({"t": "send", "id": "id-00001", "text": "x" * 70_000})
        assert await line.is_closed() == 1009


async def test_server_that_goes_says_so(site, lin):
    async with lin.socket() as line:
        await line.hears("page")
        await site.platform._close(site.app)
        assert await line.is_closed() == 1001


async def test_more_pages_than_anybody_opens_are_refused(site, lin):
    async with asyncio.TaskGroup():
        lines = [await lin.web.ws_connect(lin.url("api/socket"), headers={"Origin": lin.origin}) for _ in range(8)]
        answer = await lin.get("api/socket")
        assert answer.status == 429
        for line in lines:
            await line.close()
