"""A change of language: what is on the screen already is read in the new one as well."""

import re

from tests import factories
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


async def test_history_and_ledger_read_in_english(county, lin, zhou):
    def second(session):
        role = (factories.Role.MANAGER, factories.VILLAGE)
        ident = factories.add_person(session, "赵强", "19900000031", role, now=county.clock())
        session.add(factories.EnterprisePerson(enterprise_id=county.ids["station"], person_id=ident, duty="safety"))

    await county.store.write(second)
    await report_fast(lin)
    await zhou.sends("/lang en")
    await zhou.sends("YH20261123-0001")
    assert "(吴志强, 赵强)" in zhou.screen[-1].text
    await zhou.sends("/ledger")
    (words,) = re.findall(r"for example: (.*?)\.", zhou.screen[-1].text)
    assert words.endswith(" major overdue")
    await zhou.sends("major overdue")
    assert "Major" in zhou.screen[-1].text  # understood as a filter
