"""/help: the words beside the commands, the ledger's words, and what becomes of a table."""

import pytest

from tests.spreadsheets import PEOPLE, csv_file


async def test_help_names_the_words_beside_each_command(wu):
    await wu.sends("帮助")
    text = wu.sees("您可以这样用").text
    assert "/todo 待办、今日、今日待办 — 今天要办的事" in text
    assert "/report 上报隐患、上报、隐患\n" in text
    assert "/start" not in text


async def test_help_tells_of_numbers_and_ledger_words(wu):
    await wu.sends("/help")
    assert "YH20261123-0001" in wu.sees("「重大」「逾期」「本月」").text


async def test_help_tells_how_a_photo_keeps_time_and_place(wu):
    await wu.sends("/help")
    wu.sees("要保留，请用「文件」方式发照片。")


async def test_help_names_what_stands_in_no_menu(wu):
    await wu.sends("/help")
    assert "/unbind 解绑" in wu.sees("您可以这样用").text
    assert "解绑" not in wu.labels
    assert "/invite" not in wu.sees("您可以这样用").text


@pytest.mark.parametrize("name", ["人员.csv", "人员.XLSX"])
async def test_administrator_who_sends_a_table_learns_how_to_import_it(qian, name):
    await qian.sends((name, csv_file(PEOPLE)))
    qian.sees("python -m bot import")


async def test_table_of_anybody_else_gets_the_short_help(wu):
    await wu.sends(("人员.csv", csv_file(PEOPLE)))
    wu.sees("没有听懂")
    wu.sees_nothing_of("bot import")
