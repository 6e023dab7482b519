import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.imports import packages, sheets
from models.imports.sheets import cell_text, read_sheets
from tests.spreadsheets import csv_file, repack, xlsx_file

ROWS = [["姓名", "手机号"], ["林晓梅", "15400000001"], ["", ""], ["陈建国", "15400000002"]]
TYPES = "[Content_Types].xml"


def read_all(data):
    return [(sheet, list(sheet.rows)) for sheet in read_sheets("表", data)]


def values(data, name="花名册"):
    (sheet,) = read_sheets(name, data)
    return [(row.number, list(row.cells)) for row in sheet.rows]


@pytest.mark.parametrize(
    "data",
    [
        csv_file(*ROWS),
        csv_file(*ROWS, encoding="utf-8-sig"),
        csv_file(*ROWS, encoding="gbk"),
        csv_file(*ROWS, encoding="utf-16"),
        csv_file(*ROWS, delimiter=";"),
        csv_file(*ROWS, delimiter="\t"),
        xlsx_file(*ROWS),
    ],
    ids=["utf-8", "bom", "gbk", "utf-16", "semicolon", "tab", "xlsx"],
)
def test_kind_of_file_is_told_by_its_content(data):
    expected = [(1, ["姓名", "手机号"]), (2, ["林晓梅", "15400000001"]), (4, ["陈建国", "15400000002"])]
    assert values(data, "花名册.xlsx") == values(data, "花名册.csv") == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (15400000001, "15400000001"),
        (15400000001.0, "15400000001"),
        (30.516, "30.516"),
        (9.1341823e17, "9.1341823e+17"),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime(2026, 11, 23, 8, 30), "2026-11-23"),  # noqa: DTZ001 - as a spreadsheet gives it
        (" 林晓梅\u3000", "林晓梅"),
        ("\u200b林\x00晓梅\ufeff", "林晓梅"),
        ("茂林镇\n溪口村", "茂林镇 溪口村"),
        (True, "True"),
    ],
)
def test_cell_becomes_clean_text(value, text):
    assert cell_text(value) == text


def test_every_worksheet_is_read():
    data = xlsx_file(网格=[["code", "name"]], 空=[], 人员=[["姓名"]])
    assert [(sheet.name, len(list(sheet.rows))) for sheet in read_sheets("a.xlsx", data)] == [
        ("网格", 1),
        ("空", 0),
        ("人员", 1),
    ]


def test_line_break_in_a_quoted_cell_keeps_the_row_numbers():
    assert values(b'a,b\r\n"x\r\ny",1\r\nz,2\r\n') == [(1, ["a", "b"]), (2, ["x y", "1"]), (3, ["z", "2"])]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"old", "旧版"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "图片"),
        (b"PK\x03\x04 broken", "无法读取"),
        (b"\xff\xfe\x00\xd8", "无法读取"),
        (repack(xlsx_file(*ROWS), **{"xl/vbaProject.bin": b"macro"}), "宏"),
        (
            repack(xlsx_file(*ROWS), **{TYPES: b"<Types>application/vnd.ms-excel.sheet.macroEnabled.main+xml</Types>"}),
            "宏",
        ),
        (repack(xlsx_file(*ROWS), **{"xl/worksheets/sheet1.xml": b"<not-xml"}), "无法读取"),
        (repack(xlsx_file(*ROWS), zeros=b"0" * 8_000_000), "解压"),
        (b"0" * (sheets.MAX_FILE_BYTES + 1), "MB"),
    ],
    ids=["xls", "picture", "half-a-zip", "half-utf-16", "macro", "macro-type", "broken-xml", "bomb", "too-big"],
)
def test_hostile_or_broken_file_is_refused(data, word):
    with pytest.raises(InvalidInput) as refusal:
        read_all(data)
    assert word in refusal.value.text.msgid


def test_bomb_is_refused_by_its_unpacked_size(monkeypatch):
    monkeypatch.setattr(packages, "MAX_UNPACKED_BYTES", 3000)
    with pytest.raises(InvalidInput, match="解压"):
        read_all(xlsx_file(*ROWS))


def test_document_that_is_no_spreadsheet_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    with pytest.raises(InvalidInput, match="Word"):
        read_all(data.getvalue())


def test_entity_tricks_in_a_worksheet_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet><sheetData>&b;</sheetData></worksheet>'
    with pytest.raises(InvalidInput, match="无法读取"):
        read_all(repack(xlsx_file(*ROWS), **{"xl/worksheets/sheet1.xml": bomb}))


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    assert len(values(csv_file(*[["a"]] * 3, [""]))) == 3
    for data in (csv_file(*[["a"]] * 4), xlsx_file(*[["a"]] * 4)):
        with pytest.raises(InvalidInput, match="行，请拆成"):
            read_all(data)


def test_too_many_columns_are_refused():
    assert len(values(csv_file(["a"] * 60, ["b"] * 60 + [""] * 5))) == 2
    for data in (csv_file(["a"] * 61), xlsx_file(["a"] * 61)):
        with pytest.raises(InvalidInput, match="列，请删去"):
            read_all(data)


def test_row_number_beyond_the_worksheet_is_refused():
    far = b'<row r="999999999"><c t="n"><v>1</v></c></row>'
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    with pytest.raises(InvalidInput):
        read_all(repack(xlsx_file(*ROWS), **{"xl/worksheets/sheet1.xml": sheet % far}))


def test_too_many_worksheets_are_refused():
    with pytest.raises(InvalidInput, match="工作表超过"):
        read_all(xlsx_file(**{f"表{n}": [["a"]] for n in range(21)}))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    try:
        found = read_all(data)
    except InvalidInput:
        return
    assert all(any(row.cells) for _sheet, rows in found for row in rows)


# Without semicolons: where they outnumber the commas, they separate the columns.
@given(
    st.lists(st.lists(st.text(alphabet="林晓梅,\"'\n 1=", max_size=6), min_size=1, max_size=5), min_size=1, max_size=6)
)
def test_csv_and_xlsx_say_the_same(rows):
    rows = [["姓名,", *(cell.replace("=", "") for cell in row)] for row in rows]
    assert values(csv_file(*rows)) == values(xlsx_file(*rows))
