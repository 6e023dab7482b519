"""The import templates as data (domain.md, section 10): the header row decides which one a table is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.errors import InvalidInput
from models.imports import cells
from models.imports.sheets import Row
from models.texts import N_, _

TITLE_ROWS = 30  # A header stands below a few lines of title at most.
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


_GRID_WORDS = ("网格代码", "网格", "所属网格", "所在网格", "网格名称", "责任网格")


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
            Column("head", "网格长", cells.read_name),
            Column("lon", "经度", cells.read_lon, words=("lon", "lng", "longitude")),
            Column("lat", "纬度", cells.read_lat, words=("lat", "latitude")),
        ),
    ),
    Template(
        Kind.PEOPLE,
        (
            Column("name", "姓名", cells.read_name, required=True),
            Column(
                "phone", "手机号", cells.read_phone_cell, required=True,
                words=("手机", "手机号码", "电话", "联系电话", "联系方式"),
            ),
            Column("unit", "单位", _text(128), words=("工作单位", "所在单位")),
            Column("roles", "角色", cells.read_roles, required=True, words=("岗位",)),
            Column("grid", "网格编码", cells.read_grid, required=True, words=_GRID_WORDS),
            Column("industries", "行业", cells.read_words, words=("所属行业",)),
            Column("starts_on", "开始日期", cells.read_start),
            Column("ends_on", "结束日期", cells.read_end),
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
            Column("grid", "网格编码", cells.read_grid, required=True, words=_GRID_WORDS),
            Column("address", "地址", _text(256), words=("单位地址", "企业地址")),
            Column("lon", "经度", cells.read_lon),
            Column("lat", "纬度", cells.read_lat),
            Column("principal", "负责人", cells.read_name, words=("企业负责人", "主要负责人", "负责人姓名")),
            Column(
                "principal_phone", "负责人手机号", cells.read_phone_cell,
                words=("负责人电话", "企业负责人手机号", "主要负责人手机号", "负责人联系电话", "负责人手机"),
            ),
            Column("safety", "安全管理员", cells.read_name, words=("安全负责人", "安全管理员姓名")),
            Column(
                "safety_phone", "安全管理员手机号", cells.read_phone_cell,
                words=("安全管理员电话", "安全管理员联系电话", "安全管理员手机"),
            ),
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
    cells: tuple[str, ...]
    places: dict[str, int]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def is_empty(self, row: Row) -> bool:
        """Tell whether a row says nothing in the columns that count."""
        return not any(row.cells[place] for place in self.places.values() if place < len(row.cells))


def find_header(rows: Sequence[Row]) -> Header | None:
    """Find the row that names the columns, even with title rows above; None if no template fits.

    A header of two lines (负责人 above 姓名 and 手机号) is read together. Of several candidates the one counts that
    lacks least and names most.
    """
    found = []
    for at, row in enumerate(rows[:TITLE_ROWS]):
        above = rows[at - 1] if at and rows[at - 1].number == row.number - 1 else None
        for template in TEMPLATES:
            found += [_match(template, row, None), *([_match(template, row, above)] if above else [])]
    fitting = [header for header in found if len(header.places) >= _LEAST_MATCHES]
    return min(fitting, key=lambda header: (bool(header.missing), -len(header.places), header.row), default=None)


def _match(template: Template, row: Row, above: Row | None) -> Header:
    titles = {_key(column.title): column.key for column in template.columns}
    words = {_key(word): column.key for column in template.columns for word in column.words}
    names = list(_names(row, above))
    places: dict[str, int] = {}
    # The proper titles first: 网格名称 is another word for 网格编码 only where that is not there itself.
    for known in (titles, words):
        for index, candidates in names:
            key = next((known[name] for name in candidates if name in known), "")
            if key and key not in places and index not in places.values():
                places[key] = index
    taken = set(places.values())
    extra = tuple(cell for index, cell in enumerate(row.cells) if cell and index not in taken)
    missing = tuple(column.title for column in template.columns if column.required and column.key not in places)
    return Header(template, row.number, row.cells, places, missing, extra)


def _names(row: Row, above: Row | None) -> Iterator[tuple[int, list[str]]]:
    """What each column may be called: with the line above, by itself, without what stands in brackets."""
    upper = above.wide if above else ()
    for index in range(max(len(row.cells), len(upper))):
        cell = _key(row.cells[index]) if index < len(row.cells) else ""
        over = _key(upper[index]) if index < len(upper) else ""
        candidates = [over + cell if over != cell else "", cell, re.sub(r"\(.*", "", cell)]
        yield index, [name for name in candidates if name]


def _key(text: str) -> str:
    """A title as it is compared: half-width, without blanks and the star of required columns."""
    return re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", text)).lower()
