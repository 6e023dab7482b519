"""Grids named instead of numbered: understood where it is clear which one is meant, else the closest are offered."""

import pytest

from models.imports.grid_names import GridNames
from models.imports.grids import _Node
from models.imports.templates import Kind
from tests.spreadsheets import PEOPLE, row_of

GRIDS = [
    ["code", "name"], ["341823", "泾县"], ["341823101", "茂林镇"], ["341823101201", "溪口村村委会"],
    ["341823101202", "茂林村村委会"], ["341823102", "云岭镇"], ["341823102201", "溪口村村委会"],
    ["341823102202", "靠山村村委会"], ["341823102202-01", "靠山村第一责任区"],
]  # fmt: skip


def person(grid):
    return row_of(PEOPLE, 姓名="林晓梅", 手机号="15400000001", 角色="网格员", 网格编码=grid)


@pytest.fixture
def names():
    codes = {code: name for code, name in GRIDS[1:]}  # noqa: C416 - lists of two
    parents = {code: next((c for c in sorted(codes, key=len, reverse=True) if c != code and code.startswith(c)), None)
               for code in codes}  # fmt: skip
    return GridNames({code: _Node(name, None, parents[code], None, None) for code, name in codes.items()})


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("靠山村", ["341823102202"]),
        ("靠山", ["341823102202"]),
        ("靠山村村委会", ["341823102202"]),
        ("茂林镇 溪口村", ["341823101201"]),
        ("茂林镇·溪口村", ["341823101201"]),
        ("茂林镇溪口村", ["341823101201"]),
        ("泾县/云岭/溪口", ["341823102201"]),
        ("茂林镇", ["341823101"]),
        ("茂林村", ["341823101202"]),
        ("泾县", ["341823"]),
        ("云岭镇靠山村第一责任区", ["341823102202-01"]),
        ("溪口村", ["341823101201", "341823102201"]),
        ("茂林镇靠山村", []),
        ("溪囗村", []),
    ],
)
def test_name_or_path_finds_its_grids(names, text, codes):
    assert sorted(names.find(text)) == codes


def test_closest_names_come_first(names):
    assert names.near("靠山付") == ["341823102202"]
    assert names.path("341823101201") == "茂林镇·溪口村"
    assert names.path("341823") == "泾县"


@pytest.mark.parametrize("grid", ["茂林镇 溪口村", "茂林镇\n溪口村", "341823101201", "３４１８２３１０１２０１"])
async def test_person_is_put_where_the_name_says(importing, grid):
    assert await importing.do(GRIDS, [PEOPLE, person(grid)])
    assert importing.counts(Kind.PEOPLE) == (1, 0, 0, 0)
    assert await importing.do([PEOPLE, person("341823101201")])
    assert importing.counts(Kind.PEOPLE) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("grid", "reason"),
    [
        ("溪口村", "叫「溪口村」的网格有2个：茂林镇·溪口村（341823101201）、云岭镇·溪口村（341823102201）。"),
        ("靠出村", "没有叫「靠出村」的网格，最接近的是：云岭镇·靠山村（341823102202）"),
        ("火星", "没有叫「火星」的网格，请先导入网格。"),
        ("341823999", "没有编码为341823999的网格，请先导入网格。"),
    ],
)  # fmt: skip
async def test_name_that_is_not_clear_is_answered_with_the_closest(importing, grid, reason):
    await importing.plan(GRIDS, [PEOPLE, person(grid)])
    ((_row, column, said),) = importing.wrong
    assert column == "网格编码"
    assert said.startswith(reason)


async def test_unknown_industry_is_offered_the_closest(importing):
    row = row_of(PEOPLE, 姓名="周敏", 手机号="15400000003", 角色="行业监管员", 网格编码="341823", 行业="危险化工品")
    await importing.plan(GRIDS, [PEOPLE, row])
    assert importing.wrong == [(2, "行业", "没有「危险化工品」这个行业，最接近的是：危险化学品。")]
