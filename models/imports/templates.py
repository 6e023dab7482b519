"""The import templates as data (domain.md, section 10): the header row decides which one a table is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.errors import InvalidInput
from models.imports import cells
from models.imports.sheets import Row
from models.texts import N_, _

_TITLE_ROWS = 30  # A header stands below a few lines of title at most.
_LEAST_MATCHES = 2


class Kind(StrEnum):
    """What a table holds, in the order in which tables are imported."""

    GRIDS = "grids"
    PEOPLE = "people"
    ENTERPRISES = "enterprises"

    @property
    def label(self) -> str:
        """The Chinese name, a message id of the catalogue."""
        return {"grids": N_("网格"), "people": N_("人员"), "enterprises": N_("企业")}[self.value]


def _text(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > limit:
            raise InvalidInput(_("太长，最多{limit}个字。", limit=limit))
        return text

    return read


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key under which its value goes on, its title, other words for it, and how a cell is read."""

    key: str
    title: str
    read: Callable[[str], Any]
    required: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """The columns of one kind of table."""

    kind: Kind
    columns: tuple[Column, ...]


TEMPLATES = (
    Template(
        Kind.GRIDS,
        (
            Column("code", "网格编码", cells.read_code, required=True, words=("code", "编码", "网格代码")),
            Column("name", "网格名称", _text(64), required=True, words=("name", "名称")),
            Column("level", "层级", cells.read_level, words=("level", "级别")),
            Column("parent", "上级编码", cells.read_code, words=("parent_code", "上级网格编码", "上级代码")),
            Column("head", "网格长", _text(64)),
            Column("lon", "经度", cells.read_lon, words=("lon", "lng", "longitude")),
            Column("lat", "纬度", cells.read_lat, words=("lat", "latitude")),
        ),
    ),
    Template(
        Kind.PEOPLE,
        (
            Column("name", "姓名", _text(64), required=True),
            Column(
                "phone", "手机号", cells.read_phone_cell, required=True,
                words=("手机", "手机号码", "电话", "联系电话", "联系方式"),
            ),
            Column("unit", "单位", _text(128), words=("工作单位", "所在单位")),
            Column("roles", "角色", cells.read_roles, required=True, words=("岗位",)),
            Column("grid", "网格编码", cells.read_code, required=True, words=("网格代码",)),
            Column("industries", "行业", cells.read_words, words=("所属行业",)),
            Column("starts_on", "开始日期", cells.read_date),
            Column("ends_on", "结束日期", cells.read_date),
        ),
    ),
    Template(
        Kind.ENTERPRISES,
        (
            Column("name", "企业名称", _text(128), required=True, words=("单位名称",)),
            Column(
                "credit_code", "统一社会信用代码", cells.read_credit_code, required=True,
                words=("信用代码", "社会信用代码"),
            ),
            Column("industry", "行业", _text(64), required=True, words=("所属行业",)),
            Column("grid", "网格编码", cells.read_code, required=True, words=("网格代码",)),
            Column("address", "地址", _text(256), words=("单位地址", "企业地址")),
            Column("lon", "经度", cells.read_lon),
            Column("lat", "纬度", cells.read_lat),
            Column("principal", "负责人", _text(64), words=("企业负责人", "主要负责人")),
            Column(
                "principal_phone", "负责人手机号", cells.read_phone_cell,
                words=("负责人电话", "企业负责人手机号", "主要负责人手机号"),
            ),
            Column("safety", "安全管理员", _text(64), words=("安全负责人",)),
            Column("safety_phone", "安全管理员手机号", cells.read_phone_cell, words=("安全管理员电话",)),
            Column("standard", "标准化等级", _text(16), words=("安全生产标准化等级",)),
            Column("headcount", "职工人数", cells.read_headcount, words=("从业人数", "员工人数")),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """The header row of a table: where each known column stands, and what else there is."""

    template: Template
    row: int
    places: dict[str, int]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def find_header(rows: Sequence[Row]) -> Header | None:
    """Find the row that names the columns, even with title rows above; None if no template fits.

    Of several candidates the one counts that lacks least and names most.
    """
    found = [
        header
        for row in rows[:_TITLE_ROWS]
        for template in TEMPLATES
        if len((header := _match(template, row)).places) >= _LEAST_MATCHES
    ]
    return min(found, key=lambda header: (bool(header.missing), -len(header.places), header.row), default=None)


def _match(template: Template, row: Row) -> Header:
    by_word = {_key(word): column.key for column in template.columns for word in (column.title, *column.words)}
    places: dict[str, int] = {}
    extra = []
    for index, cell in enumerate(row.cells):
        key = by_word.get(_key(cell)) or by_word.get(re.sub(r"\(.*", "", _key(cell)))
        if key and key not in places:
            places[key] = index
        elif cell:
            extra.append(cell)
    missing = tuple(column.title for column in template.columns if column.required and column.key not in places)
    return Header(template, row.number, places, missing, tuple(extra))


def _key(text: str) -> str:
    """A title as it is compared: half-width, without blanks and the star of required columns."""
    return re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", text)).lower()
