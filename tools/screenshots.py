"""Take the pictures of docs/images from the real demo: report, notice and ledger, and all phones side by side.

    python -m tools.screenshots

Needs `chromium` and a font with Chinese characters. The demo runs on a database of its own, thrown away afterwards.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
CAPTIONS = (
    "靠山加油站 安全出口被纸箱堵住",
    "溪口便民超市 灭火器过期两个月",
    "溪口木竹加工厂 除尘管道积尘严重 重大",
)
COLOURS = 192  # A palette is enough for a page of a chat, and a quarter of the size.


@contextmanager
def running_demo() -> Iterator[str]:
    """Start `python -m bot demo` in an empty folder; give the address of its page."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(ROOT / "rules.toml", Path(folder) / "rules.toml")
        settings = {**os.environ, "WEB_LISTEN": address, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "bot", "demo"]
        demo = subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.PIPE, text=True)
        try:
            next(iter(demo.stdout or ()))  # it says when the page answers
            yield f"http://{address}/demo/"
        finally:
            demo.terminate()
            demo.wait(30)


def open_phone(browser: Browser, address: str, key: str) -> Page:
    """One phone of the demo, alone and at its real size."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    page.goto(f"{address}{key}/")
    expect(page.locator(".card").first).to_be_visible()
    return page


def shoot(page: Page, name: str) -> None:
    """Save what the page shows now."""
    page.wait_for_timeout(700)  # until nothing slides any more
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def report(officer: Page, caption: str, shot: str = "") -> None:
    """Send the sample photo with a caption, and press 提交."""
    officer.locator("#attach").click()
    officer.get_by_role("button", name="示例照片").click()
    expect(officer.locator("#text")).not_to_have_value("")  # the page proposes a caption with its photo
    officer.locator("#text").fill(caption)
    officer.locator("#send").click()
    submit = officer.get_by_role("button", name="提交").last
    expect(submit).to_be_visible()
    if shot:
        shoot(officer, shot)
    submit.click()
    expect(submit).to_be_hidden()


def look_up(supervisor: Page) -> None:
    """Look up what is open in the town."""
    supervisor.locator("#text").fill("茂林镇 未销号")
    supervisor.locator("#send").click()
    expect(supervisor.get_by_text("隐患台账")).to_be_visible()
    shoot(supervisor, "ledger")


def main() -> None:
    """Play the story once and take the pictures on the way."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET.split())
        officer, manager = open_phone(browser, address, "officer"), open_phone(browser, address, "manager")
        report(officer, CAPTIONS[0], "report")
        accept = manager.get_by_role("button", name="确认收到")
        expect(accept).to_be_visible()
        shoot(manager, "notice")
        for caption in CAPTIONS[1:]:
            report(officer, caption)
        accept.click()
        expect(accept).to_be_hidden()
        look_up(open_phone(browser, address, "supervisor"))
        everyone = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        everyone.goto(address)
        everyone.wait_for_timeout(3000)
        shoot(everyone, "demo")
        browser.close()


if __name__ == "__main__":
    main()
