"""An administrator imports a table in the web chat, in a real browser, with the worker process behind it."""

from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.async_api")

from tests.bot.platforms.web.screens import FLAGS, PHONE  # noqa: E402 - after the check for the browser's library
from tests.journeys.running import invite, running  # noqa: E402
from tests.journeys.test_browser_demo import CHROMIUM  # noqa: E402
from tests.journeys.test_imports import GAO, WAIT_S, XLSX  # noqa: E402
from tests.spreadsheets import PEOPLE, xlsx_file  # noqa: E402

expect = playwright.expect


@pytest.fixture
async def page(sqlite_database, tmp_path, clock, missing):
    """The chat page of 钱文静, who has joined."""
    if not Path(CHROMIUM).exists():
        missing("the browser (chromium)")
    async with (
        running(sqlite_database, tmp_path, clock, platforms="web") as (app, _people),
        playwright.async_playwright() as driver,
    ):
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=PHONE, locale="zh-CN")
        page.set_default_timeout(20_000)
        await page.goto(f"http://{app.settings.web_listen}/")
        await page.fill("#text", await invite(app, clock, "钱文静"))
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="是我", exact=True).click()
        yield page
        await browser.close()


async def sends(page, name, data):
    await page.click("#attach")
    async with page.expect_file_chooser() as chooser:
        await page.click(".tile:has-text('文件')")
    await (await chooser.value).set_files([{"name": name, "mimeType": XLSX, "buffer": data}])
    await page.get_by_role("button", name="发送", exact=True).click()


async def sees(page, text):
    await expect(page.locator("#log").get_by_text(text).last).to_be_visible(timeout=WAIT_S * 1000)


async def test_table_is_imported_and_the_wrong_rows_are_a_download(page):
    await sends(page, "人员.xlsx", xlsx_file(PEOPLE, GAO, ["何平", "139", *GAO[2:]]))
    await sees(page, "有1处需要改正")
    async with page.expect_download() as download:
        await page.locator("#log").get_by_text("有误的行.xlsx").last.click()
    assert Path(await (await download.value).path()).read_bytes().startswith(b"PK")
    await sends(page, "人员.xlsx", xlsx_file(PEOPLE, GAO))
    await sees(page, "人员：新增 1 行")
    await page.get_by_role("button", name="确认导入", exact=True).last.click()
    await sees(page, "已导入：人员.xlsx")
