"""随手拍 on Telegram, through the whole product: 何 reports, 林 looks into it, 何 hears the outcome and no name."""

import attrs
import pytest

from tests.journeys.running import RULES, invite, running
from tests.photos import jpeg, scene
from tests.telegram_server import TelegramServer

OPEN = attrs.evolve(RULES, public=attrs.evolve(RULES.public, enabled=True))
CAST = ("林晓梅", "孙立新", "吴志强", "1540000")


@pytest.fixture
async def county(database_url, tmp_path, clock):
    async with TelegramServer() as server:
        settings = {"telegram_bot_token": server.token, "telegram_api_base": server.api_base}
        async with running(database_url, tmp_path, clock, rules=OPEN, **settings) as (app, people):
            yield server, app, people


async def test_stranger_reports_and_hears_the_outcome(county, clock):
    server, app, _people = county
    lin, he = server.phone("林晓梅"), server.phone("何")
    await lin.opens_link(await invite(app, clock, "林晓梅"))
    await lin.taps("是我")
    await he.sends("/start")
    await he.sees("随手拍")
    await he.sends(jpeg(scene()), "溪口村村口电线杆歪了，快碰到树")
    await he.taps("提交")
    await he.sees("已收到，编号 YH20261123-0001")
    await lin.taps("核实属实")
    await he.sees("您上报的YH20261123-0001经核实，情况属实，正在处理。")
    assert not any(word in shown.text for shown in he.screen() for word in CAST)


async def test_stranger_is_asked_for_the_location_with_a_key_of_the_app(county):
    server, _app, _people = county
    he = server.phone("何")
    await he.sends(jpeg(scene()))
    await he.sees("在哪里？")
    await he.sees("发送位置")
    await he.sends("桃花潭镇")
    await he.sees("有什么问题？")


async def test_both_ways_stand_on_the_first_card(county):
    server, _app, _people = county
    he = server.phone("何")
    await he.sends("/start")
    await he.taps("加入")
    await he.sees("输入邀请码")
    await he.taps("随手拍")
    await he.sees("请发现场照片")
