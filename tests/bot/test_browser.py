"""The chat page in a real browser, at the size of a phone, with a small bot behind it."""

import asyncio
import os
import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

playwright = pytest.importorskip("playwright.async_api")

from models.content import Button, Card, MenuEntry  # noqa: E402 - after the check for the browser's library
from models.errors import StorageFailed  # noqa: E402
from models.session import open_store  # noqa: E402
from tests import photos  # noqa: E402
from tests.bot.platforms.web import site as sites  # noqa: E402
from tests.bot.platforms.web.echo import EchoSite  # noqa: E402
from tests.bot.platforms.web.screens import FLAGS, PHONE, Screen  # noqa: E402
from tests.bot.platforms.web.site import unbind  # noqa: E402
from tests.factories import cast  # noqa: E402

expect = playwright.expect
KEPT = """new Promise((done) => navigator.serviceWorker.controller ? done()
  : navigator.serviceWorker.addEventListener("controllerchange", () => done()))"""
CHROMIUM = os.environ.get("WANGGE_CHROMIUM", "/usr/bin/chromium")


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(missing):
    if not Path(CHROMIUM).exists():
        missing("the browser (chromium)")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def site(sqlite_database, media, clock, monkeypatch):
    monkeypatch.setattr(sites, "Site", EchoSite)
    monkeypatch.setattr("bot.platforms.web.desk.AGAIN_S", 0.1)
    store = open_store(sqlite_database)
    people = await store.write(lambda session: cast(session, clock()))
    async with sites.running(store, media, clock) as site:
        site.people = people
        yield site
    await store.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phones(site, browser):
    """Open phones: `await phones("lin")` is 林's, bound; without a name it is a stranger's."""
    opened = []

    async def phone(name="", path="/", **options):
        options = {"viewport": PHONE, "locale": "zh-CN", "has_touch": True, **options}
        context = await browser.new_context(**options)
        context.set_default_timeout(15_000)
        screen = Screen(site, context, await context.new_page())
        opened.append(screen)
        await screen.opens(path)
        if name:
            screen.chat = await screen.belongs_to(site.people[name])
        return screen

    yield phone
    for screen in opened:
        await screen.context.close()
    assert [problem for screen in opened for problem in screen.problems] == []


@pytest.fixture
def photo():
    return photos.jpeg(photos.scene((1280, 960)))


@asynccontextmanager
async def offline(screen):
    await screen.context.set_offline(True)
    await expect(screen.page.locator("#notice")).to_contain_text("网络不通")
    yield
    await screen.context.set_offline(False)


async def test_hazard_goes_from_one_phone_to_the_other(site, phones, photo):
    lin, wu = await phones("lin"), await phones("wu")
    site.tells = [wu.chat]
    await lin.picks(photo)
    await lin.says("靠山加油站 安全出口被堵")
    await lin.sees("请核对后提交")
    await lin.taps("提交")
    await lin.sees("已登记")
    await wu.sees("隐患整改通知")
    await expect(wu.page.locator(".card .photo img")).to_be_visible()
    assert [len(incoming.photos) for incoming in site.received if incoming.photos] == [1]


async def test_photo_opens_large_and_closes(phones, photo):
    lin = await phones("lin")
    await lin.picks(photo, photo)
    await lin.taps("发送")
    await lin.sees("请核对后提交")
    await lin.page.locator(".card .photo").first.click()
    viewer = lin.page.locator("#viewer")
    await expect(viewer).to_be_visible()
    await expect(viewer.locator("#count")).to_have_text("1 / 2")
    await lin.page.keyboard.press("ArrowRight")
    await expect(viewer.locator("#count")).to_have_text("2 / 2")
    await lin.page.go_back()  # the phone's back key
    await expect(viewer).to_be_hidden()
    await lin.sees("请核对后提交")


async def test_several_photos_are_one_message(site, phones):
    lin = await phones("lin")
    await lin.picks(*(photos.jpeg(photos.scene((320, 240), seed=seed)) for seed in range(4)))
    await lin.taps("发送")
    await lin.sees("请核对后提交")
    assert [len(incoming.photos) for incoming in site.received if incoming.photos] == [4]


async def test_written_offline_is_sent_once_and_in_order(site, phones, photo):
    lin = await phones("lin")
    async with offline(lin):
        await lin.says("第一条")
        await lin.picks(photo)
        await lin.says("第二条，有照片")
        await lin.says("第三条")
        await expect(lin.page.get_by_text("待发送")).to_have_count(3)
    await lin.sees("收到：第三条")
    await expect(lin.page.get_by_text("待发送")).to_have_count(0)
    texts = [incoming.text for incoming in site.received]
    assert texts == ["你好", "第一条", "第二条，有照片", "第三条"]


async def test_written_offline_survives_closing_the_page(site, phones, photo):
    lin = await phones("lin")
    await lin.page.evaluate(KEPT)
    async with offline(lin):
        await lin.picks(photo)
        await lin.says("没有信号")
        await lin.sees("待发送")
        await lin.page.reload()
        await lin.sees("待发送")
    await lin.sees("请核对后提交")
    assert [incoming.text for incoming in site.received] == ["你好", "没有信号"]


