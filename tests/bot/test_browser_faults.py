"""What goes wrong on the chat page, in a real browser: it says why, and nothing that was written is lost."""

from models.content import Card
from tests.bot.test_browser import browser, expect, phones, photo, pytestmark, site

__all__ = ["browser", "phones", "photo", "pytestmark", "site"]  # fixtures


async def test_refused_photo_says_why_and_can_be_removed(phones):
    lin = await phones("lin")
    await lin.page.click("#attach")
    async with lin.page.expect_file_chooser() as chooser:
        await lin.page.click(".tile:has-text('相册')")
    broken = {"name": "坏.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff broken"}
    await (await chooser.value).set_files([broken])
    await lin.taps("发送")
    await lin.sees("已损坏")
    await expect(lin.page.get_by_text("重发")).to_have_count(0)  # the same bytes would be refused again
    await lin.taps("删除")
    await expect(lin.page.locator(".status.failed")).to_have_count(0)


async def test_refused_photo_gives_its_words_back(site, phones, photo):
    lin = await phones("lin")
    await lin.picks(b"\xff\xd8\xff broken")
    await lin.says("消防通道堵塞")
    await lin.taps("改后重发")
    await expect(lin.page.locator(".picked img")).to_have_count(0)
    await expect(lin.page.locator("#text")).to_have_value("消防通道堵塞")
    await lin.picks(photo)
    await lin.taps("发送")
    await lin.sees("请核对后提交")
    assert [len(incoming.photos) for incoming in site.received if incoming.photos] == [1]


async def test_refused_photo_holds_up_none_of_the_others(site, phones, photo):
    lin = await phones("lin")
    await lin.picks(photo, b"\xff\xd8\xff broken", photo)
    await lin.says("消防通道堵塞")
    await lin.sees("请核对后提交")
    (sent,) = [incoming for incoming in site.received if incoming.photos]
    assert (sent.text, len(sent.photos)) == ("消防通道堵塞", 2)
    await lin.sees("「1.jpg」未发出：照片已损坏")
    await lin.page.reload()
    await lin.sees("「1.jpg」未发出：照片已损坏")
    await lin.taps("删除")
    await expect(lin.page.locator(".status.failed")).to_have_count(0)


async def test_failed_message_keeps_its_place_in_time(site, phones):
    lin = await phones("lin")
    await lin.picks(b"\xff\xd8\xff broken")
    await lin.says("坏照片")
    await lin.sees("已损坏")
    await site.shows(lin.chat, "后来的通知")
    await lin.says("后来说的")
    await lin.sees("收到：后来说的")
    said = ["坏照片", "后来的通知", "后来说的", "收到：后来说的"]
    assert [word.strip() for word in await lin.words()][-4:] == said


async def test_picked_photo_survives_a_reload(site, phones, photo):
    lin = await phones("lin")
    await lin.picks(photo)
    await lin.page.wait_for_timeout(200)
    await lin.page.reload()
    await expect(lin.page.locator(".picked img")).to_have_count(1)
    await lin.taps("发送")
    await lin.sees("请核对后提交")
    await lin.page.reload()
    await lin.sees("请核对后提交")
    await expect(lin.page.locator(".picked")).to_have_count(0)


async def test_too_long_text_is_refused_and_kept(phones):
    lin = await phones("lin")
    await lin.says("长" * 8001)
    await expect(lin.page.locator("#toast")).to_contain_text("一次最多发8000字，现在有8001字")
    assert len(await lin.page.input_value("#text")) == 8001
    await lin.says("长" * 8000)
    await lin.sees("收到：长长长")


async def test_stranger_reads_why_a_message_waits(phones):
    he = await phones()
    for number in range(6):
        await he.says(f"第{number}句")
    await he.sees("发得太快了，稍后会自动重试。")


async def test_tall_card_opens_at_its_top(site, phones):
    lin = await phones("lin")
    lines = tuple(f"第{number}项要求" for number in range(40))
    await site.shows(lin.chat, Card(title="YH20261123-0001 整改通知", lines=lines, tone="warn"))
    await expect(lin.page.locator(".card-title")).to_be_in_viewport()
    await lin.page.reload()
    await lin.sees("第0项要求")
    await expect(lin.page.locator(".card-title")).to_be_in_viewport()


async def test_photo_that_a_proxy_refuses_holds_up_nothing(site, phones, photo):
    lin = await phones("lin")
    await lin.page.route("**/api/upload?*", lambda route: route.fulfill(status=413, body="<h1>413 Too Large</h1>"))
    await lin.picks(photo)
    await lin.taps("发送")
    await lin.sees("暂时发不出去")
    await lin.says("第二条")
    await lin.sees("收到：第二条")
    await expect(lin.page.locator(".status.failed")).to_have_count(1)
    assert [incoming.text for incoming in site.received] == ["你好", "第二条"]
