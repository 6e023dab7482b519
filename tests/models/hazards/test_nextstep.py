"""下一步: never at odds with the buttons, and it names who has the case now."""

from pathlib import Path

import pytest

from models.hazards.access import is_visible
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import FINAL, MOVES, OPEN, State
from models.hazards.nextstep import _PERSONAL, INSTEAD, LACKING, TURNS, show_next
from models.hazards.tables import Hazard, HazardMeasure, Source
from models.people.tables import Deputy
from models.rules import read_rules
from models.texts import Reader
from tests.factories import NEXT_VILLAGE, VILLAGE, Role, add_person

EVERYBODY = ["lin", "chen", "sun", "zhou", "wu", "zheng", "qian", "fang", "ding"]
STATES = [(state, level) for state in sorted(OPEN) for level in ("general", "major")]
STATES.remove((State.DELISTING, "general"))


async def cards(town, hazard_id):
    """The card of everybody who may see the hazard, by name: (the line 下一步, the buttons' actions by style)."""
    found = {}
    for name in EVERYBODY:
        actor = await town.actor(name)

        def unit(session, actor=actor):
            seen = session.query(Hazard).filter(Hazard.id == hazard_id, is_visible(actor)).first()
            if seen is None:
                return None
            view = load_view(session, seen, now=town.clock())
            return show_hazard(session, view, actor, rules=town.rules, now=town.clock())

        if card := await town.store.read(unit):
            lines = [line for line in town.read(card).split("\n") if line.startswith("下一步")]
            buttons = [button for row in card.buttons for button in row]
            found[name] = lines, [button.data.rpartition(":")[2] for button in buttons if button.style == "primary"]
    return found


async def line(town, name, hazard_id):
    [said] = (await cards(town, hazard_id))[name][0]
    return said


@pytest.mark.parametrize(("state", "level"), STATES)
async def test_line_never_disagrees_with_the_buttons(town, state, level):
    hazard_id = await town.reports(level=level, days=30)
    await town.puts(hazard_id, state=state, state_before=State.RECTIFYING if state is State.SUSPENDED else None)
    shown = await cards(town, hazard_id)
    assert len(shown) >= 6
    for name, (lines, primary) in shown.items():
        assert len(lines) == 1
        if primary:
            assert "请您" in lines[0], name
        if "请您" in lines[0] and "先填好" not in lines[0]:
            assert primary, name


@pytest.mark.parametrize("state", sorted(FINAL))
async def test_case_that_has_ended_has_no_next_step(town, state):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=state)
    assert {tuple(lines) for lines, _primary in (await cards(town, hazard_id)).values()} == {()}


def test_every_duty_has_its_sentences():
    assert {move.action for move in MOVES if move.duty} | set(INSTEAD.values()) == set(TURNS)
    guards = {guard for move in MOVES if move.duty for guard in move.guards}
    assert set(LACKING) | set(_PERSONAL) | {"not-bounced"} == guards
    for turn in TURNS.values():
        assert all("{left}" in timed and "{left}" not in untimed for timed, untimed in
                   [(turn.mine, turn.mine_untimed), (turn.theirs, turn.theirs_untimed)])  # fmt: skip
        assert "{who}" in turn.theirs
        assert "{who}" in turn.theirs_untimed


async def test_whoever_has_it_is_named_to_the_others(town):
    hazard_id = await town.reports()
    assert await line(town, "wu", hazard_id) == "下一步：请您点「确认收到」（剩1天），然后整改。"
    assert await line(town, "lin", hazard_id) == "下一步：吴志强确认收到（剩1天），然后整改。"
    await town.moves("wu", hazard_id, "accept")
    assert await line(town, "wu", hazard_id) == "下一步：请您整改，拍照后点「提交整改」（剩7天）。"
    await town.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))
    assert (await line(town, "wu", hazard_id)).startswith("下一步：林晓梅、孙立新、周敏复查（剩3天）")
    assert "请您复查，整改到位就点「通过销号」" in await line(town, "lin", hazard_id)
    town.clock.advance(days=30)
    assert "已超期" in await line(town, "lin", hazard_id)


async def test_whoever_rectified_reads_that_somebody_else_reviews(town):
    hazard_id = await town.reports()
    await town.moves("lin", hazard_id, "fix", note="当场接好", photos=("b" * 64,))
    said = await line(town, "lin", hazard_id)
    assert "请您" not in said
    assert "林晓梅" not in said
    assert "孙立新" in said


async def test_what_was_returned_twice_is_the_offices(town):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=State.ACCEPTED, returned=1)
    assert "请您点「派遣」" in await line(town, "sun", hazard_id)
    await town.puts(hazard_id, returned=2)
    assert (await line(town, "sun", hazard_id)).startswith("下一步：领导组办公室改派整改责任人")
    assert "请您改派" in await line(town, "ding", hazard_id)


async def test_major_hazard_wants_its_items_first(town):
    hazard_id = await town.reports(level="major", days=30)
    await town.moves("wu", hazard_id, "accept")
    assert "请您先填好" in await line(town, "wu", hazard_id)

    def fill(session):
        for item in read_rules(Path("rules.toml")).hazards.measures:
            row = {"hazard_id": hazard_id, "item": item.code, "text": "有", "by_id": town.ids["wu"]}
            session.add(HazardMeasure(**row, at=town.clock()))

    await town.store.write(fill)
    assert "拍照后点「提交整改」" in await line(town, "wu", hazard_id)


async def test_deputy_reads_that_it_is_the_deputys_turn(town):
    hazard_id = await town.reports()
    today = town.clock().date()
    row = {"person_id": town.ids["wu"], "deputy_id": town.ids["chen"], "starts_on": today, "ends_on": today}
    await town.store.write(lambda session: session.add(Deputy(**row)))
    assert "请您点「确认收到」" in await line(town, "chen", hazard_id)


async def test_of_many_the_first_and_their_number_are_named(town):
    def unit(session):
        roles = [(Role.OFFICER, VILLAGE), (Role.OFFICER, NEXT_VILLAGE)]
        for number, role in enumerate([roles[0], roles[0], roles[1]]):
            add_person(session, f"高{number}", f"1990000004{number}", role, now=town.clock())

    await town.store.write(unit)
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=State.REVIEW)
    assert "林晓梅等5人复查" in await line(town, "wu", hazard_id)


async def test_author_of_a_tip_is_not_named_to_those_it_is_about(town):
    hazard_id = await town.reports()
    wu = await town.actor("wu")

    def unit(session):
        hazard = session.get_one(Hazard, hazard_id)
        hazard.state, hazard.source, hazard.reporter_id = State.REVIEW, Source.TIP, town.ids["sun"]
        session.flush()
        view = load_view(session, hazard, now=town.clock())
        return Reader().read(show_next(session, view, wu, rules=town.rules, now=town.clock()))

    assert "孙立新" not in await town.store.write(unit)


async def test_suspended_case_says_until_when(town):
    hazard_id = await town.reports()
    await town.puts(hazard_id, state=State.SUSPENDED, state_before=State.ASSIGNED)
    assert await line(town, "wu", hazard_id) == "下一步：已挂起，等待恢复办理。"
    await town.puts(hazard_id, suspended_until=town.clock())
    assert await line(town, "wu", hazard_id) == "下一步：已挂起，到2026年11月23日恢复办理。"
