"""Cards in a person's chat: new, changed in place, moved to the end; what Telegram got for it, word by word."""

import json

import pytest

from models.content import Button, Card, File, MenuEntry, Picture, say
from models.errors import Throttled, Unchangeable, Unreachable
from tests.bot.platforms.telegram_parts import EN, Shelf, make_platform, out
from tests.telegram_server import TelegramServer

CLOSE = ((Button("销号", "hazard:1:close"),),)
P1, P2, P3 = Picture("p1"), Picture("p2"), Picture("p3")
XLSX = File("xlsx", "台账.xlsx")


@pytest.fixture
async def server():
    async with TelegramServer() as running:
        yield running


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
async def platform(server, shelf):
    made = make_platform(server, shelf)
    yield made
    await made.stop()


@pytest.fixture
def lin(server):
    return server.phone("林", known=True, number="+8613800000001")


def screen(phone):
    return [(shown.text, shown.buttons, len(shown.photos), shown.document) for shown in phone.screen()]


async def test_card_is_exactly_this_request(server, platform, lin):
    await platform.send(out(lin, Card("YH-1", ("<待整改>",), buttons=CLOSE)))
    (row,) = server.record.rows
    fields = {name: json.loads(value) if value[0] in "{[" else value for name, value in row.fields.items()}
    assert (row.method, fields) == (
        "sendmessage",
        {
            "chat_id": str(lin.id),
            "text": "YH-1\n<待整改>",
            "entities": [{"type": "bold", "offset": 0, "length": 4}],
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [[{"text": "销号", "callback_data": "hazard:1:close"}]]},
        },
    )


NASTY = ["<b>", "</b>&amp;", "*_[]()~`>#+-=|{}.!", "\u202e反转", "@all /start", "\x00\x07", "👨‍👩‍👧", "林\r\n陈"]


@pytest.mark.parametrize("text", NASTY)
async def test_words_of_people_are_never_refused(platform, lin, text):
    await platform.send(out(lin, Card(text, (text, "收到"), buttons=((Button(text, "a:1:b"),),))))
    assert "收到" in lin.screen()[-1].text


ALL_SHAPES = [
    (Card("x", pictures=(P1,), buttons=CLOSE), [("x", (("销号",),), 1, "")]),
    (Card("x", pictures=(P1, P2)), [("", (), 1, ""), ("", (), 1, ""), ("x", (), 0, "")]),
    (Card("x", pictures=(Picture(qr="https://t.me/x"),)), [("x", (), 1, "")]),
    (Card("x", files=(XLSX,)), [("x", (), 0, "台账.xlsx")]),
    (Card("x", pictures=(P1,), files=(XLSX,)), [("", (), 1, ""), ("", (), 0, "台账.xlsx"), ("x", (), 0, "")]),
]


@pytest.mark.parametrize(("card", "expected"), ALL_SHAPES)
async def test_card_is_on_the_screen(platform, lin, card, expected):
    await platform.send(out(lin, card))
    assert screen(lin) == expected


async def test_big_file_arrives_whole(platform, shelf, lin):
    shelf.files["xlsx"] = b"0" * 3_000_000
    marks = await platform.send(out(lin, Card("x", files=(XLSX,))))
    assert len(lin.file(int(marks[1:])).data) == 3_000_000


async def test_picture_for_many_is_uploaded_once(server, platform, shelf, lin):
    for _ in range(3):
        await platform.send(out(lin, Card("x", pictures=(P1,))))
        await platform.send(out(lin, Card("x", pictures=(P1, P2))))
    assert shelf.reads == [("p1", "copy"), ("p2", "copy")]
    assert len({lin.photo_bytes(shown.id) for shown in lin.screen() if shown.photos}) == 2


async def test_forgotten_file_id_is_uploaded_again(server, platform, shelf, lin):
    await platform.send(out(lin, Card("x", pictures=(P1,))))
    server.faults.add(method="sendPhoto", kind="400", text="wrong file identifier/HTTP URL specified")
    await platform.send(out(lin, Card("y", pictures=(P1,))))
    assert ([shown.text for shown in lin.screen()], len(shelf.reads)) == (["x", "y"], 2)


