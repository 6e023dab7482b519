"""Photos: what is refused before it is decoded, and what people may see of the rest."""

import io
import tracemalloc
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageCms

from models.content import Place
from models.errors import InvalidInput
from models.pictures import COPY_PX, THUMB_PX, dhash, prepare, qr_png
from models.sniff import is_picture, sniff
from tests import photos


def opened(data):
    return Image.open(io.BytesIO(data))


def near(colour, wanted, slack=24):
    return all(abs(is_ - should) <= slack for is_, should in zip(colour, wanted, strict=True))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
def test_camera_secrets_never_reach_copies(kind):
    seen = prepare(photos.telltale(kind))
    for data in (seen.copy, seen.thumb):
        for secret in (*photos.SECRETS, b"Exif", b"http://ns.adobe.com", b"xmpmeta", b"ICC_PROFILE", b"30.69"):
            assert secret not in data
        assert set(opened(data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
def test_place_and_time_are_read_before_they_go(kind):
    seen = prepare(photos.telltale(kind))
    assert seen.place is not None
    assert (round(seen.place.lat, 4), round(seen.place.lon, 4)) == (30.69, 118.41)
    assert seen.taken_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2026:11:20 09:30:00", "", datetime(2026, 11, 20, 1, 30, tzinfo=UTC)),
        ("2026:11:20 09:30:00", "+00:00", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("2026:11:20 09:30:00", "-05:30", datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
        ("2026:02:30 09:30:00", "", None),
        ("0000:00:00 00:00:00", "", None),
        ("1970:01:01 00:00:00", "", None),
        ("昨天", "", None),
    ],
)
def test_camera_time_is_read_in_its_zone(taken, offset, expected):
    assert prepare(photos.jpeg(exif=photos.exif(taken=taken, offset=offset))).taken_at == expected


@pytest.mark.parametrize(
    ("lat", "lon", "place"),
    [
        ((30.0, 30.0, 0.0), (118.0, 15.0, 0.0), Place(30.5, 118.25)),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), None),
        ((91.0, 0.0, 0.0), (118.0, 0.0, 0.0), None),
        ((30.0, 0.0, 0.0), (200.0, 0.0, 0.0), None),
        ((30.0, 41.0), (118.0, 24.0, 36.0), None),
        (None, None, None),
    ],
)
def test_place_is_taken_only_if_it_is_one(lat, lon, place):
    assert prepare(photos.jpeg(exif=photos.exif(lat=lat, lon=lon))).place == place


def test_place_with_zero_denominator_is_none():
    data = photos.jpeg(exif=photos.exif(lat=(1e-9, 0.0, 0.0)))
    broken = data.replace((24).to_bytes(4, "big") + (1).to_bytes(4, "big"), b"\x00" * 8)
    assert broken != data
    assert prepare(broken).place is None


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_keeps_the_photo():
    data = photos.jpeg(exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\xff" * 64)
    assert (prepare(data).place, prepare(data).taken_at, prepare(data).width) == (None, None, 800)


@pytest.mark.parametrize("turned", range(1, 9))
def test_orientation_is_applied(turned):
    upright = photos.scene((400, 200))
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright if turned == 1 else upright.transpose(Image.Transpose(inverse[turned]))
    seen = prepare(photos.jpeg(stored, exif=photos.exif(turned=turned)))
    assert (seen.width, seen.height) == opened(seen.copy).size == (400, 200)
    assert near(opened(seen.copy).getpixel((20, 40)), (0xCC, 0x11, 0x11))
    assert near(opened(seen.thumb).getpixel((350, 175)), (0x11, 0x11, 0xCC))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_orientation_counts_in_other_kinds_too(kind):
    stored = photos.scene((400, 200)).transpose(Image.Transpose.ROTATE_90)
    seen = prepare(photos.saved(stored, kind, exif=photos.exif(turned=6)))
    assert (seen.width, seen.height) == opened(seen.copy).size == (400, 200)
    assert near(opened(seen.copy).getpixel((20, 40)), (0xCC, 0x11, 0x11))


def test_heic_that_says_twice_how_to_turn_it_is_turned_once():
    data = photos.telltale("heic")
    assert b"irot" in data
    assert (prepare(data).width, prepare(data).height) == (80, 120)


def test_copies_have_their_sizes():
    seen = prepare(photos.jpeg(photos.scene((4000, 3000))))
    assert (seen.width, seen.height) == (4000, 3000)
    assert 1600 <= max(opened(seen.copy).size) <= COPY_PX
    assert max(opened(seen.thumb).size) == THUMB_PX


def test_small_photo_is_not_blown_up():
    assert opened(prepare(photos.jpeg(photos.scene((90, 60)))).copy).size == (90, 60)


@pytest.mark.parametrize(("width", "height"), [(14_000, 14_000), (12_000, 9_000), (7_200, 7_200)])
def test_bomb_is_refused_without_decoding(width, height):
    data = photos.bomb(width, height)
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="照片太大"):
        prepare(data)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animation_is_refused(kind):
    with pytest.raises(InvalidInput, match="动图"):
        prepare(photos.animated(kind))


