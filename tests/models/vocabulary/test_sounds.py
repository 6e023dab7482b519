"""How characters sound, and what is alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary.sounds import fold, pairs, readings, sounds_alike
from tools.sounds import readings as readings_of_the_tool

HANZI = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize(
    ("syllable", "folded"),
    [("zhan", "zan"), ("chang", "can"), ("sheng", "sen"), ("ning", "lin"), ("n", "n"), ("ang", "an"), ("long", "long")],
)
def test_syllables_that_people_confuse_become_one(syllable, folded):
    assert fold(syllable) == folded


@pytest.mark.parametrize("pair", ["考靠", "战站", "旵产", "溪希", "南兰", "京金", "5五", "长常", "张长", "单山"])
def test_characters_that_sound_alike(pair):
    assert sounds_alike(*pair)


@pytest.mark.parametrize("pair", ["靠高", "东西", "水火", "a八", "站厂"])
def test_characters_that_do_not(pair):
    assert not sounds_alike(*pair)


def test_character_with_two_readings_has_both():
    assert set(readings("长")) == {"zan", "can"}
    assert pairs("长征") == {"zan zen", "can zen"}


@pytest.mark.parametrize("text", ["", "山", "🙂"])
def test_text_without_neighbours_has_no_pairs(text):
    assert pairs(text) == set()


@given(st.text(HANZI, min_size=2, max_size=8))
def test_text_sounds_like_itself(text):
    assert all(sounds_alike(character, character) for character in text)
    assert pairs(text) == pairs(text[:1] + text[1:])
    assert len(pairs(text)) >= 1


@given(HANZI, HANZI)
def test_likeness_goes_both_ways(one, other):
    assert sounds_alike(one, other) == sounds_alike(other, one)


def test_table_is_what_the_tool_makes_of_pypinyin():
    made = readings_of_the_tool()
    assert all(set(map(fold, syllables)) == set(readings(character)) for character, syllables in made.items())
    assert len(made) > 20_000
