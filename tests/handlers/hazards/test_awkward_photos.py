"""What phones and people really send in place of a photo: taken, or refused with one sentence; the draft stays."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from models.hazards.tables import Hazard
from models.media import find_media
from tests import photos
from tests.handlers.hazards.ways import CAPTION

NO_PHOTO = "这不是能识别的照片，请发JPG、PNG、WebP或HEIC格式的照片。"
BROKEN = "照片已损坏或不完整，请重新拍一张或重新发送。"
MOVING = "这是动图，请发静态照片。"
PIXELS = "照片太大（最多5000万像素），请调低相机的分辨率再拍。"
HEAVY = "文件超过20MB，请压缩后再发。"
EMPTY = "收到的文件是空的，请重新发送。"

REFUSED = {
    "gif": (lambda: photos.animated("GIF"), NO_PHOTO),
    "moving webp": (lambda: photos.animated("WEBP"), MOVING),
    "moving png": (lambda: photos.animated("PNG"), MOVING),
    "half a jpeg": (lambda: photos.jpeg()[: len(photos.jpeg()) // 2], BROKEN),
    "head of a jpeg": (lambda: photos.jpeg()[:30], BROKEN),
    "jpeg without its last bytes": (lambda: photos.jpeg()[:-200], BROKEN),
    "half a png": (lambda: photos.png()[:2000], BROKEN),
    "half a webp": (lambda: photos.telltale("webp")[:900], BROKEN),
    "half a heic": (lambda: photos.telltale("heic")[:900], BROKEN),
    "jpeg of zeros": (lambda: b"\xff\xd8\xff" + bytes(5000), BROKEN),
    "bomb of 196 megapixels": (lambda: photos.bomb(14_000, 14_000), PIXELS),
    "bomb of 108 megapixels": (lambda: photos.bomb(12_000, 9_000), PIXELS),
    "note that unpacks to 80 MB": (lambda: photos.packed_png(b"zTXt", 80), BROKEN),
    "profile that unpacks to 80 MB": (lambda: photos.packed_png(b"iCCP", 80), BROKEN),
    "empty": (lambda: b"", EMPTY),
    "21 MB": (lambda: photos.jpeg() + bytes(21 * 2**20), HEAVY),
    "pdf": (lambda: photos.document("pdf"), NO_PHOTO),
    "docx": (lambda: photos.document("docx"), NO_PHOTO),
    "mp4": (lambda: photos.document("mp4"), NO_PHOTO),
    "svg": (lambda: photos.document("svg"), NO_PHOTO),
    "html": (lambda: photos.document("html"), NO_PHOTO),
    "exe": (lambda: photos.document("exe"), NO_PHOTO),
}
TAKEN = {
    "12 megapixels": lambda: photos.jpeg(photos.scene((4000, 3000))),
    "clear png": photos.clear_png,
    "png of 16 bits": photos.deep_png,
    "cmyk": lambda: photos.jpeg(photos.scene(mode="CMYK")),
    "grey jpeg": lambda: photos.jpeg(photos.scene(mode="L")),
    "palette": lambda: photos.png(photos.scene(mode="P")),
    "webp": lambda: photos.telltale("webp"),
    "heic": lambda: photos.telltale("heic"),
    "two frames": photos.mpo,
    "progressive": lambda: photos.jpeg(progressive=True),
    "zip at its end": photos.zipped_tail,
    "html at its end": lambda: photos.jpeg() + photos.document("html"),
    "wild exif": photos.wild_exif,
    "looping exif": photos.looping_exif,
    "thick exif": photos.thick_exif,
    "profile of rubbish": lambda: photos.jpeg(icc_profile=b"rubbish" * 1000),
    "one pixel": lambda: photos.jpeg(photos.scene((1, 1))),
    "a line of 16,000 pixels": lambda: photos.jpeg(photos.scene((16_000, 2))),
    **{f"turned {n}": lambda n=n: photos.jpeg(exif=photos.exif(turned=n)) for n in range(1, 9)},
}


@pytest.fixture
def database_url(sqlite_database):
    """What becomes of the bytes of a photo is the same on both databases."""
    return sqlite_database


@pytest.mark.parametrize("name", REFUSED)
async def test_awkward_photo_is_refused_with_its_sentence_and_the_draft_stays(lin, name):
    make, sentence = REFUSED[name]
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(make())
    lin.sees(f"{sentence}\n照片：1张")
    await lin.taps("提交")
    assert len(lin.sees("已登记").photos) == 1


@pytest.mark.parametrize("name", TAKEN)
async def test_photo_of_any_kind_is_taken(county, lin, name):
    await lin.sends(TAKEN[name](), CAPTION)
    lin.sees("照片：1张")
    await lin.taps("提交")
    (sha,) = lin.sees("已登记").photos
    data = await county.media.read(sha)
    seen = Image.open(io.BytesIO(data))
    assert (seen.format, seen.mode) == ("JPEG", "RGB")
    assert not any(secret in data for secret in (*photos.SECRETS, b"Exif", b"script"))


@pytest.mark.parametrize(
    "name", ["a.jpg", "IMG_0001.HEIC", "照片", "../../etc/passwd", "x" * 300 + ".png", "a\u202egpj.exe", "CON"]
)
async def test_picture_sent_as_a_file_is_a_photo_whatever_its_name(county, lin, name):
    await lin.sends((name, photos.telltale("heic")), CAPTION)
    lin.sees("照片：1张")
    await lin.taps("提交")
    (hazard,) = await county.store.read(lambda session: session.scalars(select(Hazard)).all())
    assert (hazard.found_at.isoformat(), len(lin.sees("已登记").photos)) == ("2026-11-20T01:30:00+00:00", 1)


async def test_place_and_time_of_a_file_are_kept_beside_the_photo(county, lin):
    await lin.sends(("IMG_1.JPG", photos.telltale("jpeg")), CAPTION)
    await lin.taps("提交")
    (sha,) = lin.sees("已登记").photos
    row = (await county.store.read(lambda session: find_media(session, [sha])))[sha]
    assert (round(row.lat, 4), round(row.lon, 4)) == (30.69, 118.41)


async def test_album_of_files_is_one_report(county, lin):
    events = [
        lin.message(
            (f"IMG_{n}.HEIC" if n else "a.jpg", photos.jpeg(photos.scene(seed=n))), CAPTION if not n else "", group="g"
        )
        for n in range(3)
    ]
    await county.happens(*events)
    lin.sees("照片：3张")


async def test_refused_photo_of_an_album_is_named(county, lin):
    await county.happens(
        lin.message(photos.jpeg(), CAPTION, group="g"),
        lin.message(photos.animated("WEBP"), group="g"),
        lin.message(photos.jpeg(photos.scene(seed=3)), group="g"),
    )
    lin.sees(f"第2张照片没有收下：{MOVING}已收2/3张。\n照片：2张")
