"""A case moves: every open card of it changes where it stands, whoever opened it; nobody gets a second card."""

from dataclasses import replace

from models.errors import Unchangeable
from tests import factories
from tests.fakes import CAPS
from tests.handlers.hazards.ways import report_fast

NUMBER = "YH20261123-0001"
CAPTION = "靠山加油站 卸油口静电接地线脱落"  # no major one, of which leaders would be told


def cards(phone):
    return [message for message in phone.screen if NUMBER in message.text]


async def test_card_that_a_leader_only_looked_at_changes_too(lin, wu, zheng):
    await report_fast(lin, CAPTION)
    await zheng.sends(NUMBER)
    await wu.taps("确认收到")
    [card] = cards(zheng)
    assert card.edited
    assert f"{NUMBER} 整改中" in card.text
    assert "下一步：吴志强整改" in card.text


async def test_whoever_never_opened_it_gets_nothing(lin, wu, zheng):
    await report_fast(lin, CAPTION)
    await wu.taps("确认收到")
    assert zheng.screen == []


async def test_onlooker_whose_card_cannot_be_changed_is_left_in_peace(county, lin, wu, zheng):
    await report_fast(lin, CAPTION)
    await zheng.sends(NUMBER)
    county.platform.fails["zheng"] = [Unchangeable("not-in-place")]
    await wu.taps("确认收到")
    [card] = cards(zheng)
    assert f"{NUMBER} 待接收" in card.text


async def test_owner_whose_card_cannot_be_changed_gets_one_short_message(county, lin, wu, zhou):
    await report_fast(lin, CAPTION)
    county.platform.fails["zhou"] = [Unchangeable("not-in-place")]
    await wu.taps("确认收到")
    old, short = cards(zhou)
    assert f"{NUMBER} 待接收" in old.text
    assert short.text == f"{NUMBER}有新进展，现在是「整改中」。"
    await zhou.taps("查看")
    assert f"{NUMBER} 整改中" in zhou.screen[-1].text


async def test_platform_without_edits_speaks_to_those_concerned_only(county, lin, wu, zhou, zheng):
    county.platform.caps = replace(CAPS, edits=False)
    await report_fast(lin, CAPTION)
    await zheng.sends(NUMBER)
    await wu.taps("确认收到")
    assert [message.text.count("整改中") for message in cards(zhou)] == [0, 1]
    assert len(cards(zheng)) == 1
    assert [message.text.split("\n")[1] for message in cards(lin)][-1] == "吴志强已确认收到您上报的隐患，开始整改。"


async def test_onlooker_who_may_see_it_no_more_is_not_shown_it(county, lin, wu, zheng):
    await report_fast(lin, CAPTION)
    await zheng.sends(NUMBER)
    await county.store.write(
        lambda session: session.query(factories.Assignment).filter_by(person_id=county.ids["zheng"]).delete()
    )
    await wu.taps("确认收到")
    assert "整改中" not in zheng.screen[-1].text


async def test_whole_history_that_stands_open_becomes_the_card(lin, wu, zheng):
    await report_fast(lin, CAPTION)
    await zheng.sends(NUMBER)
    await zheng.presses("hazard:1:events", zheng.screen[-1].id)
    await wu.taps("确认收到")
    [card] = cards(zheng)
    assert f"{NUMBER} 整改中" in card.text
