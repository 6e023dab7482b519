"""How the chat page looks on a phone, measured in a real browser: nothing slides away, sticks out or is cut off."""

import pytest

from models.content import Button, Card
from tests.bot.test_browser import browser, expect, phones, photo, pytestmark, site

__all__ = ["browser", "phones", "photo", "pytestmark", "site"]  # fixtures

TALL = tuple(f"第{number}项要求" for number in range(60))
SLIDES = "document.documentElement.scrollHeight - innerHeight + document.documentElement.scrollTop"
STICKS_OUT = """[...document.querySelectorAll(".message .photo, .message .photos")].filter((node) => {
  const [inner, outer] = [node.getBoundingClientRect(), node.closest(".bubble").getBoundingClientRect()];
  return inner.right > outer.right + 0.5 || inner.left < outer.left - 0.5;
}).length"""
HIDDEN_TEXT = "(() => { const box = document.getElementById('text'); return box.scrollHeight - box.clientHeight; })()"


async def test_page_stays_where_it_is_under_a_tall_card(site, phones):
    lin = await phones("lin")
    for number in range(20):
        await site.shows(lin.chat, f"第{number}条通知")
    await site.shows(lin.chat, Card(title="YH20261123-0001 整改通知", lines=TALL, tone="warn"))
    await expect(lin.page.locator(".card-title")).to_be_in_viewport()
    await lin.page.reload()
    await expect(lin.page.locator(".card-title")).to_be_in_viewport()
    await expect(lin.page.locator("header h1")).to_be_in_viewport()
    assert await lin.page.evaluate(SLIDES) == 0


async def test_page_stays_where_it_is_when_many_messages_are_unread(site, phones):
    lin = await phones("lin")
    await lin.page.goto("about:blank")
    for number in range(40):
        await site.shows(lin.chat, f"第{number}条通知")
    await lin.opens()
    await expect(lin.page.locator(".divider")).to_be_in_viewport()
    await expect(lin.page.locator("header h1")).to_be_in_viewport()
    assert await lin.page.evaluate(SLIDES) == 0


async def test_code_is_asked_for_without_moving_the_page(site, phones):
    he = await phones()
    await he.says("你好")
    await he.sees("收到：你好")
    for _ in range(3):
        await site.shows(site.received[-1].chat, Card(lines=TALL, ask="contact"))
    await he.taps("输入邀请码")
    await expect(he.page.locator("#code")).to_be_focused()
    await expect(he.page.locator("#code")).to_be_in_viewport()
    assert await he.page.evaluate(SLIDES) == 0


@pytest.mark.parametrize("width", [320, 390])
async def test_photo_stays_in_its_bubble_in_large_letters(site, phones, photo, width):
    lin = await phones("lin", viewport={"width": width, "height": 844})
    await lin.page.click("#size")
    await lin.picks(photo)
    await lin.says("堵")
    await lin.sees("请核对后提交")
    await lin.picks(photo, photo, photo)
    await lin.taps("发送")
    await expect(lin.page.locator(".message.in .photo")).to_have_count(4)
    assert await lin.page.evaluate(STICKS_OUT) == 0


async def test_field_shows_all_of_a_text_put_into_it(phones, photo):
    lin = await phones("lin")
    # Just too long for the narrower field beside 发送, not for the wide one beside the camera.
    for letters in range(8, 16):
        await lin.page.fill("#text", "")
        await lin.page.fill("#text", "隐" * letters)
        assert await lin.page.evaluate(HIDDEN_TEXT) <= 1, letters
    await lin.page.fill("#text", "")
    await lin.picks(photo, b"\xff\xd8\xff broken")
    await lin.says("溪口农家乐煤气罐放在厨房")
    await lin.taps("改后重发")
    await expect(lin.page.locator("#text")).to_have_value("溪口农家乐煤气罐放在厨房")
    assert await lin.page.evaluate(HIDDEN_TEXT) <= 1