async def test_unconfirmed_message_is_repeated_and_happens_once(site, phones):
    lin = await phones("lin")
    site.refuses = StorageFailed("disk full")
    await lin.says("重要")
    # It waits; as soon as the refusal has come, the page says why.
    await expect(lin.page.locator(".status")).to_contain_text(re.compile("待发送|暂时无法保存，稍后会自动重试"))
    site.refuses = None
    await lin.sees("收到：重要")
    assert [incoming.text for incoming in site.received] == ["你好", "重要"]
    assert (await lin.words()).count("重要") == 1


async def test_reconnecting_page_catches_up(site, phones):
    lin = await phones("lin")
    async with offline(lin):
        for number in range(3):
            await site.shows(lin.chat, f"第{number}条通知")
    await lin.sees("第2条通知")
    assert (await lin.words())[-3:] == ["第0条通知", "第1条通知", "第2条通知"]


async def test_pressed_button_answers_at_once_and_only_once(site, phones):
    lin = await phones("lin")
    site.silent = True
    await site.shows(
        lin.chat, Card(lines=("收到了吗",), buttons=((Button("收到", "w:1:ack"), Button("取消", "w:1:no")),))
    )
    await lin.taps("收到")
    await expect(lin.page.locator(".button.pressed")).to_have_count(1)
    await expect(lin.page.locator(".card .button:disabled")).to_have_count(2)
    await asyncio.gather(*(lin.page.locator(".card .button").first.dispatch_event("click") for _ in range(3)))
    assert [incoming.data for incoming in site.received if incoming.kind == "press"] == ["w:1:ack"]
    await site.shows(lin.chat, "知道了")
    await expect(lin.page.locator(".card .button:disabled")).to_have_count(0)


async def test_invite_link_joins_and_leaves_no_trace(site, phones):
    he = await phones(path="/#join=7KQ2M0XD9V4HTE6B")
    await he.sees("您好")
    assert site.received[0].text == "/start 7KQ2M0XD9V4HTE6B"
    assert "join" not in he.page.url
    assert "7KQ2" not in "".join(await he.words())


async def test_stranger_joins_by_typing_the_code(site, phones):
    he = await phones()
    await expect(he.page.locator("#welcome")).to_be_visible()
    await he.page.fill("#code", "7KQ2-M0XD-9V4H-TE6B")
    await he.taps("加入")
    await he.sees("您好")
    assert site.received[0].text == "/start 7KQ2-M0XD-9V4H-TE6B"


async def test_refused_location_is_explained(site, phones):
    lin = await phones("lin")
    await lin.says("定位")
    await lin.sees("隐患在哪里")
    await lin.taps("发送我的位置")
    await expect(lin.page.locator("#toast")).to_contain_text("请在浏览器设置里允许定位")


async def test_allowed_location_is_sent(site, phones):
    where = {"latitude": 30.53, "longitude": 118.21}
    lin = await phones("lin", geolocation=where, permissions=["geolocation"])
    await lin.says("定位")
    await lin.taps("发送我的位置")
    await lin.sees("位置：30.53, 118.21")


async def test_unbound_browser_shows_nothing_any_more(site, phones, clock):
    lin = await phones("lin")
    await site.shows(lin.chat, "林的待办")
    await lin.sees("林的待办")
    await site.store.write(lambda session: unbind(session, lin.chat, clock()))
    await site.platform._hub.look()
    await expect(lin.page.locator("#welcome")).to_be_visible()
    await expect(lin.page.get_by_text("林的待办")).to_have_count(0)


async def test_unbound_by_the_own_button_leaves_only_the_farewell(site, phones, clock):
    lin = await phones("lin")
    asked = await site.shows(lin.chat, Card(lines=("林晓梅，要解绑吗？",)))
    await lin.sees("林晓梅")
    await site.store.write(lambda session: unbind(session, lin.chat, clock()))
    await site.shows(lin.chat, "本聊天已解除绑定。", "edit", asked)
    await lin.sees("本聊天已解除绑定。")
    await expect(lin.page.locator("#typing")).to_be_hidden()
    await expect(lin.page.get_by_text("林晓梅")).to_have_count(0)


async def test_lost_cookie_makes_a_stranger_who_sends_nothing_of_before(site, phones):
    lin = await phones("lin")
    async with offline(lin):
        await lin.says("林写的")
        await lin.sees("待发送")
        await lin.context.clear_cookies()
    await expect(lin.page.locator("#welcome")).to_be_visible()
    await lin.sees("登录身份已变")
    assert [incoming.text for incoming in site.received] == ["你好"]
    await lin.taps("重发")
    await lin.sees("收到：林写的")
    assert site.received[-1].chat != lin.chat


