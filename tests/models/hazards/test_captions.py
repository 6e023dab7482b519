"""What kind of message a caption is, and where one hazard ends and the next begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.hazards.captions import is_stated, read_caption, split_hazards
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards


@pytest.mark.parametrize(
    "text",
    [
        "收到", "辛苦了👍", "好的领导", "测试一下", "OK", "👌", "隐患已消除", "上次那个插座已整改好了",
        "灭火器都换新的了", "领导,这个照片怎么发上去啊", "YH20261123-0004 现在到哪一步了", "今天开了安全例会 人到齐了",
        "企业已按要求整改到位，请领导复查", "今天检查一切正常", "这两天雨大 大家路上慢点", "老板说明天就换",
        "请问灭火器年检找哪家啊", "请问消防栓没水这种算哪一类", "消防通道标线昨天重新划过了 整改完毕",
        "今天雾大 班车推迟半小时", "今天组织商户搞消防演练 来了六十多人", "今天巡山一圈 没看到野外用火",
        "预报明天暴雨 各村把水库看紧点", "溢洪道那棵树已经锯掉了 可以销号", "明早有霜冻 大家骑车慢点",
        "下周开始跑企业，查粉尘和有限空间",
    ],
)  # fmt: skip
def test_chatter_is_known(text):
    assert read_caption(text, HAZARDS, has_place=False) == "chatter"


@pytest.mark.parametrize(
    "text",
    [
        "灭火器过期", "已整改过的消防通道又被堵了", "安全门打不开", "灭火器过期，要求3天内更换完毕", "消防栓没修好",
        "电线老化 请大家注意", "开会那栋楼电线裸露", "灭火器过期怎么办", "换了新的还是漏气", "气瓶放在太阳底下",
        "从来没搞过消防演练", "煤气瓶就摆在客人吃饭的包厢里", "沟里堆了弃土 落大雨就要冲下来 算重大了",
        "沟里堆了弃土 落大雨就要冲下来",
    ],
)  # fmt: skip
def test_hazard_is_not_taken_for_chatter(text):
    assert read_caption(text, HAZARDS, has_place=True) == "hazard"


# News beside it, a deadline, an urgent word: a place, a thing and its fault stay what they are.
@pytest.mark.parametrize(
    "text",
    [
        "灭火器过期，已经3天了还没换，明天内整改，重大隐患", "灭火器过期，重大隐患", "灭火器过期，老板说下周换",
        "灭火器过期 重大隐患 请各村注意 明天上午镇里开会研究",
    ],
)  # fmt: skip
def test_fault_of_a_thing_at_a_place_is_a_hazard_whatever_stands_beside_it(text):
    assert read_caption(f"靠山加油站{text}", HAZARDS, has_place=True, said="靠山加油站") == "hazard"


@pytest.mark.parametrize(
    "text", ["灭火器过期，已经3天了还没换，明天内整改，重大隐患", "已经3天了还没换，明天内整改，重大隐患"]
)
def test_major_hazard_is_never_chatter(text):
    assert read_caption(text, HAZARDS, has_place=False) != "chatter"


@pytest.mark.parametrize("text", ["水库水位正常 没有渗漏", "坝上裂缝昨天重新补过了 大家辛苦"])
def test_news_of_a_fault_that_is_no_more_opens_nothing(text):
    assert read_caption(text, HAZARDS, has_place=True) != "hazard"


@pytest.mark.parametrize(
    "text",
    [
        "fire extinguisher expired", "Blocked fire exit at 溪口农家乐", "High voltage", "handrail is loose",
        "Somebody left the pit open", "High risk: the wall leans over the road",
    ],
)  # fmt: skip
def test_english_words_that_are_no_chatter_open_a_report(text):
    assert read_caption(text, HAZARDS, has_place=False) == "hazard"


@pytest.mark.parametrize(
    "text",
    [
        "ok", "OK thanks", "Thank you!", "good morning", "well received", "test", "Hi all", "done", "see you tomorrow",
        "The extinguisher has been replaced", "Everything is fixed now", "no hazards found today",
        "How do I report a hazard?", "who is responsible here",
    ],
)  # fmt: skip
def test_english_chatter_is_known(text):
    assert read_caption(text, HAZARDS, has_place=False) == "chatter"


@pytest.mark.parametrize("text", ["IMG_2031.jpg", "ABC", "YH20261123-0001", "x", "LED 收到了吗"])
def test_letters_that_are_no_words_open_nothing(text):
    assert read_caption(text, HAZARDS, has_place=False) != "hazard"


@pytest.mark.parametrize("text", ["护栏材料运到了", "除尘器滤袋明天到货", "叉车送去保养", "锅炉房停火保养"])
def test_thing_with_which_nothing_is_wrong_is_not_taken_for_a_hazard(text):
    assert read_caption(text, HAZARDS, has_place=True) != "hazard"


@pytest.mark.parametrize("text", ["村东头", "月明星稀", "今晚月亮很圆"])
def test_text_that_says_nothing_wrong_is_unclear(text):
    assert read_caption(text, HAZARDS, has_place=False) == "unclear"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1灭火器过期 2消防通道堵 3电线私拉", ["灭火器过期", "消防通道堵", "电线私拉"]),
        ("①除尘器没开②配电箱没盖", ["除尘器没开", "配电箱没盖"]),
        ("1、灭火器过期2、电线裸露", ["灭火器过期", "电线裸露"]),
        ("建材城检查 1 消防栓没水 2 电线私拉 3 楼梯口堆货", ["消防栓没水", "电线私拉", "楼梯口堆货"]),
        ("一是塔吊没验收，二是临边没防护", ["塔吊没验收", "临边没防护"]),
        ("第一，烟感不响；第二，消防门关不上", ["烟感不响", "消防门关不上"]),
        ("灭火器过期，消防通道堵塞", ["灭火器过期", "消防通道堵塞"]),
        ("灭火器过期消防通道堵塞", ["灭火器过期", "消防通道堵塞"]),
        ("灭火器过期 应急灯也不亮", ["灭火器过期", "应急灯也不亮"]),
        ("报警器坏 还有阀门漏气", ["报警器坏", "还有阀门漏气"]),
        ("安检机坏了在用手翻 候车厅顶灯掉下来半个", ["安检机坏了在用手翻", "候车厅顶灯掉下来半个"]),
        ("报警器坏了,门口纸板堆得出不去", ["报警器坏了", "门口纸板堆得出不去"]),
        ("插线板烧黑了，二楼木楼梯踏板烂了两块", ["插线板烧黑了", "二楼木楼梯踏板烂了两块"]),
        ("塘边没围栏 边上老牛棚也要倒了", ["塘边没围栏", "边上老牛棚也要倒了"]),
        ("店里没灭火器，门口还接插座给电瓶车充电", ["店里没灭火器", "门口还接插座给电瓶车充电"]),
        ("配电箱门未关，二楼电线裸露", ["配电箱门未关", "二楼电线裸露"]),
        ("配电箱门未关，还有电线拖地", ["配电箱门未关", "还有电线拖地"]),
        ("安检机坏了 候车厅顶灯掉下来半个", ["安检机坏了", "候车厅顶灯掉下来半个"]),
        ("爬梯锈断 水泵也打不着火", ["爬梯锈断", "水泵也打不着火"]),
        # What is wrong needs no word that is known: the kinds of both are clear.
        ("琴溪老街电线跟蜘蛛网一样，灭火器指针到红的了", ["琴溪老街电线跟蜘蛛网一样", "灭火器指针到红的了"]),
        ("渡船坐满了还在上人 吊顶掉了一块", ["渡船坐满了还在上人", "吊顶掉了一块"]),
        ("学生宿舍晚上锁门 山上掉石头", ["学生宿舍晚上锁门", "山上掉石头"]),
    ],
)
def test_several_hazards_are_told_apart(text, parts):
    assert split_hazards(text, HAZARDS) == parts


@pytest.mark.parametrize(
    "text",
    [
        "灭火器过期", "3号楼2单元电线老化", "二楼灭火器 2个过期", "农家乐煤气罐搁灶台底下 皮管子都硬了",
        "滑坡堵路 三轮车过不去", "化粪池口子敞着 没盖板", "墙往外鼓 下雨不敢走", "电线老化 皮都裂了", "", "1 2 3",
        "卸油没人看 司机在驾驶室睡着了", "吊顶掉下来一块 幸好没人", "软管裂口了 两年多没换",
        "杂物梯层门锁坏的 手一扒就开",
        "配电箱门未关，电线裸露", "电箱门敞着 里面线头露出来了", "配电柜没锁 内部接线杂乱",
        "增氧机的线直接搁水面上 我都不敢下塘", "静电接地线掉了\n离罐区只有两米", "电焊没人监护 火花就往刨花上飞",
    ],
)  # fmt: skip
def test_one_hazard_stays_one(text):
    assert split_hazards(text, HAZARDS) == []


def test_place_may_be_written_with_anything():
    said = "靠山\\q油站"
    assert split_hazards(f"{said}灭火器过期，消防通道堵塞", HAZARDS, said=said) == [f"{said}灭火器过期", "消防通道堵塞"]


def test_words_of_the_place_are_no_hazard():
    assert split_hazards("大南坑水电站 闸门锈了", HAZARDS, said="大南坑水电站") == []


@given(
    st.lists(
        st.sampled_from(["灭火器过期", "电线裸露", "消防通道堵塞", "锅炉没检验", "脚手架没绑"]), min_size=2, max_size=6
    )
)
def test_counted_hazards_are_all_found(hazards):
    text = " ".join(f"{number}.{hazard}" for number, hazard in enumerate(hazards, start=1))
    assert split_hazards(text, HAZARDS) == hazards


@given(st.text(max_size=60))
def test_any_text_is_of_some_kind(text):
    assert read_caption(text, HAZARDS, has_place=False) in {"hazard", "chatter", "unclear"}
    assert len(split_hazards(text, HAZARDS)) != 1


@pytest.mark.parametrize(
    ("text", "place", "is_it"),
    [
        ("靠山加油站 灭火器过期", "靠山加油站", True),
        ("云岭镇 消防通道", "云岭镇", False),
        ("靠山加油站", "靠山加油站", False),
    ],
)
def test_statement_names_a_thing_and_its_trouble(text, place, is_it):
    assert is_stated(text, HAZARDS, place) is is_it
