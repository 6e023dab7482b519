"""The local Bot API server refuses what Telegram refuses, in Telegram's words."""

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, ChatMigrated, EndPointNotFound, Forbidden, InvalidToken

from tests.bot.telegram_bot import stock_bot
from tests.telegram_server import TelegramPhone, TelegramServer
from tests.telegram_server.pictures import has_exif, jpeg, long_side


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


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"按钮{row}", callback_data=row) for row in data]])


def wide(count: int) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x")]] * count)


ACCEPTED_TEXTS = [
    ("长" * 4096, None),
    ("🔴" * 4096, None),
    ("<b>" + "x" * 4096 + "</b>", "HTML"),
    ("  " + "x" * 4096 + "\n", None),
    ("1 &lt; 2 &amp; 3", "HTML"),
    (r"1\.5 \- *bold*", "MarkdownV2"),
]


@pytest.mark.parametrize(("text", "mode"), ACCEPTED_TEXTS)
async def test_text_within_limits_is_accepted(bot: Bot, lin: TelegramPhone, text, mode):
    message = await bot.send_message(lin.id, text, parse_mode=mode)
    assert lin.screen()[-1].text == message.text


REFUSED_TEXTS = [
    ("x" * 4097, None, "Message is too long"),
    ("   \n", None, "Message text is empty"),
    ("<b></b>", "HTML", "Message text is empty"),
    ("<b>x", "HTML", "Can't parse entities: can't find end tag corresponding to start tag \"b\""),
    ("<加油站>", "HTML", 'Can\'t parse entities: unsupported start tag "加油站" at byte offset 0'),
    ("林 < 陈", "HTML", "Can't parse entities: unclosed start tag at byte offset 4"),
    ("x</b>", "HTML", "Can't parse entities: unexpected end tag at byte offset 1"),
    (
        "<b><i>x</b></i>",
        "HTML",
        'Can\'t parse entities: unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    (
        "1.5",
        "MarkdownV2",
        "Can't parse entities: character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    ("*x", "MarkdownV2", "Can't parse entities: can't find end of bold entity at byte offset 0"),
    ("x", "Wiki", "Unsupported parse_mode"),
]


@pytest.mark.parametrize(("text", "mode", "error"), REFUSED_TEXTS)
async def test_text_beyond_limits_is_refused(bot: Bot, lin: TelegramPhone, text, mode, error):
    with pytest.raises(BadRequest) as refusal:
        await bot.send_message(lin.id, text, parse_mode=mode)
    assert refusal.value.message.lower() == error.lower()
    assert lin.screen() == []


REFUSED_KEYBOARDS = [
    (keyboard("x" * 65), "Button_data_invalid"),
    (keyboard("长" * 22), "Button_data_invalid"),
    (wide(101), "Reply markup is too long"),
]


@pytest.mark.parametrize(("markup", "error"), REFUSED_KEYBOARDS)
async def test_keyboard_beyond_limits_is_refused(bot: Bot, lin, markup, error):
    with pytest.raises(BadRequest, match=f"(?i)^{error}$"):
        await bot.send_message(lin.id, "x", reply_markup=markup)


async def test_keyboard_at_the_limits_is_accepted(bot: Bot, lin):
    await bot.send_message(lin.id, "x", reply_markup=wide(100))
    await bot.send_message(lin.id, "y", reply_markup=keyboard("x" * 64))
    assert [sum(map(len, shown.buttons)) for shown in lin.screen()] == [100, 1]


async def test_button_without_words_vanishes(bot: Bot, lin):
    row = [InlineKeyboardButton(" ", callback_data="a"), InlineKeyboardButton("是", callback_data="b")]
    await bot.send_message(lin.id, "x", reply_markup=InlineKeyboardMarkup([row]))
    assert lin.screen()[0].buttons == (("是",),)


async def test_caption_limit_is_1024(bot: Bot, lin):
    await bot.send_photo(lin.id, jpeg(), caption="长" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(lin.id, jpeg(), caption="长" * 1025)


REFUSED_PHOTOS = [
    (b"no picture", "Image_process_failed"),
    (jpeg(2100, 100), "Photo_invalid_dimensions"),
    ("AgAC-unknown", "Wrong file identifier/http url specified"),
]


@pytest.mark.parametrize(("photo", "error"), REFUSED_PHOTOS)
async def test_photo_that_cannot_be_shown_is_refused(bot: Bot, lin, photo, error):
    with pytest.raises(BadRequest, match=f"(?i){error}"):
        await bot.send_photo(lin.id, photo)


@pytest.mark.parametrize(
    ("count", "error"), [(1, "must include 2-10 items"), (11, "Too many messages to send as an album")]
)
async def test_album_has_two_to_ten_items(bot: Bot, lin, count, error):
    with pytest.raises(BadRequest, match=f"(?i){error}"):
        await bot.send_media_group(lin.id, [InputMediaPhoto(jpeg())] * count)


async def test_album_shares_a_group_id(bot: Bot, lin):
    album = await bot.send_media_group(lin.id, [InputMediaPhoto(jpeg()), InputMediaPhoto(jpeg())], caption="两张")
    assert len({message.media_group_id for message in album}) == 1
    assert [shown.text for shown in lin.screen()] == ["两张", ""]


async def test_album_never_mixes_photos_and_files(bot: Bot, lin):
    with pytest.raises(BadRequest, match="Document can't be mixed"):
        await bot.send_media_group(lin.id, [InputMediaDocument(b"x"), InputMediaPhoto(jpeg())])


async def test_file_id_can_be_sent_again(bot: Bot, lin):
    first = await bot.send_photo(lin.id, jpeg())
    await bot.send_photo(lin.id, first.photo[-1].file_id)
    assert len(lin.screen()) == 2


async def test_document_arrives_as_it_was(bot: Bot, lin):
    message = await bot.send_document(lin.id, b"a,b\n", filename="台账.csv", caption="本月")
    assert lin.file(message.message_id).data == b"a,b\n"
    assert lin.screen()[0].document == "台账.csv"


# Chats -----------------------------------------------------------------------------------------------------
async def test_stranger_has_no_chat(server: TelegramServer, bot: Bot):
    he = server.phone("何")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(he.id, "x")


async def test_blocked_and_deleted_accounts_are_forbidden(bot: Bot, lin):
    lin.blocks_bot()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(lin.id, "x")
    await lin.sends("我回来了")
    lin.is_deactivated()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(lin.id, "x")


async def test_upgraded_group_names_its_new_id(server: TelegramServer, bot: Bot):
    group = server.group("应急工作群")
    new = server.migrate(group)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "x")
    assert moved.value.new_chat_id == new.id


@pytest.mark.parametrize(("token", "error"), [("999999999:" + "A" * 35, "Unauthorized"), ("999:short", "Not Found")])
async def test_wrong_token_is_refused(server: TelegramServer, token, error):
    bot = stock_bot(server, token)
    with pytest.raises(InvalidToken, match=error):
        await bot.get_me()
    await bot.request.shutdown()


async def test_unknown_method_is_not_found(bot: Bot):
    with pytest.raises(EndPointNotFound, match="not found"):
        await bot.do_api_request("sendTelepathy")


# Edits -----------------------------------------------------------------------------------------------------
async def test_edit_without_keyboard_removes_it(bot: Bot, lin):
    message = await bot.send_message(lin.id, "待整改", reply_markup=keyboard("h:1:close"))
    await bot.edit_message_text("已销号", lin.id, message.message_id)
    (shown,) = lin.screen()
    assert (shown.text, shown.buttons, shown.edited) == ("已销号", (), True)


async def refuse_edit(bot: Bot, chat: int, message: int, text: str) -> str:
    with pytest.raises(BadRequest) as refusal:
        await bot.edit_message_text(text, chat, message)
    return refusal.value.message


async def test_edits_that_telegram_refuses(bot: Bot, lin):
    card = (await bot.send_message(lin.id, "待整改")).message_id
    asked = (await bot.send_message(lin.id, "?", reply_markup=ReplyKeyboardMarkup([["好"]]))).message_id
    forced = (await bot.send_message(lin.id, "?", reply_markup=ForceReply())).message_id
    photo = (await bot.send_photo(lin.id, jpeg())).message_id
    mine = (await lin.sends("你好")).id
    assert (await refuse_edit(bot, lin.id, card, "待整改")).startswith("Message is not modified")
    assert (await refuse_edit(bot, lin.id, card, "x" * 4097)).upper() == "MESSAGE_TOO_LONG"
    assert await refuse_edit(bot, lin.id, 99_999, "x") == "Message to edit not found"
    assert await refuse_edit(bot, lin.id, photo, "x") == "There is no text in the message to edit"
    for message in (asked, forced, mine):
        assert await refuse_edit(bot, lin.id, message, "x") == "Message can't be edited"


async def test_photo_message_is_edited_by_caption_and_media(bot: Bot, lin):
    message = (await bot.send_photo(lin.id, jpeg(), caption="前")).message_id
    await bot.edit_message_caption(lin.id, message, caption="后")
    await bot.edit_message_media(InputMediaPhoto(jpeg(300, 200), caption="对比"), lin.id, message)
    assert (await lin.sees("对比")).photos[0] == lin.photo_bytes(message)
    assert long_side(lin.photo_bytes(message)) == 300


async def test_keyboard_alone_can_be_changed(bot: Bot, lin):
    message = (await bot.send_message(lin.id, "x", reply_markup=keyboard("a"))).message_id
    await bot.edit_message_reply_markup(lin.id, message, reply_markup=keyboard("b"))
    assert (lin.screen()[0].buttons, lin.screen()[0].edited) == ((("按钮b",),), False)


async def test_deleted_message_is_gone(bot: Bot, lin):
    message = (await bot.send_message(lin.id, "x")).message_id
    await bot.delete_message(lin.id, message)
    assert lin.screen() == []
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(lin.id, message)


# Menus and files -------------------------------------------------------------------------------------------
async def test_menu_of_a_chat_wins_over_the_default(bot: Bot, lin):
    await bot.set_my_commands([BotCommand("help", "help")])
    scope = BotCommandScopeChat(lin.id)
    await bot.set_my_commands([BotCommand("report", "上报隐患")], scope=scope, language_code="zh")
    assert lin.commands == {"report": "上报隐患"}
    await bot.delete_my_commands(scope=scope, language_code="zh")
    assert lin.commands == {"help": "help"}


@pytest.mark.parametrize(("name", "words"), [("上报", "x"), ("a" * 33, "x"), ("help", ""), ("help", "x" * 257)])
async def test_menu_beyond_limits_is_refused(bot: Bot, name, words):
    with pytest.raises(BadRequest, match="Bot_command_"):
        await bot.set_my_commands([(name, words)])


async def test_photo_loses_exif_and_size_but_a_file_keeps_both(server: TelegramServer, bot: Bot, lin):
    camera = jpeg(2000, 1500, gps=True)
    await lin.sends(camera, "照片")
    await lin.sends_document(camera, "IMG_1.jpg", "image/jpeg")
    photo, document = [update.message for update in await bot.get_updates()]
    seen = bytes(await (await photo.photo[-1].get_file()).download_as_bytearray())
    kept = bytes(await (await document.document.get_file()).download_as_bytearray())
    assert (has_exif(seen), long_side(seen)) == (False, 1280)
    assert kept == camera


async def test_file_over_20_mb_cannot_be_downloaded(bot: Bot, lin):
    message = await lin.sends_document(b"0" * (20 * 1024 * 1024 + 1), "big.bin")
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(message.document.file_id)


async def test_download_link_ends_after_an_hour(lin):
    clock = [1_000_000.0]
    async with TelegramServer(now=lambda: clock[0]) as server, stock_bot(server) as bot:
        message = await server.phone("林").sends_document(b"x", "x.txt")
        file = await bot.get_file(message.document.file_id)
        clock[0] += 3601
        with pytest.raises(InvalidToken, match="Not Found"):
            await file.download_as_bytearray()