async def test_two_tabs_send_what_was_written_once(site, phones):
    lin = await phones("lin")
    other = await lin.context.new_page()
    await other.goto(lin.page.url)
    async with offline(lin):
        await lin.says("只有一次")
        await lin.sees("待发送")
    await lin.sees("收到：只有一次")
    await expect(other.get_by_text("收到：只有一次")).to_be_visible()
    assert [incoming.text for incoming in site.received] == ["你好", "只有一次"]


async def test_menu_sends_the_command_and_reads_as_its_name(site, phones):
    lin = await phones("lin")
    await site.shows(lin.chat, Card(menu=(MenuEntry("report", "上报隐患"),)))
    await lin.page.click("#menu")
    await lin.taps("上报隐患")
    await lin.sees("收到：/report")
    assert "上报隐患" in await lin.words()


async def test_words_of_people_are_never_markup(site, phones):
    lin = await phones("lin")
    nasty = "<img src=x onerror=alert(1)><b>粗</b> javascript:alert(1) YH20261123-0001"
    await lin.says(nasty)
    await site.shows(lin.chat, Card(title=nasty, lines=(nasty,), buttons=((Button(nasty, "a:1:b"),),)))
    await expect(lin.page.locator(".card-title")).to_have_text(nasty)
    assert await lin.page.locator("#log b, #log img").count() == 0
    await lin.page.locator(".card-lines .word").click()
    await lin.sees("收到：YH20261123-0001")


async def test_unread_messages_are_counted_and_reached(site, phones):
    lin = await phones("lin")
    for number in range(30):
        await site.shows(lin.chat, f"第{number}条")
    await lin.sees("第29条")
    await lin.page.evaluate("document.getElementById('scroller').scrollTop = 0")
    await expect(lin.page.locator("#latest")).to_have_text("回到最新")
    await site.shows(lin.chat, "新的通知")
    await expect(lin.page.locator("#latest")).to_have_text("1 条新消息")
    await expect(lin.page).to_have_title("(1) 应急网格")
    await lin.page.click("#latest")
    await expect(lin.page).to_have_title("应急网格")


async def test_older_messages_come_while_scrolling_up(site, phones):
    lin = await phones("lin")
    for number in range(120):
        await site.shows(lin.chat, f"第{number}条")
    await lin.page.reload()
    await lin.sees("第119条")
    assert await lin.page.get_by_text("第0条", exact=True).count() == 0
    for _ in range(3):
        await lin.page.evaluate("document.getElementById('scroller').scrollTop = 0")
        await lin.page.wait_for_timeout(150)
    await expect(lin.page.get_by_text("第0条", exact=True)).to_have_count(1)
    words = await lin.words()
    assert words[-120:] == [f"第{number}条" for number in range(120)]


async def test_large_letters_and_english_are_remembered(phones):
    he = await phones()
    await he.page.click("#size")
    await he.page.click("#more")
    await he.taps("English")
    await he.page.reload()
    await expect(he.page.locator("html")).to_have_class("big")
    await expect(he.page.locator("#size")).to_have_text("Large")
    await expect(he.page.locator("#text")).to_have_attribute("placeholder", "Type or take a photo")


async def test_page_works_where_sockets_do_not_get_through(site, phones):
    lin = await phones("lin")
    broken = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose && this.onclose(), 5); } };"
    await lin.page.add_init_script(broken)
    await lin.page.reload()
    await expect(lin.page.locator("#notice")).to_contain_text("备用方式")
    await lin.says("还在")
    await lin.sees("收到：还在")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_page_fits_and_reads_well_on_the_smallest_phone(site, phones, photo, scheme):
    lin = await phones("lin", viewport={"width": 320, "height": 568}, color_scheme=scheme)
    await lin.page.click("#size")
    await lin.picks(photo)
    await lin.says("靠山加油站安全出口被纸箱堵住" * 4 + "https://example.com/" + "x" * 80)
    await lin.sees("请核对后提交")
    for tone in ("good", "warn", "alarm"):
        await site.shows(lin.chat, Card(title="暴雨红色预警", lines=("范围：茂林镇", "联系人：13900000000"), tone=tone))
    await lin.sees("13900000000")
    for opener in ("menu", "attach", "more"):
        await lin.page.click(f"#{opener}")
        assert await lin.overflow() <= 0
        assert await lin.weak_contrasts() == []


async def test_everything_can_be_done_by_keyboard(site, phones, photo):
    lin = await phones("lin")
    await lin.page.locator("#attach").focus()
    await lin.page.keyboard.press("Enter")
    await expect(lin.page.locator(".tile").first).to_be_focused()
    await lin.page.keyboard.press("Escape")
    await expect(lin.page.locator("#attach")).to_be_focused()
    await site.shows(lin.chat, Card(lines=("收到了吗",), buttons=((Button("收到", "w:1:ack"),),)))
    await lin.page.get_by_role("button", name="收到", exact=True).focus()
    await lin.page.keyboard.press("Enter")
    await lin.sees("已登记")
