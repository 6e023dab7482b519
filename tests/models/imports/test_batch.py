import pytest

from models.imports.batch import read_batch, where
from models.imports.templates import TEMPLATES, Kind, find_header
from models.texts import Reader
from tests.spreadsheets import CREDIT, ENTERPRISES, GRIDS, PEOPLE, csv_file, row_of, xlsx_file

LIN = ["林晓梅", "15400000001", "溪口村", "网格员", "341823101201", "", "", ""]
ENGLISH = ["code", "name", "level", "parent_code"]


def batch_of(*rows, name="表.csv"):
    return read_batch([(name, csv_file(*rows))])


def kinds(batch):
    return {kind: len(records) for kind, records in batch.records.items() if records}


def reasons(remarks):
    return [Reader().read(remark.reason) for remark in remarks]


def columns(remarks):
    return [(remark.spot.row, remark.spot.column) for remark in remarks]


@pytest.mark.parametrize(
    ("header", "row", "kind"),
    [
        (GRIDS, ["341823", "泾县", "县", "", "", "", ""], Kind.GRIDS),
        (ENGLISH, ["341823", "泾县", "county", ""], Kind.GRIDS),
        (PEOPLE, LIN, Kind.PEOPLE),
        (PEOPLE[::-1], LIN[::-1], Kind.PEOPLE),  # any order
        (["姓名*", "手机号(必填)", "角色", "网格\n编码"], ["林晓梅", "15400000001", "网格员", "341823"], Kind.PEOPLE),
        (["姓 名", "联系电话", "岗位", "网格编码"], ["林晓梅", "15400000001", "网格员", "341823"], Kind.PEOPLE),
        (ENTERPRISES, row_of(ENTERPRISES, 企业名称="站", 统一社会信用代码=CREDIT, 行业="燃气", 网格编码="341823"),
         Kind.ENTERPRISES),
    ],
)  # fmt: skip
def test_header_decides_the_template(header, row, kind):
    batch = batch_of(header, row)
    assert (kinds(batch), batch.wrong) == ({kind: 1}, [])


def test_header_is_found_below_title_rows():
    batch = batch_of(["泾县2026年网格人员花名册"], ["填报单位:", "应急局", "联系电话", "姓名"], [], PEOPLE, LIN)
    (record,) = batch.records[Kind.PEOPLE]
    assert (record.row, record.values["name"]) == (5, "林晓梅")


def test_missing_columns_are_named():
    batch = batch_of(["姓名", "单位", "角色", "行业"], ["林晓梅", "溪口村", "网格员", ""])
    assert reasons(batch.wrong) == ["人员模板缺少必填列：手机号、网格编码。"]
    assert kinds(batch) == {}


def test_extra_columns_are_reported_and_ignored():
    batch = batch_of([*PEOPLE, "政治面貌", "备注"], [*LIN, "群众", "无"])
    assert reasons(batch.notes) == ["这些列用不到，已忽略：政治面貌、备注。"]
    assert kinds(batch) == {Kind.PEOPLE: 1}


def test_column_that_occurs_twice_counts_once():
    batch = batch_of([*PEOPLE, "手机号"], [*LIN, "15400000002"])
    assert batch.records[Kind.PEOPLE][0].values["phone"] == "15400000001"
    assert "手机号" in reasons(batch.notes)[0]


def test_file_without_header_is_refused():
    batch = batch_of(["林晓梅", "15400000001"], ["陈建国", "15400000002"])
    assert "没有认出表头" in reasons(batch.wrong)[0]


def test_unreadable_file_is_a_remark_and_no_exception():
    batch = read_batch([("图.xlsx", b"\x89PNG\x00"), ("人员.csv", csv_file(PEOPLE, LIN))])
    assert [remark.spot.file for remark in batch.wrong] == ["图.xlsx"]
    assert kinds(batch) == {Kind.PEOPLE: 1}


def test_all_that_is_wrong_in_a_row_is_told_at_once():
    batch = batch_of(PEOPLE, ["", "123", "溪口村", "村霸", "3418", "", "2026-02-30", "#N/A"], LIN)
    assert columns(batch.wrong) == [(2, title) for title in ("姓名", "手机号", "角色", "开始日期", "结束日期")]
    assert (len({wrong.record.row for wrong in batch.wrong}), kinds(batch)) == (1, {Kind.PEOPLE: 1})


def test_optional_cell_may_say_nothing():
    batch = batch_of(PEOPLE, ["林晓梅", "15400000001", "无", "网格员", "341823", "/", "-", "—"])
    assert set(batch.records[Kind.PEOPLE][0].values) == {"name", "phone", "roles", "grid"}


def test_text_that_is_too_long_is_refused():
    batch = batch_of(PEOPLE, ["林" * 65, *LIN[1:]])
    assert reasons(batch.wrong) == ["太长，最多64个字。"]


def test_workbook_may_hold_several_templates():
    data = xlsx_file(人员=[PEOPLE, LIN], 网格=[ENGLISH, [341823, "泾县", "county", None]], 说明=[["请先看说明"]])
    batch = read_batch([("县.xlsx", data)])
    assert kinds(batch) == {Kind.GRIDS: 1, Kind.PEOPLE: 1}
    assert [remark.spot.sheet for remark in batch.notes] == ["说明"]


def test_header_without_rows_is_remarked():
    assert reasons(batch_of(PEOPLE).notes) == ["表头下面没有数据。"]


def test_place_is_said_with_file_sheet_row_and_column():
    (record,) = read_batch([("县.xlsx", xlsx_file(人员=[PEOPLE, LIN]))]).records[Kind.PEOPLE]
    assert [Reader().read(part) for part in where(record.at("phone"))] == [
        "县.xlsx", "工作表「人员」", "第2行", "「手机号」列",
    ]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.kind)
def test_template_is_found_by_its_own_titles(template):
    from models.imports.sheets import Row

    header = find_header([Row(1, tuple(column.title for column in template.columns))])
    assert (header.template, header.missing, header.extra) == (template, (), ())
    assert len(header.places) == len(template.columns)
