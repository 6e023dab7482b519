"""The newcomer's journey: `python -m bot demo`, a phone-sized browser, report → notice → ledger."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

playwright = pytest.importorskip("playwright.sync_api")

from tests.bot.platforms.web.screens import FLAGS, PHONE  # noqa: E402 - after the check for the browser's library

expect = playwright.expect
CHROMIUM = os.environ.get("WANGGE_CHROMIUM", "/usr/bin/chromium")
ROOT = Path(__file__).resolve().parents[2]
START_S = 60


@pytest.fixture
def demo(tmp_path):
    """The demo, started as a newcomer starts it; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    own = {
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/demo.db", "MEDIA_URL": str(tmp_path / "media"),
        "WEB_LISTEN": address, "PLATFORMS": "web",
    }  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo"], cwd=ROOT, env={**os.environ, **own}, stdout=log, stderr=log
        )
        try:
            assert is_ready(f"http://{address}/readyz", process), (tmp_path / "log").read_text()
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(20)


def is_ready(url, process):
    """Wait until the server says that it is ready; false if it ended or takes too long."""
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        try:
            return urlopen(url, timeout=2).status == 200
        except (URLError, OSError):
            time.sleep(0.1)  # it is starting: there is nothing else to wait for
    return False


@pytest.fixture
def window(missing):
    """A browser window of the size of a phone; the test fails if a page of it reports an error."""
    if not Path(CHROMIUM).exists():
        missing("the browser (chromium)")
    problems = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport=PHONE, device_scale_factor=3, locale="zh-CN", has_touch=True).new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()
    assert problems == []


def phone(window, title, key):
    """Take one of the phones into the hand."""
    window.get_by_role("tab", name=title).click()
    return window.frame_locator(f"#phone-{key} iframe")


IS_WHOLE = """(frame) => {
  const image = frame.querySelector("img"), box = image.getBoundingClientRect();
  const natural = image.naturalWidth / image.naturalHeight;
  const isShown = Math.abs(box.width / box.height - natural) < 0.03 * natural;
  return image.complete && image.naturalWidth > 0 && isShown && box.height <= frame.getBoundingClientRect().height + 1;
}"""


def test_newcomer_reports_and_finds_a_hazard(demo, window):
    window.goto(f"{demo}/demo")
    lin = phone(window, "网格员", "officer")
    lin.locator("#attach").click()
    lin.get_by_role("button", name="示例照片").click()
    expect(lin.locator("#text")).to_have_value("靠山加油站 安全出口被纸箱堵住")
    lin.get_by_role("button", name="发送", exact=True).click()
    lin.get_by_role("button", name="提交", exact=True).click()
    expect(lin.locator(".card-title", has_text="YH2")).to_be_visible()

    expect(window.get_by_role("tab", name="企业负责人").locator(".dot")).to_be_visible()
    wu = phone(window, "企业负责人", "manager")
    expect(wu.get_by_text("隐患整改通知").last).to_be_visible()
    expect(wu.locator(".card .photo img").last).to_be_visible()
    # The band with number, time and place is part of the picture: a card shows the picture whole.
    picture = wu.locator(".card .photos.one .photo").last
    deadline = time.monotonic() + 10
    while not picture.evaluate(IS_WHOLE) and time.monotonic() < deadline:
        window.wait_for_timeout(50)
    assert picture.evaluate(IS_WHOLE)
    wu.locator(".card .photo").last.click()
    expect(wu.locator("img[src*='/copy?v=']")).to_be_visible()  # with its watermark
    window.keyboard.press("Escape")

    zhou = phone(window, "监管员", "supervisor")
    zhou.locator("#text").fill("台账 靠山加油站")
    zhou.locator("#text").press("Enter")
    zhou.locator(".message:last-child .word").first.click()
    expect(zhou.locator(".message:last-child .photo img")).to_be_visible()


def test_demo_speaks_its_visitors_language_and_nobody_has_said_so(demo, window):
    window.goto(f"{demo}/demo")
    lin = phone(window, "网格员", "officer")
    expect(lin.get_by_text("林晓梅，您已加入")).to_be_visible()
    for locale, greeting, button in (("en-GB", "you have joined", "To do"), ("zh-CN", "您已加入", "待办")):
        visitor = window.context.browser.new_context(viewport=PHONE, locale=locale).new_page()
        visitor.goto(f"{demo}/demo")
        frame = visitor.frame_locator("#phone-officer iframe")
        expect(frame.get_by_text(greeting)).to_be_visible()
        expect(frame.locator(".card").get_by_role("button", name=button, exact=True).first).to_be_visible()
        expect(frame.locator(".message.in")).to_have_count(0)
        expect(frame.locator(".message.out:not(.typing)")).to_have_count(1)
        visitor.context.close()
