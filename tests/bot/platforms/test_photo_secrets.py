"""What a camera writes into a photo leaves by no way: not to Telegram, not by the web chat, not in tables."""

import io
import zipfile
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from models.content import Card, Half, Picture
from models.hazards.records import read_records
from models.ledgers.export import hazard_sheet
from models.media import do_record
from tests import photos
from tests.bot.platforms.telegram_parts import make_platform, out
from tests.bot.platforms.web.site import running
from tests.handlers.hazards.ways import CAPTION
from tests.telegram_server import TelegramServer

MARK = ("YH20261123-0001 · 整改前", "茂林镇·铜山村 靠山加油站", "上传 2026年11月23日 09:00 · 上报人 林晓梅")
# Names of the pockets in which cameras and programs leave words, and what the tests put into them.
POCKETS = (b"Exif", b"http://ns.adobe.com", b"xmpmeta", b"Photoshop 3.0", b"8BIM", b"ICC_PROFILE", b"MPF\x00", b"tEXt")
KINDS = ["jpeg", "png", "webp", "heic"]


@pytest.fixture
def database_url(sqlite_database):
    return sqlite_database


def is_bare(data):
    """A JPEG that holds nothing but the picture."""
    seen = Image.open(io.BytesIO(data))
    assert not [pocket for pocket in (*photos.SECRETS, *POCKETS, b"30.69") if pocket in data]
    assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    return seen.format == "JPEG" and not seen.getexif()


@pytest.mark.parametrize("kind", KINDS)
async def test_telegram_gets_bare_pictures(media, kind):
    sha = (await media.keep(photos.telltale(kind))).sha
    async with TelegramServer() as server:
        lin, platform = server.phone("林", known=True), make_platform(server, media)
        plain, marked = Picture(sha), Picture(sha, mark=MARK)
        for pictures in ((plain,), (marked,), (plain, marked)):
            await platform.send(out(lin, Card("x", pictures=pictures)))
        sent = [lin.photo_bytes(shown.id) for shown in lin.screen() if shown.photos]
        await platform.stop()
    assert (len(sent), len(set(sent))) == (4, 2)
    assert all(is_bare(data) for data in sent)


@pytest.mark.parametrize("kind", KINDS)
async def test_web_chat_gives_bare_pictures(store, media, clock, people, kind):
    kept = await media.keep(photos.telltale(kind))
    await store.write(lambda session: do_record(session, kept, now=clock()))
    async with running(store, media, clock) as site:
        lin, chen = await site.member(people["lin"]), await site.member(people["chen"])
        plain = await site.shows(lin.chat, Card("x", pictures=(Picture(kept.sha),)))
        marked = await site.shows(lin.chat, Card("x", pictures=(Picture(kept.sha, mark=MARK),)))
        given = []
        for ident in (plain, marked):
            for variant in ("copy", "thumb"):
                given.append(await (await lin.get(f"m/{ident}/{kept.sha}/{variant}")).read())
                assert (await chen.get(f"m/{ident}/{kept.sha}/{variant}")).status == 404
            for variant in ("original", "file", "marked"):
                assert (await lin.get(f"m/{ident}/{kept.sha}/{variant}")).status == 404
    assert all(is_bare(data) for data in given)
    copy, thumb, with_band, same_thumb = (Image.open(io.BytesIO(data)).size for data in given)
    assert with_band[1] > copy[1]
    assert thumb == same_thumb


async def test_page_gets_a_new_address_when_the_band_changes(store, media, clock, people):
    kept = await media.keep(photos.jpeg())
    await store.write(lambda session: do_record(session, kept, now=clock()))
    async with running(store, media, clock) as site:
        lin = await site.member(people["lin"])
        for mark in ((), MARK, (*MARK[:2], "别的")):
            await site.shows(lin.chat, Card("x", pictures=(Picture(kept.sha, mark=mark),)))
        _state, page = await lin.news()
    files = [message["files"][0] for message in page["messages"] if "files" in message]
    assert len({item.get("v") for item in files}) == 3
    assert not any("mark" in item for item in files)
    assert "林晓梅" not in str(files)


