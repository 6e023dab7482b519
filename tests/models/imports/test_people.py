from datetime import date

import pytest
from sqlalchemy import select

from models.access import load_actor
from models.imports.templates import Kind
from models.people.tables import Assignment, Person, Role
from tests.spreadsheets import PEOPLE, row_of

GRIDS = [["code", "name"], ["341823", "泾县"], ["341823101", "茂林镇"], ["341823101201", "溪口村"]]
VILLAGE, TOWN = "341823101201", "341823101"


def person(name="林晓梅", phone="15400000001", role="网格员", grid=VILLAGE, **more):
    return row_of(PEOPLE, 姓名=name, 手机号=phone, 角色=role, 网格编码=grid, **more)


async def people(importing):
    rows = select(Person.name, Person.phone, Person.unit).order_by(Person.id)
    return await importing.store.read(lambda session: [tuple(row) for row in session.execute(rows)])


async def posts(importing):
    post = Assignment
    rows = select(post.role, post.grid_code, post.industry, post.starts_on, post.ends_on)
    rows = rows.order_by(post.role, post.grid_code, post.industry, post.id)
    return await importing.store.read(lambda session: [tuple(row) for row in session.execute(rows)])


async def test_person_is_added_with_a_role(importing):
    assert await importing.do(GRIDS, [PEOPLE, person(单位="溪口村委", 开始日期="2026/11/1")])
    assert await people(importing) == [("林晓梅", "15400000001", "溪口村委")]
    assert await posts(importing) == [(Role.OFFICER, VILLAGE, "", date(2026, 11, 1), None)]
    assert importing.counts(Kind.PEOPLE) == (1, 0, 0, 0)


async def test_second_row_with_the_phone_adds_a_role(importing):
    rows = [person(), person(phone="+86 154-0000-0001", role="网格长", grid=TOWN)]
    assert await importing.do(GRIDS, [PEOPLE, *rows])
    assert len(await people(importing)) == 1
    assert [post[:2] for post in await posts(importing)] == [(Role.GRID_HEAD, TOWN), (Role.OFFICER, VILLAGE)]


async def test_roles_and_industries_multiply(importing):
    assert await importing.do(GRIDS, [PEOPLE, person(role="行业监管员、执法人员", grid="341823", 行业="矿山、燃气")])
    assert [(role, trade) for role, _grid, trade, *_dates in await posts(importing)] == [
        (Role.INSPECTOR, "gas"), (Role.INSPECTOR, "mining"), (Role.SUPERVISOR, "gas"), (Role.SUPERVISOR, "mining"),
    ]  # fmt: skip


async def test_all_industries_are_the_empty_one(importing):
    assert await importing.do(GRIDS, [PEOPLE, person(role="行业监管员", grid="341823", 行业="全部")])
    assert [post[2] for post in await posts(importing)] == [""]


async def test_second_import_changes_nothing(importing):
    table = [PEOPLE, person(单位="溪口村委", 结束日期="2027-01-01"), person("陈建国", "15400000002")]
    await importing.do(GRIDS, table)
    before = await people(importing), await posts(importing)
    assert await importing.do(table)
    assert importing.counts(Kind.PEOPLE) == (0, 0, 2, 0)
    assert (await people(importing), await posts(importing)) == before


async def test_changes_are_counted_and_written(importing):
    await importing.do(GRIDS, [PEOPLE, person(单位="溪口村委"), person("陈建国", "15400000002")])
    moved = person("陈建国", "15400000002", grid=TOWN)
    assert await importing.do([PEOPLE, person(单位="茂林镇政府"), moved])
    assert importing.counts(Kind.PEOPLE) == (0, 2, 0, 0)
    assert (await people(importing))[0][2] == "茂林镇政府"
    assert len(await posts(importing)) == 3  # the import adds a role, it takes none away


async def test_other_name_under_a_known_phone_is_pointed_out(importing):
    await importing.do(GRIDS, [PEOPLE, person()])
    assert await importing.do([PEOPLE, person("林小梅")])
    assert "林晓梅" in importing.notes[0]
    assert (await people(importing))[0][0] == "林小梅"


async def test_role_that_is_over_takes_the_person_out(importing):
    await importing.do(GRIDS, [PEOPLE, person()])
    await importing.do([PEOPLE, person(结束日期="2026-11-22")])
    actor = await importing.store.read(lambda session: load_actor(session, 1, now=importing.clock()))
    assert actor is None


async def test_roster_without_dates_keeps_them_and_reopens_what_is_over(importing):
    lin, chen = person(结束日期="2026-11-22"), person("陈建国", "15400000002", 结束日期="2026-12-31")
    await importing.do(GRIDS, [PEOPLE, lin, chen])
    undated = [row[:6] for row in (PEOPLE, lin, chen)]
    assert await importing.do(undated)
    assert importing.counts(Kind.PEOPLE) == (0, 1, 1, 0)
    assert [post[4] for post in await posts(importing)] == [None, date(2026, 12, 31)]


async def test_empty_end_date_opens_the_role(importing):
    await importing.do(GRIDS, [PEOPLE, person(结束日期="2026-12-31")])
    assert await importing.do([PEOPLE, person()])
    assert (await posts(importing))[0][4] is None


async def test_same_row_twice_counts_once_and_is_remarked(importing):
    assert await importing.do(GRIDS, [PEOPLE, person(), person()])
    assert importing.counts(Kind.PEOPLE) == (1, 0, 0, 0)
    assert importing.report.counts[Kind.PEOPLE].repeated == 1
    assert importing.notes == ["与第2行相同，只算一行。"]


async def test_role_named_again_among_others_is_no_contradiction(importing):
    assert await importing.do(GRIDS, [PEOPLE, person(), person(role="网格长、网格员", 单位="镇政府")])
    assert [post[0] for post in await posts(importing)] == [Role.GRID_HEAD, Role.OFFICER]


async def test_unit_that_differs_between_rows_is_pointed_out(importing):
    rows = [person(单位="溪口村委"), person(role="网格长", 单位="镇政府")]
    assert await importing.do(GRIDS, [PEOPLE, *rows])
    assert importing.notes == ["单位与第2行不同，按这一行写入。"]
    assert (await people(importing))[0][2] == "镇政府"


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (person(grid="341823999"), "网格编码", "没有编码为341823999的网格"),
        (person(行业="航天"), "行业", "没有「航天」这个行业"),
        (person(开始日期="2026-12-01", 结束日期="2026-11-01"), "结束日期", "早于"),
        (person("陈建国"), "姓名", "在第2行登记的是「林晓梅」"),
        (person(role="网格长、网格员", 结束日期="2027-01-01"), "角色", "与第2行是同一人的同一角色，日期却不同"),
        (person(phone="1234"), "手机号", "11位"),
    ],
)
async def test_row_that_does_not_fit_is_named(importing, row, column, word):
    assert not await importing.do(GRIDS, [PEOPLE, person(), row])
    ((number, title, reason),) = importing.wrong
    assert (number, title, word in reason) == (3, column, True)
    assert importing.counts(Kind.PEOPLE) == (1, 0, 0, 1)
    assert await people(importing) == []


async def test_grid_of_a_wrong_row_does_not_count(importing):
    grids = [*GRIDS, ["341823102", ""]]
    await importing.plan(grids, [PEOPLE, person(grid="341823102")])
    assert [(row, column) for row, column, _reason in importing.wrong] == [(5, "网格名称"), (2, "网格编码")]
