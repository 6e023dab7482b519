import pytest
from sqlalchemy import select

from models.demo import FOLDER
from models.grids.tables import Grid, Level
from models.imports.templates import Kind
from tests.spreadsheets import GRIDS, PEOPLE, row_of

ENGLISH = ["code", "name", "level", "parent_code"]
COUNTY = ["341823", "泾县", "county", ""]
TOWN = ["341823101", "茂林镇", "town", "341823"]
VILLAGE = ["341823101201", "溪口村村委会", "village", "341823101"]


async def stored(importing):
    rows = select(Grid.code, Grid.name, Grid.level, Grid.parent_code, Grid.lat).order_by(Grid.code)
    return await importing.store.read(lambda session: [tuple(row) for row in session.execute(rows)])


async def test_divisions_of_the_county_load_as_they_are(importing):
    lines = (FOLDER / "divisions.csv").read_text("utf-8").splitlines()
    assert await importing.do([line.split(",") for line in lines])
    assert importing.counts(Kind.GRIDS) == (139, 0, 0, 0)
    assert len(await stored(importing)) == 139


async def test_children_may_come_before_their_parents(importing):
    assert await importing.do([ENGLISH, VILLAGE, TOWN, COUNTY])
    assert [row[3] for row in await stored(importing)] == [None, "341823", "341823101"]


async def test_second_import_changes_nothing(importing):
    await importing.do([ENGLISH, COUNTY, TOWN, VILLAGE])
    before = await stored(importing)
    assert await importing.do([ENGLISH, COUNTY, TOWN, VILLAGE])
    assert importing.counts(Kind.GRIDS) == (0, 0, 3, 0)
    assert await stored(importing) == before


async def test_level_and_parent_follow_from_the_code(importing):
    titles = ["网格编码", "网格名称"]
    assert await importing.do([titles, ["341823", "泾县"], ["341823101", "茂林镇"], ["341823101201-01", "东组"],
                               ["341823101201", "溪口村"]])  # fmt: skip
    assert [row[2:4] for row in await stored(importing)] == [
        (Level.COUNTY, None), (Level.TOWN, "341823"), (Level.VILLAGE, "341823101"), (Level.ZONE, "341823101201"),
    ]  # fmt: skip


async def test_coordinates_complete_what_is_there(importing):
    await importing.do([ENGLISH, COUNTY, TOWN])
    row = row_of(GRIDS, 网格编码="341823101", 网格名称="茂林镇", 经度="118.215", 纬度="30.53")
    assert await importing.do([GRIDS, row])
    assert importing.counts(Kind.GRIDS) == (0, 1, 0, 0)
    assert (await stored(importing))[1] == ("341823101", "茂林镇", Level.TOWN, "341823", 30.53)
    await importing.do([ENGLISH, TOWN])
    assert importing.counts(Kind.GRIDS) == (0, 0, 1, 0)  # a table without coordinates takes none away


async def test_renaming_is_a_change(importing):
    await importing.do([ENGLISH, COUNTY, TOWN])
    assert await importing.do([ENGLISH, ["341823101", "茂林新镇", "town", "341823"]])
    assert importing.counts(Kind.GRIDS) == (0, 1, 0, 0)
    assert (await stored(importing))[1][1] == "茂林新镇"


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (["341823102", "榔桥镇", "town", "341899"], "parent_code", "不在上级编码"),
        (["341899101", "外镇", "town", "341823"], "parent_code", "不在上级编码"),
        (["341823102", "榔桥镇", "town", "341823102"], "parent_code", "不在上级编码"),
        (["341823102201", "白华村", "village", "341823102"], "parent_code", "不存在"),
        (["341899102", "外镇", "town", ""], "parent_code", "找不到它的上级"),
        (["341823101202", "潘村", "town", "341823101"], "level", "层级应低于"),
        (["341823101", "茂林新镇", "town", "341823"], "code", "与第3行重复，但内容不同"),
        (["341823102", "", "town", "341823"], "name", "不能为空"),
    ],
)
async def test_grid_that_does_not_fit_is_named(importing, row, column, word):
    assert not await importing.do([ENGLISH, COUNTY, TOWN, VILLAGE, row])
    ((number, title, reason),) = importing.wrong
    titles = {"code": "网格编码", "name": "网格名称", "level": "层级", "parent_code": "上级编码"}
    assert (number, title, word in reason) == (5, titles[column], True)
    assert importing.counts(Kind.GRIDS) == (3, 0, 0, 1)
    assert await stored(importing) == []


async def test_children_of_a_wrong_grid_are_wrong_too(importing):
    await importing.plan([ENGLISH, COUNTY, ["341823101", "茂林镇", "county", "341823"], VILLAGE])
    assert [row for row, _column, _reason in importing.wrong] == [3, 4]


async def test_half_a_place_is_refused(importing):
    row = row_of(GRIDS, 网格编码="341823", 网格名称="泾县", 经度="118.4")
    await importing.plan([GRIDS, row])
    assert importing.wrong == [(2, "纬度", "经度和纬度要一起填。")]


async def test_grid_head_by_name_is_asked_for_and_not_appointed(importing):
    county = row_of(GRIDS, 网格编码="341823", 网格名称="泾县", 网格长="孙立新")
    await importing.plan([GRIDS, county])
    assert "孙立新" in importing.notes[0]
    sun = row_of(PEOPLE, 姓名="孙立新", 手机号="15400000006", 角色="网格长", 网格编码="341823")
    assert await importing.do([PEOPLE, sun], [GRIDS, county])
    assert importing.notes == []
    await importing.do([GRIDS, county])
    assert importing.notes == []


async def test_row_that_repeats_a_wrong_one_is_wrong_as_well(importing):
    village = ["341823101201", "溪口村", "341823199"]
    await importing.plan([["code", "name", "parent_code"], ["341823", "泾县", ""], village, village])
    assert (importing.counts(Kind.GRIDS), importing.notes) == ((1, 0, 0, 2), [])
