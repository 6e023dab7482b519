"""The watermark: legible on any photo, hiding nothing of it, the same bytes each time, and never an empty box."""

import io
from pathlib import Path

import pytest
from PIL import Image

from models.pictures import prepare
from models.watermark import GROUND, INK, MISSING, TITLE, find_missing, mark, printable
from tests import photos

LINES = ["YH20261123-0001 · 整改前", "茂林镇·铜山村 靠山加油站", "拍摄 2026年11月20日 09:30 · 上报人 林晓梅"]
LONG = "安徽省宣城市泾县茂林镇恒泰新型环保建筑材料制造有限责任公司第二分公司①号罐区" * 5


def copy_of(size, colour="#fff"):
    return prepare(photos.jpeg(Image.new("RGB", size, colour))).copy


def drawn(copy, lines=LINES):
    return Image.open(io.BytesIO(mark(copy, lines)[0]))


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1600), (2048, 400), (500, 2000), (90, 60)])
@pytest.mark.parametrize("colour", ["#fff", "#000"])
def test_photo_is_whole_above_the_band(size, colour):
    seen = drawn(copy_of(size, colour))
    left = (seen.width - size[0]) // 2
    low, high = seen.crop((left, 0, left + size[0], size[1] - 8)).convert("L").getextrema()
    shade = 255 if colour == "#fff" else 0
    assert (abs(low - shade) <= 8, abs(high - shade) <= 8) == (True, True)


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1600), (2048, 400)])
def test_letters_can_be_read_on_a_phone(size):
    seen = drawn(copy_of(size))
    band = seen.crop((0, size[1], seen.width, seen.height))
    rows = [max(band.crop((0, y, band.width, y + 1)).convert("L").getextrema()) for y in range(band.height)]
    letters = max(len(run) for run in "".join("#" if row > 128 else " " for row in rows).split())
    assert letters * 390 / seen.width >= 10  # points, on a phone 390 points wide


def contrast(one, other):
    """Source: WCAG 2.2, contrast ratio."""

    def light(colour):
        parts = [part / 255 for part in colour]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_letters_stand_out_from_their_ground():
    assert min(contrast(GROUND, INK), contrast(GROUND, TITLE)) >= 7


def test_same_words_give_the_same_bytes():
    copy = copy_of((800, 600))
    assert mark(copy, LINES) == mark(copy, LINES)
    assert mark(copy, LINES)[0] != mark(copy, [*LINES[:2], "别的"])[0]


def test_long_place_is_shortened_to_two_rows():
    copy = copy_of((1600, 1200))
    short, long = drawn(copy), drawn(copy, [LINES[0], LONG, LINES[2]])
    row = (short.height - 1200) // 4
    assert short.height < long.height < short.height + 2 * row
    assert drawn(copy, [LONG * 20] * 3).height < 1200 * 1.4


def test_mark_carries_no_metadata():
    seen = drawn(copy_of((800, 600)))
    assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_font_has_what_a_county_writes():
    gb2312 = "".join(
        bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF)
    )
    names = "".join(path.read_text("utf-8-sig") for path in Path("data/jingxian").glob("*.csv"))
    assert len(set(gb2312)) >= 7445
    assert find_missing(gb2312 + names + "①⚠✓㎡塅昇堃喆婳镕鹢㭎" + "".join(map(chr, range(0x20, 0x7F)))) == ""


def test_character_without_a_glyph_is_marked_as_missing():
    assert find_missing("林龘梅🔥\u3000") == "龘🔥"
    assert printable("林龘梅") == f"林{MISSING}梅"
    assert find_missing(MISSING) == ""
    assert mark(copy_of((800, 600)), ["林龘梅"])[1] == "龘"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("靠山\n加油站\t东", "靠山 加油站 东"),
        ("a\u202egpj", "agpj"),
        ("\x00林\x1b[31m", "林[31m"),
        ("", ""),
        ("e\u0301", "é"),
    ],
)
def test_only_what_can_be_drawn_is_drawn(text, shown):
    assert printable(text) == shown
