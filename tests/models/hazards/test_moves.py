"""Moving a hazard: two at once, deputies, who is told, whose open card changes."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from models.enterprises.tables import EnterprisePerson
from models.errors import Forbidden, InvalidInput, NotFound, Stale
from models.hazards.cards import load_view, show_events, show_hazard
from models.hazards.deadlines import current_due, due_after
from models.hazards.flow import OPEN, State, find_move, time_in
from models.hazards.hands import Hand
from models.hazards.moves import check_move, do_move
from models.hazards.places import Spot
from models.hazards.tables import Hazard, HazardEvent
from models.outbox import OutboxRow
from models.people.tables import Assignment, Deputy, Role
from models.texts import Reader
from tests import factories
from tests.models.hazards.conftest import RULES


def title(error):
    return Reader().read(error.text)


async def another_manager(town):
    def unit(session):
        role = (Role.MANAGER, factories.VILLAGE)
        ident = factories.add_person(session, "赵强", "19900000031", role, chat="zhao", now=town.clock())
        session.add(EnterprisePerson(enterprise_id=town.ids["station"], person_id=ident, duty="safety"))
        return ident

    town.ids["zhao"] = await town.store.write(unit)


async def test_two_presses_at_once_make_one_move(town):
    await another_manager(town)
    hazard_id = await town.reports()
    results = await asyncio.gather(
        *(town.moves(name, hazard_id, "accept") for name in ("wu", "zhao")), return_exceptions=True
    )
    late = [result for result in results if isinstance(result, Stale)]
    assert len(late) == 1
    winner = next(event for event in await town.events(hazard_id) if event.action == "accept")
    name = {town.ids["wu"]: "吴志强", town.ids["zhao"]: "赵强"}[winner.person_id]
    assert title(late[0]).startswith(f"{name}已于2026年11月23日 09:00")
    assert "整改中" in title(late[0])


async def test_forty_presses_on_four_cards_make_four_moves(town):
    cards = [await town.reports() for _ in range(4)]
    presses = [town.moves("wu", card, "accept") for card in cards * 10]
    results = await asyncio.gather(*presses, return_exceptions=True)
    assert sum(not isinstance(result, Exception) for result in results) == 4
    assert all(isinstance(result, Stale) for result in results if isinstance(result, Exception))
    for card in cards:
        assert [event.action for event in await town.events(card)] == ["report", "dispatch", "accept"]


async def test_late_press_leaves_no_trace(town):
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    rows = select(OutboxRow.id)
    before = await town.store.read(lambda session: session.scalars(rows).all())
    with pytest.raises(Stale):
        await town.moves("wu", hazard_id, "accept")
    assert await town.store.read(lambda session: session.scalars(rows).all()) == before
    assert len(await town.events(hazard_id)) == 3


async def test_deputy_accepts_on_behalf_of_the_absent(town):
    hazard_id = await town.reports()
    today = town.clock().date()

    def stand_in(session):
        ids = {"person_id": town.ids["wu"], "deputy_id": town.ids["chen"]}
        session.add(Deputy(**ids, starts_on=today, ends_on=today + timedelta(days=3)))

    with pytest.raises(NotFound):
        await town.moves("chen", hazard_id, "accept")
    await town.store.write(stand_in)
    await town.moves("chen", hazard_id, "accept")
    event = (await town.events(hazard_id))[-1]
    assert (event.person_id, event.on_behalf_of) == (town.ids["chen"], town.ids["wu"])
    town.clock.advance(days=4)
    with pytest.raises(NotFound):
        await town.moves("chen", hazard_id, "accept")


async def test_acceptance_is_told_to_reporter_and_grid_head(town):
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    assert "吴志强已确认收到您上报的隐患，开始整改。" in (await town.told("lin"))[-1]
    assert "吴志强已确认收到整改通知，开始整改。" in (await town.told("sun"))[-1]


async def test_open_card_of_whoever_is_not_told_changes_in_place(town):
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    rows = select(OutboxRow.placing, OutboxRow.card_key, OutboxRow.subject).where(
        OutboxRow.person_id == town.ids["zhou"]
    )
    first, second = await town.store.read(lambda session: session.execute(rows.order_by(OutboxRow.id)).all())
    assert tuple(first) == ("move", f"hazard:{hazard_id}", f"hazard:{hazard_id}")
    assert tuple(second) == ("refresh", f"hazard:{hazard_id}", f"hazard:{hazard_id}")
    assert "整改中" in (await town.told("zhou"))[-1]


async def test_dispatch_by_hand_wants_somebody_to_dispatch_to(town):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=State.ACCEPTED, grid_code=factories.COUNTY, enterprise_id=None)
    offices = (Role.DISPATCHER, Role.DUTY, Role.ADMIN)
    actor = await town.actor("ding")

    def unit(session):
        session.execute(delete(Assignment).where(Assignment.role.in_(offices)))
        check_move(session, actor, hazard_id, "dispatch", rules=town.rules, now=town.clock())

    with pytest.raises(InvalidInput, match="没有可以派遣的责任人"):
        await town.store.write(unit)


async def buttons(town, name, hazard_id):
    """Everything but 导出档案, which everybody has."""
    actor = await town.actor(name)

    def unit(session):
        view = load_view(session, session.get_one(Hazard, hazard_id), now=town.clock())
        return show_hazard(session, view, actor, rules=town.rules, now=town.clock())

    card = await town.store.read(unit)
    found = [button.data for row in card.buttons for button in row]
    assert f"case:{hazard_id}:make" in found
    return [data for data in found if not data.startswith("case:")]


@pytest.mark.parametrize(
    ("state", "name", "actions"),
    [
        (State.ASSIGNED, "wu", ["accept", "submit", "extend", "object", "more"]),
        (State.ASSIGNED, "lin", ["fix", "more"]),
        (State.ASSIGNED, "ding", ["reassign", "more"]),
        (State.RECTIFYING, "wu", ["submit", "extend", "object", "more"]),
        (State.RECTIFYING, "lin", ["more"]),
        (State.REPORTED, "sun", ["verify", "dismiss", "merge", "more"]),
        (State.REPORTED, "lin", ["more"]),
        (State.DISMISSED, "lin", ["appeal"]),
        (State.DISMISSED, "sun", ["uphold"]),
        (State.ACCEPTED, "ding", ["dispatch", "reassign", "more"]),
        (State.EXTENSION, "zhou", ["approve", "refuse", "more"]),
        (State.REVIEW, "lin", ["pass", "fail", "visit", "more"]),
        (State.REVIEW, "wu", ["more"]),
        (State.SUSPENDED, "zheng", ["resume", "more"]),
        (State.CLOSED, "zheng", ["reopen"]),
        (State.CLOSED, "lin", []),
    ],
)
async def test_card_offers_what_this_person_may_do_now(town, state, name, actions):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=state)
    assert await buttons(town, name, hazard_id) == [f"hazard:{hazard_id}:{action}" for action in actions]


async def test_long_history_is_cut_and_can_be_opened(town):
    hazard_id = await town.reports()
    for number in range(6):
        row = {"hazard_id": hazard_id, "action": "accept", "from_state": None, "to_state": State.ASSIGNED}
        event = HazardEvent(**row, person_id=town.ids["wu"], role="", at=town.clock(), note=f"第{number}次", photos=[])
        await town.store.write(lambda session, event=event: session.add(event))
    assert (await buttons(town, "zhou", hazard_id)) == [f"hazard:{hazard_id}:more", f"hazard:{hazard_id}:events"]
    zhou = await town.actor("zhou")

    def history(session):
        view = load_view(session, session.get_one(Hazard, hazard_id), now=town.clock())
        return show_events(session, view, zhou, now=town.clock())

    shown = town.read(await town.store.read(history))
    assert "上报" in shown
    assert all(f"第{number}次" in shown for number in range(6))


@pytest.mark.parametrize("state", sorted(OPEN - {State.SUSPENDED, State.RECTIFYING}))
async def test_whoever_takes_a_suspended_hazard_up_again_has_the_whole_time(town, state):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=state, state_due=town.clock() + timedelta(hours=1))
    await town.moves("sun", hazard_id, "suspend", note="停产")
    town.clock.advance(days=7)
    hazard = await town.moves("sun", hazard_id, "resume")
    assert hazard.state is state
    assert hazard.state_due == due_after(RULES, time_in(state), now=town.clock())


async def test_major_hazard_does_not_wait_for_a_signature_for_ever(town):
    hazard_id = await town.reports(level="major", days=30)
    await town.puts(hazard_id, state=State.REVIEW)
    hazard = await town.moves("lin", hazard_id, "propose")
    assert current_due(hazard) == due_after(RULES, "sign_working_days", now=town.clock())


async def test_nobody_decides_on_the_own_request_for_more_time(town):
    street = Spot(factories.VILLAGE, "茂林镇·铜山村", text="路口")
    hazard_id = await town.reports(spot=street, category="fire_passage")
    await town.moves("sun", hazard_id, "accept")  # the grid head rectifies, and is one of those who approve
    later = (await town.moves("sun", hazard_id, "extend", note="等路灯", days=20)).deadline_asked
    for action in ("approve", "refuse"):
        with pytest.raises(Forbidden, match="自己申请的延期"):
            await town.moves("sun", hazard_id, action, note="同意")
    assert await buttons(town, "sun", hazard_id) == [f"hazard:{hazard_id}:more"]
    assert (await town.moves("zhou", hazard_id, "approve")).deadline == later


async def test_move_that_was_decided_on_an_older_state_is_late(town):
    """Reassigned twice, it stands in the same state; whoever had read it before that is not the faster one."""
    hazard_id = await town.reports()
    read = await town.hazard(hazard_id)
    town.clock.advance(minutes=1)
    await town.moves("ding", hazard_id, "reassign", people=(town.ids["sun"],))
    move = find_move("return")
    hand = Hand(town.ids["wu"], "吴志强", "manager")
    with pytest.raises(Stale):
        await town.store.write(
            lambda session: do_move(session, session.merge(read, load=False), move, hand, rules=RULES, now=town.clock())
        )
    assert (await town.hazard(hazard_id)).returned == 0
