"""The exported ledger: the form's columns, real dates, harmless cells, every row exactly once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select

from models.access import load_actor
from models.files import whole_file
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.records import HazardRecord, read_records
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard
from models.ledgers.export import COLUMNS, hazard_sheet
from models.rules import read_rules
from tests.factories import VILLAGE, cast

RULES = read_rules(Path(__file__).parents[3] / "rules.toml")
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

# Source: domain.md, section 5.
FORM = [
    "序号", "隐患编号", "乡镇", "村(社区)", "网格", "单位/点位", "行业", "发现时间", "发现方式", "发现人", "隐患描述",
    "类别", "等级", "整改责任单位", "整改责任人", "整改措施", "资金(万元)", "整改期限", "应急预案", "完成时间",
    "复查人", "复查时间", "复查结论", "销号时间", "状态", "逾期天数", "延期次数", "督办文号", "备注",
]  # fmt: skip


def report(session, people, who="lin", text="卸油口静电接地线脱落", **more):
    actor = load_actor(session, people[who], now=NOW)
    spot = more.pop("spot", None) or Spot(VILLAGE, "茂林镇·铜山村", people["station"], "靠山加油站")
    found = Report(spot, text, more.pop("category", "electricity"), more.pop("level", "general"), 7, **more)
    return check_register(session, actor, found, rules=RULES, now=NOW).hazard.id


def write(path, records, pages=1):
    size = max(1, -(-len(records) // pages))
    with hazard_sheet(path, zone=ZONE) as sheet:
        for start in range(0, len(records), size):
            sheet.add(records[start : start + size])
    return openpyxl.load_workbook(path)["隐患排查治理台账"]


def a_record(**values):
    blank = dict.fromkeys(HazardRecord.__dataclass_fields__, "")
    known = {
        "id": 1, "number": "YH20261123-0001", "found_at": NOW, "deadline": None, "completed_at": None,
        "reviewed_at": None, "closed_at": None, "overdue_days": 0, "extensions": 0,
    }  # fmt: skip
    return HazardRecord(**{**blank, **known, **values})


def column(title):
    return FORM.index(title) + 1


def test_columns_are_those_of_the_form(tmp_path):
    sheet = write(tmp_path / "x.xlsx", [])
    assert [cell.value for cell in sheet[2]] == FORM
    assert (len(COLUMNS), sheet.max_row) == (28, 2)


def test_title_stands_above_all_columns(tmp_path):
    sheet = write(tmp_path / "x.xlsx", [])
    assert sheet["A1"].value == "隐患排查治理台账"
    assert [str(cells) for cells in sheet.merged_cells.ranges] == ["A1:AC1"]


def test_every_column_can_be_filtered(tmp_path):
    assert write(tmp_path / "x.xlsx", [a_record(), a_record(id=2)]).auto_filter.ref == "A2:AC4"


def test_moments_have_no_fractions(tmp_path):
    found = NOW.replace(second=7, microsecond=123_456)
    sheet = write(tmp_path / "x.xlsx", [a_record(found_at=found)])
    assert sheet.cell(3, column("发现时间")).value.isoformat() == "2026-11-23T09:00:07"


def test_every_page_and_the_properties_name_the_head_of_the_audit(tmp_path):
    with hazard_sheet(tmp_path / "x.xlsx", zone=ZONE) as sheet:
        sheet.seal(7, "ab" * 32)
        sheet.add([a_record()])
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    words = f"审计记录7条，末条校验值{'ab' * 32}"
    assert words in str(book["隐患排查治理台账"].oddFooter.left.text)
    assert book.properties.description == words


def test_header_stays_in_sight(tmp_path):
    sheet = write(tmp_path / "x.xlsx", [a_record()])
    assert sheet.freeze_panes == "C3"
    assert sheet.column_dimensions["K"].width > 30


def test_dates_are_dates_of_the_county(tmp_path):
    late = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # already the 24th in the county
    sheet = write(tmp_path / "x.xlsx", [a_record(found_at=late, deadline=late + timedelta(days=7))])
    found, deadline = sheet.cell(3, column("发现时间")), sheet.cell(3, column("整改期限"))
    assert (found.value.isoformat(), found.number_format) == ("2026-11-24T01:30:00", "yyyy-mm-dd hh:mm")
    assert (deadline.value.date().isoformat(), deadline.number_format) == ("2026-12-01", "yyyy-mm-dd")


DANGEROUS = ["=1+1", '=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_never_becomes_a_formula(tmp_path, text):
    texts = dict.fromkeys(("place", "description", "remark", "finder", "measure", "plan", "money"), text)
    sheet = write(tmp_path / "x.xlsx", [a_record(**texts)])
    for title in ("单位/点位", "隐患描述", "备注", "发现人", "整改措施", "应急预案", "资金(万元)"):
        cell = sheet.cell(3, column(title))
        assert cell.data_type == "s"
        assert cell.value.replace("_x000D_", "\r") == text
        # Shown as text, and still text after somebody has typed Enter in the cell.
        assert cell.quotePrefix


@pytest.mark.parametrize("text", ["https://example.org/x", "www.example.org", "mailto:a@example.org", "file:///etc"])
def test_text_never_becomes_a_link(tmp_path, text):
    sheet = write(tmp_path / "x.xlsx", [a_record(description=text)])
    cell = sheet.cell(3, column("隐患描述"))
    assert (cell.value, cell.hyperlink) == (text, None)


def test_odd_text_is_kept(tmp_path):
    text = "塅里\x00\x0b\x1b 😀 " + "长" * 40_000
    sheet = write(tmp_path / "x.xlsx", [a_record(description=text)])
    value = sheet.cell(3, column("隐患描述")).value
    assert value.startswith("塅里")
    assert "😀" in value


def test_money_is_a_number_where_it_is_one(tmp_path):
    rows = [a_record(money="3.5"), a_record(money="约3万")]
    sheet = write(tmp_path / "x.xlsx", rows)
    money = column("资金(万元)")
    assert [sheet.cell(3, money).value, sheet.cell(4, money).value] == [3.5, "约3万"]


def test_pages_make_one_table(tmp_path):
    records = [a_record(id=n, number=f"YH20261123-{n:04}") for n in range(1, 26)]
    sheet = write(tmp_path / "x.xlsx", records, pages=7)
    assert [sheet.cell(row, 1).value for row in range(3, 28)] == list(range(1, 26))
    assert [sheet.cell(row, 2).value for row in range(3, 28)] == [record.number for record in records]


def test_failed_export_leaves_no_file(tmp_path):
    with pytest.raises(RuntimeError), whole_file(tmp_path / "x.xlsx") as part, hazard_sheet(part, zone=ZONE) as sheet:
        sheet.add([a_record()])
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


async def test_record_says_what_the_report_said(store):
    def unit(session):
        people = cast(session, NOW)
        report(session, people, remark="已拍照")
        return read_records(session, RULES, now=NOW, zone=ZONE)

    (found,) = await store.write(unit)
    assert (found.number, found.town, found.village, found.grid) == ("YH20261123-0001", "茂林镇", "铜山村", "铜山村")
    assert (found.place, found.finder, found.source) == ("靠山加油站", "林晓梅", "网格巡查")
    assert (found.unit, found.rectifiers) == ("靠山加油站", "吴志强")
    assert (found.category, found.level, found.state) == ("用电安全", "一般隐患", "待接收")
    assert (found.remark, found.overdue_days, found.completed_at) == ("已拍照", 0, None)


async def test_overdue_days_count_in_the_county(store):
    def unit(session):
        report(session, cast(session, NOW))
        after = [NOW + timedelta(days=days) for days in (0, 7, 8, 17)]
        return [read_records(session, RULES, now=now, zone=ZONE)[0].overdue_days for now in after]

    assert await store.write(unit) == [0, 0, 1, 10]


async def test_state_follows_the_case(store):
    def unit(session):
        people = cast(session, NOW)
        ident = report(session, people)
        wu = load_actor(session, people["wu"], now=NOW)
        check_move(session, wu, ident, "accept", rules=RULES, now=NOW)
        return read_records(session, RULES, now=NOW, zone=ZONE)[0].state

    assert await store.write(unit) == "整改中"


async def test_whoever_gave_a_tip_is_not_in_the_table(store):
    def unit(session):
        people = cast(session, NOW)
        ident = report(session, people)
        session.get_one(Hazard, ident).source = "tip"
        session.flush()
        session.expire_all()
        return read_records(session, RULES, now=NOW, zone=ZONE)[0]

    assert (await store.write(unit)).finder == ""


async def test_pages_hold_each_hazard_once(store):
    def unit(session):
        people = cast(session, NOW)
        idents = [report(session, people, text=f"第{n}处隐患") for n in range(7)]
        seen, after = [], 0
        while page := read_records(session, RULES, after=after, limit=3, now=NOW, zone=ZONE):
            seen += [record.id for record in page]
            after = page[-1].id
        return idents, seen, session.scalars(select(Hazard.id).order_by(Hazard.id)).all()

    idents, seen, stored = await store.write(unit)
    assert seen == idents == stored
