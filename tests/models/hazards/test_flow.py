"""Every edge of the loop: who is entitled makes it, nobody makes it from elsewhere, nobody else makes it."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from handlers import build_registry
from models.enterprises.tables import EnterprisePerson
from models.errors import DomainError, Forbidden, InvalidInput, NotFound, Stale
from models.hazards.flow import FINAL, MOVES, OPEN, Side, State, diagram, edges, find_move, moves_from
from models.hazards.tables import HazardEvent, HazardMeasure, HazardOwner
from models.people.tables import Role
from tests import factories
from tests.models.hazards.conftest import PHOTO, RULES

PEOPLE = {
    Role.GRID_HEAD: "sun", Role.SUPERVISOR: "zhou", Role.INSPECTOR: "fang", Role.DISPATCHER: "ding",
    Role.LEADER: "zheng", Role.ADMIN: "qian", Role.MANAGER: "wu", Role.OFFICER: "lin",
}  # fmt: skip
BESIDES_REVIEW = {"fail", "visit", "suspend", "add", "list", "raise", "lower"}
EDGES = [pytest.param(*edge, id=f"{edge[0]}-{edge[1].action}-{edge[2]}") for edge in edges()]


def whoever_may(move):
    """One of the cast who may make a move; the reporter, 林, comes last."""
    roles = [PEOPLE[role] for role in PEOPLE if role in move.roles]
    if Side.RECTIFIER in move.sides:
        return "wu"
    return roles[0] if roles else "lin"


async def stand(town, source, move, target=None):
    """A hazard that stands where a move begins, with all that the move's guards want."""
    level = "major" if move.level == "major" else "general"
    hazard_id = await town.reports(level=level, days=30)
    before = target if move.back else None
    await town.puts(hazard_id, state=source, state_before=before)
    if "listed" in move.guards:
        await town.lists(hazard_id)
    return hazard_id


async def add_colleague(town):
    """魏红 answers for 靠山加油站 as well."""

    def unit(session):
        wei = factories.add_person(session, "魏红", "19900000051", (Role.MANAGER, factories.VILLAGE), now=town.clock())
        session.add(EnterprisePerson(enterprise_id=town.ids["station"], person_id=wei, duty="safety"))
        return wei

    return await town.store.write(unit)


async def evidence(town, move):
    """What a move asks for."""
    asked = {"note": "说明", "photos": ("b" * 64,) * move.min_photos}
    if "original" in move.asks:
        asked["original"] = await town.reports(description="加油机旁堆着纸箱")
    if "owners" in move.asks:
        asked["people"] = (town.ids["sun"],)
    if "colleague" in move.asks:
        asked["people"] = (await add_colleague(town),)
    return asked


@pytest.mark.parametrize(("source", "move", "target"), EDGES)
async def test_edge_is_made_by_whoever_may(town, source, move, target):
    hazard_id = await stand(town, source, move, target)
    person = whoever_may(move)
    hazard = await town.moves(person, hazard_id, move.action, **await evidence(town, move))
    event = next(event for event in await town.events(hazard_id) if event.action == move.action and event.person_id)
    assert event.person_id == town.ids[person]
    assert (event.from_state, event.to_state) == (source, target)
    if not move.then:
        assert hazard.state is target


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.action)
async def test_move_is_closed_to_the_next_village(town, move):
    source = min(move.sources)
    hazard_id = await stand(town, source, move, State.ASSIGNED)
    with pytest.raises(NotFound):
        await town.moves("chen", hazard_id, move.action, **await evidence(town, move))
    assert (await town.hazard(hazard_id)).state is source


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.action)
async def test_move_from_elsewhere_says_where_it_stands(town, move):
    hazard_id = await stand(town, State.REVIEW, move)
    asked = await evidence(town, move)
    for elsewhere in sorted(set(State) - move.sources):
        await town.puts(hazard_id, state=elsewhere)
        with pytest.raises(Stale) as late:
            await town.moves(whoever_may(move), hazard_id, move.action, **asked)
        assert late.value.now_in.msgid == elsewhere.label


def test_move_that_asks_has_its_conversation():
    flows = build_registry().flows
    conversations = {name.removeprefix("hazard-") for name in flows if name.startswith("hazard-")} - {"report"}
    assert conversations == {move.action for move in MOVES if move.asks}


@pytest.mark.parametrize("action", ["submit", "fix"])
async def test_rectification_without_photo_is_refused(town, action):
    move = find_move(action)
    hazard_id = await stand(town, min(move.sources), move)
    with pytest.raises(InvalidInput, match="照片"):
        await town.moves(whoever_may(move), hazard_id, action, note="已接好")


async def test_return_without_reason_is_refused(town):
    hazard_id = await town.reports()
    with pytest.raises(InvalidInput, match="说明"):
        await town.moves("wu", hazard_id, "return", note="  ")


async def test_reporter_does_not_verify_the_own_finding(town):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=State.REPORTED)
    with pytest.raises(Forbidden):
        await town.moves("lin", hazard_id, "verify")


