"""What strangers hear of a case they reported: whenever it has come further, wherever it goes on, and never by name."""

import attrs
import pytest
from sqlalchemy import select

from models.hazards.flow import State, get_move
from models.hazards.hands import SYSTEM
from models.hazards.moves import Act, do_move
from models.hazards.outcomes import Progress, PublicReport, progress_of
from models.hazards.places import Spot
from models.hazards.public import check_public, find_progress
from models.hazards.tables import Hazard
from models.outbox import Lane, OutboxRow
from models.people.joining import Chat
from models.texts import Reader, load_line
from tests import factories

HE = Chat("memory", "he")
VILLAGE = Spot(factories.VILLAGE, "茂林镇·铜山村")


@pytest.fixture
async def tip(town):
    """The id of what 何 has reported in 铜山村."""
    town.rules = attrs.evolve(town.rules, public=attrs.evolve(town.rules.public, enabled=True))
    return await tips(town)


async def tips(town, chat=HE):
    report = town.finding(spot=VILLAGE)
    found = await town.store.write(
        lambda session: check_public(session, chat, report, lang="zh", rules=town.rules, now=town.clock())
    )
    return found.hazard.id


async def goes(town, hazard_id, action, **changes):
    """The move, whoever may make it."""

    def unit(session):
        hazard = session.get_one(Hazard, hazard_id)
        do_move(session, hazard, get_move(action), SYSTEM, rules=town.rules, now=town.clock(), act=Act(changes=changes))

    await town.store.write(unit)


async def heard(town, chat="he"):
    def read(session):
        rows = session.scalars(select(OutboxRow).where(OutboxRow.chat == chat).order_by(OutboxRow.id)).all()
        assert {(row.lane, row.person_id, row.subject) for row in rows} <= {(Lane.NOTICE, None, "")}
        return [Reader().read(load_line(row.card["lines"][0])).replace("您上报的YH20261123-", "") for row in rows]

    return await town.store.read(read)


async def test_way_of_a_case_is_told_in_few_sentences(town, tip):
    for action in ("verify", "accept", "submit", "pass", "reopen", "submit", "pass"):
        await goes(town, tip, action)
    assert await heard(town) == [
        "0001经核实，情况属实，正在处理。谢谢您！",
        "0001已办结，谢谢！",
        "0001还要进一步处理，办结后会告诉您。",
        "0001已办结，谢谢！",
    ]


async def test_unfounded_and_taken_up_again_is_told(town, tip):
    for action in ("dismiss", "uphold"):
        await goes(town, tip, action)
    assert await heard(town) == ["0001经核实，情况不属实。谢谢您的关心！", "0001正在重新核实。"]


async def test_suspended_case_is_as_far_as_it_was(town, tip):
    await goes(town, tip, "suspend")
    assert await town.store.read(lambda session: find_progress(session, HE, "YH20261123-0001")) is Progress.WAITING
    await goes(town, tip, "resume")
    assert await heard(town) == []


async def test_merged_tip_goes_on_in_the_other_case(town, tip):
    other = await tips(town, Chat("memory", "other"))
    await goes(town, tip, "merge", merged_into=other)
    assert await heard(town) == []
    assert await town.store.read(lambda session: find_progress(session, HE, "YH20261123-0001")) is Progress.WAITING
    await goes(town, other, "verify")
    assert await heard(town) == ["0001经核实，情况属实，正在处理。谢谢您！"]
    assert await heard(town, "other") == ["0002经核实，情况属实，正在处理。谢谢您！"]


async def test_tip_merged_into_a_case_at_work_is_told_that(town, tip):
    other = await town.reports()
    await goes(town, tip, "merge", merged_into=other)
    assert await heard(town) == ["0001经核实，情况属实，正在处理。谢谢您！"]


async def test_case_of_the_roster_has_no_row_here(town):
    await town.reports()
    assert await town.store.read(lambda session: session.scalars(select(PublicReport)).all()) == []


@pytest.mark.parametrize("state", list(State))
def test_every_state_says_something_to_strangers(state):
    assert progress_of(state).label
