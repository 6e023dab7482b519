"""/audit: who did what, for the county's administrator alone, by name, number and days."""

import pytest

from tests import factories
from tests.handlers.hazards.ways import report_fast


@pytest.fixture
async def county(county):
    """Here 林 and 陈 have joined long ago."""

    def unit(session):
        for name in ("lin", "chen"):
            factories.bind(session, county.ids[name], name, now=county.clock())

    await county.store.write(unit)
    return county


async def test_newest_acts_come_first_with_name_and_number(lin, wu, qian):
    await report_fast(lin)
    await wu.taps("确认收到")
    await qian.sends("/audit")
    qian.sees(
        "操作记录：3条\n2026年11月23日 09:00 吴志强：确认收到（YH20261123-0001）\n"
        "2026年11月23日 09:00 系统：派遣（YH20261123-0001）\n2026年11月23日 09:00 林晓梅：上报（YH20261123-0001）"
    )


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("林晓梅", 3), ("吴志强", 0), ("YH20261123-0002", 3), ("林晓梅 yh20261123-0001", 1), ("今天", 5), ("昨天", 0),
        ("本月 林晓梅", 3),
    ],
)  # fmt: skip
async def test_words_choose_rows(lin, chen, qian, words, count):
    await report_fast(lin)
    await report_fast(lin, "铜山村 路面塌陷")
    await qian.sends(f"/audit {words}")
    qian.sees(f"操作记录：{count}条")


async def test_unknown_word_is_said_and_an_unknown_number_not_found(lin, qian):
    await report_fast(lin)
    await qian.sends("/audit 什么时候")
    qian.sees("没有看懂“什么时候”")
    await qian.sends("/audit YH20261123-0099")
    qian.sees("没有找到")


async def test_pages_of_eight_keep_what_was_asked(lin, qian):
    for number in range(9):
        await report_fast(lin, f"靠山加油站 灭火器压力不足 第{number}具")
    await qian.sends("/audit 林晓梅 本月")
    qian.sees("第1/3页")
    await qian.taps("下一页")
    await qian.taps("下一页")
    assert qian.sees("第3/3页").text.count("林晓梅：") == 1
    assert qian.labels == ["上一页"]


async def test_joining_and_inviting_are_told_by_name(county, qian, invited):
    second_phone = county.phone("lin2")
    await second_phone.opens_link(await invited("lin"))
    await second_phone.taps("是我")
    await qian.sends("操作记录")
    qian.sees("林晓梅：加入（林晓梅）\n")
    qian.sees("钱文静：发出邀请码（林晓梅）")


@pytest.mark.parametrize("data", ["audit:0:", "audit:x:", "audit:0:q", "audit:0:d99999999-20261123"])
async def test_nobody_else_reads_it_and_forged_buttons_find_nothing(county, lin, zhou, he, qian, data):
    for phone in (lin, zhou, he):
        await phone.sends("/audit")
        await phone.presses(data)
        phone.sees_nothing_of("操作记录")
    if data != "audit:0:":
        await qian.presses(data)
        qian.sees("没有找到")


async def test_administrator_of_a_town_does_not_read_the_countys(county):
    role = (factories.Role.ADMIN, factories.TOWN)
    person = {"chat": "town", "now": county.clock()}
    await county.store.write(lambda session: factories.add_person(session, "何立", "19900000051", role, **person))
    phone = county.phone("town")
    await phone.sends("/audit")
    phone.sees_nothing_of("操作记录")