# Changing in place -----------------------------------------------------------------------------------------
EDITS = {
    "text": (Card("旧", buttons=CLOSE), Card("新"), [("新", (), 0, "")]),
    "text becomes photo": (Card("旧"), Card("新", pictures=(P1,)), [("新", (), 1, "")]),
    "photo": (Card("旧", pictures=(P1,)), Card("新", pictures=(P2,)), [("新", (), 1, "")]),
    "words of a photo": (Card("旧", pictures=(P1,)), Card("新", pictures=(P1,)), [("新", (), 1, "")]),
    "file": (Card("旧", files=(XLSX,)), Card("新", files=(XLSX,)), [("新", (), 0, "台账.xlsx")]),
    "words of an album": (
        Card("旧", pictures=(P1, P2)),
        Card("新", pictures=(P1, P2), buttons=CLOSE),
        [("", (), 1, ""), ("", (), 1, ""), ("新", (("销号",),), 0, "")],
    ),
    "nothing new": (Card("旧", buttons=CLOSE), Card("旧", buttons=CLOSE), [("旧", (("销号",),), 0, "")]),
}


@pytest.mark.parametrize(("old", "new", "expected"), EDITS.values(), ids=EDITS.keys())
async def test_card_changes_in_place(platform, lin, old, new, expected):
    marks = await platform.send(out(lin, old))
    ids = [shown.id for shown in lin.screen()]
    assert await platform.send(out(lin, new, placing="edit", previous=marks)) is not None
    assert (screen(lin), [shown.id for shown in lin.screen()]) == (expected, ids)


REPLACED = {
    "photo becomes text": (Card("旧", pictures=(P1,)), Card("新"), [("新", (), 0, "")]),
    "one more photo": (
        Card("旧", pictures=(P1, P2)),
        Card("新", pictures=(P1, P2, P3)),
        [("", (), 1, ""), ("", (), 1, ""), ("", (), 1, ""), ("新", (), 0, "")],
    ),
    "other photos": (
        Card("旧", pictures=(P1, P2)),
        Card("新", pictures=(P1, P3)),
        [("", (), 1, ""), ("", (), 1, ""), ("新", (), 0, "")],
    ),
    "keyboard beside the input": (Card("旧", ask="contact"), Card("新"), [("新", (), 0, "")]),
    "too long for one message": (Card("旧"), Card("新" * 5000), [("新" * 4096, (), 0, ""), ("新" * 904, (), 0, "")]),
}


@pytest.mark.parametrize(("old", "new", "expected"), REPLACED.values(), ids=REPLACED.keys())
async def test_card_that_cannot_change_is_replaced(platform, lin, old, new, expected):
    marks = await platform.send(out(lin, old))
    await platform.send(out(lin, new, placing="edit", previous=marks))
    assert screen(lin) == expected


@pytest.mark.parametrize(("old", "new", "_expected"), REPLACED.values(), ids=REPLACED.keys())
async def test_card_that_cannot_change_is_not_refreshed(platform, lin, old, new, _expected):
    marks = await platform.send(out(lin, old))
    before = screen(lin)
    with pytest.raises(Unchangeable):
        await platform.send(out(lin, new, placing="refresh", previous=marks))
    assert screen(lin) == before


