"""The templates: filled in, they are imported without a remark."""

import io

import pytest
from openpyxl import load_workbook

from models.imports.batch import read_batch
from models.imports.forms import Choices, list_choices, render_form, render_forms
from models.imports.plan import do_import
from models.imports.templates import TEMPLATES, Kind
from tests.spreadsheets import CREDIT

CHOICES = Choices(["泾县", "茂林镇", "茂林镇·溪口村"], ["危险化学品", "燃气"])
FILLED = {
    Kind.GRIDS: [["341823", "泾县", "县"], ["341823101", "茂林镇", "乡镇", "341823"], ["341823101201", "溪口村", "村"]],
    Kind.PEOPLE: [["林晓梅", "15400000001", "", "网格员", "茂林镇·溪口村", "", "2026-01-01"]],
    Kind.ENTERPRISES: [["靠山加油站", CREDIT, "危险化学品", "茂林镇·溪口村", "", "", "", "吴志强", "15400000004"]],
}


def form(kind):
    template = next(item for item in TEMPLATES if item.kind is kind)
    return render_form(template, CHOICES)


def fill(data, rows, *, first=4):
    """Write rows below the examples, as a person does."""
    book = load_workbook(io.BytesIO(data))
    for number, row in enumerate(rows, start=first):
        for column, value in enumerate(row, start=1):
            book.worksheets[0].cell(number, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_filled_templates_are_imported_without_a_remark(store, clock):
    files = [(form(kind).name, fill(form(kind).data, rows)) for kind, rows in FILLED.items()]
    batch = read_batch(files)
    report, written = await store.write(lambda session: do_import(session, batch, now=clock()))
    assert (written, report.wrong, report.notes) == (True, [], [])
    assert [report.counts[kind].new for kind in Kind] == [3, 1, 1]


@pytest.mark.parametrize("kind", Kind)
def test_template_as_it_is_holds_no_data(kind):
    batch = read_batch([("模板.xlsx", form(kind).data)])
    assert (batch.wrong, sum(map(len, batch.records.values()))) == ([], 0)
    assert [note.reason.msgid for note in batch.notes] == ["表头下面没有数据。"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.kind)
def test_required_columns_are_marked_and_codes_are_text(template):
    sheet = load_workbook(io.BytesIO(render_form(template, CHOICES).data)).worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert titles == [f"{column.title}*" if column.required else column.title for column in template.columns]
    assert sheet.column_dimensions["A"].width >= 16
    assert sheet.freeze_panes == "B2"
    assert sheet["A2"].value.startswith("示例：")
    assert sheet["B2"].number_format == "@"


def test_drop_downs_offer_what_this_county_has():
    book = load_workbook(io.BytesIO(form(Kind.PEOPLE).data))
    lists = {str(item.sqref): item.formula1 for item in book.worksheets[0].data_validations.dataValidation}
    assert lists["E2:E5001"] == "选项!$A$1:$A$3"
    assert [cell.value for cell in book["选项"]["A"]][:3] == CHOICES.grids
    assert (book["选项"].sheet_state, book.sheetnames) == ("hidden", ["人员", "填写说明", "选项"])
    assert {"D2:D5001", "F2:F5001"} <= set(lists)


async def test_choices_are_the_countys_own(store, people):
    choices = await store.read(list_choices)
    assert choices.grids == ["泾县", "茂林镇", "茂林镇·铜山村", "茂林镇·奎峰村"]
    assert [one.name for one in await render_forms(store)] == [
        "网格导入模板.xlsx",
        "人员导入模板.xlsx",
        "企业导入模板.xlsx",
    ]
