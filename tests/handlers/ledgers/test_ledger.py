"""The ledger: usual filters, words, pages, rows that open cards, and nothing of what is not theirs."""

import pytest
from sqlalchemy import event

from handlers.registry import Request
from handlers.router import route
from models.access import find_actor
from models.content import Incoming
from models.grids.tables import Grid, Level
from tests import photos
from tests.factories import VILLAGE
from tests.handlers.hazards.ways import report_fast


@pytest.fixture
async def full(county, lin, chen):
    """Ten at 靠山加油站 (one major), one in the next village; nothing of it on anybody's screen."""
    for number in range(9):
        await report_fast(lin, f"靠山加油站 灭火器压力不足 第{number}具")
    await report_fast(lin, "靠山加油站 卸油口静电接地线脱落 重大")
    await report_fast(chen, "奎峰村 路面塌陷")
    county.platform.screens.clear()
    return county


async def test_usual_filters_come_with_their_counts(full, zhou, chen):
    await zhou.sends("/ledger")
    zhou.sees("隐患台账，共11条")
    assert zhou.labels == ["未销号（11）", "重大（1）", "本月（11）", "全部（11）", "茂林镇"]
    await chen.sends("台账")
    chen.sees("隐患台账，共1条")
    assert chen.labels == ["未销号（1）", "本月（1）", "我的（1）", "全部（1）"]


async def test_example_names_a_place_of_the_own_scope(full, zhou, chen):
    await zhou.sends("/ledger")
    zhou.sees("例如：茂林镇 重大 逾期。")
    await chen.sends("/ledger")
    chen.sees("例如：奎峰村 重大 逾期。")


async def test_empty_scope_says_so(county, lin):
    await lin.sends("台账")
    lin.sees("您能看到的范围内还没有隐患。")


async def test_words_give_the_list_and_a_row_its_card(full, zhou):
    await zhou.sends("茂林镇 重大")
    zhou.sees(
        "隐患台账：1条\n条件：茂林镇、重大隐患\n1. YH20261123-0010 待接收 · 剩30天\n茂林镇·铜山村 靠山加油站：卸油口"
    )
    await zhou.taps("1. 0010")
    zhou.sees("整改责任人：吴志强")
    assert zhou.actions == 2
    assert len(zhou.screen) == 2


async def test_pages_of_eight_newest_first(full, zhou):
    await zhou.sends("全部隐患")
    rows = [label for label in zhou.labels if ". 00" in label]
    assert rows == [f"{index}. {12 - index:04}" for index in range(1, 9)]
    await zhou.taps("下一页")
    assert "第2/2页" in zhou.screen[-1].text
    assert [label for label in zhou.labels if ". 00" in label] == [f"{i}. {4 - i:04}" for i in range(1, 4)]
    await zhou.taps("上一页")
    assert "第1/2页" in zhou.screen[-1].text
    assert len(zhou.screen) == 1


async def test_each_filter_can_be_taken_away(full, zhou):
    await zhou.sends("铜山村 重大 本月")
    zhou.sees("隐患台账：1条")
    await zhou.taps("去掉：重大隐患")
    zhou.sees("隐患台账：10条，第1/2页\n条件：铜山村、本月")
    await zhou.taps("去掉：铜山村")
    zhou.sees("隐患台账：11条，第1/2页\n条件：本月")


async def test_most_urgent_first_where_time_is_asked_for(full, lin, zhou):
    full.clock.advance(days=8)
    await report_fast(lin, "靠山加油站 安全出口堵塞")
    await zhou.sends("逾期")
    zhou.sees("隐患台账：10条，第1/2页\n条件：逾期\n1. YH20261123-0001 待接收 · 已超期1天")


async def test_usual_filter_is_one_tap(full, zhou):
    await zhou.sends("台账")
    await zhou.taps("重大（1）")
    zhou.sees("条件：重大隐患")
    await zhou.sends("台账")
    await zhou.taps("茂林镇")
    zhou.sees("条件：茂林镇")


async def test_word_of_a_description_is_found(full, zhou):
    await zhou.sends("卸油口")
    zhou.sees("隐患台账：1条\n条件：“卸油口”")
    await zhou.sends("100%")
    zhou.sees("没有听懂这句话")


async def test_mistyped_name_offers_the_closest(full, zhou):
    await zhou.sends("茂林珍")
    zhou.sees("没有符合条件的隐患。")
    await zhou.taps("您是不是要找：茂林镇")
    zhou.sees("隐患台账：11条")


@pytest.mark.parametrize("text", ["你好", "谢谢", "辛苦了"])
async def test_chatter_is_no_search(full, zhou, text):
    await zhou.sends(text)
    zhou.sees("要上报隐患，请发现场照片并写明地点和问题")


@pytest.mark.parametrize("text", ["今天真不错", "🙂", "?!", "长" * 300])
async def test_message_that_is_no_search_gets_the_short_help(full, zhou, text):
    await zhou.sends(text)
    zhou.sees("没有听懂这句话")


