"""导出档案: asked for by a tap or a word, made beside the chat, for nobody who may not see the case."""

import pytest
from sqlalchemy import select

from models.audit import AuditRow
from models.hazards.tables import Hazard
from models.papers.jobs import MOST
from models.papers.tables import Paper, PaperState
from scheduler.jobs import JOBS
from scheduler.papers import make_papers
from tests.factories import NEXT_VILLAGE, Assignment
from tests.handlers.hazards.ways import report_fast

NUMBER = "YH20261123-0001"
FILE = f"隐患治理档案_{NUMBER}.pdf"
WAITING = "正在整理，马上发给您。"


async def rows(county, *columns):
    return await county.store.read(lambda session: session.execute(select(*columns)).all())


def test_job_is_in_the_table():
    assert make_papers in {job.run for job in JOBS}


async def test_card_brings_the_papers_with_one_tap(county):
    lin, zhou = county.phone("lin"), county.phone("zhou")
    await report_fast(lin)
    await zhou.sends(NUMBER)
    await zhou.taps("导出档案")
    zhou.sees(WAITING)
    await county.papers()
    zhou.sees_nothing_of(WAITING)
    assert zhou.sees(f"隐患治理档案 {NUMBER}").files == (FILE,)
    ((sha,),) = await rows(county, Paper.sha)
    assert (await county.media.read(sha, "original")).startswith(b"%PDF-")
    audit = [
        row for row in await rows(county, AuditRow.action, AuditRow.person_id, AuditRow.subject) if "case" in row[0]
    ]
    assert audit == [("papers:case", county.ids["zhou"], "hazard:1")]


@pytest.mark.parametrize(
    "said",
    [
        f"/case {NUMBER}",
        f"/case {NUMBER.lower()}",
        f"档案 {NUMBER}",
        f"案卷{NUMBER}",
        f"{NUMBER} 档案",
        f"导出档案：{NUMBER}",
    ],
)
async def test_words_ask_for_papers(county, said):
    lin = county.phone("lin")
    await report_fast(lin)
    await lin.sends(said)
    await county.papers()
    assert lin.screen[-1].files == (FILE,), lin.describe()


@pytest.mark.parametrize("said", ["/case", "档案", "/case 靠山加油站"])
async def test_without_a_number_it_is_said_how(county, said):
    lin = county.phone("lin")
    await lin.sends(said)
    lin.sees("请打开隐患卡片点「导出档案」")
    assert await rows(county, Paper.id) == []


async def test_foreign_case_answers_like_none(county):
    lin, chen = county.phone("lin"), county.phone("chen")
    await report_fast(lin)
    for data in ("case:1:make", "case:2:make", "case:1:explode", "case::make", "case:１:make", "case"):
        await chen.presses(data)
    await chen.sends(f"档案 {NUMBER}")
    await chen.sends("/case YH20261123-0009")
    assert {message.text.partition("，")[0] for message in chen.screen} == {"没有找到"}
    assert await rows(county, Paper.id) == []


async def test_asked_twice_it_comes_once(county):
    lin = county.phone("lin")
    await report_fast(lin)
    for _time in range(3):
        await lin.presses("case:1:make")
    await county.papers()
    await county.papers()
    assert [message.files for message in lin.screen if message.files] == [(FILE,)]


async def test_nobody_waits_for_more_than_a_few(county):
    lin = county.phone("lin")
    await report_fast(lin)

    def unit(session):
        plain = {"person_id": county.ids["lin"], "platform": "memory", "chat": "other", "hazard_id": 1}
        moments = {"asked_at": county.clock(), "not_before": county.clock()}
        session.add_all(Paper(state=PaperState.ASKED, **plain, **moments) for _number in range(MOST))

    await county.store.write(unit)
    await lin.sends(f"/case {NUMBER}")
    lin.sees("您还有5份档案正在整理")


async def test_who_may_no_longer_see_it_gets_nothing(county):
    lin, zheng = county.phone("lin"), county.phone("zheng")
    await report_fast(lin)
    await zheng.sends(f"/case {NUMBER}")

    def moves_away(session):
        session.query(Assignment).filter_by(person_id=county.ids["zheng"]).update({"grid_code": NEXT_VILLAGE})

    await county.store.write(moves_away)
    await county.papers()
    zheng.sees("没有找到")
    assert not any(message.files for message in zheng.screen)
    assert await rows(county, Paper.state) == [(PaperState.REFUSED,)]


async def test_fault_is_tried_again_and_then_said(county, monkeypatch):
    lin = county.phone("lin")
    await report_fast(lin)
    await lin.sends(f"/case {NUMBER}")

    async def broken(_case):
        raise RuntimeError("OSError: cannot open resource")

    monkeypatch.setattr(county.media, "draw_case", broken)
    for _time in range(3):
        lin.sees(WAITING)
        await county.papers()
        county.clock.advance(minutes=2)
    lin.sees("档案没有生成，请稍后再试")
    assert await rows(county, Paper.state) == [(PaperState.FAILED,)]


async def test_what_people_wrote_is_no_markup_and_no_crash(county):
    lin = county.phone("lin")
    await report_fast(lin, "靠山加油站 卸油口**静电**接地线脱落👨‍👩‍👧\u202e{nb}<b> 重大")
    await county.store.write(lambda session: session.query(Hazard).update({"remark": "𠮷\x07" + "长" * 6000}))
    await lin.sends(f"/case {NUMBER}")
    await county.papers()
    assert lin.screen[-1].files == (FILE,)
