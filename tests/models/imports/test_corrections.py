"""The file of the wrong rows: as they were, marked, harmless, and read again as it is."""

import io

import pytest
from openpyxl import load_workbook

from models.imports.batch import read_batch
from models.imports.corrections import write_wrong_rows
from models.imports.templates import Kind
from tests.spreadsheets import PEOPLE, csv_file, row_of, xlsx_file

LIN = row_of(PEOPLE, 姓名="林晓梅", 手机号="1540000000", 角色="网格员", 网格编码="341823")


def write(tmp_path, *files, **options):
    batch = read_batch(files)
    file = tmp_path / "有误的行.xlsx"
    assert write_wrong_rows(file, batch.wrong, **options)
    return load_workbook(file), file.read_bytes()


def test_row_stands_as_it_was_with_the_reason_and_the_cell_marked(tmp_path):
    book, _data = write(tmp_path, ("人员.csv", csv_file(["花名册"], [*PEOPLE, "政治面貌"], [*LIN, "群众"])))
    sheet = book["人员"]
    assert [cell.value for cell in sheet[1]] == [*PEOPLE, "政治面貌", "原因"]
    assert [sheet["A2"].value, sheet["B2"].value, sheet["I2"].value] == ["林晓梅", "1540000000", "群众"]
    assert sheet["J2"].value == "手机号应为11位数字，座机请带区号，例如 0563-1234567。"
    assert (sheet["B2"].fill.bgColor.rgb, sheet["A2"].fill.fill_type) != (sheet["A2"].fill.bgColor.rgb, "solid")
    assert sheet["B2"].number_format == "@"


def test_all_reasons_of_a_row_stand_together(tmp_path):
    book, _data = write(tmp_path, ("人员.csv", csv_file(PEOPLE, ["", "12", "", "村霸", "341823"])))
    assert len(book["人员"]["I2"].value.splitlines()) == 3


@pytest.mark.parametrize(
    "name", ["=1+1", "=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://x")']
)
def test_nothing_in_it_is_a_formula(tmp_path, name):
    book, data = write(tmp_path, ("人员.csv", csv_file(PEOPLE, [name, *LIN[1:]])))
    cell = book["人员"]["A2"]
    assert (cell.value, cell.data_type) == (name, "s")
    assert cell.quotePrefix
    assert b"<f>" not in data


def test_tables_keep_to_worksheets_of_their_own(tmp_path):
    first, second = xlsx_file(人员=[PEOPLE, LIN], 更多=[PEOPLE, LIN]), xlsx_file(人员=[PEOPLE, LIN, LIN])
    book, _data = write(tmp_path, ("甲.xlsx", first), ("乙.xlsx", second))
    assert book.sheetnames == ["人员", "更多", "人员(2)"]
    assert book["人员(2)"].max_row == 3


def test_file_is_read_again_as_it_is(tmp_path):
    book, data = write(tmp_path, ("人员.csv", csv_file(PEOPLE, LIN)), import_id=7)
    batch = read_batch([("有误的行.xlsx", data)])
    assert (len(batch.wrong), batch.notes, batch.corrects) == (1, [], 7)
    book["人员"]["B2"] = "15400000001"
    out = io.BytesIO()
    book.save(out)
    batch = read_batch([("有误的行.xlsx", out.getvalue())])
    assert (len(batch.records[Kind.PEOPLE]), batch.wrong, batch.notes) == (1, [], [])


def test_no_file_when_no_row_is_to_blame(tmp_path):
    batch = read_batch([("x.csv", b"a,b\n1,2\n")])
    assert not write_wrong_rows(tmp_path / "x.xlsx", batch.wrong)


def test_name_of_a_worksheet_holds_nothing_that_breaks_the_file(tmp_path):
    book, _data = write(tmp_path, ("../[a]:*?/x" + "长" * 40 + ".csv", csv_file(PEOPLE, LIN)))
    assert book.sheetnames == ["x" + "长" * 24]


def test_reasons_of_the_round_before_are_gone(tmp_path):
    _book, data = write(tmp_path, ("人员.csv", csv_file(PEOPLE, LIN)))
    book, _data = write(tmp_path, ("有误的行.xlsx", data))
    assert [cell.value for cell in book["人员"][1]] == [*PEOPLE, "原因"]
    assert book["人员"]["I2"].value.startswith("手机号应为")