async def test_telegram_uploads_a_marked_photo_once_for_everybody(media, monkeypatch):
    sha, real, drawn = (await media.keep(photos.jpeg())).sha, media.read_marked, []
    monkeypatch.setattr(media, "read_marked", lambda sha, mark: drawn.append(mark) or real(sha, mark))
    async with TelegramServer() as server:
        platform = make_platform(server, media)
        phones = [server.phone(name, known=True) for name in ("林", "周", "吴")]
        for phone in phones:
            await platform.send(out(phone, Card("x", pictures=(Picture(sha, mark=MARK),))))
        await platform.send(out(phones[0], Card("x", pictures=(Picture(sha, mark=MARK[:2]),))))
        await platform.stop()
    assert drawn == [MARK, MARK[:2]]
    assert len({phone.photo_bytes(phone.screen()[0].id) for phone in phones}) == 1


async def kept_pair(store, media, clock):
    """Two photos with secrets in them, recorded, beside each other."""
    kept = [await media.keep(photos.telltale(kind)) for kind in ("jpeg", "heic")]
    for one in kept:
        await store.write(lambda session, one=one: do_record(session, one, now=clock()))
    return Picture(
        kept[1].sha, mark=MARK[:2], pairs=((Half(kept[0].sha, ("整改前",)), Half(kept[1].sha, ("整改后",))),)
    )


async def test_photos_beside_each_other_are_bare_and_given_to_nobody_else(store, media, clock, people):
    picture = await kept_pair(store, media, clock)
    async with running(store, media, clock) as site:
        lin, chen = await site.member(people["lin"]), await site.member(people["chen"])
        ident = await site.shows(lin.chat, Card("x", pictures=(picture,)))
        given = [await (await lin.get(f"m/{ident}/{picture.address}/{kind}")).read() for kind in ("copy", "thumb")]
        assert (await chen.get(f"m/{ident}/{picture.address}/copy")).status == 404
        assert (await lin.get(f"m/{ident}/{picture.sha}/copy")).status == 404
        _state, page = await lin.news()
    (item,) = next(message["files"] for message in page["messages"] if "files" in message)
    assert (item["sha"], item["wide"], "pair" in item) == (picture.address, True, False)
    assert all(is_bare(data) for data in given)
    assert [Image.open(io.BytesIO(data)).width for data in given] == [1600, 720]
    async with TelegramServer() as server:
        phone, platform = server.phone("林", known=True), make_platform(server, media)
        await platform.send(out(phone, Card("x", pictures=(picture,))))
        sent = [phone.photo_bytes(shown.id) for shown in phone.screen() if shown.photos]
        await platform.stop()
    assert [is_bare(data) for data in sent] == [True]


async def test_photos_go_alone_when_they_cannot_be_put_beside_each_other(store, media, clock, monkeypatch, caplog):
    picture = await kept_pair(store, media, clock)
    monkeypatch.setattr("models.media.DARKROOM.run", broken)
    assert await media.read_pair(picture) == await media.read(picture.sha)
    small = await media.pair(picture, is_small=True)
    assert small.read_bytes() == await media.read(picture.sha, "thumb")
    assert "photos go without being put beside each other" in caplog.text


async def test_photo_goes_plain_when_it_cannot_be_marked(media, monkeypatch, caplog):
    sha = (await media.keep(photos.jpeg())).sha
    monkeypatch.setattr("models.media.DARKROOM.run", broken)
    assert await media.read_marked(sha, MARK) == await media.read(sha)
    assert "a photo goes without its watermark" in caplog.text


def broken(*_args):
    raise RuntimeError("OSError: cannot open resource")


async def test_exported_ledger_says_nothing_of_the_camera(county, lin, tmp_path):
    await lin.sends(photos.telltale("jpeg"), CAPTION)
    await lin.taps("提交")
    file, zone = tmp_path / "ledger.xlsx", ZoneInfo("Asia/Shanghai")
    records = await county.store.read(lambda s: read_records(s, county.rules, now=county.clock(), zone=zone))
    with hazard_sheet(file, zone=zone) as sheet:
        sheet.add(records)
    with zipfile.ZipFile(file) as archive:
        cells = b"".join(archive.read(name) for name in archive.namelist())
    assert CAPTION.encode() in cells
    assert not [secret for secret in (*photos.SECRETS, b"30.69", b"118.41") if secret in cells]
    assert not [name for name in archive.namelist() if "media" in name]
