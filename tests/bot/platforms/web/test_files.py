"""Photos and files on their way in and out."""

import asyncio
import io

import pytest

from bot.platforms.web.files import clean_name, show_disposition
from models.content import Card, File, Picture
from models.media import do_record
from models.sniff import MAX_BYTES
from tests import photos
from tests.bot.platforms.web.site import running


@pytest.fixture
def photo():
    return photos.jpeg(photos.scene((640, 480)), exif=photos.exif())


async def send_photo(lin, data, ident="upload-1", name="现场.jpg"):
    assert (await lin.uploads(data, ident, name)).status == 200
    await lin.says("看", uploads=[ident])
    _state, page = await lin.news()
    return page["messages"][-1]


def address(message, variant, number=0):
    return f"m/{message['id']}/{message['files'][number]['sha']}/{variant}"


async def test_photos_are_one_message_in_their_order(site, lin):
    pictures = [photos.jpeg(photos.scene((320, 240), seed=seed)) for seed in range(3)]
    for number, data in enumerate(pictures):
        await lin.uploads(data, f"upload-{number}")
    await lin.says("三张", uploads=["upload-2", "upload-0", "upload-1"])
    [incoming] = site.received
    stored = [await site.platform.fetch(attachment) for attachment in incoming.attachments]
    assert stored == [pictures[2], pictures[0], pictures[1]]
    assert {attachment.kind for attachment in incoming.attachments} == {"photo"}


async def test_upload_sent_again_is_stored_once(site, lin, photo):
    for _ in range(2):
        answer = await lin.uploads(photo, "upload-1", "现场.jpg")
        assert await answer.json() == {"t": "ack", "id": "upload-1"}
    await lin.says("看", uploads=["upload-1"])
    assert [attachment.name for attachment in site.received[-1].attachments] == ["现场.jpg"]


async def test_same_upload_from_two_tabs_at_once_is_stored_once(site, lin, photo):
    answers = await asyncio.gather(*(lin.uploads(photo, "upload-1") for _ in range(4)))
    assert {answer.status for answer in answers} == {200}


async def test_photo_shown_has_no_secrets(lin, photo):
    message = await send_photo(lin, photo)
    for variant in ("thumb", "copy"):
        answer = await lin.get(address(message, variant))
        shown = await answer.read()
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert not any(secret in shown for secret in photos.SECRETS)


@pytest.mark.parametrize("variant", ["original", "file", "../original"])
async def test_original_is_not_shown(lin, photo, variant):
    message = await send_photo(lin, photo)
    assert (await lin.get(address(message, variant))).status == 404


async def test_photo_is_shown_to_its_chat_only(site, lin, chen, he, photo):
    message = await send_photo(lin, photo)
    for stranger in (chen, he):
        assert (await stranger.get(address(message, "thumb"))).status == 404
    fresh = await site.open()
    fresh.web.cookie_jar.clear()
    assert (await fresh.get(address(message, "thumb"))).status == 401


async def test_photo_of_another_message_is_not_there(site, lin, photo):
    message = await send_photo(lin, photo)
    other = await site.shows(lin.chat, "没有照片")
    assert (await lin.get(f"m/{other}/{message['files'][0]['sha']}/thumb")).status == 404


async def test_size_of_a_photo_comes_with_the_message(lin, photo):
    [file] = (await send_photo(lin, photo))["files"]
    assert (file["width"], file["height"], file["name"]) == (640, 480, "现场.jpg")


