import pytest
from sqlalchemy import select

from models.access import load_actor
from models.enterprises.tables import Enterprise, EnterprisePerson
from models.imports.templates import Kind
from models.people.tables import Assignment, Person, Role
from tests.spreadsheets import CREDIT, ENTERPRISES, NEXT_CREDIT, PEOPLE, row_of

GRIDS = [
    ["code", "name"],
    ["341823", "泾县"],
    ["341823101", "茂林镇"],
    ["341823101201", "溪口村"],
    ["341823101202", "潘村"],
]
VILLAGE, NEXT = "341823101201", "341823101202"


def firm(credit=CREDIT, grid=VILLAGE, industry="危险化学品", name="靠山加油站", **more):
    return row_of(ENTERPRISES, 企业名称=name, 统一社会信用代码=credit, 行业=industry, 网格编码=grid, **more)


def led(boss="吴志强", phone="15400000004", **more):
    return firm(负责人=boss, 负责人手机号=phone, **more)


async def links(importing):
    rows = (
        select(Enterprise.name, Person.name, EnterprisePerson.duty)
        .join(EnterprisePerson, EnterprisePerson.enterprise_id == Enterprise.id)
        .join(Person, Person.id == EnterprisePerson.person_id)
        .order_by(Enterprise.id, EnterprisePerson.duty)
    )
    return await importing.store.read(lambda session: [tuple(row) for row in session.execute(rows)])


async def managed(importing, name):
    """The grids in which somebody is a manager today, and the ids of the enterprises."""
    query = select(Person.id).where(Person.name == name)
    actor = await importing.store.read(
        lambda session: load_actor(session, session.scalars(query).one(), now=importing.clock())
    )
    return (actor.grids([Role.MANAGER]), len(actor.enterprise_ids)) if actor else None


async def test_enterprise_is_added_with_its_managers(importing):
    row = led(安全管理员="方彩云", 安全管理员手机号="15400000158", 地址="公路旁12号", 经度="118.23", 纬度="30.52",
              标准化等级="二级", 职工人数="9")  # fmt: skip
    assert await importing.do(GRIDS, [ENTERPRISES, row])
    assert await links(importing) == [("靠山加油站", "吴志强", "principal"), ("靠山加油站", "方彩云", "safety")]
    assert await managed(importing, "吴志强") == await managed(importing, "方彩云") == ((VILLAGE,), 1)
    found = await importing.store.read(lambda session: session.scalars(select(Enterprise)).one())
    assert (found.industry, found.lat, found.standard, found.headcount) == ("hazchem", 30.52, "二级", 9)


async def test_second_import_changes_nothing(importing):
    table = [ENTERPRISES, led(职工人数="9"), firm(NEXT_CREDIT, name="溪口小学", industry="学校")]
    await importing.do(GRIDS, table)
    assert await importing.do(table)
    assert importing.counts(Kind.ENTERPRISES) == (0, 0, 2, 0)


async def test_empty_cells_take_nothing_away(importing):
    await importing.do(GRIDS, [ENTERPRISES, led(职工人数="9", 地址="公路旁")])
    assert await importing.do([ENTERPRISES, firm()])
    assert importing.counts(Kind.ENTERPRISES) == (0, 0, 1, 0)
    assert len(await links(importing)) == 1


async def test_changed_field_is_written(importing):
    await importing.do(GRIDS, [ENTERPRISES, led()])
    assert await importing.do([ENTERPRISES, led(职工人数="12")])
    assert importing.counts(Kind.ENTERPRISES) == (0, 1, 0, 0)
    assert await importing.store.read(lambda session: session.scalar(select(Enterprise.headcount))) == 12


async def test_one_person_for_both_duties_is_the_principal(importing):
    row = led(安全管理员="吴志强", 安全管理员手机号="15400000004")
    assert await importing.do(GRIDS, [ENTERPRISES, row])
    assert await links(importing) == [("靠山加油站", "吴志强", "principal")]
    assert await importing.do([ENTERPRISES, row])
    assert importing.counts(Kind.ENTERPRISES) == (0, 0, 1, 0)


