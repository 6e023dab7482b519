"""Whose browser it is: cookies, other sites, strangers, limits."""

import re

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.platforms.web import WebPlatform
from bot.platforms.web.doors import Door, Phone, Sessions
from bot.platforms.web.limits import Limiter
from tests.bot.platforms.web.site import running


def cookie(page, name="wangge"):
    return next(morsel for morsel in page.web.cookie_jar if morsel.key == name)


async def test_browser_keeps_its_chat(site, he):
    await he.says("你好")
    first = he.chat
    await he.reload()
    await he.says("还是我")
    assert he.chat == first


async def test_two_browsers_have_two_chats(site, he):
    other = await site.open()
    await he.says("你好")
    await other.says("你好")
    assert he.chat != other.chat
    assert len(he.chat) >= 22  # 128 bits in base64


async def test_cookie_is_kept_from_scripts_and_other_sites(he):
    morsel = cookie(he)
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
    assert not morsel["secure"]  # the test's address is plain http


async def test_cookie_is_secure_behind_https(store, media, clock):
    async with running(store, media, clock, web_base_url="https://grid.example.cn") as site:
        page = await site.open()
        assert (cookie(page, "__Host-wangge")["secure"], cookie(page, "__Host-wangge")["path"]) == (True, "/")
        assert await site.platform.link("7KQ2") == "https://grid.example.cn/#join=7KQ2"


@pytest.mark.parametrize("change", ["cut", "swap", "empty", "other-secret", "other-door"])
async def test_altered_cookie_is_none(he, change):
    value = cookie(he).value
    forged = {
        "cut": value[:-1],
        "swap": value[:5] + ("A" if value[5] != "A" else "B") + value[6:],
        "empty": "",
        "other-secret": str(Sessions("another")._serializer.dumps(["", "chat-of-lin"])),
        "other-door": value.replace(".", "..", 1),
    }[change]
    he.web.cookie_jar.clear()
    answer = await he.web.get(he.url("api/news"), cookies={"wangge": forged})
    assert answer.status == 401


def test_cookie_of_one_door_opens_no_other():
    sessions = Sessions("secret")
    value = sessions._serializer.dumps(["/demo/officer", "chat-of-lin"])

    request = make_mocked_request("GET", "/", headers={"Cookie": f"wangge={value}; wangge_manager={value}"})
    assert sessions.read(request, Door()) == ""
    assert sessions.read(request, Door("/demo/manager", "chat-of-wu", Phone("manager", "吴"))) == ""


FOREIGN = ["https://evil.example", "null", "", "http://127.0.0.1:1", "https://127.0.0.1.evil.example"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_other_site_cannot_speak_for_its_visitor(site, lin, origin):
    lin.origin = origin
    assert (await lin.post("api/send", json={"t": "send", "id": "id-00001", "text": "x"})).status == 403
    assert (await lin.uploads(b"x", "upload-1")).status == 403
    socket = await lin.web.get(lin.url("api/socket"), headers={"Origin": origin, "Upgrade": "websocket"})
    assert socket.status == 403
    assert site.received == []


async def test_request_marked_as_cross_site_is_refused(site, lin):
    headers = {"Sec-Fetch-Site": "cross-site"}
    frame = {"t": "send", "id": "id-00001", "text": "x"}
    assert (await lin.post("api/send", json=frame, headers=headers)).status == 403


async def test_page_behind_a_proxy_is_our_own(store, media, clock):
    async with running(store, media, clock, web_base_url="https://grid.example.cn") as site:
        page = await site.open(origin="https://grid.example.cn")
        value = cookie(page, "__Host-wangge").value
        frame = {"t": "send", "id": "id-00001", "text": "到"}
        answer = await page.post("api/send", json=frame, headers={"Cookie": f"__Host-wangge={value}"})
        assert answer.status == 200


async def test_stranger_may_say_five_things_a_minute(site, he):
    answers = [await he.says("喂") for _ in range(6)]
    assert [answer["t"] for answer in answers] == ["ack"] * 5 + ["refused"]
    assert 0 < answers[-1]["again"] <= 12
    assert len(site.received) == 5


async def test_member_may_say_more(lin):
    answers = [await lin.says(f"第{number}条") for number in range(30)]
    assert {answer["t"] for answer in answers} == {"ack"}


async def test_fresh_cookies_are_no_way_around_the_limit(site):
    site.platform._desk.addresses = Limiter(per_minute=5, burst=5)
    answers = [await (await site.open()).says("喂") for _ in range(6)]
    assert [answer["t"] for answer in answers] == ["ack"] * 5 + ["refused"]


@pytest.mark.parametrize(
    "text", ["/start 7KQ2-M0XD-9V4H-TE6B", "7KQ2-M0XD-9V4H-TE6B", "邀请码:7kq2m0xd9v4hte6b", "/start@bot x"]
)
async def test_invite_code_is_not_kept_in_the_history(site, he, text):
    await he.says(text)
    assert site.received[-1].text == text
    assert re.fullmatch(r"(/start )?•+", (await he.words())[-1])


async def test_number_of_a_hazard_is_kept_in_the_history(lin):
    await lin.says("YH20261123-0001")
    assert (await lin.words())[-1] == "YH20261123-0001"


def test_limiter_lets_through_again_with_time():
    now = [0.0]
    limiter = Limiter(per_minute=60, burst=2, clock=lambda: now[0])
    assert [limiter.take("a"), limiter.take("a")] == [0, 0]
    assert limiter.take("a") == pytest.approx(1)
    assert limiter.take("b") == 0
    now[0] = 1.0
    assert limiter.take("a") == 0


def test_limiter_forgets_who_is_quiet(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("bot.platforms.web.limits.MANY", 10)
    limiter = Limiter(per_minute=60, burst=2, clock=lambda: now[0])
    for number in range(10):
        limiter.take(str(number))
    now[0] = 60.0
    limiter.take("one more")
    assert len(limiter._buckets) == 1


def test_demo_is_refused_where_others_can_reach_it(media, clock):
    from bot.platforms.base import Context, DemoPage
    from bot.settings import Settings
    from models.content import Place

    settings = Settings(platforms=("web",), web_listen="0.0.0.0:8080")
    page = DemoPage((("officer", 1, "网格员"),), Place(30, 118), "")
    with pytest.raises(ValueError, match="no login"):
        WebPlatform(Context(settings, None, media, clock, page))
