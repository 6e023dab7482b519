"""The worksheets of an .xlsx, row by row: merged cells, hidden rows and formulas without a value are seen to.

openpyxl does the reading; what it leaves out when it reads row by row (merged cells stand behind the rows) is
taken from the worksheet's XML in one pass before.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models.imports.packages import unreadable

UNCOMPUTED: Final = "#无计算结果"  # Stands for a formula whose value was never stored.
_BLOCK: Final = 1 << 20
_LONGEST_TAG: Final = 1 << 16
_WIDEST: Final = 60  # Columns; merged cells that are wider are no header.
# The tags that matter: a row, a value or formula, merged cells.
_TAG = re.compile(rb"<(?:\w+:)?(row|v|is|f|mergeCell)(?=[\s>/])([^>]*)>")
_NUMBER = re.compile(rb"\br=\"(\d{1,10})\"")
_IS_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_REF = re.compile(rb'\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells merged into one; rows and columns count from 1, the last ones are part of it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Marks:
    """What a worksheet's XML says besides its values.

    `hidden`: how many rows with something in them are hidden. `last_row`: below it there is nothing but layout.
    """

    merges: list[Merge] = field(default_factory=list)
    hidden: int = 0
    last_row: int = 0


def open_workbook(data: bytes) -> Any:
    """Open a workbook for reading row by row.

    Raises: InvalidInput: broken, or XML that plays tricks.
    """
    # Imported on use: half a second that the bot need not spend when it starts.
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a broken file makes it stumble over
        raise unreadable() from error


def scan(worksheet: Any) -> Marks:
    """Look through a worksheet's XML for what is told by single tags, without building anything."""
    marks, number, is_hidden = Marks(), 0, False
    for tag, attributes in _tags(worksheet):
        if tag == b"row":
            found = _NUMBER.search(attributes)
            number = int(found[1]) if found else number + 1
            is_hidden = bool(_IS_HIDDEN.search(attributes))
        elif tag == b"mergeCell":
            if found := _REF.search(attributes):
                left, top, right, bottom = found.groups()
                marks.merges.append(Merge(int(top), _column(left), int(bottom), _column(right)))
        else:
            marks.last_row = max(marks.last_row, number)
            marks.hidden += is_hidden
            is_hidden = False  # one of its cells is enough
    return marks


def _tags(worksheet: Any) -> Iterator[tuple[bytes, bytes]]:
    with worksheet._get_source() as source:  # noqa: SLF001 - the only way to the member's bytes
        rest = b""
        while block := source.read(_BLOCK):
            text = rest + block
            for found in _TAG.finditer(text):
                yield found[1], found[2]
            # A tag that the block cuts in two is read with the next one.
            begun = text.rfind(b"<")
            rest = text[begun:] if text.rfind(b">") < begun and len(text) - begun < _LONGEST_TAG else b""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def list_rows(worksheet: Any, marks: Marks) -> Iterator[tuple[int, list[Any]]]:
    """Give the number and the values of each row down to the last that holds any.

    Raises: InvalidInput: the worksheet is broken.
    """
    try:
        with worksheet._get_source() as source:  # noqa: SLF001 - as openpyxl does it itself
            yield from _parse(worksheet, source, marks.last_row)
    except Exception as error:
        raise unreadable() from error


def _parse(worksheet: Any, source: Any, last_row: int) -> Iterator[tuple[int, list[Any]]]:
    from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

    class Parser(WorkSheetParser):
        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and element.find(FORMULA_TAG) is not None and not element.findtext(VALUE_TAG):
                # An empty text is a result, too, and says so by its type.
                cell["value"] = None if element.get("t") == "str" else UNCOMPUTED
            return cell

    book = worksheet.parent
    parser = Parser(
        source, worksheet._shared_strings, data_only=True, epoch=book.epoch,  # noqa: SLF001
        date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,  # noqa: SLF001
    )  # fmt: skip
    for number, cells in parser.parse():
        if number > last_row:
            return
        values: list[Any] = []
        for cell in cells:
            if cell["value"] is not None:
                values += [None] * (cell["column"] - len(values))
                values[cell["column"] - 1] = cell["value"]
        yield number, values


class Filler:
    """Gives merged cells the value of their first one: down the rows for every row, sideways for headers.

    A value that stands in a merged column for several people is each one's. Feed rows in their order.
    """

    def __init__(self, merges: Sequence[Merge]) -> None:
        self._coming = sorted(merges, key=lambda merge: merge.top, reverse=True)
        self._down: dict[int, tuple[int, str]] = {}

    def fill(self, number: int, cells: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give a row's cells filled from above, and the same filled sideways, too."""
        if not (self._coming or self._down):
            return cells, cells
        filled = list(cells)
        for column, (bottom, value) in list(self._down.items()):
            if number > bottom:
                del self._down[column]
            elif value:
                filled += [""] * (column - len(filled))
                filled[column - 1] = filled[column - 1] or value
        wide = list(filled)
        while self._coming and self._coming[-1].top <= number:
            merge = self._coming.pop()
            value = cells[merge.left - 1] if merge.top == number and merge.left <= len(cells) else ""
            if merge.bottom > number:
                self._down[merge.left] = (merge.bottom, value)
            if value and merge.right - merge.left < _WIDEST:
                wide += [""] * (merge.right - len(wide))
                wide[merge.left - 1 : merge.right] = [value] * (merge.right - merge.left + 1)
        return tuple(filled), tuple(wide)
