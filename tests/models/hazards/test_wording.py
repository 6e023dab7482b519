"""What the words of a caption say: which kind, how bad, until when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hazards.wording import find_words, guess_days, guess_kind, guess_level, read_days
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        ("卸油口静电接地线脱落", "electricity"),
        ("消防通道被杂物堵塞", "fire_passage"),
        ("灭火气压力不足", "fire_equipment"),
        ("液化气钢瓶软管老化", "gas"),
        ("村口水库溢洪道渗漏", "water"),
        ("后山滑坡，有裂缝", "landslide"),
        ("脚手架没有护栏", "height"),
        ("桥头的电线断了", "electricity"),
        ("厨房没有灭火器", "fire_equipment"),
        ("化粪池没盖板", "confined_space"),
        ("炒茶间后面那个门又让箱子堵死了", "fire_passage"),
        ("安全出口指示灯不亮", "fire_equipment"),
        ("冲床光栅坏了 手伸进去不停机", "other"),  # a machine is no special equipment by law
        ("破碎机喷淋坏了满天灰人都看不见", "dust"),
        ("室内消火栓被广告牌挡住了", "fire_equipment"),  # to what something was done, not what did it
        ("彩钢瓦顶上补漏没挂安全带", "height"),
        ("厨房那个燃气报警器插头是拔掉的", "gas"),
    ],
)
def test_kind_follows_the_words(caption, category):
    assert guess_kind(caption, HAZARDS).code == category


@pytest.mark.parametrize("caption", ["看着不对劲", "", "🙂", "收到"])
def test_text_without_words_has_no_kind(caption):
    assert guess_kind(caption, HAZARDS).code == ""


def test_two_kinds_that_disagree_are_both_offered():
    kind = guess_kind("配电房门没锁好 楼梯口灭火器过期 通道被堵", HAZARDS)
    assert len({kind.code, *kind.others}) == 3


def test_hints_count_only_where_no_word_does():
    assert guess_kind("塘边没护栏", HAZARDS).code in {"water", "height"}
    assert guess_kind("叉车没检验", HAZARDS).code == "special_equipment"
    assert guess_kind("没检验", HAZARDS).others == ("special_equipment",)  # offered, not guessed


def test_of_what_a_caption_may_mean_the_trade_of_the_enterprise_is_likelier():
    assert guess_kind("储罐紧急切断阀失效", HAZARDS, trade="gas").code == "gas"
    assert guess_kind("2号加油机拉断阀渗油", HAZARDS, names=("丁桥加油站",), trade="hazchem").code == "dangerous_goods"


def test_kind_ignores_the_words_of_names():
    names = ("泾县宏达液化气站有限公司", "榔桥镇", "榔桥村")
    assert guess_kind("宏达液化气站 灭火器过期", HAZARDS, names=names).code == "fire_equipment"
    assert guess_kind("榔桥的灭火器过期", HAZARDS, names=names).code == "fire_equipment"


def test_no_kind_is_offered_twice():
    for said in (
        "配电房门没锁好 楼梯口灭火器过期 通道被堵",
        "电线乱拉 灭火器过期 气瓶漏气",
        "锅炉房电线老化 灭火器过期",
    ):
        kind = guess_kind(said, HAZARDS)
        assert len({kind.code, *kind.others}) == len((kind.code, *kind.others))


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
        ("算重大了", "major"),
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
        ("两三天内整改", 3),
        ("三五天内弄好", 5),
        ("二三十天内整改", 30),
        ("整改期限 一周", 7),
        ("要停产停业 半年", 182),
        ("12月底之前要加固好", 38),
        ("今天就要来人弄", 0),
        ("请立即制止", 0),
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
        "灭火器 两年 没换",
        "一周 没清理",
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
