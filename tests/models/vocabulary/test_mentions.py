"""Where a text mentions a name, and how much speaks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary.hearing import Heard
from models.vocabulary.mentions import find_mentions
from models.vocabulary.tables import Standing


def firm(name):
    return Heard(name, Standing.OFFICIAL, "341823101201", is_mine=True, enterprise_id=1)


def said(text, name):
    (mention,) = find_mentions(text, [firm(name)])
    return text[mention.start : mention.end], mention


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("在靠山加油站发现", "靠山加油站", "靠山加油站"),
        ("靠山站卸油口没有接地", "靠山加油站", "靠山站"),
        ("希口木竹厂锯木屑", "溪口木竹加工厂", "希口木竹厂"),
        ("溪口村小学门口", "溪口小学", "溪口村小学"),
        ("郎桥鞭炮店门口", "榔桥烟花爆竹零售点", "郎桥鞭炮店"),
        ("城西气站围墙", "城西燃气储配站", "城西气站"),
        ("靠山油加站漏油", "靠山加油站", "靠山油加站"),
        ("5星电缆厂行车", "五星电缆配件厂", "5星电缆厂"),
        ("靠山 消防通道", "靠山小店", "靠山"),
    ],
)
def test_name_is_found_as_people_write_it(text, name, words):
    assert said(text, name)[0] == words


@pytest.mark.parametrize(
    ("text", "name", "sounds", "slips"),
    [("考山加油站", "靠山加油站", 1, 0), ("靠山油加站", "靠山加油站", 0, 1), ("靠山加油站", "靠山加油站", 0, 0)],
)
def test_sounds_and_slips_are_counted(text, name, sounds, slips):
    mention = said(text, name)[1]
    assert (mention.sounds, mention.slips, mention.is_literal) == (sounds, slips, not (sounds or slips))


@pytest.mark.parametrize(("text", "name"), [("水东宾馆", "水西宾馆"), ("城南客运站", "城北客运站")])
def test_other_direction_is_another_name(text, name):
    mention = said(text, name)[1]
    assert not mention.is_whole
    assert not mention.has_head


def test_word_that_goes_on_is_not_the_end_of_a_name():
    assert said("孤峰场地积水", "孤峰养殖场")[1].has_tail is False


@pytest.mark.parametrize("text", ["消防通道堵塞", "", "靠", "路面塌陷"])
def test_text_without_the_name_mentions_nothing(text):
    assert find_mentions(text, [firm("靠山加油站")]) == []


@given(st.text("靠山加油站的在堵，。 abc", max_size=30), st.text("木竹厂小学溪口", min_size=2, max_size=8))
def test_mention_lies_within_the_text_and_the_name(text, name):
    for mention in find_mentions(text, [firm(name)]):
        assert 0 <= mention.start < mention.end <= len(text)
        assert len(mention.at) >= 2
        assert all(0 <= index < len(mention.form) for index in mention.at)


@given(st.text("消防通道堵塞，灭火器过期 0123", max_size=12), st.text("木竹厂小学溪口", min_size=3, max_size=8))
def test_exact_name_is_always_found_whole(before, name):
    mention = said(f"{before} {name} 漏水", name)[1]
    assert mention.is_whole
    assert mention.is_literal
