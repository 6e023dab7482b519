"""Planning and writing the 网格 template: the tree is checked from the top down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.access import is_inside
from models.grids.tables import Grid, Level
from models.grids.tree import enclosing
from models.imports.batch import Record
from models.imports.report import Effect, Report, RowRefused, repeated
from models.imports.templates import Kind
from models.texts import _

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
        self._new: dict[str, _Node] = {}
        self._changed: dict[str, _Node] = {}
        self._taken: dict[str, Record] = {}

    def plan(self, records: list[Record], report: Report) -> None:
        """Take every row that fits, parents before children whatever their order in the files."""
        for record in sorted(records, key=lambda record: len(record.values["code"])):
            try:
                report.count(Kind.GRIDS, self._take(record))
            except RowRefused as refusal:
                report.refuse(Kind.GRIDS, record, refusal)

    def check_exists(self, code: str) -> None:
        """Raises: RowRefused: the grid is neither stored nor part of this import."""
        if code not in self.nodes:
            raise RowRefused("grid", _("没有编码为{code}的网格，请先导入网格。", code=code))

    def _take(self, record: Record) -> Effect:
        code = record.values["code"]
        if first := self._taken.get(code):
            raise RowRefused("code", repeated(first))
        self._taken[code] = record
        stored = self.nodes.get(code)
        node = self._node(code, record.values, stored)
        self._check(code, node)
        self.nodes[code] = node
        if stored is None:
            self._new[code] = node
            return Effect.NEW
        if stored == node:
            return Effect.UNCHANGED
        self._changed[code] = node
        return Effect.CHANGED

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

    def do_write(self, session: Session) -> None:
        """Write the tree; parents come first, because their children name them."""
        new = [_row(code, node) for code, node in sorted(self._new.items(), key=lambda item: len(item[0]))]
        if new:
            session.execute(insert(Grid), new)
        if self._changed:
            session.execute(update(Grid), [_row(code, node) for code, node in self._changed.items()])


def check_point(values: dict[str, Any]) -> tuple[float | None, float | None]:
    """Latitude and longitude of a row, both or neither.

    Raises: RowRefused: one of them is missing.
    """
    lat, lon = values.get("lat"), values.get("lon")
    if (lat is None) != (lon is None):
        raise RowRefused("lat" if lat is None else "lon", _("经度和纬度要一起填。"))
    return lat, lon


def _row(code: str, node: _Node) -> dict[str, Any]:
    return {
        "code": code, "name": node.name, "level": node.level, "parent_code": node.parent_code,
        "lat": node.lat, "lon": node.lon,
    }  # fmt: skip
