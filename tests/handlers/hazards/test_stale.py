"""An old card: its button says in one sentence what has changed since, who and when, and the card refreshes.

One case per edge of the loop: somebody has an old card, a colleague moves on, the old button is pressed.
"""

import pytest
from sqlalchemy import delete, select, update

from models.access import load_actor
from models.hazards.evidence import Evidence
from models.hazards.flow import Side, edges
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardEvent
from models.people.tables import Role
from tests import factories
from tests.factories import COUNTY, TOWN, VILLAGE

NUMBER = "YH20261123-0001"
# Two of each: one makes the move, the other has the old card. The first of the roles that may make it is taken.
TWINS = {
    Role.MANAGER: VILLAGE, Role.GRID_HEAD: TOWN, Role.SUPERVISOR: COUNTY, Role.INSPECTOR: COUNTY,
    Role.DISPATCHER: COUNTY, Role.LEADER: COUNTY, Role.ADMIN: COUNTY, Role.OFFICER: VILLAGE,
}  # fmt: skip
# Where a move can be made once more from where it led (改派), the old button does just that.
EDGES = [
    pytest.param(*edge, id=f"{edge[0]}-{edge[1].action}-{edge[2]}")
    for edge in edges()
    if edge[2] not in edge[1].sources
]


@pytest.fixture
async def twins(county):
    """Two people of each role that moves anything, at their phones."""

    def unit(session):
        for number, (role, grid) in enumerate(TWINS.items()):
            for twin in (1, 2):
                name, phone = f"{role.label}{'甲乙'[twin - 1]}", f"1990000{twin}1{number:02}"
                chat = f"{role.value}{twin}"
                ident = factories.add_person(session, name, phone, (role, grid), chat=chat, now=county.clock())
                county.ids[chat] = ident
                if role is Role.MANAGER:
                    session.add(
                        factories.EnterprisePerson(enterprise_id=county.ids["station"], person_id=ident, duty="safety")
                    )

    await county.store.write(unit)


def role_of(move):
    if Role.MANAGER in move.roles or Side.RECTIFIER in move.sides:
        return Role.MANAGER
    return next(role for role in TWINS if role in move.roles)


async def stand(county, source, move, target):
    """A hazard that stands where the move begins; nobody else has been told of it."""

    def unit(session):
        now = county.clock()
        actor = load_actor(session, county.ids["lin"], now=now)
        level, days = ("major", 30) if move.level == "major" else ("general", 7)
        spot = Spot(VILLAGE, "", enterprise_id=county.ids["station"])
        report = Report(spot, "卸油口静电接地线脱落", "electricity", level, days)
        hazard = check_register(session, actor, report, rules=county.rules, now=now).hazard
        before = target if move.back else None
        session.execute(update(Hazard).values(state=source, state_before=before))
        session.execute(delete(HazardEvent).where(HazardEvent.action != "report"))
        return hazard.id

    return await county.store.write(unit)


async def moves(county, chat, hazard_id, move):
    """A colleague makes the move, an hour later."""
    county.clock.advance(hours=1)

    def unit(session):
        now = county.clock()
        actor = load_actor(session, county.ids[chat], now=now)
        asked = {"note": "说明", "photos": ("b" * 64,) * move.min_photos}
        if "days" in move.asks:
            asked["days"] = 7
        if "owners" in move.asks:
            asked["people"] = (county.ids["manager2"],)
        if "original" in move.asks:
            spot = Spot(VILLAGE, "", enterprise_id=county.ids["station"])
            other = Report(spot, "加油机旁堆着纸箱", "fire_passage", "general", 7)
            reporter = load_actor(session, county.ids["lin"], now=now)
            asked["original"] = check_register(session, reporter, other, rules=county.rules, now=now).hazard.id
        evidence = Evidence(**asked)
        return check_move(session, actor, hazard_id, move.action, rules=county.rules, now=now, evidence=evidence).state

    state = await county.store.write(unit)
    await county.settle()
    return state


@pytest.mark.parametrize(("source", "move", "target"), EDGES)
async def test_old_button_says_who_moved_on_and_when(county, twins, source, move, target):
    role = role_of(move)
    hazard_id = await stand(county, source, move, target)
    late = county.phone(f"{role.value}2")
    await county.settle()
    late.clears()
    await late.sends(NUMBER)
    if move.rare:
        await late.taps("更多")
    old = late.screen[-1]
    button = f"hazard:{hazard_id}:{move.action}"
    assert button in [data for _label, data in old.buttons]
    state = await moves(county, f"{role.value}1", hazard_id, move)
    before = await count_events(county)
    await late.presses(button, old.id)
    told = late.sees("处理，现在是")
    assert f"{role.label}甲已于2026年11月23日 10:00处理，现在是「{state.label}」。" in told.text
    assert await count_events(county) == before
    cards = [message for message in late.screen if message.text.startswith(NUMBER) or f"\n{NUMBER}" in message.text]
    assert cards
    assert all(f"{NUMBER} {state.label}" in card.text for card in cards)
    assert all(button not in [data for _label, data in card.buttons] for card in cards)


async def count_events(county):
    return await county.store.read(lambda session: len(session.scalars(select(HazardEvent.id)).all()))
