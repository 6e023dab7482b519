"""Tables as offices really make them: each is a file, with what becomes of it and the sentence the person gets."""

import io
import re
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment

from models.errors import InvalidInput
from models.imports.batch import read_batch
from models.imports.sheets import read_sheets
from models.imports.templates import Kind
from models.texts import Reader
from tests.spreadsheets import CREDIT, ENTERPRISES, PEOPLE, csv_file, packed, raw_sheet, repack, row_of, xlsx_file

LIN = ["林晓梅", "15400000001", "溪口村", "网格员", "341823101201", "", "", ""]
CHEN = ["陈建国", "15400000002", "潘村", "网格员", "341823101202", "", "", ""]


def book(*rows, merged=(), hidden=(), name="花名册", state="visible", **others):
    """A workbook whose first worksheet has merged cells and hidden rows."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title, sheet.sheet_state = name, "visible"
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    for title, content in others.items():
        other = workbook.create_sheet(title)
        for row in content:
            other.append(row)
    sheet.sheet_state = state
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def read(data, name="表.xlsx"):
    batch = read_batch([(name, data)])
    said = [Reader().read(remark.reason) for remark in (*batch.wrong, *batch.notes)]
    return batch, said


def people(batch, *keys):
    return [tuple(record.values.get(key) for key in keys) for record in batch.records[Kind.PEOPLE]]


# -- where the table is ------------------------------------------------------------------------------------


def test_merged_title_and_header_in_row_seven():
    title = [["泾县2026年网格人员花名册"], ["填报单位：应急管理局"], [], ["（盖章）"], ["说明：手机号必填"], []]
    batch, said = read(book(*title, PEOPLE, LIN, CHEN, merged=["A1:H1", "A2:D2"]))
    assert (people(batch, "name"), said) == ([("林晓梅",), ("陈建国",)], [])


def test_header_of_two_lines_is_read_together():
    upper = ["企业名称", "统一社会信用代码", "行业", "网格编码", "负责人", None, "安全管理员", None]
    lower = [None, None, None, None, "姓名", "手机号", "姓名", "联系电话"]
    row = ["靠山加油站", CREDIT, "燃气", "341823", "吴志强", 15400000004, "何平", 15400000005]
    merged = ["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1", "G1:H1"]
    batch, said = read(book(upper, lower, row, merged=merged))
    (record,) = batch.records[Kind.ENTERPRISES]
    named = ("principal", "principal_phone", "safety", "safety_phone")
    assert [record.values[key] for key in named] == ["吴志强", "15400000004", "何平", "15400000005"]
    assert said == []


def test_line_break_and_star_in_a_title():
    batch, said = read(book(["姓\n名*", "手机号\n(必填)", *PEOPLE[2:]], LIN))
    assert (people(batch, "phone"), said) == ([("15400000001",)], [])


@pytest.mark.parametrize(
    "footer",
    [["合计", 2], ["总计：", "", "", "2人"], ["填表人：王五"], ["制表日期：2026年11月1日", "", "审核：李四"],
     ["备注：以上人员均已核实"], ["单位（盖章）"]],
    ids=lambda row: row[0],
)  # fmt: skip
def test_what_stands_below_the_table_is_ignored_and_remarked(footer):
    batch, said = read(book(PEOPLE, LIN, [], footer))
    assert (len(people(batch, "name")), said) == (1, [f"「{footer[0][:12]}」这一行不是数据，已忽略。"])


def test_hidden_worksheet_is_skipped_and_remarked():
    batch, said = read(book(PEOPLE, CHEN, name="去年", state="hidden", 今年=[PEOPLE, LIN]))
    assert (people(batch, "name"), said) == ([("林晓梅",)], ["这张工作表是隐藏的，已跳过。"])


def test_hidden_rows_are_imported_and_remarked():
    batch, said = read(book(PEOPLE, LIN, CHEN, hidden=[3]))
    assert (len(people(batch, "name")), said) == (2, ["有1行是隐藏或被筛选掉的，也一并导入。"])


def test_notes_beside_the_template_are_skipped():
    batch, said = read(book(PEOPLE, LIN, 说明=[["请先看这里"]], 填写说明=[["列", "说明"]]))
    assert (len(people(batch, "name")), said) == (1, ["这张工作表不是导入模板，已跳过。"])


def test_examples_of_the_template_are_skipped_in_silence():
    batch, said = read(book(PEOPLE, ["示例：张三", "13900000000", "", "网格员", "341823"], LIN))
    assert (people(batch, "name"), said) == ([("林晓梅",)], [])


def test_extra_columns_are_named():
    _batch, said = read(book([*PEOPLE, "政治面貌"], [*LIN, "群众"]))
    assert said == ["这些列用不到，已忽略：政治面貌。"]


def test_endless_titles_and_cells_do_not_make_endless_sentences():
    _batch, said = read(csv_file([*PEOPLE, *["长" * 9000] * 20], [*LIN[:3], "村霸" * 9000, *LIN[4:]]))
    assert said[0] == "太长，最多300个字。"
    assert max(map(len, said)) < 300


def test_blank_rows_between_are_no_rows():
    batch, said = read(book(PEOPLE, [], LIN, [None, " ", "\u3000"], [], CHEN))
    assert ([record.row for record in batch.records[Kind.PEOPLE]], said) == ([3, 6], [])


def test_cell_merged_over_several_people_is_each_ones():
    rows = [[*LIN[:2], "溪口村", "网格员", "341823101201"], ["陈建国", "15400000002"], ["高山", "15400000003"]]
    batch, said = read(book(PEOPLE[:5], *rows, merged=["C2:C4", "D2:D4", "E2:E4"]))
    assert (people(batch, "grid", "unit"), said) == ([("341823101201", "溪口村")] * 3, [])


# -- what stands in the cells ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phone",
    [15400000001, 15400000001.0, "+86 154 0000 0001", "154-0000-0001", "１５４０００００００１", "'15400000001",
     "15400000001.0", "\u00a015400000001\u3000", "(+86)15400000001"],
    ids=repr,
)  # fmt: skip
def test_phone_is_read_as_it_comes(phone):
    batch, said = read(book(PEOPLE, [LIN[0], phone, *LIN[2:]]))
    assert (people(batch, "phone"), said) == ([("15400000001",)], [])


@pytest.mark.parametrize(
    ("phone", "sentence"),
    [
        ("1.54E+10", "号码被表格软件改成了科学计数，请把这一列设为文本后重新填写。"),
        ("15400000001/15400000002", "一格里有不止一个号码，请只留一个。"),
        ("15400000001 15400000002", "一格里有不止一个号码，请只留一个。"),
        (1540000000115400000002, "号码被表格软件改成了科学计数，请把这一列设为文本后重新填写。"),
        ("1540000000", "手机号应为11位数字，座机请带区号，例如 0563-1234567。"),
        (True, "手机号应为11位数字，座机请带区号，例如 0563-1234567。"),
    ],
)
def test_phone_that_is_none_gets_its_sentence(phone, sentence):
    batch, said = read(book(PEOPLE, [LIN[0], phone, *LIN[2:]]))
    assert (said, people(batch, "name")) == ([sentence], [])


@pytest.mark.parametrize("name", ["林 晓梅", "林\u3000晓梅", "林晓梅\u00a0", "'林晓梅", "林\n晓梅", "\u200b林晓梅"])
def test_name_is_read_without_stray_blanks(name):
    batch, said = read(book(PEOPLE, [name, *LIN[1:]]))
    assert (people(batch, "name"), said) == ([("林晓梅",)], [])


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        ("2026.11.3", "2026-11-03", "2026-11-03"),
        ("2026年11月", "2026-11-01", "2026-11-30"),
        ("2024/2", "2024-02-01", "2024-02-29"),
        (46329, "2026-11-03", "2026-11-03"),
        (46329.75, "2026-11-03", "2026-11-03"),
        ("长期", None, None),
        ("２０２６－１１－３", "2026-11-03", "2026-11-03"),
    ],
)
def test_day_is_read_as_it_comes(day, begins, ends):
    batch, said = read(book(PEOPLE, [*LIN[:6], day, day]))
    ((starts_on, ends_on),) = people(batch, "starts_on", "ends_on")
    assert ([starts_on and f"{starts_on}", ends_on and f"{ends_on}"], said) == ([begins, ends], [])


@pytest.mark.parametrize("day", ["2026.1", "11月3日", "2026-13", "2026年2月30日"])
def test_day_that_is_none_gets_its_sentence(day):
    assert read(book(PEOPLE, [*LIN[:6], day, ""]))[1] == ["日期请写成 2026-11-23 的样子。"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("91350100m000100y43", ""),
        ("9135０100M000100Y43", ""),
        ("9135O1OOMOOO1OOY43", "代码里不会有字母 O，是不是 91350100M000100Y43？"),
        ("9135S100M000100Y43", "统一社会信用代码只用数字和大写字母，不含 I、O、S、V、Z。"),
        ("91350100M000100Y44", "统一社会信用代码的校验位不对，请逐位核对。"),
        ("91350100M000100Y4", "统一社会信用代码应为18位，这里有17位。"),
    ],
)
def test_credit_code_is_checked_and_a_misread_letter_explained(code, sentence):
    row = row_of(ENTERPRISES, 企业名称="站", 统一社会信用代码=code, 行业="燃气", 网格编码="341823")
    batch, said = read(book(ENTERPRISES, row))
    assert (said, len(batch.records[Kind.ENTERPRISES])) == ([sentence] if sentence else [], 0 if sentence else 1)


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("网络员", "「网络员」不是系统里的角色，最接近的是：网格员"),
        ("行业监管", "「行业监管」不是系统里的角色，最接近的是：行业监管员"),
        ("村霸", "「村霸」不是系统里的角色。可填：网格员、网格长"),
    ],
)
def test_unknown_role_is_offered_the_closest(role, sentence):
    assert read(book(PEOPLE, [*LIN[:3], role, *LIN[4:]]))[1][0].startswith(sentence)


def cell(content, row=2, kind=""):
    """A worksheet like `LIN`'s table whose cell B2 is raw XML."""
    return raw_sheet([PEOPLE[:5]], f'<row r="{row}">{inline("A2", "林晓梅")}<c r="B2"{kind}>{content}</c>'
                     f'{inline("D2", "网格员")}{inline("E2", "341823")}</row>')  # fmt: skip


