"""Spreadsheets as they come (.xlsx, .csv) turned into rows of text, whatever their names claim to be.

Runs on bytes of strangers: the limits are checked before and while unpacking. CPU work, not for the event loop.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.errors import InvalidInput
from models.imports.packages import check_package, unreadable
from models.imports.workbooks import Filler, Marks, list_rows, open_workbook, scan
from models.sniff import PICTURES, sniff
from models.texts import Text, _

# Source: reliability.md 2.3, "xlsx bomb"; rows and columns widened to what a county's roster needs.
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 30_000
MAX_COLUMNS = 60
_LAST_ROW = 1_048_576  # Source: the last row of an Excel worksheet (ECMA-376).

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
# What tells text cells from numbers in some programs and is no part of the value: '154… and ="154…".
_APOSTROPHES = "'`‘’＇"
_AS_FORMULA = re.compile(r'="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty: its number as a person counts (from 1) and its cells as clean text.

    `wide` are the cells with what is merged sideways filled in, as two-line headers need it.
    """

    number: int
    cells: tuple[str, ...]
    wide: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet; `name` is empty for a .csv file. `rows` can be gone through once, before the next sheet."""

    file: str
    name: str
    rows: Iterable[Row]
    notes: tuple[Text, ...] = ()
    is_hidden: bool = False


def read_sheets(file: str, data: bytes) -> Iterator[Sheet]:
    """Read all worksheets of a file; its kind is told by its content, `file` is only its name for people.

    Raises: InvalidInput: too big, not a spreadsheet, with macros, or not readable; also while going through rows.
    """
    if not data:
        raise InvalidInput(_("这个文件是空的。"))
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput(_("文件超过{limit}MB，请拆成几个文件再导入。", limit=MAX_FILE_BYTES // 1024 // 1024))
    if data.startswith(_OLE):
        raise InvalidInput(_("这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx 再导入。"))
    if data.startswith(_ZIP):
        yield from _read_workbook(file, data)
        return
    _check_kind(data)
    records = ((number, record) for number, record in enumerate(_csv_records(_decode(data)), start=1))
    yield Sheet(file, "", _rows(records))


def _check_kind(data: bytes) -> None:
    kind = sniff(data[:4096])
    if kind in PICTURES or kind.startswith("image/"):
        raise InvalidInput(_("这是图片，不是表格。请发送 .xlsx 或 .csv。"))
    if kind == "application/pdf":
        raise InvalidInput(_("这是 PDF 文件，不是表格。请发送 .xlsx 或 .csv。"))


def _rows(records: Iterable[tuple[int, Sequence[Any]]], marks: Marks | None = None) -> Iterator[Row]:
    found, filler = 0, Filler(marks.merges if marks else ())
    for number, record in records:
        if number > _LAST_ROW:
            raise _too_many_rows()
        if not any(
            value or value == 0 for value in record
        ):  # a gap may be a million rows long: it costs next to nothing
            continue
        own = _trimmed(cell_text(value) for value in record)
        if not own:
            continue
        found += 1
        if found > MAX_ROWS:
            raise _too_many_rows()
        if len(own) > MAX_COLUMNS:
            raise InvalidInput(_("表格超过{limit}列，请删去多余的列。", limit=MAX_COLUMNS))
        yield Row(number, *filler.fill(number, own))


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    """Without the empty cells at the end."""
    row = list(cells)
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def _too_many_rows() -> InvalidInput:
    return InvalidInput(_("表格超过{limit}行，请拆成几个文件再导入。", limit=MAX_ROWS))


def cell_text(value: Any) -> str:
    """Bring a cell into text: dates as 2026-11-23, whole numbers without a decimal point, no blanks around."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    # Line breaks within a cell are layout; other invisible characters come from copying and are in nobody's name.
    text = "".join(c for c in " ".join(str(value).split()) if c.isprintable()).strip()
    if text[:1] in ("=", *_APOSTROPHES):
        inner = _AS_FORMULA.fullmatch(text)
        text = inner[1].strip() if inner else text[1:].strip() if text[:1] in _APOSTROPHES else text
    return text


def _decode(data: bytes) -> str:
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise unreadable()


def _encodings(data: bytes) -> list[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    head = data[:4096]
    if b"\0" in head:  # in UTF-16 without its mark, commas and line ends have their zero on one side
        return ["utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"]
    return ["utf-8-sig", "gb18030"]


def _csv_records(text: str) -> Iterator[list[str]]:
    # The semicolon and the tab are what spreadsheet programs write in other settings.
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise unreadable() from error


def _read_workbook(file: str, data: bytes) -> Iterator[Sheet]:
    has_links = check_package(data)
    workbook = open_workbook(data)
    for worksheet in workbook.worksheets:
        try:
            marks = scan(worksheet)
        except Exception as error:  # a member that is damaged or cannot be unpacked
            raise unreadable() from error
        notes = []
        if marks.hidden:
            notes.append(_("有{count}行是隐藏或被筛选掉的，也一并导入。", count=marks.hidden))
        if has_links:
            notes.append(_("表格引用了其他文件，按最后保存的内容读取。"))
        rows = _rows(list_rows(worksheet, marks), marks)
        yield Sheet(file, worksheet.title, rows, tuple(notes), is_hidden=worksheet.sheet_state != "visible")
