"""The watermark: a band under the photo that says which case it belongs to, where and when, and who took it.

The band is added below, so that nothing of the picture is hidden and the words stand on a ground of their own,
whatever the photo is like. The same copy and the same words give the same bytes; who changes how the band looks
raises `STYLE` in models/media.py. Runs in the darkroom.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

FONT: Final = Path(__file__).parent / "fonts" / "NotoSansCJKsc-county.otf"
GROUND, INK, TITLE = (22, 26, 31), (242, 244, 246), (255, 209, 102)  # Contrast with the ground 15:1 and 12:1.
# Shares of the width. Opened on a phone 390 points wide, the letters are 12 points high.
LETTER, LEADING, MARGIN = 0.032, 1.4, 0.9
LEAST_PX: Final = 640  # A narrower picture gets a wider band, or nobody could read it.
ROWS: Final = 2  # What is longer than so many rows of the band is shortened.
QUALITY: Final = 85
# What stands for a character that the font lacks: the printers' mark for a missing letter, never an empty box.
MISSING: Final = "〓"
_NOWHERE: Final = "\U000f0000"  # No font has a glyph for it.


def mark(copy: bytes, lines: Sequence[str]) -> tuple[bytes, str]:
    """Put a band with these lines under a copy (JPEG without metadata); the first line is its title.

    Returns: the JPEG, and the characters that the font lacks.
    """
    shown = [printable(line) for line in lines]
    with Image.open(io.BytesIO(copy), formats=["JPEG"]) as photo:
        photo.load()
        width = max(photo.width, photo.height // 2, LEAST_PX)
        letter = round(width * LETTER)
        font, margin, step = font_of(letter), round(letter * MARGIN), round(letter * LEADING)
        rows = [(row, number) for number, line in enumerate(shown) for row in cut_rows(line, font, width - 2 * margin)]
        height = len(rows) * step + margin
        picture = Image.new("RGB", (width, photo.height + height), GROUND)
        picture.paste(photo, ((width - photo.width) // 2, 0))
    draw = ImageDraw.Draw(picture)
    for place, (row, number) in enumerate(rows):
        base = picture.height - height + margin // 2 + place * step + step // 2
        draw.text((margin, base), row, font=font, fill=INK if number else TITLE, anchor="lm")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), find_missing("".join(map(_plain, lines)))


def find_missing(text: str) -> str:
    """Give the characters of a text that the font cannot draw. Raises: OSError: the font cannot be read."""
    return "".join(char for char in dict.fromkeys(text) if not char.isspace() and not _has_glyph(char))


def printable(text: str) -> str:
    """Make a text of characters that the font can draw: no controls, no direction marks, a sign for what it lacks."""
    plain = _plain(text)
    return plain.translate({ord(char): MISSING for char in find_missing(plain)})


def _plain(text: str) -> str:
    shown = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(char for char in shown if unicodedata.category(char) not in {"Cc", "Cf", "Mn"})


@cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """Give the font in a size in pixels."""
    # The basic layout is Pillow's own, so that the picture does not depend on what else is installed.
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(4096)
def _has_glyph(char: str) -> bool:
    font = font_of(32)
    return bytes(font.getmask(char)) != bytes(font.getmask(_NOWHERE))


def cut_rows(line: str, font: ImageFont.FreeTypeFont, width: int) -> Iterable[str]:
    """Cut a line into at most `ROWS` pieces as wide as the band; what does not fit ends in "…"."""
    left = line
    for row in range(1, ROWS + 1):
        fitting = _fitting(left, font, width)
        if fitting == len(left):
            yield left
            return
        if row == ROWS:
            yield left[: _fitting(left, font, width - font.getlength("…"))].rstrip() + "…"
            return
        cut = left.rfind(" ", fitting * 2 // 3, fitting + 1)  # at a blank, if one is near the end
        fitting = cut if cut > 0 else max(1, fitting)
        yield left[:fitting].rstrip()
        left = left[fitting:].lstrip()


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many characters of a text fit into a width in pixels."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if font.getlength(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