def inline(ref, text):
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [
        ("<f>1+1</f><v>15400000001</v>", "", ""),
        ("<f>1+1</f>", "", "公式没有保存计算结果，请把这一格改成数值后重新保存。"),
        ("<f>1+1</f><v></v>", "", "公式没有保存计算结果，请把这一格改成数值后重新保存。"),
        ('<f>IF(1,"")</f><v></v>', ' t="str"', "不能为空。"),
        ("<f>1/0</f><v>#DIV/0!</v>", ' t="e"', "单元格里是公式错误 #DIV/0!，请改成实际内容。"),
    ],
    ids=["stored", "never", "empty", "empty-text", "error"],
)
def test_formula_counts_by_its_stored_value(content, kind, sentence):
    batch, said = read(cell(content, kind=kind))
    assert (said, len(people(batch, "name"))) == ([sentence] if sentence else [], 0 if sentence else 1)


def test_rich_text_and_quoted_cells_are_plain_text():
    runs = '<r><t>林晓</t></r><r><rPr><b/></rPr><t>梅</t></r><rPh sb="0" eb="1"><t>lin</t></rPh>'
    rich = f'<c r="A2" t="inlineStr"><is>{runs}</is></c>'
    rest = f"{inline('B2', '15400000001')}{inline('D2', '网格员')}{inline('E2', '341823')}"
    batch, said = read(raw_sheet([PEOPLE[:5]], f'<row r="2">{rich}{rest}</row>'))
    assert (people(batch, "name"), said) == ([("林晓梅",)], [])


