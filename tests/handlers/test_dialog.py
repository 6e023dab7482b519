"""Dialogs as values: 上一步 跳过 修改 取消 提交 as words and as buttons, guesses, hints, what arrives besides."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.dialog import EDIT, Choice, Flow, Position, Step, Taken, advance, begin
from handlers.drafts import field_lines, show_dialog
from handlers.registry import Registry, Request
from models.content import Attachment, Incoming, say
from models.drafts import Draft
from models.errors import InvalidInput, NotFound
from models.rules import read_rules
from models.texts import Reader, _

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
RULES = read_rules(Path("rules.toml"))
SIZES = {"s": 1, "m": 5, "l": 50}


def text_of(request, _answers):
    if len(request.incoming.text) < 2:
        raise InvalidInput(_("至少写两个字。"))
    return request.incoming.text


def read_size(request, _answers):
    """A size by its letter; 中 and 大 are two sizes each, so the question stays open with what fits."""
    if request.incoming.text in SIZES:
        return SIZES[request.incoming.text]
    if request.incoming.text == "不小":
        return Taken(hint=_("哪一个？"), also={"fitting": ["m", "l"]}, done=False)
    if request.incoming.text == "巨大":
        return Taken(hint=_("那就大号。"), also={"fitting": ["l"]}, done=False)
    raise InvalidInput(_("请选大小。"))


def sizes(_request, answers):
    return [Choice(key.upper(), key, SIZES[key]) for key in answers.get("fitting", SIZES)]


def is_offered(_request, answers):
    return answers["size"] < 50 or "fitting" in answers


def guess(_request, known):
    fitting = known.get("fitting", [])
    found = {"price": len(known.get("what", "")) or None}
    return found | ({"size": SIZES[fitting[0]]} if len(fitting) == 1 else {})


def absorb(request, answers, _step):
    shas = [item.sha for item in request.incoming.photos]
    if not shas:
        return None
    every = [*answers.get("photos", ()), *shas]
    return Taken(hint=_("已收{count}张。", count=len(every)), also={"photos": every})


FLOW = Flow(
    "buy", 1, _("采购"),
    (
        Step("what", _("物品"), _("买什么？"), text_of),
        Step("size", _("大小"), _("多大？"), read_size, choices=sizes, still=is_offered),
        Step("note", _("备注"), _("还有吗？"), text_of, optional=True),
        Step("price", _("价钱"), _("多少钱？"), text_of, when=lambda answers: answers.get("size") != 1),
    ),
    finish=lambda _request, answers: say(str(answers)),
    guess=guess,
    absorb=absorb,
)  # fmt: skip


def message(text="", photos=0):
    attachments = tuple(Attachment("photo", "r", sha=f"{n}") for n in range(photos))
    incoming = Incoming("memory", "lin", "e", text=text, attachments=attachments)
    return Request(None, incoming, None, NOW, RULES, Registry())


def play(*steps, start=None):
    """Say each step (text, or ("press", action)) in turn; the last outcome."""
    outcome = begin(FLOW, message(), start or {})
    for step in steps:
        if isinstance(step, tuple):
            outcome = advance(FLOW, outcome.position, message(), step[1])
        else:
            outcome = advance(FLOW, outcome.position, step if isinstance(step, Request) else message(step))
    return outcome


def read(line):
    return Reader().read(line)


def test_questions_come_in_order_until_the_summary():
    assert play().position.step == "what"
    assert play("灭火器").position.step == "size"
    assert play("灭火器", "m").position.step == "note"
    outcome = play("灭火器", "m", "红色")
    assert (outcome.position.step, outcome.verdict) == ("", "stay")
    assert outcome.position.answers == {"what": "灭火器", "size": 5, "note": "红色", "price": 3}


@pytest.mark.parametrize(
    ("verb", "word"), [("back", "上一步"), ("skip", "跳过"), ("edit", "修改"), ("cancel", "取消"), ("submit", "提交")]
)
def test_words_and_buttons_do_the_same(verb, word):
    for before in ([], ["灭火器"], ["灭火器", "m"], ["灭火器", "m", "红色"]):
        assert play(*before, word) == play(*before, ("press", verb))


@pytest.mark.parametrize("word", ["back", "Skip", "EDIT", "/cancel", " 提交 ", "确认"])
def test_words_are_known_in_english_and_with_blanks(word):
    assert read(play(word).hint) != "至少写两个字。"


def test_wrong_input_keeps_the_draft_and_says_what_would_fit():
    outcome = play("灭火器", "特大")
    assert read(outcome.hint) == "请选大小。"
    assert outcome.position == play("灭火器").position


def test_back_asks_the_last_question_again_and_keeps_the_rest():
    outcome = play("灭火器", "m", "上一步")
    assert outcome.position.step == "size"
    assert outcome.position.answers["what"] == "灭火器"
    assert read(play("上一步").hint) == "已经是第一步了。"


def test_skip_is_for_optional_questions_only():
    assert read(play("跳过").hint) == "「物品」是必填项，不能跳过。"
    assert play("灭火器", "m", "跳过").position.answers["note"] == ""
    assert read(play("灭火器", "m", "跳过", "跳过").hint) == "现在没有可以跳过的问题。"


def test_edit_changes_one_field_and_returns_to_the_summary():
    outcome = play("灭火器", "m", "红色", "修改", ("press", "edit.what"), "水泵")
    assert (outcome.position.step, outcome.position.answers["what"]) == ("", "水泵")
    assert play("灭火器", "m", "红色", "修改", ("press", "edit.what"), "上一步").position.step == ""
    assert play("灭火器", "m", "红色", "修改", "上一步").position.step == ""
    assert play("灭火器", "m", "红色", "修改").position.step == EDIT


def test_submit_too_early_names_what_is_missing():
    outcome = play("灭火器", "提交")
    assert (read(outcome.hint), outcome.verdict) == ("还差一项：「大小」。", "stay")
    assert play("灭火器", "m", "跳过", "提交").verdict == "submit"


def test_cancel_is_possible_everywhere():
    for before in ([], ["灭火器"], ["灭火器", "m", "红色"], ["灭火器", "m", "红色", "修改"]):
        assert play(*before, "取消").verdict == "cancel"


def test_guess_is_marked_and_follows_what_it_was_guessed_from():
    outcome = play("灭火器", "m", "红色")
    assert outcome.position.guesses == {"price"}
    lines = [read(line) for line in field_lines(message(), FLOW, outcome.position)]
    assert lines[-1] == "价钱：3「推测」"
    changed = play("灭火器", "m", "红色", ("press", "edit.what"), "大型水泵")
    assert changed.position.answers["price"] == 4


def test_guess_that_was_confirmed_stays():
    outcome = play("灭火器", "m", "红色", ("press", "edit.price"), "三百", ("press", "edit.what"), "水泵")
    assert (outcome.position.answers["price"], outcome.position.guesses) == ("三百", frozenset())


def test_choice_is_an_answer_and_a_gone_choice_says_so():
    assert play("灭火器", ("press", "pick.size.m")).position.answers["size"] == 5
    outcome = play("灭火器", ("press", "pick.size.xxl"))
    assert (outcome.position.step, read(outcome.hint)) == ("size", "这个选项已经失效，请重新选择。")


@pytest.mark.parametrize("action", ["pick.colour.red", "edit.colour", "explode", "pick"])
def test_made_up_button_is_unknown(action):
    with pytest.raises(NotFound):
        play("灭火器", ("press", action))


def test_open_answer_keeps_the_question_and_narrows_the_choices():
    outcome = play("灭火器", "不小")
    assert (outcome.position.step, read(outcome.hint)) == ("size", "哪一个？")
    assert [choice.key for choice in sizes(None, outcome.position.answers)] == ["m", "l"]
    assert play("灭火器", "不小", ("press", "pick.size.l")).position.answers["size"] == 50


def test_open_answer_that_leaves_one_choice_settles_the_question_as_a_guess():
    outcome = play("灭火器", "巨大")
    assert outcome.position.answers["size"] == 50
    assert "size" in outcome.position.guesses
    assert read(outcome.hint) == "那就大号。"


def test_answer_that_no_longer_fits_is_asked_anew():
    answers = {"what": "灭火器", "size": 50, "note": ""}
    outcome = advance(FLOW, Position("what", answers), message("水泵"))
    assert outcome.position.step == "size"
    assert "size" not in outcome.position.answers


def test_question_whose_condition_fails_is_left_out():
    assert play("灭火器", "s", "红色").position.step == ""


def test_photo_joins_the_draft_at_any_question():
    outcome = play("灭火器", message(photos=2))
    assert (outcome.position.step, read(outcome.hint)) == ("size", "已收2张。")
    later = play("灭火器", message(photos=2), "m", "红色", message(photos=1))
    assert (later.position.step, len(later.position.answers["photos"])) == ("", 3)


def test_photo_with_an_answer_gives_both():
    outcome = play("灭火器", message("m", photos=1))
    assert (outcome.position.step, outcome.position.answers["size"]) == ("note", 5)
    assert outcome.position.answers["photos"] == ["0"]


def test_photo_with_a_wrong_answer_is_kept_and_the_answer_refused():
    outcome = play("灭火器", message("特大", photos=1))
    assert (outcome.position.step, read(outcome.hint)) == ("size", "请选大小。")
    assert outcome.position.answers["photos"] == ["0"]


def test_text_on_the_summary_points_at_the_buttons():
    assert "请点下面的按钮" in read(play("灭火器", "m", "红色", "就这样").hint)


def test_known_answers_are_not_asked_for():
    assert play(start={"what": "灭火器", "size": 5}).position.step == "note"


def test_card_grows_field_by_field():
    draft = Draft(id=7, platform="memory", chat="lin", flow="buy", version=1)
    position = play("灭火器").position
    card = show_dialog(message(), FLOW, draft, position, _("提示"))
    assert [read(line) for line in card.lines] == ["提示", "物品：灭火器", "价钱：3「推测」", "多大？"]
    labels = [[read(button.label) for button in row] for row in card.buttons]
    assert labels == [["S", "M"], ["L"], ["上一步", "取消"]]
    assert card.buttons[0][0].data == "draft:7:pick.size.s"
