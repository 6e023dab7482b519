"""Files given together become one batch: tables recognised, every cell read, nothing looked up yet.

No database is needed for this part, so it runs beside the event loop and outside of any unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.errors import InvalidInput
from models.imports import cells
from models.imports.sheets import Row, Sheet, read_sheets
from models.imports.templates import Column, Header, Kind, find_header
from models.texts import Line, Text, _


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
class Record:
    """One row whose cells could all be read. A column that is absent or empty has no value.

    `columns` maps the keys of the columns that the table has to their titles.
    """

    spot: Spot
    values: dict[str, Any]
    columns: dict[str, str]

    def at(self, key: str) -> Spot:
        """The place of one cell of this row."""
        return Spot(self.spot.file, self.spot.sheet, self.spot.row, self.columns.get(key, ""))


@dataclass(slots=True)
class Batch:
    """What some files hold: records per kind, the rows that are wrong in themselves, and remarks.

    `wrong_rows` counts the wrong rows per kind (one row may be wrong in several cells).
    """

    records: dict[Kind, list[Record]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    wrong: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    wrong_rows: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))


def read_batch(files: Iterable[tuple[str, bytes]]) -> Batch:
    """Read files (name for people, content); what cannot be read becomes a remark, never an exception."""
    batch = Batch()
    for name, data in files:
        try:
            sheets = read_sheets(name, data)
        except InvalidInput as refusal:
            batch.wrong.append(Remark(Spot(name), refusal.text))
            continue
        _read_file(batch, name, sheets)
    return batch


def _read_file(batch: Batch, name: str, sheets: Sequence[Sheet]) -> None:
    headers = [(sheet, find_header(sheet.rows)) for sheet in sheets]
    if not any(header for _sheet, header in headers):
        reason = _("没有认出表头。请用网格、人员或企业模板，第一行写列名。")
        batch.wrong.append(Remark(Spot(name), reason))
        return
    for sheet, header in headers:
        if header:
            _read_table(batch, sheet, header)
        elif sheet.rows:
            batch.notes.append(Remark(Spot(name, sheet.name), _("这张工作表不是导入模板，已跳过。")))


def _read_table(batch: Batch, sheet: Sheet, header: Header) -> None:
    spot = Spot(sheet.file, sheet.name, header.row)
    if header.missing:
        kind, missing = Text(header.template.kind.label), "、".join(header.missing)
        batch.wrong.append(Remark(spot, _("{kind}模板缺少必填列：{columns}。", kind=kind, columns=missing)))
        return
    if header.extra:
        extra = "、".join(header.extra)
        batch.notes.append(Remark(spot, _("这些列用不到，已忽略：{columns}。", columns=extra)))
    rows = [row for row in sheet.rows if row.number > header.row]
    if not rows:
        batch.notes.append(Remark(spot, _("表头下面没有数据。")))
    for row in rows:
        record, wrong = _read_row(sheet, header, row)
        if wrong:
            batch.wrong.extend(wrong)
            batch.wrong_rows[header.template.kind] += 1
        else:
            batch.records[header.template.kind].append(record)


def _read_row(sheet: Sheet, header: Header, row: Row) -> tuple[Record, list[Remark]]:
    """Read every cell of a row; all that is wrong is told at once."""
    columns = {column.key: column.title for column in header.template.columns if column.key in header.places}
    record = Record(Spot(sheet.file, sheet.name, row.number), {}, columns)
    wrong = []
    for column in header.template.columns:
        place = header.places.get(column.key, len(row.cells))
        text = row.cells[place] if place < len(row.cells) else ""
        try:
            value = _read_cell(column, text)
        except InvalidInput as refusal:
            wrong.append(Remark(record.at(column.key), refusal.text))
        else:
            if value is not None:
                record.values[column.key] = value
    return record, wrong


def _read_cell(column: Column, text: str) -> Any:
    """Give a cell's value; None for an empty one."""
    if not cells.is_blank(text):
        cells.check_computed(text)
        return column.read(text)
    if column.required:
        raise InvalidInput(_("不能为空。"))
    return None


def where(spot: Spot) -> list[Line]:
    """A place in words: file, worksheet, row, column; parts that do not apply are left out."""
    parts: list[Line] = [spot.file]
    if spot.sheet:
        parts.append(_("工作表「{sheet}」", sheet=spot.sheet))
    if spot.row:
        parts.append(_("第{row}行", row=spot.row))
    if spot.column:
        parts.append(_("「{column}」列", column=spot.column))
    return parts
