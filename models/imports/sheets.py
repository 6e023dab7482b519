"""Spreadsheets as they come (.xlsx, .csv) turned into rows of text, whatever their names claim to be.

Runs on bytes of strangers: the limits are checked before and while unpacking. CPU work, not for the event loop.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.errors import InvalidInput
from models.texts import Text, _

# Source: reliability.md 2.3, "xlsx bomb"; rows and columns widened to what a county's roster needs.
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ROWS = 30_000
MAX_COLUMNS = 60
MAX_SHEETS = 20
_LAST_ROW = 1_048_576  # Source: the last row of an Excel worksheet (ECMA-376).

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty: its number as a person counts (from 1) and its cells as clean text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet; `name` is empty for a .csv file."""

    file: str
    name: str
    rows: tuple[Row, ...]


def read_sheets(file: str, data: bytes) -> list[Sheet]:
    """Read all worksheets of a file; its kind is told by its content, `file` is only its name for people.

    Raises: InvalidInput: too big, not a spreadsheet, with macros, or not readable.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput(_("文件超过{limit}MB，请拆成几个文件再导入。", limit=MAX_FILE_BYTES // 1024 // 1024))
    if data.startswith(_OLE):
        raise InvalidInput(_("这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx 再导入。"))
    if data.startswith(_ZIP):
        return _read_workbook(file, data)
    return [Sheet(file, "", tuple(_rows(_csv_records(_decode(data)))))]


def _rows(records: Iterable[Sequence[Any]]) -> Iterator[Row]:
    found = 0
    for number, record in enumerate(records, start=1):
        if number > _LAST_ROW:
            raise _too_many_rows()
        if not any(record):  # a gap may be a million rows long, so it must cost next to nothing
            continue
        cells = tuple(cell_text(value) for value in record)
        while cells and not cells[-1]:
            cells = cells[:-1]
        if not cells:
            continue
        found += 1
        if found > MAX_ROWS:
            raise _too_many_rows()
        if len(cells) > MAX_COLUMNS:
            raise InvalidInput(_("表格超过{limit}列，请删去多余的列。", limit=MAX_COLUMNS))
        yield Row(number, cells)


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
    return "".join(c for c in " ".join(str(value).split()) if c.isprintable()).strip()


def _decode(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidInput(_unreadable())


def _unreadable() -> Text:
    return _("无法读取这个文件。请发送 .xlsx，或 UTF-8、GBK 编码的 .csv。")


def _csv_records(text: str) -> Iterator[list[str]]:
    # The semicolon and the tab are what spreadsheet programs write in other settings.
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise InvalidInput(_unreadable()) from error


def _read_workbook(file: str, data: bytes) -> list[Sheet]:
    _check_package(data)
    # Imported on use: half a second that the bot need not spend when it starts.
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = []
        for worksheet in workbook.worksheets:
            worksheet.reset_dimensions()  # what a file says about itself may be wrong
            cells = worksheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
            sheets.append(Sheet(file, worksheet.title, tuple(_rows(cells))))
    except InvalidInput:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file makes it stumble over
        raise InvalidInput(_unreadable()) from error
    return sheets


def _check_package(data: bytes) -> None:
    """Look into the package before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            names = {entry.filename.lower() for entry in entries}
            size = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            kinds = _content_types(package) if size <= MAX_UNPACKED_BYTES else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidInput(_unreadable()) from error
    if size > MAX_UNPACKED_BYTES or size > MAX_RATIO * max(packed, 1):
        raise InvalidInput(_("文件解压后过大，已拒绝。请只保留需要导入的工作表。"))
    if any(name.endswith("vbaproject.bin") for name in names) or b"macroenabled" in kinds.lower():
        raise InvalidInput(_("文件带有宏，已拒绝。请另存为不带宏的 .xlsx 再导入。"))
    if "xl/workbook.xml" not in names:
        raise InvalidInput(_unreadable())
    if sum(name.startswith("xl/worksheets/") and name.endswith(".xml") for name in names) > MAX_SHEETS:
        raise InvalidInput(_("工作表超过{limit}张，请只保留需要导入的。", limit=MAX_SHEETS))


def _content_types(package: zipfile.ZipFile) -> bytes:
    try:
        return package.read("[Content_Types].xml")
    except KeyError:
        return b""
