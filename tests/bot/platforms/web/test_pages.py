"""The page, its static files, the demo page, and the server's own addresses."""

import json
import re

import pytest

from bot.listen import is_loopback, read_address
from bot.platforms.base import DemoPage
from bot.platforms.web.pages import STATIC, show_policy
from models.content import Place
from tests.bot.platforms.web.site import running


def links(html):
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', html)


async def test_page_and_all_it_names_are_there(site, he):
    html = await he.reload()
    assert "{{" not in html
    for path in links(html):
        answer = await he.web.get(site.server.make_url(path))
        assert (answer.status, path) == (200, path)
        assert "immutable" in answer.headers["Cache-Control"]
        assert b"{{" not in await answer.read()


async def test_every_module_that_a_module_names_is_there():
    for path in (STATIC / "js").glob("*.js"):
        for name in re.findall(r'from "\./([\w.]+)"', path.read_text()):
            assert (STATIC / "js" / name).is_file(), f"{path.name} imports {name}"


async def test_every_style_names_icons_that_are_there():
    for path in (STATIC / "css").glob("*.css"):
        for name in re.findall(r'url\("\.\./([\w./-]+)"\)', path.read_text()):
            assert (STATIC / name).is_file(), f"{path.name} wants {name}"


def test_page_has_no_inline_code():
    for path in STATIC.glob("*.html"):
        html = path.read_text()
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", html), path.name


def test_scripts_never_write_markup():
    for path in (STATIC / "js").glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", path.read_text())


async def test_page_allows_nothing_from_elsewhere(he):
    answer = await he.get("")
    policy = answer.headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_policy_takes_no_words_from_a_strange_host():
    assert "evil" not in show_policy("a; script-src https://evil.example")
    assert "ws://[::1]:8080" in show_policy("[::1]:8080")


async def test_page_can_be_sent_compressed(site, he):
    html = await he.reload()
    script = next(path for path in links(html) if path.endswith("main.js"))
    answer = await he.web.get(site.server.make_url(script), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"import" in await answer.read()


@pytest.mark.parametrize("name", ["index.html", "../pages.py", "js/none.js", "%2e%2e/desk.py"])
async def test_nothing_else_is_a_static_file(site, he, name):
    base = site.platform._pages.base
    assert (await he.web.get(site.server.make_url(f"{base}/{name}"))).status == 404


async def test_static_file_of_another_version_is_gone(site, he):
    assert (await he.web.get(site.server.make_url("/static/0123456789abcdef/js/main.js"))).status == 404


async def test_worker_keeps_the_page_for_offline(site, he):
    answer = await he.get("sw.js")
    text = await answer.text()
    shell = json.loads(re.search(r"SHELL = (\[.*?\]);", text)[1])
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert {path.rpartition("/")[2] for path in shell} >= {"main.js", "chat.css", "logo.svg"}
    for path in shell:
        assert (await he.web.get(site.server.make_url(path))).status == 200


async def test_no_answer_names_the_version_of_the_server(site, he):
    for path in ("", "nowhere", "demo"):
        assert (await he.get(path)).headers["Server"] == "wangge"


async def test_without_demo_there_is_no_demo(site, he):
    for path in ("demo", "demo/", "demo/officer/", "demo/officer/api/news"):
        assert (await he.get(path)).status == 404


@pytest.fixture
async def demo(store, media, clock, people):
    page = DemoPage(
        (("officer", people["lin"], "网格员 林晓梅"), ("manager", people["wu"], "企业负责人 吴志强")),
        Place(30.53, 118.21),
        'A&B"加油站',
    )
    async with running(store, media, clock, demo=page) as site:
        yield site


async def test_demo_phones_need_no_login(demo):
    officer, manager = await demo.open("/demo/officer"), await demo.open("/demo/manager")
    assert (await officer.news())[0]["name"] == "林晓梅"
    assert (await manager.news())[0]["name"] == "吴志强"


async def test_demo_phones_are_greeted_once(demo):
    greeted = [incoming.event_id for incoming in demo.received]
    assert [incoming.text for incoming in demo.received] == ["/start", "/start"]
    await demo.platform.start(demo.receive)
    assert [incoming.event_id for incoming in demo.received] == greeted * 2  # known to the inbox


async def test_demo_phones_live_in_one_browser(demo):
    phone = await demo.open("/demo/officer")
    assert (await phone.web.get(demo.server.make_url("/demo/manager/"))).status == 200
    assert (await phone.news())[0]["name"] == "林晓梅"
    other = await phone.web.get(demo.server.make_url("/demo/manager/api/news"))
    assert (await other.json())["frames"][0]["name"] == "吴志强"


async def test_demo_page_knows_its_phones_and_the_sample(demo):
    page = await demo.open("/demo")
    html = await page.reload()
    assert "网格员 林晓梅" in html
    phone = await (await demo.open("/demo/officer")).reload()
    assert 'data-lat="30.53"' in phone
    assert 'data-enterprise="A&amp;B&quot;加油站"' in phone


async def test_demo_phone_without_a_person_is_a_strangers(store, media, clock, people):
    page = DemoPage((("officer", people["lin"], "网格员 林晓梅"), ("public", None, "群众")), Place(30.53, 118.21), "")
    async with running(store, media, clock, demo=page) as site:
        he = await site.open("/demo/public")
        await he.says("你好")
        assert (await he.news())[0]["name"] == ""
        assert site.received[-1].chat != site.received[0].chat


@pytest.mark.parametrize("host", ["evil.example", "grid.local:8080", "127.0.0.1.evil.example"])
async def test_demo_answers_to_this_machine_only(demo, host):
    page = await demo.open()
    for path in ("demo/", "demo/officer/"):
        assert (await page.web.get(page.url(path), headers={"Host": host})).status == 404


async def test_unknown_phone_of_the_demo_is_not_there(demo):
    page = await demo.open()
    assert (await page.get("demo/nobody/")).status == 404
    assert (await page.get("demo/nobody/api/news")).status == 404


async def test_healthy_server_says_so(site, he):
    assert (await (await he.get("healthz")).text()) == "ok\n"
    answer = await he.get("readyz")
    assert answer.status == 200
    assert await answer.json() == {
        "ready": True, "database": True, "role": "leader", "platforms": {"web": True},
    }  # fmt: skip


async def test_server_without_database_is_not_ready(site, he, monkeypatch):
    async def away(_unit):
        raise ConnectionError

    monkeypatch.setattr(site.store, "read", away)
    answer = await he.get("readyz")
    assert answer.status == 503
    assert (await answer.json())["database"] is False
    assert (await he.get("healthz")).status == 200


async def test_metrics_count_and_name_nobody(site, lin):
    await lin.says("到")
    async with lin.socket() as line:
        await line.hears("page")
        text = await (await lin.get("metrics")).text()
    assert "wangge_web_pages_open 1.0" in text
    assert "wangge_inbox_waiting" in text
    assert lin.chat not in text


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:80", ("::1", 80)), ("localhost:0", ("localhost", 0))],
)
def test_address_is_split(address, parts):
    assert read_address(address) == parts
    assert is_loopback(parts[0])


@pytest.mark.parametrize("address", ["8080", ":8080", "host:", "host:x", "host:70000"])
def test_wrong_address_is_refused(address):
    with pytest.raises(ValueError, match="host:port"):
        read_address(address)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "grid.example.cn"])
def test_open_address_is_no_loopback(host):
    assert not is_loopback(host)