async def test_nobody_passes_the_own_rectification(town):
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    await town.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))

    def also_an_officer(session):
        event = session.query(HazardEvent).filter_by(hazard_id=hazard_id, action="submit").one()
        event.person_id = town.ids["sun"]

    await town.store.write(also_an_officer)
    with pytest.raises(Forbidden, match="不能是同一个人"):
        await town.moves("sun", hazard_id, "pass")
    assert (await town.moves("lin", hazard_id, "pass")).state is State.CLOSED


async def test_major_hazard_leaves_only_with_all_items(town):
    hazard_id = await town.reports(level="major", days=30)
    await town.moves("wu", hazard_id, "accept")
    with pytest.raises(InvalidInput, match="重大隐患要先填好"):
        await town.moves("wu", hazard_id, "submit", note="已接好", photos=(PHOTO,))

    def fill(session):
        for item in RULES.hazards.measures:
            row = {"hazard_id": hazard_id, "item": item.code, "text": "有", "by_id": town.ids["wu"]}
            session.add(HazardMeasure(**row, at=town.clock()))

    await town.store.write(fill)
    assert (await town.moves("wu", hazard_id, "submit", note="已接好", photos=(PHOTO,))).state is State.REVIEW
    assert (await town.moves("lin", hazard_id, "propose")).state is State.DELISTING
    with pytest.raises(Stale):
        await town.moves("lin", hazard_id, "propose")
    assert (await town.moves("zheng", hazard_id, "sign")).closed_at == town.clock()


async def test_second_return_leaves_the_decision_to_the_office(town):
    hazard_id = await town.reports()
    for _time in range(2):
        await town.moves("wu", hazard_id, "return", note="不是我单位")
        if _time == 0:
            await town.moves("sun", hazard_id, "dispatch")
    with pytest.raises(Forbidden, match="退回两次"):
        await town.moves("sun", hazard_id, "dispatch")
    assert "退回了这条隐患" in (await town.told("ding"))[-1]


async def test_whole_loop_counts_rounds_and_keeps_every_step(town):
    hazard_id = await town.reports()
    steps = ["accept", "submit", "fail", "submit", "pass", "reopen"]
    for action in steps:
        move = find_move(action)
        await town.moves(whoever_may(move), hazard_id, action, **await evidence(town, move))
    hazard = await town.hazard(hazard_id)
    assert (hazard.state, hazard.round, hazard.closed_at) == (State.RECTIFYING, 3, None)
    assert [event.action for event in await town.events(hazard_id)] == ["report", "dispatch", *steps]


async def test_history_replays_to_the_stored_state(town):
    hazard_id = await town.reports()
    for action in ("accept", "extend", "approve", "suspend", "resume"):
        move = find_move(action)
        await town.moves(whoever_may(move), hazard_id, action, **await evidence(town, move))
    events = await town.events(hazard_id)
    assert all(one.to_state is other.from_state for one, other in pairwise(events))
    hazard = await town.hazard(hazard_id)
    assert events[-1].to_state is hazard.state is State.RECTIFYING
    assert (hazard.deadline, hazard.extensions) == (town.clock() + timedelta(days=7 + 7), 1)


async def test_unknown_move_and_unknown_hazard_are_one_answer(town):
    hazard_id = await town.reports()
    for ident, action in ((hazard_id, "explode"), (hazard_id + 1, "accept"), (10**12, "accept")):
        with pytest.raises(DomainError) as refused:
            await town.moves("wu", ident, action)
        assert refused.value.text == NotFound().text


def test_every_state_is_reached_and_left():
    reached = {target for _source, _move, target in edges()}
    left = {source for source, _move, _target in edges()}
    assert reached == set(State)
    assert left == set(State) - {State.MERGED}
    assert set(State) == OPEN | FINAL


def test_actions_and_sentences_are_sound():
    assert len({move.action for move in MOVES}) == len(MOVES)
    for move in MOVES:
        assert move.roles or move.sides
        assert not move.then or find_move(move.then)
        assert all(hasattr(RULES.hazards, key) for key in [move.deadline] if key)


def test_general_and_major_have_their_own_way_out_of_review():
    ways = {
        kind: {move.action for move in moves_from(State.REVIEW, is_major=kind)} - BESIDES_REVIEW
        for kind in (False, True)
    }
    assert ways == {False: {"pass"}, True: {"propose"}}


def test_diagram_in_the_docs_is_the_table():
    docs = (Path(__file__).parents[3] / "docs/hazards.md").read_text("utf-8")
    assert f"```mermaid\n{diagram()}```" in docs


async def test_owner_of_another_side_may_not_accept(town):
    hazard_id = await town.reports()
    sides = await town.store.read(
        lambda session: {row.side for row in session.query(HazardOwner).filter_by(person_id=town.ids["sun"])}
    )
    assert sides == {Side.GRID}
    with pytest.raises(NotFound):
        await town.moves("sun", hazard_id, "accept")
