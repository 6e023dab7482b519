"""/help: the words beside the commands, and the ledger's words."""


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
