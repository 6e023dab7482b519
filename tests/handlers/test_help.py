"""/help: the words that may be sent, and the ledger's words."""

import json
import re

from bot.platforms.web.render import render
from models.texts import Reader


async def test_help_names_the_words_that_may_be_sent(wu):
    await wu.sends("帮助")
    text = wu.sees("您可以这样用").text
    assert "也可以直接发送这些词：上报隐患、待办、台账、" in text
    assert "/" not in text
    assert len(text.splitlines()) <= 6


async def test_help_names_commands_in_english(wu):
    await wu.sends("/lang en")
    await wu.sends("/help")
    text = wu.screen[-1].text
    assert "/report, /todo, /ledger, " in text
    assert not re.search(r"[\u4e00-\u9fff]", re.sub("“.*?”", "", text))


async def test_help_tells_of_numbers_and_ledger_words(wu):
    await wu.sends("/help")
    assert "YH20261123-0001" in wu.sees("「重大」「逾期」「本月」").text


async def test_help_tells_how_a_photo_keeps_time_and_place(wu):
    await wu.sends("/help")
    wu.sees("要保留，请用「文件」方式发照片。")
    sent = wu.county.platform.sent[-1]
    page = render(sent.card, Reader("zh"))
    assert "请用「文件」方式发照片" not in json.dumps(page, ensure_ascii=False)  # our own page keeps all of it


async def test_help_names_what_stands_in_no_menu(wu):
    await wu.sends("/help")
    assert "、解绑、" in wu.sees("您可以这样用").text
    assert "解绑" not in wu.labels
    assert "邀请" not in wu.sees("您可以这样用").text
