"""Files given together become one batch: tables recognised, every cell read, nothing looked up yet.

No database is needed for this part, so it runs beside the event loop and outside of any unit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final

from models.errors import InvalidInput
from models.imports import cells
from models.imports.sheets import Row, Sheet, read_sheets
from models.imports.templates import TITLE_ROWS, Column, Header, Kind, find_header
from models.texts import Line, Text, _

EXAMPLE: Final = "示例"  # Rows of a template that begin so show what to write and are no data.
NOTES_SHEET: Final = "填写说明"
REASON: Final = "原因"  # The column that the file of wrong rows has besides.
MARK: Final = "_wangge"  # The hidden worksheet by which a corrected file says which import it belongs to.
LONGEST_CELL: Final = 300  # More than any column takes; a refusal that quotes the cell stays a sentence.
# What stands below a table and is none of its rows: totals, who filled it in, remarks.
_FOOTER = re.compile(
    r"(合计|总计|小计|共计|填表|填报|制表|审核|校对|复核|打印日期|单位[(（]?盖章)"
    r"|(负责人|联系人|联系电话|日期|备注|说明|注)\s*[:：]"
)
_TITLE_CHARS, _TITLES = 20, 12  # Of columns that are named because they are not used.
_LEAST_NAMED = 2  # A row with fewer required columns filled may be a footer.


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file: worksheet ("" for .csv), row as a person counts, and column title ("" for the row)."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about a place in a file."""

    spot: Spot
    reason: Text


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised table: its titles, and where the known columns are among them; `number`: which of the files."""

    kind: Kind
    number: int
    file: str
    sheet: str
    titles: tuple[str, ...]
    places: dict[str, int]

    def at(self, row: int, key: str = "") -> Spot:
        """The place of a row, or of one of its cells."""
        known = key in self.places
        return Spot(self.file, self.sheet, row, self.titles[self.places[key]] if known else "")


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it came (`cells`) and as it was read (`values`). A column that is absent or empty has no value."""

    table: Table
    row: int
    cells: tuple[str, ...]
    values: dict[str, Any]

    @property
    def spot(self) -> Spot:
        """The place of this row."""
        return self.table.at(self.row)

    def at(self, key: str) -> Spot:
        """The place of one cell of this row."""
        return self.table.at(self.row, key)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: in a cell of a record (`key` names its column), or with a file or table as a whole."""

    spot: Spot
    reason: Text
    record: Record | None = None
    key: str = ""


@dataclass(slots=True)
class Batch:
    """What some files hold: records per kind, what is wrong in itself, and remarks.

    `corrects`: the import whose wrong rows one of the files replaces.
    """

    records: dict[Kind, list[Record]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    corrects: int | None = None

    def note(self, spot: Spot, reason: Text) -> None:
        """Remark on a place."""
        self.notes.append(Remark(spot, reason))


RowPlace = tuple[int, str, int]  # Which of the files, worksheet, row.


def read_batch(files: Iterable[tuple[str, bytes]], skip: Collection[RowPlace] = ()) -> Batch:
    """Read files (name for people, content); what cannot be read becomes a remark, never an exception.

    Rows in `skip` are left out: a corrected file has taken their place.
    """
    batch = Batch()
    for number, (name, data) in enumerate(files):
        gone = {(sheet, row) for file, sheet, row in skip if file == number}
        try:
            if not _read_file(batch, _Source(number, name, gone), data):
                reason = _("没有认出表头。请用网格、人员或企业模板，第一行写列名。")
                batch.wrong.append(Wrong(Spot(name), reason))
        except InvalidInput as refusal:
            batch.wrong.append(Wrong(Spot(name), refusal.text))
    return batch


@dataclass(frozen=True, slots=True)
class _Source:
    """A file: its place among the others, its name, and which rows (worksheet, row) of it are left out."""

    number: int
    name: str
    gone: Collection[tuple[str, int]]


def _read_file(batch: Batch, source: _Source, data: bytes) -> bool:
    """Read all tables of a file; tell whether there was any. Raises: InvalidInput: it cannot be read."""
    name, has_table = source.name, False
    strangers = []
    for sheet in read_sheets(name, data):
        rows = iter(sheet.rows)
        first = list(islice(rows, TITLE_ROWS))
        header = find_header(first)
        if sheet.name == MARK and sheet.is_hidden:
            batch.corrects = batch.corrects or _read_mark(first)
        elif header and sheet.is_hidden:
            batch.note(Spot(name, sheet.name), _("这张工作表是隐藏的，已跳过。"))
        elif header:
            has_table = True
            _read_table(batch, source, sheet, header, chain(first, rows))
        elif first and not sheet.is_hidden and sheet.name != NOTES_SHEET:
            strangers.append(sheet.name)
    if has_table:
        for stranger in strangers:
            batch.note(Spot(name, stranger), _("这张工作表不是导入模板，已跳过。"))
    return has_table


def _read_mark(rows: Sequence[Row]) -> int | None:
    cells = rows[0].cells if rows else ()
    fits = len(cells) == 2 and cells[0] == MARK and cells[1].isascii() and cells[1].isdigit() and len(cells[1]) <= 18
    return int(cells[1]) if fits else None


def _read_table(batch: Batch, source: _Source, sheet: Sheet, header: Header, rows: Iterator[Row]) -> None:
    spot = Spot(sheet.file, sheet.name, header.row)
    kind = header.template.kind
    if header.missing:
        missing = "、".join(header.missing)
        reason = _("{kind}模板缺少必填列：{columns}。", kind=Text(kind.label), columns=missing)
        batch.wrong.append(Wrong(spot, reason))
        return
    for note in sheet.notes:
        batch.note(Spot(sheet.file, sheet.name), note)
    extra = [title for title in header.extra if title != REASON]
    if extra:
        shown = "、".join(title[:_TITLE_CHARS] for title in extra[:_TITLES]) + ("…" if len(extra) > _TITLES else "")
        batch.note(spot, _("这些列用不到，已忽略：{columns}。", columns=shown))
    table = Table(kind, source.number, sheet.file, sheet.name, _titles(header), header.places)
    found = 0
    for row in rows:
        if row.number <= header.row or header.is_empty(row) or _begin(row).startswith(EXAMPLE):
            continue
        found += 1
        if (sheet.name, row.number) in source.gone:
            continue
        if _is_footer(header, row):
            batch.note(table.at(row.number), _("「{word}」这一行不是数据，已忽略。", word=_begin(row)[:12]))
        else:
            _read_row(batch, header, table, row)
    if not found:
        batch.note(spot, _("表头下面没有数据。"))


def _titles(header: Header) -> tuple[str, ...]:
    """The columns' titles: the template's own where it is known, else as they stand there."""
    known = {place: key for key, place in header.places.items()}
    titles = {column.key: column.title for column in header.template.columns}
    width = max([*header.places.values(), len(header.cells) - 1]) + 1
    return tuple(
        titles[known[place]] if place in known else header.cells[place] if place < len(header.cells) else ""
        for place in range(width)
    )


def _begin(row: Row) -> str:
    """The first cell that says something."""
    return next((cell for cell in row.cells if cell), "")


def _is_footer(header: Header, row: Row) -> bool:
    if not _FOOTER.match(_begin(row)):
        return False
    places = [header.places[column.key] for column in header.template.columns if column.required]
    return sum(place < len(row.cells) and bool(row.cells[place]) for place in places) <= _LEAST_NAMED


def _read_row(batch: Batch, header: Header, table: Table, row: Row) -> None:
    """Read every cell of a row; all that is wrong is told at once."""
    record = Record(table, row.number, row.cells, {})
    wrong = []
    for column in header.template.columns:
        place = header.places.get(column.key, len(row.cells))
        text = row.cells[place] if place < len(row.cells) else ""
        try:
            value = _read_cell(column, text)
        except InvalidInput as refusal:
            wrong.append(Wrong(record.at(column.key), refusal.text, record, column.key))
        else:
            if value is not None:
                record.values[column.key] = value
    if wrong:
        batch.wrong += wrong
    else:
        batch.records[table.kind].append(record)


def _read_cell(column: Column, text: str) -> Any:
    """Give a cell's value; None for an empty one."""
    if not cells.is_blank(text):
        cells.check_computed(text)
        if len(text) > LONGEST_CELL:
            raise InvalidInput(_("太长，最多{limit}个字。", limit=LONGEST_CELL))
        return column.read(text)
    if column.required:
        raise InvalidInput(_("不能为空。"))
    return None


def where(spot: Spot) -> list[Line]:
    """A place in words: file, worksheet, row, column; parts that do not apply are left out."""
    parts: list[Line] = [spot.file] if spot.file else []
    if spot.sheet:
        parts.append(_("工作表「{sheet}」", sheet=spot.sheet))
    if spot.row:
        parts.append(_("第{row}行", row=spot.row))
    if spot.column:
        parts.append(_("「{column}」列", column=spot.column))
    return parts
