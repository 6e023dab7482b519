"""Before and after beside each other, as one picture that can be read on a phone.

Both photos of a pair have the same height and keep their shape; what cannot fill its part stands on the ground of
the watermark. The same copies and words give the same bytes; who changes how it looks raises `PAIR_STYLE` in
models/media.py. Runs in the darkroom.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from PIL import Image, ImageDraw

from models.watermark import GROUND, INK, TITLE, cut_rows, find_missing, font_of, printable

WIDTH: Final = 1600
THUMB_PX: Final = 720
GAP: Final = 16
# Opened on a phone 390 points wide, the letters are 12 and 10 points high.
HEAD, WORD, LEADING = 50, 43, 1.4
MARGIN: Final = 24
HIGHEST: Final = {1: 1400, 2: 1000, 3: 760}  # Pixels of a photo's height, by the number of pairs.
LEAST_SHARE: Final = 0.36  # Of the width: a narrow photo beside a wide one leaves room for the words above it.
WIDEST: Final = 2.4  # A panorama is lower than the photo beside it, or that one would be a stamp.
MOST_BYTES: Final = 950_000  # What a phone loads at once in a village; the first quality that fits is taken.
QUALITIES: Final = (86, 78, 70, 60, 48, 36)

Side = tuple[bytes, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One photo in its place: the box that is its part of the row, and the words above it, cut into rows."""

    photo: Image.Image
    left: int
    width: int
    rows: Sequence[tuple[str, int]]


def draw_pairs(head: Sequence[str], pairs: Sequence[tuple[Side, Side]]) -> tuple[bytes, bytes, str]:
    """Draw pairs of copies (JPEG without metadata) below each other; `head` stands above, its first line is the title.

    Returns: the JPEG, a small one, and the characters that the font lacks.
    """
    said = "".join((*head, *(line for pair in pairs for _copy, says in pair for line in says)))
    top = _cut(head, WIDTH - 2 * MARGIN)
    rows = [_plan(pair, HIGHEST[min(len(pairs), max(HIGHEST))]) for pair in pairs]
    heights = [_height_of(row) for row in rows]
    starts = list(accumulate(heights, initial=_step(top) + MARGIN))
    picture = Image.new("RGB", (WIDTH, starts[-1]), GROUND)
    draw = ImageDraw.Draw(picture)
    _write(draw, MARGIN, MARGIN // 2, top)
    for row, start, height in zip(rows, starts, heights, strict=False):
        for cell in row:
            _write(draw, cell.left + MARGIN, start, cell.rows)
            across = cell.left + (cell.width - cell.photo.width) // 2
            room = max(other.photo.height for other in row)
            down = start + height - GAP - (room + cell.photo.height) // 2
            picture.paste(cell.photo, (across, down))
    return _fitting(picture), _small(picture), find_missing(said)


def _plan(pair: tuple[Side, Side], highest: int) -> tuple[_Cell, _Cell]:
    """Give both photos their parts of the width, by their shapes, and one height."""
    photos = [_load(copy) for copy, _says in pair]
    shapes = [min(WIDEST, photo.width / photo.height) for photo in photos]
    share = min(1 - LEAST_SHARE, max(LEAST_SHARE, shapes[0] / sum(shapes)))
    widths = [round((WIDTH - GAP) * share), round((WIDTH - GAP) * (1 - share))]
    height = round(min(highest, *(width / shape for width, shape in zip(widths, shapes, strict=True))))
    lefts = [0, widths[0] + GAP]
    left, right = (
        _Cell(_fit(photo, width, height), at, width, _cut(says, width - 2 * MARGIN))
        for photo, at, width, (_copy, says) in zip(photos, lefts, widths, pair, strict=True)
    )
    return left, right


def _fit(photo: Image.Image, width: int, height: int) -> Image.Image:
    """Make a photo as large as a box takes, in its own shape."""
    scale = min(width / photo.width, height / photo.height)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    return photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _load(copy: bytes) -> Image.Image:
    with Image.open(io.BytesIO(copy), formats=["JPEG"]) as photo:
        photo.load()
        return photo.convert("RGB")


def _cut(lines: Sequence[str], width: int) -> list[tuple[str, int]]:
    """The rows of some lines, each with the size of its letters: the first line is a title."""
    sizes = [HEAD if place == 0 else WORD for place in range(len(lines))]
    return [
        (row, size)
        for line, size in zip(lines, sizes, strict=True)
        for row in cut_rows(printable(line), font_of(size), width)
    ]


def _step(rows: Sequence[tuple[str, int]]) -> int:
    return sum(round(size * LEADING) for _row, size in rows)


def _height_of(row: Sequence[_Cell]) -> int:
    return max(_step(cell.rows) for cell in row) + MARGIN // 2 + max(cell.photo.height for cell in row) + GAP


def _write(draw: ImageDraw.ImageDraw, left: int, top: int, rows: Sequence[tuple[str, int]]) -> None:
    for row, size in rows:
        step = round(size * LEADING)
        ink = TITLE if size == HEAD else INK
        draw.text((left, top + step // 2), row, font=font_of(size), fill=ink, anchor="lm")
        top += step


def _fitting(picture: Image.Image) -> bytes:
    drawn = (_jpeg(picture, quality) for quality in QUALITIES)
    least = b""
    for data in drawn:
        least = data
        if len(data) <= MOST_BYTES:
            break
    return least


def _small(picture: Image.Image) -> bytes:
    return _jpeg(picture.resize((THUMB_PX, max(1, picture.height * THUMB_PX // WIDTH)), Image.Resampling.LANCZOS), 78)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