async def test_new_principal_replaces_the_old_one(importing):
    await importing.do(GRIDS, [ENTERPRISES, led()])
    assert await importing.do([ENTERPRISES, led("何平", "15400000098")])
    assert importing.counts(Kind.ENTERPRISES) == (0, 1, 0, 0)
    assert await links(importing) == [("靠山加油站", "何平", "principal")]
    assert await managed(importing, "吴志强") is None
    assert await managed(importing, "何平") == ((VILLAGE,), 1)


async def test_principal_who_becomes_safety_officer_stays(importing):
    await importing.do(GRIDS, [ENTERPRISES, led()])
    row = led("何平", "15400000098", 安全管理员="吴志强", 安全管理员手机号="15400000004")
    assert await importing.do([ENTERPRISES, row])
    assert await links(importing) == [("靠山加油站", "何平", "principal"), ("靠山加油站", "吴志强", "safety")]
    assert await managed(importing, "吴志强") == ((VILLAGE,), 1)


async def test_managers_follow_an_enterprise_to_another_grid(importing):
    await importing.do(GRIDS, [ENTERPRISES, led()])
    assert await importing.do([ENTERPRISES, firm(grid=NEXT)])
    assert await managed(importing, "吴志强") == ((NEXT,), 1)


async def test_manager_of_two_enterprises_keeps_the_other(importing):
    school = led(credit=NEXT_CREDIT, name="溪口小学", industry="学校")
    await importing.do(GRIDS, [ENTERPRISES, led(), school])
    assert await importing.do([ENTERPRISES, led("何平", "15400000098")])
    assert await managed(importing, "吴志强") == ((VILLAGE,), 1)


async def test_manager_who_had_left_comes_back(importing):
    await importing.do(GRIDS, [ENTERPRISES, led()])
    await importing.do([ENTERPRISES, led("何平", "15400000098")])
    assert await importing.do([ENTERPRISES, led()])
    assert await managed(importing, "吴志强") == ((VILLAGE,), 1)
    assert await managed(importing, "何平") is None


async def test_known_person_keeps_unit_and_roles(importing):
    officer = row_of(PEOPLE, 姓名="吴志强", 手机号="15400000004", 单位="溪口村委", 角色="网格员", 网格编码=NEXT)
    assert await importing.do([ENTERPRISES, led()], [PEOPLE, officer], GRIDS)
    rows = select(Assignment.role, Assignment.grid_code, Person.unit).join(Person, Person.id == Assignment.person_id)
    found = await importing.store.read(lambda session: {tuple(row) for row in session.execute(rows)})
    assert found == {(Role.OFFICER, NEXT, "溪口村委"), (Role.MANAGER, VILLAGE, "溪口村委")}


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (firm(grid="341823999"), "网格编码", "没有编码为341823999"),
        (firm(industry="航天"), "行业", "没有「航天」"),
        (firm(industry="全部"), "行业", "一个具体行业"),
        (firm(CREDIT[:-1] + "9"), "统一社会信用代码", "校验位"),
        (firm(经度="118.2"), "纬度", "一起填"),
        (firm(经度="30.5", 纬度="118.2"), "经度", "填反"),
        (firm(负责人手机号="15400000077"), "负责人手机号", "还需要填姓名"),
        (led("吴强"), "负责人", "花名册里这个手机号是「吴志强」"),
        (led(credit=NEXT_CREDIT, 职工人数="3"), "统一社会信用代码", "与第2行重复，但内容不同"),
    ],
)
async def test_row_that_does_not_fit_is_named(importing, row, column, word):
    wu = row_of(PEOPLE, 姓名="吴志强", 手机号="15400000004", 角色="网格员", 网格编码=VILLAGE)
    assert not await importing.do(GRIDS, [PEOPLE, wu], [ENTERPRISES, led(credit=NEXT_CREDIT), row])
    found = [(title, reason) for number, title, reason in importing.wrong if number == 3]
    assert found[0][0] == column
    assert word in found[0][1]
    assert await links(importing) == []


async def test_manager_without_phone_is_pointed_out(importing):
    assert await importing.do(GRIDS, [ENTERPRISES, firm(负责人="吴志强")])
    assert importing.notes == ["没有手机号，「吴志强」未列入花名册。"]


async def test_known_phone_needs_no_name(importing):
    await importing.do(GRIDS, [ENTERPRISES, led()])
    assert await importing.do([ENTERPRISES, firm(负责人手机号="15400000004")])
    assert importing.counts(Kind.ENTERPRISES) == (0, 0, 1, 0)
