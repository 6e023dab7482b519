"""A change of language: what is on the screen already is read in the new one as well."""

from tests.handlers.hazards.ways import CAPTION, report_fast


async def test_notice_on_the_screen_follows_the_language(county, lin, wu):
    await report_fast(lin)
    assert "整改期限：" in wu.sees("请按期整改").text
    before = [message.id for message in wu.screen]
    await wu.sends("/lang en")
    notice = wu.sees("To be put right by:")
    assert notice.edited
    assert [label for label, _data in notice.buttons][:1] == ["Received"]
    assert [message.id for message in wu.screen][:-1] == before  # nothing moves


async def test_card_is_taken_as_it_stands_now(county, lin, wu):
    await report_fast(lin)
    await wu.taps("确认收到")
    await lin.sends("/lang en")
    assert "being put right" in lin.sees("Problem:").text


async def test_screen_in_the_language_already_is_left_alone(county, lin):
    await report_fast(lin)
    sent = len(county.platform.sent)
    await lin.sends("/lang zh")
    assert len(county.platform.sent) == sent + 1


async def test_language_can_be_set_without_a_word(county, lin):
    await lin.sends(CAPTION)
    await lin.sends("/start")
    before = [message.id for message in lin.screen]
    await lin.presses("lang:en:quiet", "0")
    assert [message.id for message in lin.screen] == before
    assert "you have joined" in lin.screen[-1].text
    assert county.platform.sent[-3].card.menu is not None
