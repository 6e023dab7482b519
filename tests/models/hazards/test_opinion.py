"""The second opinion: what like sentences spoke of."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hazards.opinion import CHATTER, chattiness, learn, opinion, pieces, read_sentences
from tests.models.hazards.conftest import RULES

SENTENCES = [
    ("灭火器过期", ("fire", "other")),
    ("灭火器坏了", ("fire",)),
    ("电线坏了", ("power",)),
    ("电线断了", ("power",)),
]


def best(text, learned):
    scores = learned.weigh(text)
    return max(scores, key=scores.get)


def test_like_sentences_decide():
    learned = learn(SENTENCES)
    assert best("三楼灭火器不见了", learned) == "fire"
    assert best("电线垂下来", learned) == "power"


def test_likelihoods_sum_up_to_one():
    assert sum(map(math.exp, learn(SENTENCES).weigh("灭火器 电线").values())) == pytest.approx(1)


def test_what_one_sentence_alone_says_is_not_remembered():
    assert "过期" not in learn(SENTENCES).gains
    assert "灭火器" in learn(SENTENCES).gains


def test_nothing_known_is_no_opinion():
    assert learn(SENTENCES).weigh("abc") == {}
    assert learn([]).weigh("灭火器") == {}


def test_pieces_do_not_reach_across_breaks():
    assert pieces("灭火，A火") == {"灭", "火", "灭火", "a", "a火"}


def test_every_kind_of_the_file_is_known_to_the_rules():
    known = {category.code for category in RULES.hazards.categories}
    kinds = {kind for _text, kinds in read_sentences() for kind in kinds}
    assert kinds == known | {CHATTER}


def test_no_sentence_stands_twice():
    texts = [text for text, _kinds in read_sentences()]
    assert len(texts) == len(set(texts))


def test_sentences_that_it_did_not_learn_are_told():
    sentences = read_sentences()
    learned = learn(sentence for number, sentence in enumerate(sentences) if number % 5)
    unknown = [(text, kinds) for text, kinds in sentences[::5] if learned.weigh(text)]
    assert sum(best(text, learned) in kinds for text, kinds in unknown) > 0.7 * len(unknown)


@pytest.mark.parametrize("text", ["明天开会 带好台账", "请问灭火器在哪买", "坑昨天填平了"])
def test_chatter_is_likelier_than_a_report(text):
    assert chattiness(text) > 0


@pytest.mark.parametrize("text", ["灭火器过期", "电线裸露", "落大雨就要冲下来"])
def test_report_is_likelier_than_chatter(text):
    assert chattiness(text) < 0


@given(st.text(max_size=60))
def test_any_text_may_be_weighed(text):
    assert all(score <= 1e-9 for score in opinion().weigh(text).values())
    assert math.isfinite(chattiness(text))
