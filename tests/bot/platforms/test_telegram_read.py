"""Raw updates of Telegram → Incoming, row by row."""

from datetime import UTC, datetime

import pytest

from bot.platforms.telegram.read import is_private, read_update
from models.content import Attachment, Contact, Incoming, Place

SENT_AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
LIN = {"id": 7, "is_bot": False, "first_name": "林", "language_code": "zh-hans"}
CHAT = {"id": 7, "type": "private", "first_name": "林"}
SIZES = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 900},
    {"file_id": "large", "file_unique_id": "l", "width": 1280, "height": 960, "file_size": 90_000},
    {"file_id": "middle", "file_unique_id": "m", "width": 320, "height": 240, "file_size": 9_000},
]
PIN = {"latitude": 30.69, "longitude": 118.41}
BIG = 20 * 1024 * 1024 + 1


def message(**parts):
    body = {"message_id": 5, "date": int(SENT_AT.timestamp()), "chat": CHAT, "from": LIN, **parts}
    return {"update_id": 1001, "message": body}


def document(name, mime, size=10):
    return {"file_id": "doc", "file_unique_id": "d", "file_name": name, "mime_type": mime, "file_size": size}


def incoming(**parts):
    common = {"chat": "7", "event_id": "1001", "lang": "zh-hans", "sender": "7", "sent_at": SENT_AT}
    return Incoming("telegram", **(common | parts))


PHOTO = Attachment("photo", "large", mime="image/jpeg", size=90_000)

MESSAGES = {
    "text": (message(text="靠山加油站 静电线脱落"), incoming(text="靠山加油站 静电线脱落")),
    "text is never formatted": (message(text="<b>1 & 2</b>"), incoming(text="<b>1 & 2</b>")),
    "deep link": (message(text="/start AB-12_x"), incoming(text="/start AB-12_x")),
    "command with the bot's name": (message(text="/report@wangge_bot 油"), incoming(text="/report 油")),
    "mail address is no command": (message(text="a@b.cn"), incoming(text="a@b.cn")),
    "photo": (message(photo=SIZES), incoming(attachments=(PHOTO,))),
    "photo with words": (message(photo=SIZES, caption="重大"), incoming(text="重大", attachments=(PHOTO,))),
    "part of an album": (
        message(photo=SIZES, media_group_id="77"),
        incoming(attachments=(PHOTO,), group="77"),
    ),
    "picture sent as a file": (
        message(document=document("IMG.heic", "image/heic")),
        incoming(attachments=(Attachment("photo", "doc", "IMG.heic", "image/heic", 10),)),
    ),
    "file": (
        message(document=document("人员.xlsx", "application/vnd.ms-excel")),
        incoming(attachments=(Attachment("file", "doc", "人员.xlsx", "application/vnd.ms-excel", 10),)),
    ),
    "file that is too big": (
        message(document=document("a.zip", "application/zip", BIG)),
        incoming(attachments=(Attachment("file", "doc", "a.zip", "application/zip", BIG, error="too-big"),)),
    ),
    "voice": (
        message(voice={"file_id": "v", "file_unique_id": "v", "duration": 3, "mime_type": "audio/ogg"}),
        incoming(attachments=(Attachment("voice", "v", mime="audio/ogg"),)),
    ),
    "video": (
        message(video={"file_id": "v", "file_unique_id": "v", "duration": 3, "width": 9, "height": 9, "file_size": 5}),
        incoming(attachments=(Attachment("file", "v", mime="video/mp4", size=5),)),
    ),
    "location": (message(location=PIN), incoming(place=Place(30.69, 118.41))),
    "venue": (
        message(location=PIN, venue={"location": PIN, "title": "靠山加油站", "address": "205国道"}),
        incoming(text="靠山加油站 205国道", place=Place(30.69, 118.41)),
    ),
    "own number": (
        message(contact={"phone_number": "8613800000001", "first_name": "林", "user_id": 7}),
        incoming(contact=Contact("+8613800000001", verified=True)),
    ),
    "somebody else's number": (
        message(contact={"phone_number": "+8613900000002", "first_name": "陈", "user_id": 8}),
        incoming(contact=Contact("+8613900000002", verified=False)),
    ),
    "number of nobody on Telegram": (
        message(contact={"phone_number": "138 0000 0001", "first_name": "林"}),
        incoming(contact=Contact("138 0000 0001", verified=False)),
    ),
    "sticker says nothing, but it is answered": (
        message(
            sticker={
                "file_id": "s",
                "file_unique_id": "s",
                "width": 9,
                "height": 9,
                "is_animated": False,
                "is_video": False,
                "type": "regular",
            }
        ),
        incoming(),
    ),
    "service message": (message(delete_chat_photo=True), None),
    "edited message": ({"update_id": 1001, "edited_message": message(text="x")["message"]}, None),
}


@pytest.mark.parametrize(("raw", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_message_is_read(raw, expected):
    assert read_update(raw) == expected


def press(under, data="hazard:12:close"):
    query = {"id": "99", "from": LIN, "chat_instance": "1", "data": data, "message": under}
    return {"update_id": 1001, "callback_query": query}


CARD = {"message_id": 40, "date": int(SENT_AT.timestamp()), "chat": CHAT}
PRESSES = {
    "under a text": (press(CARD | {"text": "x"}), "t40?"),
    "under a photo": (press(CARD | {"photo": SIZES}), "p40?"),
    "under a file": (press(CARD | {"document": document("a.xlsx", "x/y")}), "d40?"),
    "under a message too old to be shown": (press(CARD | {"date": 0}), "t40?"),
}


@pytest.mark.parametrize(("raw", "mark"), PRESSES.values(), ids=PRESSES.keys())
def test_press_is_read(raw, mark):
    expected = incoming(kind="press", data="hazard:12:close", message=mark, sent_at=None)
    assert read_update(raw) == expected


def test_press_without_data_is_nothing():
    assert read_update(press(CARD, None)) is None


@pytest.mark.parametrize(
    ("kind", "expected"), [("private", True), ("group", False), ("supergroup", False), ("channel", False)]
)
def test_only_private_chats_are_served(kind, expected):
    raw = message(text="x", chat={"id": -5, "type": kind, "title": "群"})
    assert is_private(raw) is expected


def test_everything_read_survives_the_inbox():
    for raw, expected in MESSAGES.values():
        event = read_update(raw)
        assert event is None or Incoming.from_json(event.to_json()) == expected
