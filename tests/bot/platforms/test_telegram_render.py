"""Cards → the messages Telegram shows, within its limits, in its unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import KeyboardButton, ReplyKeyboardMarkup

from bot.platforms.telegram.render import Part, render, split_text, units
from models.content import Button, Card, File, Picture, say
from models.texts import _
from tests.bot.platforms.telegram_parts import EN, ZH
from tests.telegram_server.entities import formatted

P1, P2 = Picture("p1"), Picture("p2")
XLSX = File("xlsx", "台账.xlsx")
CLOSE = ((Button("销号", "hazard:1:close", "primary"), Button("退回", "hazard:1:back", "danger")),)


def shape(card, reader=ZH):
    return [(part.kind, part.text, len(part.pictures), bool(part.markup)) for part in render(card, reader)]


SHAPES = {
    "one line": (say("好"), [("text", "好", 0, False)]),
    "title and lines": (Card("YH-1", ("待整改", "剩 2天")), [("text", "YH-1\n待整改\n剩 2天", 0, False)]),
    "blank ends are cut": (Card(" YH-1 ", ("", "x", "", "")), [("text", "YH-1\n\nx", 0, False)]),
    "tone": (Card("红色预警", tone="alarm"), [("text", "🚨 红色预警", 0, False)]),
    "buttons": (Card("YH-1", buttons=CLOSE), [("text", "YH-1", 0, True)]),
    "buttons without words": (Card(buttons=CLOSE), [("text", "…", 0, True)]),
    "one picture is the card": (Card("YH-1", pictures=(P1,), buttons=CLOSE), [("photo", "YH-1", 1, True)]),
    "one picture, too many words": (
        Card("长" * 1025, pictures=(P1,), buttons=CLOSE),
        [("photo", "", 1, False), ("text", "长" * 1025, 0, True)],
    ),
    "album, then the card": (
        Card("YH-1", pictures=(P1, P2), buttons=CLOSE),
        [("album", "", 2, False), ("text", "YH-1", 0, True)],
    ),
    "eleven pictures": (
        Card("x", pictures=(P1,) * 11),
        [("album", "", 10, False), ("photo", "", 1, False), ("text", "x", 0, False)],
    ),
    "one file carries the words": (Card("台账", files=(XLSX,)), [("file", "台账", 0, False)]),
    "files stand before the words": (
        Card("台账", files=(XLSX, XLSX), buttons=CLOSE),
        [("file", "", 0, False), ("file", "", 0, False), ("text", "台账", 0, True)],
    ),
    "request for the number": (Card("您是谁?", ask="contact"), [("ask", "您是谁?", 0, True)]),
    "request beside buttons": (
        Card("您是谁?", ask="place", buttons=CLOSE),
        [("text", "您是谁?", 0, True), ("ask", "可以点输入框下方的「发送位置」。", 0, True)],
    ),
    "nothing at all": (Card(), []),
}


@pytest.mark.parametrize(("card", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_card_becomes_messages(card, expected):
    assert shape(card) == expected


def test_title_is_bold_in_utf16_units():
    (part,) = render(Card("🔴预警", ("躲雨",), tone="warn"), ZH)
    assert (part.text, part.bold) == ("⚠️ 🔴预警\n躲雨", units("⚠️ 🔴预警"))


def test_words_are_never_formatting():
    (part,) = render(say("<b>林</b> & [陈](x) *_`"), ZH)
    assert part.text == "<b>林</b> & [陈](x) *_`"


def test_reader_decides_the_language():
    card = Card("x", ask="contact")
    assert [row.markup.keyboard[0][0].text for row in (*render(card, ZH), *render(card, EN))] == [
        "分享手机号",
        EN.read(_("分享手机号")),
    ]


def test_phone_number_is_asked_for_by_a_keyboard():
    (part,) = render(Card("x", ask="contact"), ZH)
    key = KeyboardButton("分享手机号", request_contact=True, request_location=False)
    assert part.markup == ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)


def test_buttons_keep_rows_data_and_style():
    (part,) = render(Card("x", buttons=CLOSE), ZH)
    rows = [[(key.text, key.callback_data, key.style) for key in row] for row in part.markup.inline_keyboard]
    assert rows == [[("销号", "hazard:1:close", "primary"), ("退回", "hazard:1:back", "danger")]]


@pytest.mark.parametrize(("count", "rows"), [(8, [8]), (9, [8, 1]), (120, [8] * 12 + [4])])
def test_rows_are_cut_to_what_a_screen_shows(count, rows):
    (part,) = render(Card("x", buttons=(tuple(Button(str(n), f"a:{n}:b") for n in range(count)),)), ZH)
    assert [len(row) for row in part.markup.inline_keyboard] == rows


# Long texts ------------------------------------------------------------------------------------------------
SPLITS = {
    "at line ends": ("aaaa\nbbbb\ncc", 9, ["aaaa\nbbbb", "cc"]),
    "exactly full": ("aaaa", 4, ["aaaa"]),
    "inside a line that is too long": ("aaaaaa\nb", 4, ["aaaa", "aa\nb"]),
    "never inside a character": ("🔴🔴🔴", 5, ["🔴🔴", "🔴"]),
    "no empty pieces": ("aaaa\n\n\nbbbb", 5, ["aaaa\n", "bbbb"]),
}


@pytest.mark.parametrize(("text", "limit", "pieces"), SPLITS.values(), ids=SPLITS.keys())
def test_text_is_split(text, limit, pieces):
    assert split_text(text, limit) == pieces


def test_long_card_keeps_every_line_and_its_buttons_at_the_end():
    lines = tuple(f"{number} 🔴 靠山加油站" for number in range(1000))
    parts = render(Card("台账", lines, buttons=CLOSE), ZH)
    assert all(units(part.text) <= 4096 for part in parts)
    assert "\n".join(part.text for part in parts) == "\n".join(("台账", *lines))
    assert [bool(part.markup) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert [part.bold for part in parts] == [2, *[0] * (len(parts) - 1)]


CHARACTERS = st.characters(exclude_categories=["Cs"])


@given(title=st.text(CHARACTERS, max_size=300), lines=st.lists(st.text(CHARACTERS, max_size=3000), max_size=5))
def test_whatever_people_write_fits_and_is_kept(title, lines):
    parts = render(Card(title, tuple(lines), buttons=CLOSE), ZH)
    assert all(0 < units(part.text) <= 4096 and part.bold <= units(part.text) for part in parts)
    for part in parts:
        formatted(part.text, "", [{"type": "bold", "offset": 0, "length": part.bold}])
    words = "".join(part.text for part in parts).split()
    assert "".join(words).replace("…", "") == "".join((title + " ".join(lines)).split()).replace("…", "")


def test_half_a_character_is_no_failure():
    (part,) = render(Card("\ud83d", buttons=((Button("\ud83d", "a:1:b"),),)), ZH)
    assert (part.text, part.markup.inline_keyboard[0][0].text) == ("?", "?")


def test_parts_are_values():
    assert render(Card("x", pictures=(P1,)), ZH) == [Part("photo", "x", 1, (P1,))]
