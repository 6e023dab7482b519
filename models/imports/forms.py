"""The templates to download: a spreadsheet per kind with examples, drop-downs and what to write where."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.enterprises.industries import INDUSTRY_SEED, list_industries
from models.grids.tables import Grid, Level
from models.imports.batch import EXAMPLE, NOTES_SHEET
from models.imports.grid_names import GridNames
from models.imports.templates import TEMPLATES, Column, Kind, Template
from models.people.tables import Role
from models.session import Store

_LISTS: Final = "选项"
_ROWS: Final = 5000  # Rows below the header that get drop-downs and the format of text.
_WIDTH: Final = 16

# What stands in the two example rows, by kind; a row whose first cell begins with 示例 is skipped by the import.
_EXAMPLES: Final[dict[Kind, tuple[dict[str, str], ...]]] = {
    Kind.GRIDS: (
        {"code": "341823101", "name": "茂林镇", "level": "乡镇", "parent": "341823"},
        {"code": "341823101201-01", "name": "溪口村第一责任区", "level": "责任区", "parent": "341823101201",
         "head": "孙立新", "lon": "118.412", "lat": "30.516"},
    ),
    Kind.PEOPLE: (
        {"name": "林晓梅", "phone": "13900000001", "unit": "溪口村村委会", "roles": "网格员、信息员",
         "grid": "茂林镇·溪口村", "starts_on": "2026-01-01"},
        {"name": "周敏", "phone": "13900000002", "unit": "县应急管理局", "roles": "行业监管员", "grid": "泾县",
         "industries": "危险化学品、矿山", "starts_on": "2026-01-01", "ends_on": "2026-12-31"},
    ),
    Kind.ENTERPRISES: (
        {"name": "靠山加油站", "credit_code": "91350100M000100Y43", "industry": "危险化学品", "grid": "茂林镇·溪口村",
         "address": "溪口村公路旁", "lon": "118.412", "lat": "30.516", "principal": "吴志强",
         "principal_phone": "13900000004", "standard": "三级", "headcount": "8"},
    ),
}  # fmt: skip
_HINTS: Final = {
    "code": "行政区划代码：县6位、乡镇9位、村12位，责任区为村代码加“-01”。",
    "level": "县、乡镇、村或责任区；不填时按编码判断。",
    "parent": "不填时按编码判断。",
    "head": "只用来核对，网格长请在人员表里登记。",
    "phone": "11位手机号，座机带区号。每人以手机号为准，同一手机号再写一行就是再加一个角色。",
    "roles": "可写几个，用顿号分开：网格员、信息员。",
    "grid": "填网格编码，或从下拉列表里选乡镇·村。",
    "industries": "行业部门人员才填，可写几个；不填表示全部行业。",
    "industry": "从下拉列表里选一个。",
    "credit_code": "18位，营业执照上有。",
    "starts_on": "例如 2026-01-01；不填表示不限。",
    "ends_on": "例如 2026-12-31；不填表示不限。",
    "lon": "例如 118.412；经度和纬度要一起填。",
    "lat": "例如 30.516；经度和纬度要一起填。",
    "principal_phone": "填了手机号的会列入花名册，成为企业的负责人。",
    "safety_phone": "填了手机号的会列入花名册，成为企业的安全管理员。",
    "headcount": "整数。",
}
_NOTES: Final = (
    "1. 每张表只填一类内容，列的先后可以改，表头文字请不要改。",
    "2. 带 * 的列必填，其他列没有就空着。空着的格不会清掉已有的内容。",
    "3. “示例”开头的行只作参考，导入时跳过，可以删去。",
    "4. 先导入网格，再导入人员和企业；也可以一次把几个文件一起发来。",
    "5. 把文件发给机器人，会先逐行检查，您点“确认导入”后才写入；有一行不对就都不写入。",
    "6. 不要填身份证号码。",
)


@dataclass(frozen=True, slots=True)
class Form:
    """One template as a file."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Choices:
    """What the drop-downs offer."""

    grids: Sequence[str]
    industries: Sequence[str]

    def of(self, column: Column) -> Sequence[str]:
        """The choices of a column; none if anything may be written."""
        return {
            "grid": self.grids, "industry": self.industries, "industries": self.industries,
            "roles": [role.label for role in Role], "level": [level.label for level in Level],
        }.get(column.key, ())  # fmt: skip


