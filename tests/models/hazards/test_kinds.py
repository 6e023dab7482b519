"""Of which category a hazard is: the words of the rules and what like sentences spoke of."""

import pytest

from models.hazards import kinds
from models.hazards.kinds import guess_kind
from models.hazards.opinion import learn, read_sentences
from models.vocabulary.forms import plain_text
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards


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
        # A machine's guard or stop is no matter of special equipment.
        ("揉捻机皮带轮没罩", "other"),
        ("皮带机急停拉绳断了", "other"),
        ("冲床光栅坏了", "other"),
        ("和面机没有防护罩", "other"),
        # Dust goes before the machine that makes it.
        ("破碎机喷淋没开 灰大得很", "dust"),
        ("砂光机吸尘管破了", "dust"),
        # The thing that is faulty, not the one it hangs on.
        ("燃气报警器插头拔了", "gas"),
        ("增氧机的线泡在水里", "electricity"),
        ("彩钢瓦顶上没挂安全带", "height"),
        ("竖井里没通风就下人了", "confined_space"),
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


def test_clue_alone_is_offered_and_not_guessed():
    kind = guess_kind("那边的架子", HAZARDS)
    assert (kind.code, kind.others[0]) == ("", "height")


def test_kind_ignores_the_words_of_names():
    names = ("泾县宏达液化气站有限公司", "榔桥镇", "榔桥村")
    assert guess_kind("宏达液化气站 灭火器过期", HAZARDS, names=names).code == "fire_equipment"
    assert guess_kind("榔桥的灭火器过期", HAZARDS, names=names).code == "fire_equipment"


def test_words_and_like_sentences_that_disagree_are_asked_about():
    kind = guess_kind("老水井没盖 就在路边", HAZARDS)
    assert kind.code == ""
    assert len(kind.others) == 3


def test_category_that_no_sentence_knows_is_told_by_its_words_alone(monkeypatch):
    without = learn((text, known) for text, known in read_sentences() if "dust" not in known)
    monkeypatch.setattr(kinds, "opinion", lambda: without)
    assert guess_kind("车间木屑没清", HAZARDS).code == "dust"
    assert guess_kind("灭火器过期", HAZARDS).code == "fire_equipment"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fire extinguisher expired", "fire_equipment"),
        ("Blocked fire exit at 溪口农家乐", "fire_passage"),
        ("exposed wires in the socket", "electricity"),
        ("gas cylinder next to the stove", "gas"),
        ("gasoline stored in the kitchen", "dangerous_goods"),
        ("open manhole, nobody tests the air", "confined_space"),
        ("forklift without brakes", "special_equipment"),
        ("no guardrail on the scaffold", "height"),
        ("sawdust everywhere", "dust"),
        ("pothole in the road", "road"),
        ("the dam leaks", "water"),
        ("rocks are falling from the slope", "landslide"),
        ("burning straw at the edge of the forest", "forest_fire"),
        ("cracked wall", "building"),
        ("nobody is trained, no license", "management"),
        ("damaged broadband box", ""),
    ],
)
def test_english_words_tell_the_kind(text, code):
    assert guess_kind(plain_text(text), HAZARDS).code == code
