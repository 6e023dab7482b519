"""Buttons that are older than the case, events that come twice, and rights that end in the middle of a conversation."""

import pytest
from sqlalchemy import delete, func, select

from models.hazards.flow import State
from models.hazards.tables import Hazard, HazardEvent
from models.outbox import OutboxRow
from models.people.tables import Assignment
from tests import factories
from tests.handlers.hazards.ways import report_fast

NUMBER = "YH20261123-0001"
# Where a case stands, who makes which move, and who presses the same button an hour later.
LATE = [
    (State.REPORTED, "sun", "verify", "zhou", "孙立新"),
    (State.ACCEPTED, "sun", "dispatch", "qian", "孙立新"),
    (State.ASSIGNED, "wu", "accept", "wu", "吴志强"),
    (State.EXTENSION, "zhou", "approve", "sun", "周敏"),
    (State.REVIEW, "sun", "propose", "lin", "孙立新"),
]


async def puts(county, **columns):
    await county.store.write(lambda session: session.query(Hazard).update(columns))


async def count(county, table=HazardEvent):
    return await county.store.read(lambda session: session.scalar(select(func.count(table.id))))


@pytest.mark.parametrize(("state", "first", "action", "second", "name"), LATE, ids=[row[2] for row in LATE])
async def test_old_button_says_who_and_when_and_the_card_is_renewed(
    county, lin, clock, state, first, action, second, name
):
    await report_fast(lin)
    await puts(county, state=state, reporter_id=county.ids["zheng"])
    late = county.phone(second)
    late.clears()
    await late.sends(NUMBER)
    card = late.sees(f"{NUMBER} {state.label}")
    clock.advance(hours=1)
    await county.phone(first).presses(f"hazard:1:{action}")
    clock.advance(hours=1)
    events = await count(county)
    await late.presses(f"hazard:1:{action}", card.id)
    late.sees(f"{name}已于2026年11月23日 10:00处理，现在是「")
    assert f"{NUMBER} {state.label}" not in late.describe()
    assert f"hazard:1:{action}" not in [data for message in late.screen for _label, data in message.buttons]
    assert await count(county) == events


async def test_press_that_arrives_twice_moves_once_and_is_answered_once(county, lin, wu):
    await report_fast(lin)
    press = wu.press("hazard:1:accept", wu.screen[-1].id)
    await county.happens(press, press)
    events, answers = await count(county), await count(county, OutboxRow)
    await county.happens(press)
    assert (await count(county), await count(county, OutboxRow)) == (events, answers)
    wu.sees_nothing_of("已于")
    assert len([line for line in lin.screen if "开始整改" in line.text]) == 1


async def test_right_that_ends_in_the_middle_of_a_conversation_moves_nothing(county, lin, sun):
    await report_fast(lin)
    await puts(county, state=State.REPORTED)
    await sun.presses("hazard:1:dismiss")
    sun.sees("为什么不属实")
    head = delete(Assignment).where(Assignment.person_id == county.ids["sun"])
    still = {
        "person_id": county.ids["sun"],
        "role": factories.Role.STOREKEEPER,
        "grid_code": factories.TOWN,
        "industry": "",
    }

    def now_keeps_the_store(session):
        session.execute(head)
        session.add(Assignment(**still))

    await county.store.write(now_keeps_the_store)
    events = await count(county)
    await sun.sends("现场查看接地线完好")
    sun.sees("没有找到")
    assert await count(county) == events
    hazard = await county.store.read(lambda session: session.get_one(Hazard, 1))
    assert hazard.state is State.REPORTED
