"""The ledger 隐患排查治理台账 as a spreadsheet, in the column order that the forms ask for.

Source: domain.md, section 5. Columns whose data come with a later version are there and stay empty.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from models.hazards.records import HazardRecord

TITLE = "隐患排查治理台账"
LONGEST = 32_767  # Source: Excel specifications and limits: characters in a cell.
# What a spreadsheet program may take for a formula, also after somebody has edited the cell.
# Source: OWASP, CSV injection; the full-width signs are folded by some programs.
_LIKE_A_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_HEAD = 1  # The row of the columns' names; the title stands above.
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")


def is_like_a_formula(text: str) -> bool:
    """Tell whether a spreadsheet program may take a text for a formula."""
    return _LIKE_A_FORMULA.match(text) is not None


Kind = Literal["text", "number", "day", "minute"]
Value = str | int | float | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: title, width in characters, what it holds and where that comes from."""

    title: str
    width: int
    kind: Kind
    read: Callable[[HazardRecord], Value]


def _money(record: HazardRecord) -> Value:
    return float(record.money) if _NUMBER.fullmatch(record.money) else record.money


COLUMNS: tuple[Column, ...] = (
    Column("隐患编号", 18, "text", lambda row: row.number),
    Column("乡镇", 12, "text", lambda row: row.town),
    Column("村(社区)", 14, "text", lambda row: row.village),
    Column("网格", 14, "text", lambda row: row.grid),
    Column("单位/点位", 26, "text", lambda row: row.place),
    Column("行业", 12, "text", lambda row: row.industry),
    Column("发现时间", 17, "minute", lambda row: row.found_at),
    Column("发现方式", 12, "text", lambda row: row.source),
    Column("发现人", 10, "text", lambda row: row.finder),
    Column("隐患描述", 40, "text", lambda row: row.description),
    Column("类别", 12, "text", lambda row: row.category),
    Column("等级", 10, "text", lambda row: row.level),
    Column("整改责任单位", 26, "text", lambda row: row.unit),
    Column("整改责任人", 14, "text", lambda row: row.rectifiers),
    Column("整改措施", 30, "text", lambda row: row.measure),
    Column("资金(万元)", 11, "number", _money),
    Column("整改期限", 12, "day", lambda row: row.deadline),
    Column("应急预案", 20, "text", lambda row: row.plan),
    Column("完成时间", 17, "minute", lambda row: row.completed_at),
    Column("复查人", 10, "text", lambda row: row.reviewer),
    Column("复查时间", 17, "minute", lambda row: row.reviewed_at),
    Column("复查结论", 10, "text", lambda row: row.review),
    Column("销号时间", 17, "minute", lambda row: row.closed_at),
    Column("状态", 12, "text", lambda row: row.state),
    Column("逾期天数", 10, "number", lambda row: row.overdue_days or None),
    Column("延期次数", 10, "number", lambda row: row.extensions or None),
    Column("督办文号", 16, "text", lambda row: row.document),
    Column("备注", 24, "text", lambda row: row.remark),
)


class HazardSheet:
    """A spreadsheet that grows row by row in constant memory; `number` is how many rows it has."""

    def __init__(self, book: Any, zone: ZoneInfo) -> None:
        self._zone = zone
        self._book = book
        self._sheet = book.add_worksheet(TITLE)
        style = {"font_size": 10, "valign": "top", "text_wrap": True}
        self._text = book.add_format(style)
        self._quoted = book.add_format({**style, "quote_prefix": True})
        self._moments = {
            "day": book.add_format({**style, "num_format": "yyyy-mm-dd"}),
            "minute": book.add_format({**style, "num_format": "yyyy-mm-dd hh:mm"}),
        }
        self.number = 0
        self._begin(book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True}))

    def _begin(self, head: Any) -> None:
        sheet = self._sheet
        sheet.set_column(0, 0, 6)
        for position, column in enumerate(COLUMNS, start=1):
            sheet.set_column(position, position, column.width, self._text)
        sheet.freeze_panes(_HEAD + 1, 2)
        sheet.set_landscape()
        sheet.repeat_rows(0, _HEAD)
        title = self._book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        sheet.set_row(0, 28)
        sheet.merge_range(0, 0, 0, len(COLUMNS), TITLE, title)
        for position, name in enumerate(["序号", *(column.title for column in COLUMNS)]):
            sheet.write_string(_HEAD, position, name, head)

    def end(self) -> None:
        """Let every column be filtered, down to the last row."""
        self._sheet.autofilter(_HEAD, 0, _HEAD + self.number, len(COLUMNS))

    def seal(self, rows: int, head: str) -> None:
        """Write the audit's head into the foot of every page and into the properties: a copy out of the database."""
        words = f"审计记录{rows}条，末条校验值{head}"
        self._sheet.set_footer(f"&L&8{words}&R&8&P/&N")
        self._book.set_properties({"title": TITLE, "comments": words})

    def add(self, records: Iterable[HazardRecord]) -> None:
        """Write rows below those that are there."""
        for record in records:
            self.number += 1
            self._sheet.write_number(_HEAD + self.number, 0, self.number, self._text)
            for position, column in enumerate(COLUMNS, start=1):
                self._write(position, column, column.read(record))

    def _write(self, position: int, column: Column, value: Value) -> None:
        row, sheet = _HEAD + self.number, self._sheet
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            # Spreadsheets know no time zones: what stands there is the county's time.
            local = value.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(row, position, local, self._moments[column.kind])
        elif isinstance(value, str):
            style = self._quoted if is_like_a_formula(value) else self._text
            sheet.write_string(row, position, value[:LONGEST], style)
        else:
            sheet.write_number(row, position, value, self._text)


@contextlib.contextmanager
def hazard_sheet(file: Path, *, zone: ZoneInfo) -> Iterator[HazardSheet]:
    """Open a new workbook with the ledger's header; it is complete when the block ends.

    Raises: OSError: it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(file), {**options, "tmpdir": str(file.parent)})
    sheet = HazardSheet(book, zone)
    try:
        yield sheet
    finally:
        # Also after a failure: the library would otherwise close it by itself, at a time of its own.
        try:
            sheet.end()
            book.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error
