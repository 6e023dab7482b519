from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.audit import AuditRow
from models.enterprises.tables import Enterprise, Industry
from models.grids.tables import Grid
from models.imports.batch import read_batch
from models.imports.plan import plan_import
from models.imports.report import count_lines, remark_line
from models.imports.templates import Kind
from models.people.tables import Assignment, Person
from models.texts import Reader
from tests.spreadsheets import CREDIT, ENTERPRISES, PEOPLE, csv_file, row_of

GRIDS = [["code", "name"], ["341823", "泾县"], ["341823101", "茂林镇"], ["341823101201", "溪口村"]]
ROSTER = [PEOPLE, row_of(PEOPLE, 姓名="林晓梅", 手机号="15400000001", 角色="网格员", 网格编码="341823101201")]
FIRMS = [ENTERPRISES, row_of(ENTERPRISES, 企业名称="靠山加油站", 统一社会信用代码=CREDIT, 行业="危险化学品",
                             网格编码="341823101201", 负责人="吴志强", 负责人手机号="15400000004")]  # fmt: skip
TABLES = (Grid, Person, Assignment, Enterprise, Industry)


async def sizes(importing):
    def count(session):
        return [session.scalar(select(func.count()).select_from(table)) for table in TABLES]

    return await importing.store.read(count)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
async def test_order_of_the_files_does_not_matter(importing, order):
    tables = [GRIDS, ROSTER, FIRMS]
    assert await importing.do(*(tables[place] for place in order))
    assert await sizes(importing) == [3, 2, 2, 1, 17]


async def test_dry_run_writes_nothing(importing):
    await importing.plan(GRIDS, ROSTER, FIRMS)
    assert [importing.counts(kind) for kind in Kind] == [(3, 0, 0, 0), (1, 0, 0, 0), (1, 0, 0, 0)]
    assert await sizes(importing) == [0] * 5


async def test_one_wrong_row_keeps_everything_out(importing):
    wrong = [*ROSTER, row_of(PEOPLE, 姓名="何平", 手机号="1", 角色="网格员", 网格编码="341823")]
    assert not await importing.do(GRIDS, wrong, FIRMS)
    assert [importing.counts(kind) for kind in Kind] == [(3, 0, 0, 0), (1, 0, 0, 1), (1, 0, 0, 0)]
    assert await sizes(importing) == [0] * 5


async def test_what_is_wrong_comes_in_the_order_of_the_files(importing):
    people = [*ROSTER, ["", "", "", "", "", "", "", ""], row_of(PEOPLE, 姓名="何平", 角色="网格员", 网格编码="34")]
    firms = [ENTERPRISES, row_of(ENTERPRISES, 企业名称="站", 统一社会信用代码="1", 行业="燃气", 网格编码="341823")]
    await importing.plan(people, firms, GRIDS)
    places = [(remark.spot.file, remark.spot.row, remark.spot.column) for remark in importing.report.wrong]
    assert places == [("1.csv", 4, "手机号"), ("2.csv", 2, "统一社会信用代码")]


async def test_report_is_said_in_sentences(importing):
    await importing.plan(GRIDS, [*ROSTER, [*ROSTER[1][:1], "12", *ROSTER[1][2:]]])
    read = Reader().read
    assert [read(line) for line in count_lines(importing.report)] == [
        "网格：新增 3 行，变更 0 行，不变 0 行，有误 0 行。",
        "人员：新增 1 行，变更 0 行，不变 0 行，有误 1 行。",
    ]
    (wrong,) = importing.report.wrong
    assert read(remark_line(wrong)).startswith("2.csv、第3行、「手机号」列：")


async def test_phone_numbers_are_not_repeated_in_what_is_said(importing):
    rows = [ROSTER[1], ["何平", *ROSTER[1][1:]], ["何平", "15400000001x", *ROSTER[1][2:]], ROSTER[1]]
    await importing.plan(GRIDS, [PEOPLE, *rows], FIRMS)
    remarks = [*importing.report.wrong, *importing.report.notes]
    said = " ".join(Reader().read(remark_line(remark)) for remark in remarks)
    assert len(remarks) == 3
    assert "1540000" not in said


async def test_two_imports_at_once_do_not_meet(importing):
    assert await importing.do(GRIDS)
    await importing.plan(ROSTER)
    dry = importing.counts(Kind.PEOPLE)
    await importing.do(ROSTER)  # somebody else was faster
    assert await importing.do(ROSTER)
    assert (dry, importing.counts(Kind.PEOPLE)) == ((1, 0, 0, 0), (0, 0, 1, 0))


async def test_import_that_changes_something_is_audited(importing):
    await importing.do(GRIDS, ROSTER)
    await importing.do(GRIDS, ROSTER)
    rows = select(AuditRow.action, AuditRow.person_id, AuditRow.detail)
    ((action, person_id, detail),) = await importing.store.read(lambda session: session.execute(rows).all())
    assert (action, person_id) == ("imports:write", None)
    assert detail["people"] == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 0}


rows = st.lists(
    st.tuples(
        st.sampled_from(["林晓梅", "陈建国", ""]),
        st.sampled_from(["15400000001", "15400000002", "0563-5020000", "错"]),
        st.sampled_from(["网格员", "网格长、网格员", "行业监管员", "无此角色"]),
        st.sampled_from(["341823", "341823101", "341823101201", "341823999"]),
        st.sampled_from(["", "燃气", "燃气、矿山", "航天"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows)
async def test_counts_always_add_up_and_import_is_idempotent(importing, drawn):
    table = [PEOPLE, *(row_of(PEOPLE, 姓名=a, 手机号=b, 角色=c, 网格编码=d, 行业=e) for a, b, c, d, e in drawn)]
    await importing.do(GRIDS)
    written = await importing.do(table)
    assert sum(astuple(importing.report.counts[Kind.PEOPLE])) == len(drawn)
    assert written == (importing.wrong == [])
    if written:
        before = await sizes(importing)
        assert await importing.do(table)
        again = importing.report.counts[Kind.PEOPLE]
        assert sum(astuple(again)) == len(drawn)  # 重复 is counted apart
        assert (again.new, again.changed, again.wrong) == (0, 0, 0)
        assert await sizes(importing) == before


async def test_changes_stand_in_an_order_of_their_own(store, clock):
    """A database may give its rows in another order next time; what was confirmed has to be known again."""
    rows = [row_of(PEOPLE, 姓名=f"人{n}", 手机号=f"1540000000{n}", 角色="网格员", 网格编码="341823") for n in range(5)]
    plans = []
    for some in (rows, rows[::-1]):
        batch = read_batch([("表.csv", csv_file(["code", "name"], ["341823", "泾县"])),
                            ("人.csv", csv_file(PEOPLE, *some))])  # fmt: skip
        plans.append(await store.read(lambda session, batch=batch: plan_import(session, batch, now=clock())))
    assert plans[0].digest == plans[1].digest
