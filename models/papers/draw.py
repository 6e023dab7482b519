"""The papers of a case as a PDF that looks the same on every phone: facts, photos, tables, page numbers.

Nothing in it is markup: texts are drawn character by character as the watermark draws them. Runs in the darkroom.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import TextMode
from PIL import Image

from models.pairs import draw_pairs
from models.papers.content import TITLE, Beside, Dossier, Photo, Row, Table
from models.watermark import FONT, find_missing, mark, printable

# A4, millimetres; sizes of letters in points.
WIDTH, LEFT, TOP, FOOT = 210.0, 20.0, 22.0, 20.0
INNER: Final = WIDTH - 2 * LEFT
BOTTOM: Final = 297.0 - FOOT
BODY, SMALL, HEADING, NAME = 10.5, 9.0, 13.0, 22.0
STEP: Final = 5.6  # From line to line of a table.
PAD: Final = 1.6
WHOLE: Final = 12  # Lines of a row that stay together; a longer one goes on over pages.
GUTTER: Final = 4.0
TALLEST: Final = 88.0  # Of a single photo, so that two rows stand on a page.
PAIR_TALLEST: Final = 125.0
# Of the long side: 300 points to the inch where two photos stand beside each other, and half of what a copy has, which
# is decoded in a quarter of the time.
PHOTO_PX: Final = 1024
QUALITY: Final = 80

INK, SOFT, RULE, SHADE, ACCENT = (31, 41, 55), (107, 114, 128), (203, 210, 220), (243, 246, 250), (23, 64, 122)
_OPENING: Final = "（《「『【〈“‘(["
_CLOSING: Final = "，。、；：！？）》」』】〉”’…—·,.;:!?)]%"
_NUMBERS: Final = "一二三四五六七八九十"


def draw_case(case: Dossier) -> tuple[bytes, int, str]:
    """Draw the papers of a case.

    Returns: the PDF, its number of pages, and the characters that the font lacks.
    """
    paper = _Paper(case)
    paper.head()
    paper.section(case.facts.title)
    paper.table(case.facts)
    for place, pair in enumerate(case.pairs):
        paper.pair(pair, title="" if place else "整改前后对比")
    if case.photos:
        paper.photos(case.photos, title="现场照片")
    if case.left_out:
        paper.note(f"另有{case.left_out}张照片未列入，可在系统中查看。")
    for table in case.tables:
        paper.section(table.title)
        paper.table(table)
    paper.note(case.seal)
    paper.foot()
    return bytes(paper.pdf.output()), paper.pdf.pages_count, find_missing("".join(sorted(paper.drawn)))


class _Paper:
    """The document on its way: `y` is where the next thing goes, `drawn` which characters stand in it."""

    def __init__(self, case: Dossier) -> None:
        self.case, self.drawn = case, set[str]()
        self.pdf = pdf = FPDF(format="A4")
        pdf.set_auto_page_break(auto=False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.add_font("county", fname=FONT)
        pdf.set_title(f"{TITLE} {case.number}")
        pdf.set_creator("wangge")
        pdf.set_lang("zh-CN")
        pdf.set_creation_date(case.made_at)
        pdf.set_line_width(0.2)
        self._sections = 0
        self._turn()

    # -- pages ---------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        self.pdf.add_page()
        self.y = TOP

    def _need(self, height: float) -> None:
        """Begin a page if what comes next, and must stay together, does not fit."""
        if self.y + height > BOTTOM:
            self._turn()

    def foot(self) -> None:
        """Number the pages, and say on each which case it belongs to."""
        total = self.pdf.pages_count
        for number in range(1, total + 1):
            self.pdf.page = number
            # What was set last is not said again, but it was said on another page.
            self.pdf.set_font("county", size=1)
            self._rule(BOTTOM + 4, INK)
            self._rule(BOTTOM + 4)
            self._line(self.case.foot, LEFT, BOTTOM + 5, SMALL, SOFT)
            self._line(f"第 {number} 页 / 共 {total} 页", LEFT, BOTTOM + 5, SMALL, SOFT, align="R")
            if number > 1:
                self._line(f"{TITLE}　{self.case.number}", LEFT, 11, SMALL, SOFT)
                self._rule(17)

    def _rule(self, y: float, ink: tuple[int, int, int] = RULE) -> None:
        self.pdf.set_draw_color(*ink)
        self.pdf.line(LEFT, y, WIDTH - LEFT, y)

    # -- words ---------------------------------------------------------------------------------------------

    def head(self) -> None:
        """The title, the number and where the case stands."""
        self._line(TITLE, LEFT, self.y, NAME, ACCENT, align="C", is_bold=True)
        self._line(f"{self.case.number}　·　{self.case.state}", LEFT, self.y + 12, HEADING, INK, align="C")
        self.y += 22
        self._rule(self.y, ACCENT)
        self.y += 2

    def section(self, title: str, *, before: float = 20) -> None:
        """A heading, never alone at the end of a page; `before`: the height of what must stand below it."""
        self._need(12.5 + before)
        number = _NUMBERS[self._sections] if self._sections < len(_NUMBERS) else str(self._sections + 1)
        self._sections += 1
        self.y += 4
        self._line(f"{number}、{title}", LEFT, self.y, HEADING, ACCENT, is_bold=True)
        self.y += 8.5

    def note(self, text: str) -> None:
        """A small sentence below what it is about."""
        self.y += 2
        for line in self._wrap(text, INNER, SMALL):
            self._need(STEP)
            self._line(line, LEFT, self.y, SMALL, SOFT)
            self.y += STEP

    def _line(
        self, text: str, x: float, y: float, size: float, ink: tuple[int, int, int], *, width: float = INNER,
        align: str = "L", is_bold: bool = False,
    ) -> None:  # fmt: skip
        """Draw what fits a line; no markup is read from it. The font has one weight: bold letters get an outline."""
        pdf = self.pdf
        self.drawn.update(text)
        pdf.set_font("county", size=size)
        pdf.set_text_color(*ink)
        pdf.set_draw_color(*ink)
        pdf.text_mode = TextMode.FILL_STROKE if is_bold else TextMode.FILL
        pdf.set_xy(x, y)
        pdf.cell(width, size * 0.5, text, align=align)
        pdf.text_mode = TextMode.FILL

    def _wrap(self, text: str, width: float, size: float) -> list[str]:
        def measure(char: str) -> float:
            return self._width_of(char) * size

        return [line for part in text.splitlines() or [""] for line in wrap(printable(part), width, measure)]

    @lru_cache(maxsize=20_000)  # noqa: B019 - one paper per call of `draw_case`, and a worker that is short-lived
    def _width_of(self, char: str) -> float:
        self.pdf.set_font("county", size=100)
        return self.pdf.get_string_width(char) / 100

    # -- tables --------------------------------------------------------------------------------------------

    def table(self, table: Table) -> None:
        """Rows as high as their texts, going on over pages; the head is said again on each."""
        widths = [INNER * share / sum(table.shares) for share in table.shares]
        if table.head:
            self._row(widths, table.head, is_head=True)
        for row in table.rows:
            self._row(widths, row, labelled=not table.head, head=table.head)

    def _row(
        self, widths: Sequence[float], row: Row, *, is_head: bool = False, labelled: bool = False, head: Row = ()
    ) -> None:
        cells = [self._wrap(text, width - 2 * PAD, BODY) for text, width in zip(row, widths, strict=True)]
        left = max(len(lines) for lines in cells)
        while left > 0:
            room = int((BOTTOM - self.y - 2 * PAD) // STEP)
            if room < min(left, WHOLE):
                self._turn()
                if head:
                    self._row(widths, head, is_head=True)
                continue
            taken = min(left, room)
            self._cells(widths, [lines[:taken] for lines in cells], taken, is_head=is_head, labelled=labelled)
            cells, left = [lines[taken:] for lines in cells], left - taken

    def _cells(
        self, widths: Sequence[float], cells: Sequence[Sequence[str]], lines: int, *, is_head: bool, labelled: bool
    ) -> None:
        x, height = LEFT, lines * STEP + 2 * PAD
        for place, (width, texts) in enumerate(zip(widths, cells, strict=True)):
            is_label = is_head or (labelled and place == 0)
            self.pdf.set_fill_color(*SHADE)
            self.pdf.set_draw_color(*RULE)
            self.pdf.rect(x, self.y, width, height, style="DF" if is_label else "D")
            for number, text in enumerate(texts):
                y = self.y + PAD + number * STEP
                self._line(text, x + PAD, y, BODY, SOFT if is_label else INK, width=width - 2 * PAD)
            x += width
        self.y += height

    # -- photos --------------------------------------------------------------------------------------------

    def pair(self, pair: Beside, *, title: str) -> None:
        """Before and after, as the card shows them."""
        copies = [_load(pair.before), _load(pair.after)]
        if any(not copy for copy in copies):
            return  # Among the photos it is said that one is missing.
        sides = ((copies[0], pair.before.says), (copies[1], pair.after.says))
        data, _small, missing = draw_pairs(pair.head, [sides])
        self.drawn.update(missing)
        width, height = _fit(data, INNER, PAIR_TALLEST)
        if title:
            self.section(title, before=height)
        self._need(height + 3)
        self.pdf.image(io.BytesIO(data), LEFT + (INNER - width) / 2, self.y, width, height)
        self.y += height + 3

    def photos(self, photos: Iterable[Photo], *, title: str) -> None:
        """Two beside each other, each with its band; a row stays together."""
        some, half = list(photos), (INNER - GUTTER) / 2
        for start in range(0, len(some), 2):
            row = [self._marked(photo) for photo in some[start : start + 2]]
            sizes = [_fit(data, half, TALLEST) if data else (half, 20.0) for data in row]
            height = max(size[1] for size in sizes)
            if start == 0:
                self.section(title, before=height)
            self._need(height + 3)
            for place, (data, (width, tall)) in enumerate(zip(row, sizes, strict=True)):
                x = LEFT + place * (half + GUTTER) + (half - width) / 2
                if data:
                    self.pdf.image(io.BytesIO(data), x, self.y, width, tall)
                else:
                    self.pdf.set_draw_color(*RULE)
                    self.pdf.rect(x, self.y, width, tall)
                    self._line("照片文件缺失", x, self.y + 7, BODY, SOFT, width=width, align="C")
            self.y += height + 3

    def _marked(self, photo: Photo) -> bytes:
        copy = _load(photo)
        if not copy:
            return b""
        data, missing = mark(copy, photo.says)
        self.drawn.update(missing)
        return data


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Cut a text into lines: between Chinese characters anywhere, else between words.

    No line begins with a closing sign or ends with an opening one; a word longer than a line is cut.
    """
    lines, line, used = [], "", 0.0
    for piece in _pieces(text):
        if used + sum(map(measure, piece.rstrip())) <= width:
            line, used = line + piece, used + sum(map(measure, piece))
            continue
        if line.strip():
            lines.append(line.rstrip())
        line, used = "", 0.0
        for char in piece.lstrip() or "":
            if used + measure(char) > width and line:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + char, used + measure(char)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterable[str]:
    """What stays together: a word, a character with the signs that belong to it."""
    piece = ""
    for char in text:
        last = piece[-1:]
        joined = last and (
            char in _CLOSING or last in _OPENING or char == " "
            or (_is_of_word(last) and _is_of_word(char))
            or (last.isdigit() and char in "年月日") or (last in "年月" and char.isdigit())
        )  # fmt: skip
        if piece and not joined:
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _is_of_word(char: str) -> bool:
    is_letter = unicodedata.category(char)[0] in "LN" or char in "_-/@#&+=.:"
    return is_letter and unicodedata.east_asian_width(char) not in {"W", "F"}


def _load(photo: Photo) -> bytes:
    """The copy, made smaller: a document with eighteen photos has to go through a village's network."""
    if not photo.path:
        return b""
    try:
        with Image.open(Path(photo.path), formats=["JPEG"]) as image:
            image.draft("RGB", (PHOTO_PX, PHOTO_PX))
            seen = image.convert("RGB")
    except (OSError, ValueError):
        return b""
    seen.thumbnail((PHOTO_PX, PHOTO_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    seen.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _fit(data: bytes, width: float, height: float) -> tuple[float, float]:
    """The size at which a picture fits a box, in its own shape."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        scale = min(width / image.width, height / image.height)
        return image.width * scale, image.height * scale
