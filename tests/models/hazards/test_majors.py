"""Major hazards below the conversations: two at once, what the columns hold, who may see what is asked."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.errors import Forbidden, InvalidInput, NotFound, Stale
from models.hazards.access import access_hazard
from models.hazards.besides import BESIDES
from models.hazards.flow import State, edges
from models.hazards.majors import Listing, check_list, check_measure
from models.hazards.measures import Entry, read_entry
from models.hazards.tables import HazardListing, HazardMeasure, ListingLevel


@pytest.fixture
async def major(town):
    """A major hazard in 吴's hands."""
    hazard_id = await town.reports(level="major", days=30)
    await town.moves("wu", hazard_id, "accept")
    return hazard_id


async def lays(town, name, hazard_id, code, text):
    actor, item = await town.actor(name), town.rules.hazards.measure(code)

    def unit(session):
        hazard = access_hazard(session, actor, hazard_id)
        entry = read_entry(session, hazard, item, text, town.rules.hazards, now=town.clock())
        return check_measure(session, actor, hazard_id, code, entry, rules=town.rules, now=town.clock())

    return await town.store.write(unit)


async def test_six_people_at_once_lose_nothing(town, major):
    answers = {"action": "换线", "person": "吴志强", "money": "3万", "time": "30天", "safety": "断电", "plan": "已修订"}
    await asyncio.gather(*(lays(town, "wu", major, code, text) for code, text in answers.items()))
    rows = await town.store.read(lambda session: session.scalars(select(HazardMeasure)).all())
    assert {row.item for row in rows} == set(answers)
    told = "\n".join(await town.told("wu"))
    assert told.count("整改措施已逐项落实") == 0  # Who lays the last one down sees it.
    history = [event for event in await town.events(major) if event.action == "measures"]
    assert len(history) == 6
    assert {(event.from_state, event.to_state) for event in history} == {(State.RECTIFYING, State.RECTIFYING)}


async def test_same_answer_twice_is_one_row_of_the_history(town, major):
    for _time in range(2):
        await lays(town, "wu", major, "money", "3万")
    assert [event.note for event in await town.events(major) if event.action == "measures"] == ["资金（万元）：3万"]


async def test_item_that_left_the_rules_is_refused(town, major):
    actor, entry = await town.actor("wu"), Entry("有", "有", date(2026, 11, 23))
    with pytest.raises(InvalidInput, match="不在规则里"):
        await town.store.write(
            lambda s: check_measure(s, actor, major, "gone", entry, rules=town.rules, now=town.clock())
        )


async def test_two_listings_at_once_are_one(town, major):
    results = await asyncio.gather(*(town.lists(major, name) for name in ("zhou", "zheng")), return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Forbidden]
    rows = await town.store.read(lambda session: session.scalars(select(HazardListing)).all())
    assert len(rows) == 1


async def test_two_raise_at_once_and_one_is_told(town):
    hazard_id = await town.reports()
    raised = [town.moves(name, hazard_id, "raise", note="现场复核", days=30) for name in ("sun", "zhou")]
    late = [result for result in await asyncio.gather(*raised, return_exceptions=True) if isinstance(result, Stale)]
    assert len(late) == 1
    assert late[0].now_in.msgid == "重大隐患"


async def test_general_pass_does_not_close_what_has_been_raised(town):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=State.REVIEW)
    await town.moves("sun", hazard_id, "raise", note="现场复核")
    with pytest.raises(Stale):
        await town.moves("lin", hazard_id, "pass")
    assert (await town.moves("lin", hazard_id, "propose")).state is State.DELISTING


async def test_raised_hazard_gets_the_first_time_of_its_level(town):
    hazard_id = await town.reports()
    hazard = await town.moves("sun", hazard_id, "raise", note="现场复核")
    assert (hazard.level, hazard.deadline) == ("major", town.clock() + timedelta(days=30))


@pytest.mark.parametrize("fields", [{"unit": ""}, {"document": "号" * 65}, {"deadline": date(2026, 11, 22)}])
async def test_listing_that_does_not_fit_is_refused(town, major, fields):
    known = {"unit": "泾县应急管理局", "document": "12号", "deadline": date(2026, 12, 31), **fields}
    actor = await town.actor("zhou")
    with pytest.raises(InvalidInput):
        await town.store.write(
            lambda s: check_list(
                s, actor, major, Listing(ListingLevel.TOWN, **known), rules=town.rules, now=town.clock()
            )
        )


async def test_reopened_case_may_be_listed_again(town, major):
    await town.lists(major)
    await town.puts(major, state=State.DELISTING)
    await town.moves("zheng", major, "sign")
    await town.moves("zheng", major, "reopen", note="又脱落了")
    await town.lists(major, "zheng")
    rows = await town.store.read(lambda session: session.scalars(select(HazardListing)).all())
    assert [row.lifted_by for row in rows] == [town.ids["zheng"], None]


async def test_progress_of_a_case_of_others_is_not_found(town, major):
    await town.lists(major)
    with pytest.raises(NotFound):
        await town.moves("chen", major, "progress", note="已更换")


async def test_leader_is_asked_to_sign(town, major):
    await town.puts(major, state=State.REVIEW)
    await town.moves("lin", major, "propose")
    assert "林晓梅复查通过，请您签字销号。" in (await town.told("zheng"))[-1]


async def test_verified_tip_about_a_major_hazard_is_told_to_leaders(town, major):
    hazard_id = await town.reports(level="major", days=30)
    await town.puts(hazard_id, state=State.REPORTED)
    before = len(await town.told("zheng"))
    await town.moves("sun", hazard_id, "verify")
    assert [text for text in (await town.told("zheng"))[before:] if "新登记一条重大隐患" in text] != []


async def test_open_card_of_a_leader_changes_in_place(town, major):
    last = (await town.told("zheng"))[-1]
    assert "整改中" in last  # 吴 has accepted; the card came when it was registered.


def test_moves_of_major_hazards_stay_where_they_are():
    staying = {"measures", "progress", "list", "raise", "lower"}
    assert all(source is target for source, move, target in edges() if move.action in staying)
    assert staying <= BESIDES
