"""What ledger words mean, in any order, with or without blanks, in both languages."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.content import storable
from models.enterprises.industries import do_seed_industries
from models.hazards.flow import OPEN, RUNNING, State
from models.ledgers.words import STATES, preset_filter, read_words
from tests import factories
from tests.models.hazards.conftest import RULES, town

__all__ = ["town"]


@pytest.fixture
async def reads(town):
    """Read words as one of the cast: the filters as "kind:value", then the unknown words."""

    def seed(session):
        do_seed_industries(session)
        factories.add_enterprise(
            session, "奎峰超市", code="9134182300000001X", grid=factories.NEXT_VILLAGE, now=town.clock()
        )

    await town.store.write(seed)

    async def read(text, name="zhou"):
        actor = await town.actor(name)
        parsed = await town.store.read(lambda session: read_words(session, actor, text, RULES, now=town.clock()))
        return sorted(f"{item.kind}:{item.value}" for item in parsed.filters), parsed.unknown, parsed.is_asking

    return read


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("茂林镇 重大 逾期", ["due:overdue", "grid:341823101", "level:major"]),
        ("逾期 重大 茂林", ["due:overdue", "grid:341823101", "level:major"]),
        ("铜山村本月未销号", ["days:2026-11-01..2026-11-23", "grid:341823101201", "state:open"]),
        ("茂林镇的重大隐患", ["grid:341823101", "level:major"]),
        ("341823101202", ["grid:341823101202"]),
        ("奎峰村、铜山村", ["grid:341823101201", "grid:341823101202"]),
        ("待核实,待派遣,待接收,整改中", ["state:accepted", "state:assigned", "state:rectifying", "state:reported"]),
        ("待复查 已销号", ["state:closed", "state:review"]),
        ("未整改", ["state:running"]),
        ("一般", ["level:general"]),
        ("临期", ["due:soon"]),
        ("用电安全", ["trade:electricity/"]),
        ("燃气", ["trade:gas/gas"]),
        ("危险化学品", ["trade:dangerous_goods/hazchem"]),
        ("消防", ["trade:fire_passage,fire_equipment/fire/消防"]),
        ("用电", ["trade:electricity//用电"]),
        ("化学品", ["trade:dangerous_goods//化学品"]),
        ("0003", ["number:-0003"]),
        ("我的 今天", ["days:2026-11-23..2026-11-23", "mine:"]),
        ("昨天", ["days:2026-11-22..2026-11-22"]),
        ("上周", ["days:2026-11-16..2026-11-22"]),
        ("上月", ["days:2026-10-01..2026-10-31"]),
        ("近7天", ["days:2026-11-17..2026-11-23"]),
        ("2月", ["days:2026-02-01..2026-02-28"]),
        ("2025年12月", ["days:2025-12-01..2025-12-31"]),
        ("11月20日", ["days:2026-11-20..2026-11-20"]),
        ("YH20261123", ["number:YH20261123"]),
        ("yh20261123-00", ["number:YH20261123-00"]),
        ("overdue major this month", ["days:2026-11-01..2026-11-23", "due:overdue", "level:major"]),
        ("Mine last 7 days", ["days:2026-11-17..2026-11-23", "mine:"]),
        ("DUE SOON closed", ["due:soon", "state:closed"]),
        ("重大", ["level:major"]),
    ],
)  # fmt: skip
async def test_words_are_understood(reads, text, filters):
    assert await reads(text) == (filters, (), True)


async def test_enterprise_by_name_or_by_a_part_that_only_it_has(reads):
    for text in ("靠山加油站", "靠山", "加油站"):
        (filters, unknown, asks) = await reads(text)
        assert [item.partition(":")[0] for item in filters] == ["enterprise"]
        assert (unknown, asks) == ((), True)


async def test_unknown_words_are_searched_as_text(reads):
    assert await reads("铜山村 卸油口") == (["grid:341823101201"], ("卸油口",), True)
    assert await reads("你好") == ([], ("你好",), False)
    assert await reads("渗漏 堵塞 渗漏") == ([], ("渗漏", "堵塞"), False)


@pytest.mark.parametrize("text", ["", "  ", "的", "，。", "好"])
async def test_nothing_is_no_question(reads, text):
    assert await reads(text) == ([], (), False)


async def test_ledger_itself_is_a_question(reads):
    assert await reads("全部隐患") == ([], (), True)
    assert await reads("台账 逾期") == (["due:overdue"], (), True)


async def test_names_next_door_are_mere_words(reads):
    assert await reads("奎峰村", name="lin") == ([], ("奎峰村",), False)
    assert await reads("奎峰超市", name="lin") == ([], ("奎峰超市",), False)
    assert await reads("茂林镇", name="lin") == (["grid:341823101"], (), True)
    assert (await reads("奎峰超市", name="chen"))[2] is True


@pytest.mark.parametrize("text", ["13月", "2月30日", "近0天", "0月", "9999年12月", "9999年12月31日", "0001年1月"])
async def test_dates_that_no_calendar_has_do_no_harm(reads, text):
    filters, unknown, _asks = await reads(text)
    assert filters == (["days:2026-11-23..2026-11-23"] if text == "近0天" else [])
    assert unknown == (() if text == "近0天" else (text,))


def test_states_cover_the_loop():
    assert STATES["open"] == OPEN
    assert STATES["running"] == RUNNING
    assert {state for state in State if STATES[state.value] == {state}} == set(State)


@pytest.mark.parametrize("key", ["overdue", "soon", "open", "major", "month", "mine"])
def test_usual_filters_exist(key, clock):
    assert preset_filter(key, RULES, now=clock()) is not None


@pytest.mark.parametrize("key", ["", "state", "rectifying", "../x", "逾期"])
def test_made_up_filters_do_not_exist(key, clock):
    assert preset_filter(key, RULES, now=clock()) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60).map(storable))
async def test_any_text_is_read_without_harm(town_of_one, text):
    store, actor, now = town_of_one
    parsed = await store.read(lambda session: read_words(session, actor, text, RULES, now=now))
    assert all(len(word) > 1 for word in parsed.unknown)


@pytest.fixture
async def town_of_one(town):
    return town.store, await town.actor("zhou"), town.clock()
