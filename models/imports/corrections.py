"""The file of the wrong rows: each as it was, with the reason beside it, to be corrected and sent back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from models.imports.batch import MARK, REASON, Record, Table, Wrong
from models.ledgers.export import LONGEST, is_like_a_formula
from models.texts import Reader

NAME: Final = "有误的行.xlsx"
_UNFIT = re.compile(r"[\[\]:*?/\\']")  # Source: Excel: what the name of a worksheet must not hold; 31 characters.
_WIDEST, _NARROWEST, _REASON_WIDTH = 40, 10, 60


def write_wrong_rows(file: Path, wrong: Sequence[Wrong], *, import_id: int | None = None) -> bool:
    """Write the wrong rows, one worksheet per table; False if no single row is to blame (then there is no file).

    With `import_id` the file says which import it corrects, so that it can be sent back by itself.
    """
    import xlsxwriter

    tables = list(_by_table(wrong))
    if not tables:
        return False
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(file), {**options, "tmpdir": str(file.parent)}) as book:
        styles = _Styles(book)
        names: set[str] = set()
        for table, rows in tables:
            _write_table(book.add_worksheet(_sheet_name(table, names)), table, rows, styles)
        if import_id is not None:
            mark = book.add_worksheet(MARK)
            mark.write_string(0, 0, MARK)
            mark.write_string(0, 1, str(import_id))
            mark.very_hidden()
    return True


class _Styles:
    """The looks of cells. Everything is text, so that codes and phones stay as they are written."""

    def __init__(self, book: Any) -> None:
        plain = {"num_format": "@", "valign": "top", "text_wrap": True}
        wrong = {**plain, "bg_color": "#FBD5D5"}
        self.head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
        self.reason = book.add_format({**plain, "font_color": "#B00020"})
        self._cells = {
            (is_wrong, is_quoted): book.add_format({**(wrong if is_wrong else plain), "quote_prefix": is_quoted})
            for is_wrong in (False, True)
            for is_quoted in (False, True)
        }

    def cell(self, text: str, *, is_wrong: bool) -> Any:
        """The look of one cell; what a program may take for a formula is marked as text."""
        return self._cells[is_wrong, is_like_a_formula(text)]


_Reasons = list[tuple[Record, list[Wrong]]]


def _by_table(wrong: Iterable[Wrong]) -> Iterator[tuple[Table, _Reasons]]:
    """The records that are wrong, by their tables in the order of the files, in the order of their rows."""
    rows: dict[int, tuple[Record, list[Wrong]]] = {}
    for one in wrong:
        if one.record is not None:
            rows.setdefault(id(one.record), (one.record, []))[1].append(one)
    first: dict[int, int] = {}
    for place, (record, _found) in enumerate(rows.values()):
        first.setdefault(id(record.table), place)
    ordered = sorted(rows.values(), key=lambda item: (first[id(item[0].table)], item[0].row))
    for _table, group in groupby(ordered, key=lambda item: id(item[0].table)):
        found = list(group)
        yield found[0][0].table, found


def _write_table(sheet: Any, table: Table, rows: _Reasons, styles: _Styles) -> None:
    read = Reader("zh").read
    # The reasons of the round before, in a corrected file, would stand there as if they still held.
    kept = [place for place, title in enumerate(table.titles) if title != REASON]
    width = len(kept)
    for column, title in enumerate(table.titles[place] for place in kept):
        sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, 2 * len(title) + 2)))
        sheet.write_string(0, column, title, styles.head)
    sheet.set_column(width, width, _REASON_WIDTH)
    sheet.write_string(0, width, REASON, styles.head)
    sheet.freeze_panes(1, 0)
    for number, (record, found) in enumerate(rows, start=1):
        wrong = {table.places[one.key] for one in found if one.key in table.places}
        for column, place in enumerate(kept):
            text = record.cells[place][:LONGEST] if place < len(record.cells) else ""
            style = styles.cell(text, is_wrong=place in wrong)
            if text:
                sheet.write_string(number, column, text, style)
            elif place in wrong:
                sheet.write_blank(number, column, None, style)
        reasons = [_reason(one.spot.column, read(one.reason)) for one in found]
        sheet.write_string(number, width, "\n".join(reasons)[:LONGEST], styles.reason)


def _reason(column: str, reason: str) -> str:
    """The reason with the column's name before it, if it does not begin with that anyway."""
    name = column.strip("* ")
    return reason if not name or reason.startswith(name) else f"{name}：{reason}"


def _sheet_name(table: Table, taken: set[str]) -> str:
    wanted = _UNFIT.sub("", table.sheet or Path(table.file).stem)[:25].strip() or "表"
    name, number = wanted, 2
    while name.lower() in taken or name == MARK:
        name, number = f"{wanted}({number})", number + 1
    taken.add(name.lower())
    return name