@pytest.mark.parametrize("declared", [True, False], ids=["announced", "streamed"])
async def test_too_large_a_file_is_refused_while_it_comes(site, lin, declared):
    async def stream():
        for _ in range(MAX_BYTES // 2**20 + 1):
            yield bytes(2**20)

    body = io.BytesIO(bytes(MAX_BYTES + 1)) if declared else stream()
    answer = await lin.uploads(body, "upload-1", "大.bin", kind="file")
    assert answer.status == 413
    assert (await answer.json())["text"] == "文件超过20MB，发不了。"


async def test_no_photo_is_refused_in_words(lin):
    answer = await lin.uploads(b"<html>hello</html>", "upload-1", "假.jpg")
    assert answer.status == 422
    refusal = await answer.json()
    assert (refusal["t"], refusal["again"]) == ("refused", 0)
    assert refusal["text"].endswith("。")


async def test_refusal_comes_in_english(lin):
    answer = await lin.uploads(io.BytesIO(bytes(MAX_BYTES + 1)), "upload-1", kind="file", lang="en")
    assert answer.status == 413
    assert (await answer.json())["text"]


async def test_stranger_may_not_upload(he, photo):
    answer = await he.uploads(photo, "upload-1")
    assert answer.status == 403
    assert "邀请码" in (await answer.json())["text"]


async def test_message_with_a_missing_file_is_refused(site, lin):
    answer = await lin.says("看", uploads=["never-came"])
    assert (answer["t"], answer["again"]) == ("refused", 0)
    assert site.received == []


async def test_ten_photos_are_too_many(lin, photo):
    answer = await lin.says("看", uploads=[f"upload-{n}" for n in range(10)])
    assert "9张" in answer["text"]


async def test_upload_of_another_person_cannot_be_used(lin, chen, photo):
    await lin.uploads(photo, "upload-1")
    assert (await chen.says("看", uploads=["upload-1"]))["t"] == "refused"


async def test_document_comes_back_as_it_was(lin):
    await lin.uploads("名称,数量\n沙袋,200\n".encode(), "upload-1", "物资.csv", kind="file")
    await lin.says("", uploads=["upload-1"])
    _state, page = await lin.news()
    answer = await lin.get(address(page["messages"][-1], "file"))
    assert (await answer.read()).decode() == "名称,数量\n沙袋,200\n"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="__.csv"')


async def test_photo_sent_as_file_is_still_a_photo(site, lin, photo):
    await lin.uploads(photo, "upload-1", "IMG_1.jpg", kind="file")
    await lin.says("", uploads=["upload-1"])
    assert [attachment.kind for attachment in site.received[-1].attachments] == ["photo"]


async def test_broken_photo_sent_as_file_is_a_file(site, lin, photo):
    await lin.uploads(photo[:200], "upload-1", "IMG_1.jpg", kind="file")
    await lin.says("", uploads=["upload-1"])
    assert [attachment.kind for attachment in site.received[-1].attachments] == ["file"]


async def test_card_brings_photos_files_and_a_code(site, lin, media, clock, photo):
    kept, table = await media.keep(photo), await media.keep_file(b"PK", name="a.xlsx")
    for item in (kept, table):
        await site.store.write(lambda session, item=item: do_record(session, item, now=clock()))
    card = Card(
        lines=("请看",), pictures=(Picture(kept.sha), Picture(qr="https://example.com/#join=1")),
        files=(File(table.sha, "台账.xlsx"),),
    )  # fmt: skip
    ident = await site.shows(lin.chat, card)
    assert (await lin.get(f"m/{ident}/{kept.sha}/copy")).status == 200
    assert (await lin.get(f"m/{ident}/{table.sha}/file")).status == 200
    code = await lin.get(f"m/{ident}/qr/0")
    assert (await code.read()).startswith(b"\x89PNG")
    assert (await lin.get(f"m/{ident}/qr/1")).status == 404


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("现场.jpg", "现场.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\照片.png", "照片.png"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("线\r\nSet-Cookie: x.txt", "线Set-Cookie x.txt"),
        ("长" * 300 + ".xlsx", "长" * 80 + ".xlsx"),
        ("....", ""),
    ],
)
def test_file_name_is_only_a_name(name, cleaned):
    assert clean_name(name) == cleaned


def test_disposition_names_any_file_safely():
    header = show_disposition('隐患";.xlsx')
    assert header == "attachment; filename=\"___.xlsx\"; filename*=UTF-8''%E9%9A%90%E6%82%A3%3B.xlsx"
    assert show_disposition("///") == "attachment; filename=\"file\"; filename*=UTF-8''file"


async def test_stranger_sends_photos_only_where_strangers_may_report(store, media, clock, people, photo):
    async with running(store, media, clock, takes_public=True) as site:
        he = await site.open()
        assert (await he.uploads(photo, "upload-1")).status == 200
        await he.says("铜山村村口电线杆歪了", uploads=["upload-1"])
        assert [attachment.kind for attachment in site.received[-1].attachments] == ["photo"]
        for kind in ("file", "photo"):
            assert (await he.uploads(b"PK\x03\x04 no photo", f"upload-{kind}", "表.xlsx", kind)).status == 422


async def test_stranger_sends_no_photo_where_they_may_not(he, photo):
    assert (await he.uploads(photo, "upload-1")).status == 403
