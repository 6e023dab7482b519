"""The card: opened by number or from a list, moved by its buttons, refreshed when somebody was faster."""

import asyncio

import pytest

from models.people.tables import Deputy
from tests import factories
from tests.handlers.hazards.ways import CAPTION, report_fast

NUMBER = "YH20261123-0001"


async def test_number_opens_the_card_as_a_message_of_its_own(lin, zhou):
    await report_fast(lin)
    zhou.clears()
    for typed in (NUMBER, NUMBER.lower(), f" {NUMBER} "):
        await zhou.sends(typed)
    assert len(zhou.screen) == 3
    card = zhou.sees(f"{NUMBER} 待接收 · 剩30天")
    assert "经过：\n2026年11月23日 09:00 林晓梅：上报\n2026年11月23日 09:00 系统：派遣（吴志强）" in card.text
    assert len(card.photos) == 1


async def test_number_of_another_village_answers_like_no_number(lin, chen):
    await report_fast(lin)
    await chen.sends(NUMBER)
    await chen.sends("YH20261123-0002")
    foreign, unknown = chen.screen
    assert foreign.text == unknown.text
    assert (foreign.buttons, foreign.photos) == (unknown.buttons, unknown.photos)


@pytest.mark.parametrize(
    "data",
    [
        "hazard:1:accept", "hazard:1:show", "hazard:1:open", "hazard:1:events", "hazard:1:explode", "hazard:1:",
        "hazard:2:accept", "hazard::accept", "hazard:１:show", "hazard:-1:show", "hazard:1 OR 1=1:show",
        "hazard:99999999999999999999:show", "hazard:1:submit", "hazard", "nothing:1:accept",
    ],
)  # fmt: skip
async def test_foreign_forged_and_unknown_buttons_answer_alike(lin, chen, data):
    await report_fast(lin)
    await chen.presses(data)
    (answer,) = chen.screen
    assert answer.text.startswith("没有找到")
    assert answer.buttons == ()


@pytest.mark.parametrize("action", ["suspend", "fix", "reassign", "verify", "pass", "visit", "merge", "appeal"])
async def test_forged_move_of_the_own_card_changes_nothing(county, lin, wu, action):
    await report_fast(lin)
    await wu.presses(f"hazard:1:{action}")
    wu.sees("没有找到")
    await wu.sends(NUMBER)
    wu.sees(f"{NUMBER} 待接收")


async def test_second_press_says_who_and_when_and_the_card_refreshes(lin, wu):
    await report_fast(lin)
    notice = wu.screen[-1]
    await wu.taps("确认收到")
    await wu.presses("hazard:1:accept", notice.id)
    wu.sees("吴志强已于2026年11月23日 09:00处理")
    assert "整改中 · 剩30天" in wu.screen[0].text
    # A major one is not handed in before its items are filled.
    assert wu.labels == ["申请延期", "有异议", "五落实 0/6", "更多", "导出档案"]


async def test_two_people_press_at_once_and_one_wins(county, lin, wu):
    def second(session):
        role = (factories.Role.MANAGER, factories.VILLAGE)
        ident = factories.add_person(session, "赵强", "19900000031", role, chat="zhao", now=county.clock())
        session.add(factories.EnterprisePerson(enterprise_id=county.ids["station"], person_id=ident, duty="safety"))

    await county.store.write(second)
    zhao = county.phone("zhao")
    await report_fast(lin)
    await asyncio.gather(wu.taps("确认收到"), zhao.taps("确认收到"))
    sentences = [phone.describe().count("现在是「整改中」") for phone in (wu, zhao)]
    assert sorted(sentences) == [0, 1]
    assert len([line for line in lin.screen if "开始整改" in line.text]) == 1


async def test_button_after_the_role_is_gone_is_unknown(county, lin, wu):
    await report_fast(lin)
    notice = wu.screen[-1]
    await county.store.write(
        lambda session: session.query(factories.Assignment).filter_by(person_id=county.ids["wu"]).delete()
    )
    await wu.presses("hazard:1:accept", notice.id)
    wu.sees_nothing_of("整改中")


async def test_history_opens_and_closes_in_place(county, lin, zhou):
    await report_fast(lin)
    await zhou.sends(NUMBER)
    card = zhou.screen[-1]
    await zhou.presses("hazard:1:events", card.id)
    assert CAPTION not in zhou.screen[-1].text
    await zhou.taps("返回")
    assert CAPTION in zhou.screen[-1].text


async def test_english_reader_gets_the_same_card(county, lin):
    zoe = {"chat": "zoe", "lang": "en", "now": county.clock()}
    role = (factories.Role.SUPERVISOR, factories.COUNTY)
    await county.store.write(lambda session: factories.add_person(session, "Zoe", "19900000041", role, **zoe))
    await report_fast(lin)
    phone = county.phone("zoe", "en")
    assert CAPTION in phone.sees(NUMBER).text
    await phone.sends(NUMBER)
    assert CAPTION in phone.screen[-1].text


async def test_progress_is_shown_on_the_cards_there_are_and_nowhere_else(county, lin, wu, zhou):
    await report_fast(lin)
    today = county.clock().date()
    stand_in = Deputy(person_id=county.ids["zhou"], deputy_id=county.ids["qian"], starts_on=today, ends_on=today)

    def later(session):
        factories.bind(session, county.ids["zhou"], "zhou2", now=county.clock())
        session.add(stand_in)

    await county.store.write(later)
    await wu.taps("确认收到")
    assert [message.edited for message in zhou.screen if "整改中" in message.text] == [True]
    assert county.phone("zhou2").screen == []
    assert county.phone("qian").screen == []
