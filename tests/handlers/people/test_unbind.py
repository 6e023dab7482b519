"""/unbind: taking a chat away from oneself, and taking somebody out of service."""

import pytest

DOOR = "您好，这里是网格工作平台，加入后才能使用"


async def test_person_unbinds_the_own_chat(county):
    wu = county.phone("wu")
    await wu.sends("解绑")
    await wu.taps("确定解绑")
    wu.sees("本聊天已解除绑定")
    assert wu.menu == ()
    await wu.sends("/me")
    wu.sees(DOOR)


async def test_person_who_thinks_again_stays(county):
    wu = county.phone("wu")
    await wu.sends("/unbind")
    await wu.taps("不解绑")
    await wu.sends("/me")
    wu.sees("吴志强")


async def test_other_chats_of_the_person_stay(county, invited):
    wu, second = county.phone("wu"), county.phone("wu2")
    await second.opens_link(await invited("wu"))
    await second.taps("是我")
    await second.sends("解绑")
    await second.taps("确定解绑")
    await wu.sends("/me")
    wu.sees("已绑定：memory")


async def test_unbound_chat_joins_again(county, invited):
    wu = county.phone("wu")
    await wu.sends("解绑")
    await wu.taps("确定解绑")
    await wu.opens_link(await invited("lin"))
    await wu.taps("是我")
    wu.sees("林晓梅，您已加入")


async def test_administrator_takes_somebody_out_of_service(county):
    qian, wu = county.phone("qian"), county.phone("wu")
    await qian.sends("解绑 吴")
    await qian.taps("吴志强（已加入）")
    assert "企业负责人（茂林镇·铜山村）" in qian.sees("为吴志强办理离岗解绑").text
    await qian.taps("确定离岗")
    qian.sees("吴志强已离岗")
    wu.sees("您的岗位已结束，本聊天已解除绑定")
    assert wu.menu == ()
    await wu.sends("/todo")
    wu.sees(DOOR)


async def test_administrator_finds_the_way_from_the_menu(county):
    qian = county.phone("qian")
    await qian.sends("/unbind")
    await qian.taps("别人离岗解绑")
    assert qian.labels[0] == "林晓梅"
    assert "钱文静（已加入）" not in qian.labels


async def test_administrator_who_thinks_again_changes_nothing(county):
    qian, wu = county.phone("qian"), county.phone("wu")
    await qian.sends("/unbind 吴志强")
    await qian.taps("吴志强（已加入）")
    await qian.taps("不办理")
    qian.sees("好的，没有变化")
    await wu.sends("/me")
    wu.sees("吴志强")


@pytest.mark.parametrize("name", ["sun", "wu", "zheng"])
@pytest.mark.parametrize("action", ["ask", "leave", "list."])
async def test_others_take_nobody_out(county, name, action):
    phone, lin = county.phone(name), county.ids["lin"]
    await phone.presses(f"unbind:{lin}:{action}")
    phone.sees("没有找到，或者已经失效")
    phone.sees_nothing_of("林晓梅")


@pytest.mark.parametrize("data", ["unbind:{qian}:leave", "unbind:999999:leave", "unbind:x:ask", "unbind:{lin}:now",
                                  "unbind:me:later"])  # fmt: skip
async def test_forged_button_sounds_like_an_unknown_one(county, data):
    qian = county.phone("qian")
    await qian.presses("nothing:1:x")
    unknown = qian.screen[-1].text
    await qian.presses(data.format(**county.ids))
    assert qian.screen[-1].text == unknown


async def test_name_of_nobody_is_not_found(county):
    qian = county.phone("qian")
    await qian.sends("解绑 没有这个人")
    qian.sees("您的网格里没有名字含「没有这个人」的人")
