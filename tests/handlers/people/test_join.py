"""Joining, as the people of the stories live it."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import func, select

from models.people.codes import make_code
from models.people.roster import do_end_roles
from models.people.tables import Account, Person, Role
from tests.factories import NEXT_VILLAGE, VILLAGE, add_person, add_role

DOOR = "您好，这里是网格工作平台，加入后才能使用"
WRONG = "邀请码不对或已失效"


async def count_accounts(county):
    return await county.store.read(lambda session: session.scalar(select(func.count()).select_from(Account)))


async def test_link_and_one_tap_join(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    await lin.taps("是我")
    assert lin.actions == 2
    assert "茂林镇·铜山村" in lin.sees("林晓梅，您已加入").text
    assert "网格员（茂林镇·铜山村）" in lin.sees("林晓梅，您已加入").text
    lin.sees("待办")
    assert {"todo", "me", "help", "lang"} <= set(lin.menu)
    assert "invite" not in lin.menu


async def test_question_shows_the_roster_entry(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    assert lin.sees("是本人吗").text == "请核对：是本人吗？\n姓名：林晓梅\n网格员（茂林镇·铜山村）"
    assert lin.labels == ["是我", "不是我"]
    assert await count_accounts(county) == 5


@pytest.mark.parametrize("pattern", ["{}", "邀请码：{}", "memory://join/?join={}", "/start {}"])
async def test_code_may_be_typed_in_many_ways(county, invited, pattern):
    lin = county.phone("lin")
    code = await invited("lin")
    await lin.sends(pattern.format(code.lower().replace("0", "o")))
    await lin.taps("是我")
    lin.sees("林晓梅，您已加入")


async def test_own_phone_number_joins(county):
    lin = county.phone("lin")
    await lin.sends("/start")
    assert county.platform.asks["lin"] == "contact"
    await lin.shares_contact("+86 199 0000 0001")
    await lin.sends("是我")
    lin.sees("林晓梅，您已加入")


async def test_phone_number_of_another_is_refused(county):
    he = county.phone("he")
    await he.shares_contact("19900000001", verified=False)
    he.sees("只能用您自己的手机号加入")
    he.sees_nothing_of("林晓梅")
    assert await count_accounts(county) == 5


async def test_phone_number_of_nobody_is_refused(county):
    he = county.phone("he")
    await he.shares_contact("19900009999")
    he.sees("名册里没有您这个手机号")


async def test_not_me_binds_nobody_and_tells_who_sent_it(county, invited):
    he, sun = county.phone("he"), county.phone("sun")
    code = await invited("lin", by="sun")
    await he.opens_link(code)
    await he.taps("不是我")
    he.sees("没有绑定任何人")
    sun.sees("有人加入时选了“不是我”")
    await he.opens_link(code)
    he.sees(WRONG)
    assert await count_accounts(county) == 5


async def test_wrong_used_and_expired_codes_sound_alike(county, invited):
    he, lin = county.phone("he"), county.phone("lin")
    code = await invited("lin")
    await lin.opens_link(code)
    await lin.taps("是我")
    await he.opens_link(code)
    expired = await invited("chen")
    county.clock.advance(days=7)
    await he.opens_link(expired)
    await he.opens_link(make_code())
    assert len([message for message in he.screen if WRONG in message.text]) == 3


async def test_fifth_wrong_code_locks_out_for_an_hour(county, invited):
    he = county.phone("he")
    for _ in range(5):
        await he.opens_link(make_code())
    he.sees("请在2026年11月23日 10:00以后再试")
    await he.sends(await invited("lin"))
    he.sees_nothing_of("是本人吗")
    county.clock.advance(minutes=county.rules.joining.lock_minutes)
    await he.sends(await invited("lin"))
    he.sees("是本人吗")


async def test_question_survives_a_restart(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    county.clock.advance(hours=20)
    await lin.sends("你好")
    assert lin.labels == ["是我", "不是我"]
    await lin.taps("是我")
    lin.sees("林晓梅，您已加入")


async def test_code_is_checked_again_at_the_tap(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    await invited("lin")
    await lin.taps("是我")
    lin.sees(WRONG)
    assert await count_accounts(county) == 5


async def test_two_chats_tapping_at_once_bind_one(county, invited):
    chats = [county.phone(f"chat{number}") for number in range(6)]
    code = await invited("lin")
    for chat in chats:
        await chat.opens_link(code)
    taps = [chat.press(chat.screen[-1].buttons[0][1], chat.screen[-1].id) for chat in chats]
    await asyncio.gather(*(county.happens(tap) for tap in taps))
    welcomes = [chat.chat for chat in chats if any("您已加入" in message.text for message in chat.screen)]
    refusals = [chat.chat for chat in chats if any(WRONG in message.text for message in chat.screen)]
    assert (len(welcomes), len(refusals), await count_accounts(county)) == (1, 5, 6)


async def test_tapping_twice_joins_once(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    message = lin.screen[-1]
    taps = [lin.press(message.buttons[0][1], message.id) for _ in range(2)]
    await county.happens(*taps)
    assert "林晓梅，您已加入" in lin.screen[0].text
    lin.sees_nothing_of(DOOR)


async def test_button_of_another_chats_question_opens_nothing(county, invited):
    lin, he = county.phone("lin"), county.phone("he")
    await lin.opens_link(await invited("lin"))
    await he.presses(lin.screen[-1].buttons[0][1])
    he.sees(DOOR)
    assert await count_accounts(county) == 5


async def test_first_chat_is_told_to_the_grid_head(county, invited):
    lin, sun = county.phone("lin"), county.phone("sun")
    await lin.opens_link(await invited("lin"))
    await lin.taps("是我")
    assert "网格员（茂林镇·铜山村）" in sun.sees("林晓梅已加入").text


async def test_second_chat_is_told_to_the_first(county, invited):
    wu, new = county.phone("wu"), county.phone("new")
    await new.opens_link(await invited("wu"))
    await new.taps("是我")
    new.sees("吴志强，您已加入")
    wu.sees("您的身份刚刚绑定了另一个聊天")


async def test_link_for_another_person_asks_to_unbind_first(county, invited):
    wu = county.phone("wu")
    await wu.opens_link(await invited("lin"))
    wu.sees("这份邀请是发给别人的，本聊天已经绑定吴志强")
    wu.sees_nothing_of("林晓梅")


async def test_own_link_again_says_already_joined(county, invited):
    lin = county.phone("lin")
    code = await invited("lin")
    await lin.opens_link(code)
    await lin.taps("是我")
    lin.clears()
    await lin.sends(code)
    lin.sees("林晓梅，您已加入")


async def test_bound_person_cannot_guess_codes_either(county):
    wu = county.phone("wu")
    for _ in range(5):
        await wu.opens_link(make_code())
    wu.sees("输错的次数太多")


async def test_start_of_a_bound_person_greets(county):
    wu = county.phone("wu")
    await wu.sends("/start")
    wu.sees("吴志强，您已加入")
    await wu.shares_contact("19900000004")
    wu.sees("您已经加入，不用再分享手机号")


async def test_english_phone_reads_english_from_the_first_contact(county, invited):
    lin = county.phone("lin", lang="en")
    await lin.opens_link(await invited("lin"))
    await lin.presses(lin.screen[-1].buttons[0][1], lin.screen[-1].id)
    person = await county.store.read(lambda session: session.get(Person, county.ids["lin"]))
    assert person.lang == "en"


async def test_role_that_begins_later_joins_and_waits(county):
    def unit(session):
        guest = add_person(session, "方来", "19900000023", now=county.clock())
        add_role(session, guest, Role.OFFICER, NEXT_VILLAGE, starts_on="2026-12-01")

    await county.store.write(unit)
    fang = county.phone("fang")
    await fang.shares_contact("19900000023")
    await fang.taps("是我")
    fang.sees("您的岗位从2026年12月1日起生效")
    assert fang.menu == ()


async def test_person_of_several_roles_reads_them_all(county, invited):
    await county.store.write(lambda s: add_role(s, county.ids["lin"], Role.RESCUER, VILLAGE, "danger"))
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    assert "救援队员（茂林镇·铜山村，danger）" in lin.sees("是本人吗").text


async def test_who_left_before_the_tap_is_not_let_in(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    yesterday = date(2026, 11, 22)
    await county.store.write(lambda session: do_end_roles(session, county.ids["lin"], last_day=yesterday))
    await lin.taps("是我")
    lin.sees(WRONG)
    await lin.sends("是我")
    lin.sees(DOOR)
