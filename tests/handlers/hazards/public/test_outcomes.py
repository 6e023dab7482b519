"""随手拍: 何 hears what becomes of the report, and of nothing and nobody else; for the others 何 is the public."""

from sqlalchemy import select

from models.people.entries import load_entry
from models.people.tables import Person
from tests.handlers.hazards.public.story import NUMBER, hazards, learned_nothing, reports


async def test_outcome_is_told_without_names(county, he, lin, wu):
    await reports(he, "靠山加油站卸油口静电接地线脱落")
    await lin.taps("核实属实")
    he.sees(f"您上报的{NUMBER}经核实，情况属实，正在处理。谢谢您！")
    before = len(he.screen)
    await wu.taps("确认收到")
    assert len(he.screen) == before
    learned_nothing(he)


async def test_unfounded_is_told_without_the_reason(he, lin):
    await reports(he)
    await lin.taps("不属实")
    await lin.sends("我是林晓梅，电话19900000001，现场看过没有问题")
    he.sees(f"您上报的{NUMBER}经核实，情况不属实。谢谢您的关心！")
    learned_nothing(he)


async def test_number_shows_the_state_and_nothing_else(he, lin):
    await reports(he)
    await he.sends(NUMBER)
    he.sees(f"{NUMBER}：待核实")
    await lin.taps("核实属实")
    await he.sends(NUMBER.lower())
    assert he.screen[-1].text == f"{NUMBER}：情况属实，正在处理"
    assert he.screen[-1].buttons == ()


async def test_number_of_somebody_else_sounds_like_one_that_does_not_exist(county, he):
    await reports(he)
    other = county.phone("other")
    for number in (NUMBER, "YH20261123-0999", "ZL20261123-0001"):
        await other.sends(number)
    assert {message.text for message in other.screen} == {"没有找到这个编号，请核对。"}


async def test_stranger_reaches_nothing_else(county, he, clock):
    await reports(he)
    [hazard] = await hazards(county)
    ident = hazard.id
    tries = ["/ledger", "台账", "/todo", "茂林镇 重大", "林晓梅", "/me", "/help", "/audit", "帮助", "/invite"]
    for text in tries:
        clock.advance(minutes=1)
        await he.sends(text)
    presses = ("hazard:{}:open", "hazard:{}:verify", "block:{}:ask", "cmd:ledger:{}", "aside:{}:search")
    for data in [press.format(ident) for press in presses]:
        clock.advance(minutes=1)
        await he.presses(data)
    learned_nothing(he, "靠山加油站")
    assert {label for message in he.screen for label, _data in message.buttons} == {"加入", "随手拍"}
    assert he.menu == ()


# -- the others ----------------------------------------------------------------------------------------------


async def test_reporter_is_the_public_for_the_office_and_a_source_for_everybody_else(he, lin, wu, shen):
    await reports(he, "靠山加油站卸油口静电接地线脱落")
    await lin.taps("核实属实")
    assert "发现人：群众（群众举报）" in lin.sees(NUMBER).text
    await shen.sends(NUMBER)
    assert "发现人：群众（群众举报）" in shen.sees(NUMBER).text
    assert "来源：群众举报" in wu.sees(NUMBER).text
    for phone in (lin, shen, wu):
        assert "he" not in [word for message in phone.screen for word in message.text.split()]


async def test_public_is_nobody_on_lists(county, he, qian):
    await reports(he)
    for text in ("/invite", "邀请 群众", "/unbind", "解绑 群众", "代班 群众"):
        await qian.sends(text)
        await qian.sends("取消")
    assert not any("群众" in label for label in qian.labels)


async def test_all_strangers_share_one_entry_without_phone_and_roles(county, he):
    await reports(he)
    await reports(county.phone("other"), seed=3)

    def read(session):
        row = session.scalars(select(Person).where(Person.phone == "")).one()
        return row.name, load_entry(session, row.id, now=county.clock())

    assert await county.store.read(read) == ("群众", None)