# -- what kind of file it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        csv_file(PEOPLE, LIN, encoding="utf-8-sig"),
        csv_file(PEOPLE, LIN, encoding="gbk"),
        csv_file(PEOPLE, LIN, encoding="utf-16", delimiter="\t"),
        csv_file(PEOPLE, LIN, encoding="utf-16-le", delimiter="\t"),
        csv_file(PEOPLE, LIN, delimiter=";"),
        xlsx_file(PEOPLE, LIN),
    ],
    ids=["bom", "gbk", "utf-16", "utf-16-without-mark", "semicolon", "xlsx"],
)
@pytest.mark.parametrize("name", ["人员.csv", "人员.xlsx", "人员.txt"])
def test_extension_proves_nothing(data, name):
    batch, said = read(data, name)
    assert (people(batch, "phone"), said) == ([("15400000001",)], [])


def test_rare_characters_of_gb18030_are_read():
    batch, _said = read(csv_file(PEOPLE, ["㛃𬍛", *LIN[1:]], encoding="gb18030"))
    assert people(batch, "name") == [("㛃𬍛",)]


LINKS, OBJECT = "xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin"
NO_OBJECTS = "文件里嵌有其他程序的对象或数据链接，已拒绝。请把内容复制为数值，另存后再导入。"
NO_MACROS = "文件带有宏，已拒绝。请另存为不带宏的 .xlsx 再导入。"
NO_BOMBS = "文件解压后过大，已拒绝。请把需要的内容复制到新表格里再导入。"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "这个文件是空的。"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"old", "这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx 再导入。"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "这是图片，不是表格。请发送 .xlsx 或 .csv。"),
        (b"\xff\xd8\xff\xe0", "这是图片，不是表格。请发送 .xlsx 或 .csv。"),
        (b"%PDF-1.7", "这是 PDF 文件，不是表格。请发送 .xlsx 或 .csv。"),
        (packed({"word/document.xml": "<w/>"}), "这是 Word 文档，不是表格。请把表格另存为 .xlsx 再导入。"),
        (packed({"content.xml": "<o/>"}), "这是 .ods 格式的表格，请另存为 .xlsx 再导入。"),
        (packed({"xl/workbook.bin": "b"}), "这是 .xlsb 格式的表格，请另存为 .xlsx 再导入。"),
        (packed({"人员.xlsx": xlsx_file(PEOPLE, LIN)}), "这是压缩包，请解压后发送里面的 .xlsx 或 .csv。"),
        (packed({"a.txt": "x"}), "无法读取这个文件。请发送 .xlsx，或 UTF-8、GBK 编码的 .csv。"),
        (repack(xlsx_file(PEOPLE), **{"xl/vbaProject.bin": b"m"}), NO_MACROS),
        (repack(xlsx_file(PEOPLE), **{OBJECT: b"o"}), NO_OBJECTS),
        (
            repack(xlsx_file(PEOPLE), **{LINKS: b"<externalLink><ddeLink ddeService='cmd'/></externalLink>"}),
            NO_OBJECTS,
        ),
        (repack(xlsx_file(PEOPLE), zeros=b"0" * 8_000_000), NO_BOMBS),
        (xlsx_file(**{f"表{n}": [["a"]] for n in range(21)}), "工作表超过20张，请只保留需要导入的。"),
        (xlsx_file(PEOPLE, ["x"] * 61), "表格超过60列，请删去多余的列。"),
    ],
    ids=["empty", "xls", "png", "jpeg", "pdf", "word", "ods", "xlsb", "zip", "other-zip", "macro", "object",
         "dde", "bomb", "sheets", "columns"],
)  # fmt: skip
def test_what_is_no_table_gets_one_sentence(data, sentence):
    assert read(data)[1] == [sentence]


