"""Planning and writing the 网格 template: the tree is checked from the top down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import is_inside
from models.grids.tables import Grid, Level
from models.grids.tree import enclosing
from models.imports.batch import Record
from models.imports.changes import GRIDS, Change
from models.imports.grid_names import GridNames
from models.imports.offers import OFFERED
from models.imports.report import Effect, Report, RowRefused, contradicts, is_repeated
from models.imports.templates import Kind
from models.texts import Joined, _

_DEPTH = {level: depth for depth, level in enumerate(Level)}
_LEVEL_OF_LENGTH = {6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE}


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    level: Level
    parent_code: str | None
    lat: float | None
    lon: float | None


class GridsDraft:
    """The tree as it will be, and what has to be written for it."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Grid.code, Grid.name, Grid.level, Grid.parent_code, Grid.lat, Grid.lon))
        self.nodes = {row[0]: _Node(*row[1:]) for row in rows}
        self._stored = dict(self.nodes)
        self._taken: dict[str, Record] = {}

    def plan(self, records: list[Record], report: Report) -> None:
        """Take every row that fits, parents before children whatever their order in the files."""
        for record in sorted(records, key=lambda record: len(record.values["code"])):
            try:
                report.count(Kind.GRIDS, self._take(record, report))
            except RowRefused as refusal:
                report.refuse(Kind.GRIDS, record, refusal)

    def find(self, text: str) -> str:
        """The code of the grid that a code, a name or a path means; to be asked when all grids are planned.

        Raises: RowRefused: there is none, neither stored nor in the files, or there are several.
        """
        if text in self.nodes:
            return text
        if text.isascii():
            raise RowRefused("grid", _("没有编码为{code}的网格，请先导入网格。", code=text))
        found = self._names.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            shown = self._shown(found[:OFFERED])
            raise RowRefused(
                "grid",
                _(
                    "叫「{name}」的网格有{count}个：{paths}。请写明乡镇，或填编码。",
                    name=text,
                    count=len(found),
                    paths=shown,
                ),
            )
        if near := self._names.near(text):
            reason = _("没有叫「{name}」的网格，最接近的是：{near}。", name=text, near=self._shown(near))
            raise RowRefused("grid", reason)
        raise RowRefused("grid", _("没有叫「{name}」的网格，请先导入网格。", name=text))

    @cached_property
    def _names(self) -> GridNames:
        return GridNames(self.nodes)

    def _shown(self, codes: list[str]) -> Joined:
        return Joined(tuple(_("{path}（{code}）", path=self._names.path(code), code=code) for code in codes))

    def _take(self, record: Record, report: Report) -> Effect:
        code = record.values["code"]
        if first := self._taken.get(code):
            if is_repeated(record, first, report):
                return Effect.REPEATED
            raise RowRefused("code", contradicts(record, first))
        stored = self.nodes.get(code)
        node = self._node(code, record.values, stored)
        self._check(code, node)
        self._taken[code] = record
        self.nodes[code] = node
        if stored is None:
            return Effect.NEW
        return Effect.UNCHANGED if stored == node else Effect.CHANGED

    def _node(self, code: str, values: dict[str, Any], stored: _Node | None) -> _Node:
        """What the row says, completed by what is stored and by what the code itself says."""
        parent = values.get("parent") or (stored.parent_code if stored else self._enclosing(code))
        level = values.get("level") or (stored.level if stored else _LEVEL_OF_LENGTH.get(len(code), Level.ZONE))
        lat, lon = check_point(values)
        if stored and lat is None:
            lat, lon = stored.lat, stored.lon
        return _Node(values["name"], level, parent, lat, lon)

    def _enclosing(self, code: str) -> str | None:
        return next((outer for outer in enclosing(code)[1:] if outer in self.nodes), None)

    def _check(self, code: str, node: _Node) -> None:
        parent = node.parent_code
        if parent is None:
            if node.level is not Level.COUNTY:
                raise RowRefused("parent", _("找不到它的上级网格，请填上级编码，或把上级一起导入。"))
            return
        if parent == code or not is_inside(code, parent):
            raise RowRefused("parent", _("编码不在上级编码{parent}之内。", parent=parent))
        if parent not in self.nodes:
            raise RowRefused("parent", _("上级编码{parent}不存在。", parent=parent))
        above = self.nodes[parent].level
        # Zones may hold smaller zones; every other level is deeper than the one it lies in.
        if _DEPTH[node.level] <= _DEPTH[above] and not node.level is above is Level.ZONE:
            raise RowRefused("level", _("层级应低于上级网格「{parent}」。", parent=self.nodes[parent].name))

    def list_changes(self) -> Iterator[Change]:
        """What has to be written; parents come first, because their children name them."""
        changed = [code for code, node in self.nodes.items() if node != self._stored.get(code)]
        for code in sorted(changed, key=lambda code: (len(code), code)):
            before = self._stored.get(code)
            yield Change(GRIDS, (code,), _values(before) if before else None, _values(self.nodes[code]))


def check_point(values: dict[str, Any]) -> tuple[float | None, float | None]:
    """Latitude and longitude of a row, both or neither.

    Raises: RowRefused: one of them is missing.
    """
    lat, lon = values.get("lat"), values.get("lon")
    if (lat is None) != (lon is None):
        raise RowRefused("lat" if lat is None else "lon", _("经度和纬度要一起填。"))
    return lat, lon


def _values(node: _Node) -> dict[str, Any]:
    return {**asdict(node), "level": node.level.value}
