"""Before and after beside each other: in their own shapes, at one height, legible, small, the same bytes each time."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.pairs import GAP, MOST_BYTES, WIDTH, draw_pairs
from models.pictures import prepare
from models.watermark import GROUND
from tests import photos

HEAD = ["YH20261123-0001 · 整改前后对比", "茂林镇·铜山村 靠山加油站"]
BEFORE, AFTER = ["整改前", "拍摄 2026年11月20日 09:30"], ["整改后（第2次）", "上传 2026年11月27日 16:05"]
RED, BLUE = (255, 0, 0), (0, 0, 255)


def copy_of(size, colour):
    return prepare(photos.jpeg(Image.new("RGB", size, colour))).copy


def drawn(*pairs):
    data, small, missing = draw_pairs(HEAD, [((left, BEFORE), (right, AFTER)) for left, right in pairs])
    assert missing == ""
    assert Image.open(io.BytesIO(small)).width == 720
    return Image.open(io.BytesIO(data))


def box_of(image, colour):
    """Where a colour stands in a picture: left, top, right, bottom."""
    near = [
        band.point(lambda value, c=c: 255 if abs(value - c) < 40 else 0)
        for band, c in zip(image.split(), colour, strict=True)
    ]
    left, top, right, bottom = Image.merge("RGB", near).convert("L").point(lambda v: 255 if v == 255 else 0).getbbox()
    return left, top, right, bottom


SIZES = [(1600, 1200), (1200, 1600), (1920, 1080), (1080, 1920), (300, 300), (90, 60)]


@pytest.mark.parametrize("one", SIZES)
@pytest.mark.parametrize("other", SIZES)
def test_photos_keep_their_shapes_and_stand_level(one, other):
    seen = drawn((copy_of(one, "#f00"), copy_of(other, "#00f")))
    left, right = box_of(seen, RED), box_of(seen, BLUE)
    for box, size in ((left, one), (right, other)):
        width, height = box[2] - box[0], box[3] - box[1]
        assert width / height == pytest.approx(size[0] / size[1], rel=0.02)
    assert abs((left[3] - left[1]) - (right[3] - right[1])) <= 2
    assert left[2] + GAP // 2 <= right[0]
    assert seen.width == WIDTH


def test_panorama_leaves_the_other_photo_large():
    seen = drawn((copy_of((2000, 100), "#f00"), copy_of((1600, 1200), "#00f")))
    left, _top, right, _bottom = box_of(seen, BLUE)
    assert right - left > WIDTH / 4


def test_three_pairs_stand_below_each_other():
    pair = (copy_of((1600, 1200), "#f00"), copy_of((1600, 1200), "#00f"))
    assert drawn(pair, pair, pair).height > 2.5 * drawn(pair).height


def test_busy_photos_stay_below_a_megabyte():
    noise = prepare(photos.jpeg(Image.effect_noise((2048, 2048), 120).convert("RGB"))).copy
    data, _small, _missing = draw_pairs(HEAD, [((noise, BEFORE), (noise, AFTER))] * 3)
    assert len(data) <= MOST_BYTES < 1_000_000


def test_same_photos_and_words_give_the_same_bytes():
    pairs = [((copy_of((800, 600), "#f00"), BEFORE), (copy_of((600, 800), "#00f"), AFTER))]
    assert draw_pairs(HEAD, pairs) == draw_pairs(HEAD, pairs)


def test_words_stand_on_the_ground_above_the_photos():
    seen = drawn((copy_of((1600, 1200), "#f00"), copy_of((1600, 1200), "#00f")))
    words = seen.crop((0, 0, WIDTH, box_of(seen, RED)[1] - 8))
    assert words.getpixel((WIDTH - 2, 2)) == pytest.approx(GROUND, abs=6)
    assert max(words.convert("L").getextrema()) > 200


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=400), min_size=1, max_size=3))
def test_any_words_can_be_drawn(lines):
    copy = copy_of((320, 240), "#f00")
    data, _small, _missing = draw_pairs(lines, [((copy, lines), (copy, lines))])
    assert Image.open(io.BytesIO(data)).width == WIDTH