def test_links_to_other_files_are_not_followed():
    batch, said = read(repack(xlsx_file(PEOPLE, LIN), **{LINKS: b"<externalLink/>"}))
    assert (len(people(batch, "name")), said) == (1, ["表格引用了其他文件，按最后保存的内容读取。"])


def test_entities_that_grow_are_refused():
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    bomb = f"<!DOCTYPE x [{lines}]><worksheet><sheetData><row><c><v>&a8;</v></c></row></sheetData></worksheet>"
    data = repack(xlsx_file(PEOPLE), **{"xl/worksheets/sheet1.xml": bomb.encode()})
    assert read(data)[1] == ["无法读取这个文件。请发送 .xlsx，或 UTF-8、GBK 编码的 .csv。"]


def test_ten_thousand_columns_are_refused_at_the_first_row():
    row = "".join(f"<c><v>{n}</v></c>" for n in range(10_000))
    with pytest.raises(InvalidInput, match="列，请删去"):
        [list(sheet.rows) for sheet in read_sheets("表", raw_sheet([], f"<row>{row}</row>"))]


def test_million_rows_are_refused():
    rows = "".join(f'<row r="{n}"><c><v>{n * 7919 % 65537}</v></c></row>' for n in range(1, 40_000))
    with pytest.raises(InvalidInput, match="表格超过"):
        [list(sheet.rows) for sheet in read_sheets("表", raw_sheet([], rows))]


def test_a_third_of_a_million_formatted_empty_rows_cost_nothing():
    cells = zip("ABDE", [LIN[0], LIN[1], LIN[3], LIN[4]], strict=True)
    lin = "".join(inline(f"{column}2", text) for column, text in cells)
    heights = (f'<row r="{n}" ht="{n % 977}.{n * 7919 % 997}" customHeight="1"/>' for n in range(3, 350_000))
    batch, said = read(raw_sheet([PEOPLE[:5]], f'<row r="2">{lin}</row>{"".join(heights)}'))
    assert (people(batch, "name"), said) == ([("林晓梅",)], [])


def test_million_formatted_empty_rows_are_refused_with_what_to_do():
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>' for n in range(2, 1_048_577))
    assert read(raw_sheet([PEOPLE], rows))[1] == [NO_BOMBS]


def test_text_written_as_a_formula_is_text():
    """Some programs keep Excel from eating digits that way."""
    batch, said = read(csv_file(PEOPLE, [LIN[0], '="15400000001"', *LIN[2:]]))
    assert (people(batch, "phone"), said) == ([("15400000001",)], [])


def test_wraps_and_widths_are_only_looks():
    workbook = Workbook()
    for row in (PEOPLE, LIN):
        workbook.active.append(row)
    workbook.active["A2"].alignment = Alignment(wrap_text=True)
    data = io.BytesIO()
    workbook.save(data)
    assert len(people(read(data.getvalue())[0], "name")) == 1


def test_tags_with_a_prefix_are_understood():
    """Some programs write <x:row> instead of <row>."""
    data = xlsx_file(PEOPLE, LIN)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    xml = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")
    batch, said = read(repack(data, **{"xl/worksheets/sheet1.xml": xml.encode()}))
    assert (len(people(batch, "name")), said) == (1, [])


def test_refusal_never_quotes_a_whole_essay():
    _batch, said = read(book(PEOPLE, [*LIN[:3], "村" * 2000, *LIN[4:]]))
    assert len(said) == 1
    assert said[0].endswith("太长，最多300个字。")
