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


async def test_field_shows_all_of_a_text_put_into_it(phones):
    lin = await phones("lin")
    # Just too long for the narrower field beside 发送, not for the wide one beside the camera.
    for letters in range(8, 16):
        await lin.page.fill("#text", "")
        await lin.page.fill("#text", "隐" * letters)
        assert await lin.page.evaluate(HIDDEN_TEXT) <= 1, letters
    await lin.page.fill("#text", "")
    await lin.picks(b"\xff\xd8\xff broken")
    await lin.says("溪口农家乐煤气罐放在厨房")
    await lin.taps("改后重发")
    await expect(lin.page.locator("#text")).to_have_value("溪口农家乐煤气罐放在厨房")
    assert await lin.page.evaluate(HIDDEN_TEXT) <= 1


WRAPS = (
    "地点：茂林镇·溪口村 靠山加油站「推测」",
    "整改责任人：吴志强 15400000004、方彩云 15400000158、于成林、范莲花",
    "发现人：林晓梅（网格巡查），2026年11月26日 01:48，剩6天23小时，已超期1天",
    "Found by: 林晓梅 (Grid patrol), 26 Nov 2026 01:48, 6 d 23 h left, overdue by 3 d 1 h",
)
KEPT = (
    "「推测」", "方彩云", "范莲花", "2026年11月26日 01:48", "剩6天23小时", "已超期1天", "26 Nov 2026 01:48",
    "6 d 23 h left", "overdue by 3 d 1 h", "溪口木竹加工厂",
)  # fmt: skip
BROKEN = """(words) => {
  const rows = (range) => new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
  const broken = [];
  for (const node of document.querySelectorAll(".card-lines p, .card-row .button")) {
    const text = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (text.nextNode()) for (const word of words) {
      const at = text.currentNode.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(text.currentNode, at);
      range.setEnd(text.currentNode, at + word.length);
      if (rows(range) > 1) broken.push(word);
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("big", [False, True])
async def test_marks_names_dates_and_durations_are_not_broken(site, phones, big):
    lin = await phones("lin")
    if big:
        await lin.page.click("#size")
    buttons = ((Button("溪口木竹加工厂", "a:1:b"), Button("靠山加油站", "a:1:c")), (Button("取消", "a:1:d"),))
    await site.shows(lin.chat, Card(title="隐患上报，请核对", lines=WRAPS, buttons=buttons))
    await lin.sees("溪口木竹加工厂")
    for width in range(320, 460, 12):
        await lin.page.set_viewport_size({"width": width, "height": 844})
        assert await lin.page.evaluate(BROKEN, KEPT) == [], width
        assert await lin.overflow() <= 0


async def test_long_words_are_still_broken(site, phones):
    lin = await phones("lin", viewport={"width": 320, "height": 568})
    await lin.page.click("#size")
    word = "靠山加油站安全出口被纸箱堵住" * 3
    await site.shows(lin.chat, Card(title=word, lines=(f"「{word}」", "x" * 90), buttons=((Button(word, "a:1:b"),),)))
    await lin.sees("xxx")
    assert await lin.overflow() <= 0
    assert await lin.page.evaluate("document.getElementById('scroller').scrollWidth - innerWidth") <= 0