@pytest.mark.parametrize(
    "data",
    [photos.animated("GIF"), b"%PDF-1.7 \xff\xd8\xff", b"GIF89a/*\xff\xd8\xff*/=1", b"<svg/>", "照片".encode()],
    ids=["gif", "pdf", "gif-script", "svg", "text"],
)
def test_other_kinds_are_refused(data):
    with pytest.raises(InvalidInput, match="不是能识别的照片"):
        prepare(data)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_truncated_photo_is_refused(kind, part):
    data = photos.telltale(kind)
    with pytest.raises(InvalidInput, match="损坏"):
        prepare(data[: int(len(data) * part)] if kind != "png" else data[: int(len(data) * part * 0.9)])


def test_empty_file_is_refused():
    with pytest.raises(InvalidInput, match="空的"):
        prepare(b"")


def test_heavy_file_is_refused():
    with pytest.raises(InvalidInput) as refusal:
        prepare(photos.jpeg() + bytes(20 * 1024 * 1024))
    assert refusal.value.text.args == {"limit": 20}


def test_polyglot_leaves_its_other_half_behind():
    archive = b"PK\x03\x04" + b"SECRETTAIL" * 10
    seen = prepare(photos.jpeg() + archive)
    assert seen.mime == "image/jpeg"
    assert b"PK\x03\x04" not in seen.copy + seen.thumb


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "PA"])
def test_every_mode_of_png_becomes_a_photo(mode):
    seen = prepare(photos.png(photos.scene((200, 100), mode=mode if mode != "PA" else "P")))
    assert opened(seen.copy).mode == "RGB"


def test_clear_parts_become_white():
    image = photos.scene((200, 100), mode="RGBA")
    image.paste((0, 0, 0, 0), (100, 0, 200, 100))
    seen = opened(prepare(photos.png(image)).copy)
    assert near(seen.getpixel((180, 20)), (255, 255, 255))
    assert near(seen.getpixel((10, 20)), (0xCC, 0x11, 0x11))


def test_sixteen_bit_grey_keeps_its_shades():
    image = Image.new("I;16", (200, 100), 0x8000)
    assert near(opened(prepare(photos.png(image)).copy).getpixel((50, 50)), (128, 128, 128), slack=3)


def test_cmyk_photo_keeps_its_colours():
    seen = opened(prepare(photos.jpeg(photos.scene((200, 100), mode="CMYK"))).copy)
    assert near(seen.getpixel((10, 20)), (0xCC, 0x11, 0x11), slack=40)


def test_wide_colours_are_converted_not_relabelled():
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    seen = prepare(photos.jpeg(icc_profile=linear))  # a profile that does not fit the picture
    assert near(opened(seen.copy).getpixel((20, 40)), (0xCC, 0x11, 0x11))
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(opened(prepare(photos.jpeg(icc_profile=own)).copy).getpixel((20, 40)), (0xCC, 0x11, 0x11))


def test_hash_survives_what_chats_do_to_photos():
    original = prepare(photos.jpeg(photos.scene((1600, 1200))))
    again = prepare(photos.jpeg(photos.scene((1600, 1200)).resize((640, 480))))
    other = prepare(photos.jpeg(photos.scene((1600, 1200), seed=6)))
    assert distance(original.dhash, again.dhash) <= 2 < distance(original.dhash, other.dhash)
    assert -(1 << 63) <= original.dhash < 1 << 63


def test_mirror_image_is_known():
    mirrored = photos.scene((800, 600)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert distance(prepare(photos.jpeg(mirrored)).dhash, prepare(photos.jpeg()).mirror_hash) <= 2
    assert dhash(photos.scene()) != dhash(mirrored)


def distance(one, other):
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def test_qr_has_big_modules_and_a_quiet_zone():
    image = opened(qr_png("https://chat.example/?join=ABCD-EFGH"))
    assert image.size[0] == image.size[1] >= (21 + 8) * 8
    assert image.convert("L").crop((0, 0, image.size[0], 32)).getextrema() == (255, 255)
    assert image.convert("L").getpixel((33, 33)) == 0


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (photos.jpeg(), "report.pdf", "image/jpeg"),
        (photos.png(), "a.jpg", "image/png"),
        (photos.telltale("heic"), "IMG_1.HEIC", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "", "image/avif"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42", "x.jpg", "video/mp4"),
        (b"PK\x03\x04....xl/workbook.xml", "x", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04....", "x.xlsx", "application/zip"),
        ("网格编码,网格名称\n".encode("gb18030"), "网格.CSV", "text/csv"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><alert/>", "cap", "application/xml"),
        ("说明".encode(), "说明", "text/plain"),
        (b"OggS\x00\x02", "voice.oga", "audio/ogg"),
        (b"\x7fELF\x00\x00", "photo.jpg", "application/octet-stream"),
    ],
)  # fmt: skip
def test_kind_comes_from_content_not_from_name(data, name, mime):
    assert sniff(data, name) == mime
    assert is_picture(data) is mime.startswith(("image/jpeg", "image/png", "image/heic"))
