"""A step that is a doubt about the answers as a whole: raised last and anew, with a card and an end of its own."""

import pytest

from handlers.dialog import EDIT, Choice, Flow, Step, Taken, advance, begin
from handlers.drafts import field_lines, show_dialog
from models.content import Card, Picture, say
from models.drafts import Draft
from models.errors import NotFound
from models.texts import _
from tests.handlers.test_dialog import message, read, text_of

TAKEN = {"灭火器": "A1", "水泵": "B2"}  # What was ordered already, and under which number.


def guess(_request, known):
    number = TAKEN.get(known.get("what"))
    return {"like": number} if number and number not in known.get("seen", ()) else {"same": ""}


def read_same(_request, answers):
    return choose_same(_request, answers)[0].value


def choose_same(_request, answers):
    seen = [*answers.get("seen", ()), answers["like"]]
    return [
        Choice("合并", "join", Taken(answers["like"], submit=True), "primary"),
        Choice("另买", "anew", Taken(also={"seen": seen}, done=False)),
    ]


def show_same(_request, answers):
    return Card(title="已有订单", lines=(answers["like"],), pictures=(Picture(sha="a" * 64),))


FLOW = Flow(
    "buy", 1, _("采购"),
    (
        Step("what", _("物品"), _("买什么？"), text_of),
        Step(
            "same", _("重复"), _("重复"), read_same, choices=choose_same, card=show_same, check=_("请先看已有订单。")
        ),
    ),
    finish=lambda _request, answers: say(str(answers)),
    guess=guess,
)  # fmt: skip


def play(*steps):
    outcome = begin(FLOW, message(), {})
    for step in steps:
        action = step[1] if isinstance(step, tuple) else ""
        outcome = advance(FLOW, outcome.position, message("" if action else step), action)
    return outcome


def labels(outcome):
    draft = Draft(id=7, platform="memory", chat="lin", flow="buy", version=1)
    card = show_dialog(message(), FLOW, draft, outcome.position)
    return card, [[read(button.label) for button in row] for row in card.buttons]


def test_without_doubt_nothing_is_asked():
    outcome = play("扫把")
    assert (outcome.position.step, outcome.position.answers["same"]) == ("", "")
    assert [read(line) for line in field_lines(message(), FLOW, outcome.position)] == ["物品：扫把"]


def test_doubt_brings_its_own_card_and_offers_to_change_instead_of_going_back():
    outcome = play("灭火器")
    card, rows = labels(outcome)
    assert (outcome.position.step, card.title, card.lines, len(card.pictures)) == ("same", "已有订单", ("A1",), 1)
    assert rows == [["合并", "另买"], ["修改", "取消"]]
    assert card.buttons[0][0].style == "primary"


def test_choice_can_be_the_end():
    outcome = play("灭火器", ("press", "pick.same.join"))
    assert (outcome.verdict, outcome.position.answers["same"]) == ("submit", "A1")


def test_doubt_that_was_seen_is_not_raised_again_but_another_one_is():
    outcome = play("灭火器", ("press", "pick.same.anew"))
    assert (outcome.position.step, outcome.position.trail) == ("", ("what",))
    again = advance(FLOW, outcome.position, message(), "edit.what")
    assert advance(FLOW, again.position, message("灭火器")).position.step == ""
    assert advance(FLOW, again.position, message("水泵")).position.step == "same"


def test_submit_meets_the_doubt_with_a_sentence_of_its_own():
    outcome = play("灭火器", "提交")
    assert (outcome.verdict, read(outcome.hint)) == ("stay", "请先看已有订单。")


def test_doubt_that_came_up_since_the_summary_stops_the_submit(monkeypatch):
    outcome = play("扫把")
    monkeypatch.setitem(TAKEN, "扫把", "C3")
    assert advance(FLOW, outcome.position, message(), "submit").position.step == "same"


def test_doubt_that_went_away_is_gone_when_the_draft_is_taken_up_again(monkeypatch):
    outcome = play("灭火器")
    monkeypatch.delitem(TAKEN, "灭火器")
    assert advance(FLOW, outcome.position, message(), "resume").position.step == ""


def test_doubt_is_no_field_to_change():
    outcome = play("灭火器", "修改")
    assert outcome.position.step == EDIT
    assert labels(outcome)[1] == [["物品"], ["上一步", "取消"]]
    assert advance(FLOW, outcome.position, message(), "back").position.step == "same"
    with pytest.raises(NotFound):
        play("灭火器", ("press", "edit.same"))
