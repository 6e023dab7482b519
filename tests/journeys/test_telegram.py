"""A county on Telegram, from the invite to the ledger, against a strict Bot API server."""

import pytest

from tests.journeys.running import invite, running
from tests.photos import jpeg, scene
from tests.telegram_server import TelegramServer

FOUND = "靠山加油站 卸油口静电接地线脱落 重大"


@pytest.fixture
async def county(database_url, tmp_path, clock):
    async with TelegramServer() as server:
        settings = {"telegram_bot_token": server.token, "telegram_api_base": server.api_base}
        async with running(database_url, tmp_path, clock, **settings) as (app, people):
            yield server, app, people


async def joined(county, clock, name):
    """A phone whose person has followed the invite and confirmed: two actions."""
    server, app, _people = county
    phone = server.phone(name)
    await phone.opens_link(await invite(app, clock, name))
    await phone.taps("是我")
    await phone.sees("您已加入")
    return phone


async def test_photo_with_caption_becomes_a_case_that_the_others_find(county, clock):
    lin, wu, zhou, chen = [await joined(county, clock, name) for name in ("林晓梅", "吴志强", "周敏", "陈建国")]
    await lin.sends(jpeg(scene()), FOUND)
    await lin.sees("靠山加油站")
    await lin.taps("提交")
    await lin.sees("YH20261123-0001")
    await wu.sees("隐患整改通知")
    await zhou.sends("茂林镇 重大")
    await zhou.sees("YH20261123-0001")
    await chen.sends("YH20261123-0001")
    await chen.sees("没有找到")
    assert not any("静电" in shown.text for shown in chen.screen())


async def test_manager_confirms_and_the_officer_learns_of_it(county, clock):
    lin, wu = [await joined(county, clock, name) for name in ("林晓梅", "吴志强")]
    await lin.sends_album([jpeg(scene()), jpeg(scene((800, 600)))], FOUND)
    await lin.taps("提交")
    tap = await wu.taps("确认收到")
    await tap.answered()
    await wu.sees("整改中")
    await lin.sees("整改中")


async def test_guided_report_with_a_location_takes_six_actions(county, clock):
    lin = await joined(county, clock, "林晓梅")
    await lin.sends("/report")
    await lin.sees("照片")
    await lin.sends(jpeg(scene()))
    await lin.sees("哪里")
    await lin.sends("靠山加油站")
    await lin.sees("问题")
    await lin.sends("灭火器压力不足")
    await lin.taps("提交")
    await lin.sees("YH20261123-0001")


async def test_roster_phone_joins_without_a_code_only_if_it_is_the_senders(county):
    server, _app, _people = county
    lin = server.phone("晓梅", number="+8615400000001")
    await lin.sends("/start")
    await lin.shares_contact("+8615400000001", user_id=lin.id + 1)
    await lin.sees("分享")
    assert not any("林晓梅" in shown.text for shown in lin.screen())
    await lin.shares_contact("+8615400000001", user_id=lin.id)
    await lin.taps("是我")
    await lin.sees("林晓梅")


async def test_menu_of_the_chat_is_the_persons(county, clock):
    lin = await joined(county, clock, "林晓梅")
    assert "report" in lin.commands
    assert "invite" not in lin.commands


async def test_stranger_learns_nothing(county, clock):
    await joined(county, clock, "林晓梅")
    server, *_rest = county
    he = server.phone("何")
    for text in ("/ledger", "茂林镇", "YH20261123-0001", "/help"):
        await he.sends(text)
    await he.sees("加入后才能使用")
    assert not any(word in shown.text for shown in he.screen() for word in ("林晓梅", "溪口", "待接收"))