async def test_neighbour_finds_and_counts_nothing_of_mine(full, chen):
    for text in ("靠山加油站", "靠山", "铜山村", "YH20261123", "重大", "灭火器", "全部隐患", "本月"):
        await chen.sends(text)
    assert "靠山加油站" not in "".join(message.text for message in chen.screen)
    for message in chen.screen:
        assert any(words in message.text for words in ("台账：1条", "台账：0条", "没有听懂", "不在您的网格范围内"))


async def test_manager_sees_the_own_enterprise_only(full, wu):
    await wu.sends("全部隐患")
    wu.sees("隐患台账：10条")
    await wu.sends("路面")
    wu.sees("没有听懂这句话")


@pytest.mark.parametrize(
    "data",
    [
        "ledger:1:p0", "ledger:1:x0", "ledger:2:p0", "ledger::p0", "ledger:new:nope", "ledger:new:g999", "ledger:1:x9",
        "ledger:1:r0.g341823101202", "ledger:1:q", "ledger:new:", "ledger:1 --:p1", "ledger:new:g341823101201",
    ],
)  # fmt: skip
async def test_buttons_of_others_and_made_up_ones_answer_alike(full, zhou, chen, data):
    await zhou.sends("铜山村")
    await chen.presses(data)
    (answer,) = chen.screen
    assert answer.text.startswith("没有找到")


async def test_page_beyond_the_end_is_the_last(full, zhou):
    await zhou.sends("全部隐患")
    await zhou.presses("ledger:1:p999999", zhou.screen[-1].id)
    assert "第2/2页" in zhou.screen[-1].text


async def test_page_takes_four_statements(full, zhou):
    await zhou.sends("铜山村 本月")
    statements = []
    engine = full.store.engine

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    def turn(session):
        actor = find_actor(session, "memory", "zhou", now=full.clock())
        press = Incoming("memory", "zhou", "e", kind="press", data="ledger:1:p1")
        event.listen(engine, "before_cursor_execute", count)
        try:
            return route(Request(session, press, actor, full.clock(), full.rules, full.registry))
        finally:
            event.remove(engine, "before_cursor_execute", count)

    card = await full.store.read(turn)
    assert "3. YH20261123-0001" not in str(card)
    assert len(statements) == 4


async def test_ledger_is_looked_up_in_the_middle_of_a_report(full, lin):
    await lin.sends(photos.jpeg())
    await lin.sends("台账")
    lin.sees("隐患台账，共10条")
    await lin.taps("靠山加油站")
    lin.sees("有什么问题？")


async def test_word_for_mine_gives_what_is_mine(full, zhou, chen):
    await chen.sends("我的")
    chen.sees("隐患台账：1条\n条件：我的")
    await zhou.sends("我的")
    zhou.sees("没有符合条件的隐患。")


async def test_people_and_last_digits_are_found(full, zhou, chen):
    for text, count in (("吴志强", 10), ("林晓梅", 10), ("陈建国", 1), ("0011", 1), ("消防", 9), ("用电", 1)):
        await zhou.sends(text)
        assert zhou.screen[-1].text.startswith(f"隐患台账：{count}条"), text
    await chen.sends("吴志强")
    chen.sees("没有听懂这句话")


async def test_word_of_a_village_and_a_station_finds_both(full, lin, zhou):
    await full.store.write(
        lambda session: session.add(Grid(code=f"{VILLAGE}-1", name="靠山村", level=Level.ZONE, parent_code=VILLAGE))
    )
    await report_fast(lin, "靠山村 山体有裂缝")
    await zhou.sends("靠山")
    zhou.sees("隐患台账：11条，第1/2页\n条件：“靠山”")
    await zhou.sends("靠山村")
    zhou.sees("隐患台账：1条\n条件：靠山村")


async def test_row_does_not_say_the_place_twice(full, lin, zhou):
    await report_fast(lin, "茂林镇铜山村 路面塌陷")
    await zhou.sends("0012")
    zhou.sees("茂林镇·铜山村：路面塌陷")


@pytest.mark.parametrize("said", ["奎峰村", "奎峰村 重大", "台账 奎峰村"])
async def test_place_of_others_is_said_to_be_theirs(full, lin, said):
    await lin.sends(said)
    assert lin.screen[-1].text == "奎峰村不在您的网格范围内。"


async def test_place_that_is_none_is_not_understood(full, lin):
    await lin.sends("无名村")
    lin.sees("没有听懂这句话")


@pytest.mark.parametrize("said", ["导出", "导出台账", "/export"])
async def test_export_says_who_does_it(full, lin, said):
    await lin.sends(said)
    lin.sees("台账导出由系统管理员在服务器上办理")
    await lin.taps("台账")
    lin.sees("隐患台账，共")
