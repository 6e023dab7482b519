"""What people make of the names in the registers."""

import pytest

from models.vocabulary.forms import bare_name, everyday_forms, grid_forms, is_loose, plain_text


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("泾县宏达液化气站有限公司", "宏达液化气站"),
        ("安徽省泾县宣纸厂", "宣纸厂"),
        ("宣城市华源超市有限责任公司", "华源超市"),
        ("城东建材市场", "城东建材市场"),
        ("乌溪木业公司", "乌溪木业公司"),
        ("泾县有限公司", "泾县"),
        ("丁 桥 加油站（停业）", "丁桥加油站"),
    ],
)
def test_name_is_looked_for_without_form_and_county(name, bare):
    assert bare_name(name, county="泾县") == bare


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("榔桥烟花爆竹零售点", "榔桥鞭炮店"),
        ("桃花潭竹筏停靠点", "桃花潭竹排码头"),
        ("城北客运站", "城北汽车站"),
        ("孤峰养殖场", "孤峰猪场"),
        ("童疃涂料厂", "童疃油漆厂"),
        ("小岭纸品厂", "小岭纸厂"),
    ],
)
def test_name_has_everyday_forms(name, form):
    assert everyday_forms(name)[0] == name
    assert form in everyday_forms(name)
    assert not is_loose(name, form)


def test_everyday_word_that_may_mean_another_is_loose():
    assert is_loose("溪口农家乐", "溪口饭店")
    assert not is_loose("溪口饭店", "溪口饭店")


def test_number_of_forms_is_bounded():
    assert len(everyday_forms("液化气燃气煤气民宿客栈宾馆酒店超市")) <= 40


def test_grid_is_called_by_name_and_stem():
    assert grid_forms("靠山村村委会") == ("靠山村", "靠山")
    assert grid_forms("茂林镇") == ("茂林镇", "茂林")


def test_text_is_brought_to_one_form():
    assert plain_text("  ＫＴＶ　二楼\t灭火器 ") == "ktv 二楼 灭火器"
    assert plain_text("一\n二") == "一\n二"