@pytest.mark.parametrize("text", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
async def test_refused_edit_refreshes_nothing(server, platform, lin, text):
    marks = await platform.send(out(lin, Card("旧", buttons=CLOSE)))
    server.faults.add(method="editMessageText", kind="400", text=text)
    with pytest.raises(Unchangeable):
        await platform.send(out(lin, Card("新"), placing="refresh", previous=marks))
    assert [shown.text for shown in lin.screen()] == ["旧"]


async def test_moved_card_stands_at_the_end(platform, lin):
    marks = await platform.send(out(lin, Card("第一步", buttons=CLOSE)))
    await lin.sends("一张照片")
    await platform.send(out(lin, Card("第二步", buttons=CLOSE), placing="move", previous=marks))
    assert [shown.text for shown in lin.screen()] == ["一张照片", "第二步"]


async def test_old_card_that_cannot_be_deleted_loses_its_buttons(server, platform, lin):
    marks = await platform.send(out(lin, Card("第一步", buttons=CLOSE)))
    server.faults.add(method="deleteMessages", kind="400", text="message can't be deleted")
    await platform.send(out(lin, Card("第二步", buttons=CLOSE), placing="move", previous=marks))
    assert [(shown.text, shown.buttons) for shown in lin.screen()] == [("第一步", ()), ("第二步", (("销号",),))]


async def test_card_that_is_gone_comes_as_a_new_message(server, platform, lin):
    marks = await platform.send(out(lin, Card("旧")))
    lin.chat.messages[int(marks[1:])].deleted = True
    fresh = await platform.send(out(lin, Card("新"), placing="edit", previous=marks))
    assert (screen(lin), fresh != marks) == ([("新", (), 0, "")], True)


async def test_pressed_card_changes_with_its_album(server, platform, lin):
    await platform.send(out(lin, Card("旧", pictures=(P1, P2), buttons=CLOSE)))
    pressed = f"t{lin.screen()[-1].id}?"
    marks = await platform.send(out(lin, Card("新", pictures=(P1, P2)), placing="edit", previous=pressed))
    await platform.send(out(lin, Card("最新"), placing="move", previous=marks))
    assert screen(lin) == [("最新", (), 0, "")]


async def test_pressed_card_changes_after_a_restart(server, platform, lin):
    before = make_platform(server)
    await before.send(out(lin, Card("旧", pictures=(P1, P2), buttons=CLOSE)))
    await before.stop()
    pressed = f"t{lin.screen()[-1].id}?"
    await platform.send(out(lin, Card("新", pictures=(P1, P2)), placing="edit", previous=pressed))
    assert [text for text, *_rest in screen(lin)] == ["", "", "新"]


async def test_refused_buttons_do_not_cost_the_words(server, platform, lin):
    server.faults.add(method="sendMessage", kind="400", text="BUTTON_DATA_INVALID")
    await platform.send(out(lin, Card("红色预警", buttons=CLOSE)))
    assert screen(lin) == [("红色预警", (), 0, "")]


async def test_second_try_adds_only_what_is_missing(server, platform, lin):
    server.faults.add(method="sendMessage", kind="429")
    card = Card("x", pictures=(P1, P2))
    with pytest.raises(Throttled):
        await platform.send(out(lin, card))
    await platform.send(out(lin, card))
    await platform.send(out(lin, card))
    assert [text for text, *_rest in screen(lin)] == ["", "", "x", "", "", "x"]


# Keyboards, menus, links -----------------------------------------------------------------------------------
async def test_number_is_shared_by_one_tap(platform, lin):
    await platform.send(out(lin, Card("您是谁?", ask="contact")))
    await lin.taps("分享手机号")
    assert (lin.screen()[-1].mine, lin.keyboard) == (True, [])


async def test_menu_is_the_persons_own(server, platform, lin):
    chen = server.phone("陈", known=True)
    await platform.send(out(lin, Card("欢迎", menu=(MenuEntry("report", "上报隐患"),))))
    assert (lin.commands, chen.commands) == ({"report": "上报隐患"}, {})


async def test_refused_menu_does_not_cost_the_card(platform, lin):
    await platform.send(out(lin, Card("欢迎", menu=(MenuEntry("上报", "x"),))))
    assert screen(lin) == [("欢迎", (), 0, "")]


async def test_unanswered_menu_is_no_uncertain_card(server, platform, lin):
    server.faults.add(method="setMyCommands", kind="drop")
    with pytest.raises(Unreachable):
        await platform.send(out(lin, Card("欢迎", menu=())))
    assert lin.screen() == []


async def test_language_is_the_readers(platform, lin):
    await platform.send(out(lin, Card("Who are you?", ask="contact"), reader=EN))
    assert lin.keyboard != [["分享手机号"]] or EN.read("分享手机号") == "分享手机号"


async def test_link_opens_the_bot_with_a_code(platform):
    assert await platform.link("{code}") == "https://t.me/wangge_bot?start={code}"


async def test_plain_answer_is_one_call(server, platform, lin):
    await platform.send(out(lin, say("好")))
    assert [row.method for row in server.record.rows] == ["sendmessage"]
