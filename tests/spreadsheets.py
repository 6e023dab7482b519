"""Spreadsheets for tests, made in memory: rows in, the bytes of a file out."""

import csv
import io
import zipfile

from openpyxl import Workbook

GRIDS = ["网格编码", "网格名称", "层级", "上级编码", "网格长", "经度", "纬度"]
PEOPLE = ["姓名", "手机号", "单位", "角色", "网格编码", "行业", "开始日期", "结束日期"]
ENTERPRISES = [
    "企业名称", "统一社会信用代码", "行业", "网格编码", "地址", "经度", "纬度", "负责人", "负责人手机号",
    "安全管理员", "安全管理员手机号", "标准化等级", "职工人数",
]  # fmt: skip
# Valid check characters, and the XXXX of the demo: nobody's.
CREDIT, NEXT_CREDIT = "91341823XXXX90018B", "91341823XXXX900266"


def csv_file(*rows, encoding="utf-8", delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(*rows, **sheets):
    """A workbook with one worksheet of these rows, or with several given by name."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, content in (sheets or {"表": rows}).items():
        sheet = workbook.create_sheet(name)
        for row in content:
            sheet.append(row)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def repack(data, **changes):
    """The same package with members replaced or added (name → bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, None) or old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


def packed(members):
    """A zip of these members (name → text or bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def raw_sheet(rows, xml):
    """A workbook whose worksheet has these rows and then rows of raw XML."""
    data = xlsx_file(*(rows or [[]]))
    member = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read(member).decode()
    end = "</sheetData>" if "</sheetData>" in sheet else "<sheetData/>"
    whole = f"{xml}</sheetData>" if end == "</sheetData>" else f"<sheetData>{xml}</sheetData>"
    return repack(data, **{member: sheet.replace(end, whole, 1).encode()})


def row_of(titles, **values):
    """A row under these titles; what is not given stays empty."""
    assert set(values) <= set(titles)
    return [values.get(title, "") for title in titles]
