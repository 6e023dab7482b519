"""The second opinion: what captions whose kind is known say of another one."""

import attrs
import pytest

from models.hazards.opinion import EXAMPLES, weigh_kinds
from models.hazards.wording import guess_kind
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards
CODES = [category.code for category in HAZARDS.categories]


def test_examples_name_categories_of_the_rules():
    for line in EXAMPLES.read_text("utf-8").splitlines():
        kinds, tab, text = line.partition("\t")
        assert tab
        assert text.strip()
        assert set(kinds.split(",")) <= set(CODES), line


def test_every_category_has_examples():
    held = {code for line in EXAMPLES.read_text("utf-8").splitlines() for code in line.partition("\t")[0].split(",")}
    assert held == set(CODES)


@pytest.mark.parametrize("text", ["", "🙂", "xyz"])
def test_text_like_nothing_weighs_alike(text):
    assert len({round(score, 6) for _code, score in weigh_kinds(text, HAZARDS.categories)}) == 1


def test_likeliest_comes_first():
    assert weigh_kinds("电线皮破了露着铜线", HAZARDS.categories)[0][0] == "electricity"


def test_opinion_fills_in_where_no_word_is_known():
    bare = [attrs.evolve(category, words=(), hints=(), clues=()) for category in HAZARDS.categories]
    without = attrs.evolve(HAZARDS, categories=tuple(bare))
    assert guess_kind("墙体开裂往外歪了要倒", without).code == "building"


def test_opinion_makes_a_question_of_a_guess_that_it_finds_unlikely():
    odd = [
        attrs.evolve(category, words=(*category.words, "配电箱门开着")) if category.code == "dust" else category
        for category in HAZARDS.categories
    ]
    kind = guess_kind("电线老化 配电箱门开着 线头露着", attrs.evolve(HAZARDS, categories=tuple(odd)))
    assert kind.code in {"", "electricity"}
    assert "electricity" in {kind.code, *kind.others}


def test_categories_that_a_county_adds_do_without_examples():
    more = (*HAZARDS.categories, attrs.evolve(HAZARDS.categories[0], code="noise", words=("噪声",)))
    assert dict(weigh_kinds("噪声太大", more)).keys() == {*CODES, "noise"}
