"""What the words of a caption say: which things they name, how bad, until when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hazards.wording import find_words, guess_days, guess_level, read_days
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards
MONDAY = date(2026, 11, 23)


def test_longer_words_win():
    assert [word.text for word in find_words("液化气罐", HAZARDS)] == ["液化气罐"]


@given(st.text(max_size=40))
def test_words_lie_in_the_text_in_order(text):
    words = find_words(text, HAZARDS)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert words == sorted(words, key=lambda word: word.start)


@pytest.mark.parametrize(
    ("caption", "level"),
    [
        ("接地线脱落 重大", "major"),
        ("一般隐患", "general"),
        ("接地线脱落", "general"),
        ("非重大", "general"),
        ("裂缝，不属于重大隐患", "general"),
        ("不是一般问题，重大", "major"),
        ("建议停产停业整顿", "major"),
        ("重大节日检查 广告牌松了", "general"),
        ("重大危险源没有标识", "general"),
        ("挺严重的", "general"),
        ("比较严重 要倒了", "general"),
        ("不算重大", "general"),
        ("谈不上重大", "general"),
        ("特别严重", "major"),
        ("构成重大事故隐患", "major"),
        ("重大火灾隐患", "major"),
        ("算重大了", "major"),
        ("去年出过重大事故", "general"),
    ],
)
def test_level_follows_the_words_the_gravest_first(caption, level):
    assert guess_level(caption, HAZARDS) == level


@pytest.mark.parametrize(
    ("caption", "days"),
    [
        ("限3天内整改", 3),
        ("三天内弄好", 3),
        ("一周内", 7),
        ("半个月内修好", 15),
        ("要求十五日内完成", 15),
        ("一般隐患 7天", 7),
        ("一个月内整改", 30),
        ("立即整改", 0),
        ("马上换掉", 0),
        ("当场让他搬走", 0),
        ("24小时内", 1),
        ("今天下班前改好", 0),
        ("明天之前处理", 1),
        ("月底前清掉", 7),
        ("周五前整改", 4),
        ("下周一前", 7),
        ("12月8日前清掉", 15),
        ("25号前", 2),
        ("10日前整改", 17),
        ("1月5日前", 43),
        ("半年内加固", 182),
        ("要停产停业整 半年", 182),
        ("12月底之前加固好", 38),
        ("十二月底前", 38),
        ("1月底前换掉", 69),
        ("今天就要来人弄", 0),
        ("请制止，当天回复", 0),
        ("整改期限90天", 90),
        ("半年之内要搬", 182),
        ("两三天内整改", 3),
        ("三五天内弄好", 5),
        ("二三十天内整改", 30),
        ("整改期限 一周", 7),
    ],
)
def test_deadline_is_read(caption, days):
    assert read_days(caption, today=MONDAY) == days


@pytest.mark.parametrize(
    "caption",
    [
        "说了三回",
        "一星期撞了两回",
        "坏了3天了",
        "三期工地5号楼",
        "2个灭火器",
        "马上要倒了",
        "现场已整改",
        "5天没人管",
        "过几天还要唱戏",
        "今天看了养殖场",
        "灭火器 两年 没换",
        "一周 没清理",
        "三个月，都没人管",
    ],
)
def test_numbers_that_are_no_deadline(caption):
    assert read_days(caption, today=MONDAY) is None


@pytest.mark.parametrize(
    ("caption", "level", "days"),
    [
        ("10天内整改", "general", 7),
        ("1天内整改", "general", 0),
        ("3天内整改", "major", 30),
        ("半年内", "major", 180),
        ("灭火器过期", "general", 7),
        ("灭火器过期", "major", 30),
    ],
)
def test_deadline_is_the_nearest_choice_that_is_not_later(caption, level, days):
    assert guess_days(caption, HAZARDS.level(level), today=MONDAY) == days


@given(st.text("限天内整改前周月日一二三十半个小时0123456789号", max_size=14))
def test_any_text_has_a_choice_of_the_level(text):
    for level in HAZARDS.levels:
        assert guess_days(text, level, today=MONDAY) in level.deadline_days