def list_choices(session: Session) -> Choices:
    """The grids of this county as paths, and its industries."""
    rows = session.execute(select(Grid.code, Grid.name, Grid.parent_code).order_by(Grid.code)).all()
    names = GridNames({row.code: row for row in rows})
    industries = [item.name for item in list_industries(session)] or [str(row["name"]) for row in INDUSTRY_SEED]
    paths = [names.path(row.code) for row in rows]
    # A path that two grids share is no answer to the question which one is meant.
    return Choices([path for path in dict.fromkeys(paths) if len(names.find(path)) == 1], industries)


async def render_forms(store: Store) -> list[Form]:
    """Make the templates with the grids and industries of this county."""
    choices = await store.read(list_choices)
    return await asyncio.to_thread(lambda: [render_form(template, choices) for template in TEMPLATES])


def render_form(template: Template, choices: Choices) -> Form:
    """Make one template."""
    import xlsxwriter

    data = io.BytesIO()
    kind = template.kind.label
    with xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False}) as book:
        _write_table(book, template, choices)
        _write_notes(book, template)
        _write_lists(book, template, choices)
    return Form(f"{kind}导入模板.xlsx", data.getvalue())


def _write_table(book: Any, template: Template, choices: Choices) -> None:
    sheet = book.add_worksheet(template.kind.label)
    text = book.add_format({"num_format": "@"})
    grey = book.add_format({"num_format": "@", "italic": True, "font_color": "#808080"})
    plain = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"}
    heads = {
        True: book.add_format({**plain, "bg_color": "#FCE4D6", "font_color": "#B00020"}),
        False: book.add_format({**plain, "bg_color": "#E8EEF7"}),
    }
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 30)
    for place, column in enumerate(template.columns):
        title = f"{column.title}*" if column.required else column.title
        sheet.set_column(place, place, max(_WIDTH, 2 * len(title) + 2), text)
        sheet.write_string(0, place, title, heads[column.required])
        _add_choices(sheet, place, column, choices)
        for row, example in enumerate(_EXAMPLES[template.kind], start=1):
            value = example.get(column.key, "")
            sheet.write_string(row, place, f"{EXAMPLE}：{value}" if place == 0 else value, grey)


def _add_choices(sheet: Any, place: int, column: Column, choices: Choices) -> None:
    hint, offered = _HINTS.get(column.key, ""), choices.of(column)
    options: dict[str, Any] = {"validate": "any"}
    if offered:
        letter = chr(ord("A") + _list_place(column))
        options = {"validate": "list", "source": f"={_LISTS}!${letter}$1:${letter}${len(offered)}"}
        # Several roles in one cell, or a code instead of a name, are right as well: offered, not forced.
        options["error_type"] = "information"
        options["show_error"] = False
    if hint:
        options |= {"input_title": column.title, "input_message": hint}
    if offered or hint:
        sheet.data_validation(1, place, _ROWS, place, options)


_LISTED: Final = ("grid", "roles", "industry", "industries", "level")


def _list_place(column: Column) -> int:
    return _LISTED.index(column.key)


def _write_lists(book: Any, template: Template, choices: Choices) -> None:
    sheet = book.add_worksheet(_LISTS)
    for column in template.columns:
        for row, value in enumerate(choices.of(column)):
            sheet.write_string(row, _list_place(column), value)
    sheet.hide()


def _write_notes(book: Any, template: Template) -> None:
    sheet = book.add_worksheet(NOTES_SHEET)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold, plain = book.add_format({"bold": True}), book.add_format()
    sheet.set_column(0, 0, 22, wrapped)
    sheet.set_column(1, 1, 10, wrapped)
    sheet.set_column(2, 2, 70, wrapped)
    for row, note in enumerate(_NOTES):
        sheet.write_string(row, 0, note, plain)
    for place, title in enumerate(("列", "必填", "说明")):
        sheet.write_string(len(_NOTES) + 1, place, title, bold)
    for row, column in enumerate(template.columns, start=len(_NOTES) + 2):
        sheet.write_string(row, 0, column.title)
        sheet.write_string(row, 1, "是" if column.required else "")
        sheet.write_string(row, 2, _HINTS.get(column.key, ""))
