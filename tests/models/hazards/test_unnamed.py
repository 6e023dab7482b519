"""Places that a caption does not name: by a trade, by what is the village's, by the location. In the demo county."""

import asyncio

import pytest
from sqlalchemy import select

from models.access import load_actor
from models.content import Place
from models.demo import do_load_demo
from models.grids.tables import Grid, Level
from models.hazards.recognise import find_place
from models.hazards.trades import is_next_door
from models.hazards.unnamed import find_meant, means_another
from models.people.tables import Person
from models.session import open_store
from tests import databases
from tests.clock import Clock
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards
XIKOU = ["靠山加油站", "溪口木竹加工厂", "溪口小学", "溪口农家乐", "溪口便民超市"]


@pytest.fixture(scope="module")
def demo(sqlite_template, tmp_path_factory):
    """The demo county on SQLite, once for all tests; gives `ask(name, text, …)`."""
    loop = asyncio.new_event_loop()
    store = open_store(databases.sqlite_copy(sqlite_template, tmp_path_factory.mktemp("unnamed")))
    now = Clock()()
    loop.run_until_complete(store.write(lambda session: do_load_demo(session, now)))

    def ask(name, text, pin=None, find=find_meant, prepare=None):
        def unit(session):
            if prepare:
                prepare(session)
            ident = session.scalar(select(Person.id).where(Person.name == name))
            near = {"near": Place(*pin)} if pin else {}
            found = find(session, load_actor(session, ident, now=now), text, HAZARDS, **near)
            session.rollback()
            return found

        return loop.run_until_complete(store.write(unit))

    yield ask
    loop.run_until_complete(store.close())
    loop.close()


def place(found):
    return found.spot and (found.spot.name or found.spot.path)


def candidates(found):
    assert found.spot is None
    return {spot.name or spot.path for spot in found.candidates}


@pytest.mark.parametrize(
    "text", ["祠堂的瓦掉了一片", "塘埂冲了个口子", "老李家灶台边上堆柴", "豆腐坊电线乱拉", "挡土墙歪了"]
)
def test_officer_of_a_village_without_enterprises_means_the_village(demo, text):
    assert place(demo("杨丽华", text)) == "桃花潭镇·新民村"


@pytest.mark.parametrize("text", ["灭火器过期", "查济祠堂的瓦掉了一片", "隔壁村塘埂冲了个口子", "靠山加油站门口积水"])
def test_village_is_not_guessed_if_another_may_be_meant(demo, text):
    assert demo("杨丽华", text).spot is None


def test_village_that_is_divided_is_asked_about(demo):
    def divide(session):
        session.add(Grid(code="341823103203-1", name="东组", level=Level.ZONE, parent_code="341823103203"))
        session.flush()

    assert demo("杨丽华", "祠堂的瓦掉了一片", prepare=divide).spot is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("祠堂的瓦掉了一片", "茂林镇·溪口村"),
        ("独居老奶奶屋里电线乱拉", "茂林镇·溪口村"),
        ("学校围墙往外歪", "溪口小学"),
        ("破竹机齿轮没罩子", "溪口木竹加工厂"),
        ("灭火器过期", None),
        ("电线老化", None),
    ],
)
def test_words_tell_the_village_from_its_enterprises(demo, text, meant):
    assert place(demo("林晓梅", text)) == meant


def test_resident_committee_is_not_guessed_by_a_lamp(demo):
    assert demo("石家宝", "路灯不亮").spot is None
    assert place(demo("石家宝", "菜场旁边那座桥栏杆断了")) == "泾川镇·城南"


def test_trade_that_nobody_registered_is_the_villages(demo):
    assert place(demo("方学文", "黄田小卖部卖烟花")) == "榔桥镇·黄田村"
    assert place(demo("杨丽华", "建筑工地塔吊歪了")) == "桃花潭镇·新民村"


def test_things_of_an_enterprise_count_for_it_though_they_sound_public(demo):
    assert place(demo("田根生", "大坝上有白蚁洞")) == "安吴水库管理站"
    assert place(demo("陈建国", "老人住的房间没有呼叫铃")) == "潘村养老服务站"


def test_office_is_no_market(demo):
    assert demo("罗立军", "市场监管局门口井盖没了").spot is None


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("姚兰英", "渡船坐满了还在上人", "章渡渡口"),
        ("蔡学文", "竹排上的客人不穿救生衣", "桃花潭竹筏停靠点"),
        ("蔡学文", "住店的地方楼梯口堵了", "查济画材旅舍"),
        ("彭彩云", "小岭那个纸厂烧碱袋子破了", "小岭纸品厂"),
        ("苏美玲", "靠山那边锅炉房漏雨", "靠山茶叶加工厂"),
        ("孙立新", "奎峰做宣纸那家线没穿管", "奎峰宣纸作坊"),
        ("孙立新", "做木头的那个厂锯末太多", "溪口木竹加工厂"),
        ("邵丽华", "成品车间行吊钢丝绳断丝", "厚岸水泥制品厂"),
        ("苏凤仙", "叉车刹车发软", "乌溪木业公司"),
    ],
)
def test_trade_means_the_only_enterprise_that_has_it(demo, name, text, meant):
    assert place(demo(name, text)) == meant


@pytest.mark.parametrize(
    ("name", "text", "some"),
    [
        ("武建军", "气站可燃气体探头没年检", {"城西燃气储配站", "凤村液化气代充点"}),
        ("徐月英", "学校大门口防撞柱松动", {"溪口小学", "百园幼儿园"}),
        ("朱志明", "矿上边坡监测设备离线", {"潘村采石场", "黄村石灰石矿"}),
        ("林晓梅", "村里那家店灭火器给杂物埋了", {"溪口便民超市", "溪口农家乐"}),
        ("陈建国", "潘村那家电线乱搭", {"潘村加油点", "潘村养老服务站", "潘村采石场"}),
        ("孙立新", "溪口那家外头铁楼梯扶手断了", set(XIKOU)),
        ("林晓梅", "溪口 灭火器是空的", {*XIKOU, "茂林镇·溪口村"}),
        ("林晓梅", "学校旁边的塘没有护栏", {"溪口小学", "茂林镇·溪口村"}),
        ("周敏", "林场防火隔离带草没割", {"桃岭林场"}),
        ("林晓梅", "镇上超市货架要倒", {"溪口便民超市"}),
        ("蔡学文", "查济有家民宿楼梯窄", {"查济画材旅舍"}),
        ("常金花", "学校门口没有护栏", {"百园幼儿园"}),
        ("常金花", "二期工地塔吊没检测", {"高铁新城安置房三期工地"}),
        ("武明亮", "悦来客栈楼梯口堵了", {"茂林老街客栈", "茂林镇·茂林村社区"}),
    ],
)
def test_trade_that_fits_several_or_a_stranger_is_asked_about(demo, name, text, some):
    assert candidates(demo(name, text)) >= some


def test_location_means_the_only_enterprise_near(demo):
    at_saw = (30.47997, 118.48179)
    assert place(demo("方学文", "电焊没人监护", at_saw)) == "乌溪木业公司"
    assert demo("方学文", "电焊没人监护").spot is None
    assert place(demo("方学文", "路边塘埂垮了", at_saw)) == "榔桥镇·乌溪村"


def test_location_decides_between_neighbours(demo):
    assert place(demo("孙立新", "灭火器过期", (30.51715, 118.23158))) == "溪口便民超市"  # A few metres.
    assert demo("孙立新", "灭火器过期", (30.51697, 118.23106)).spot is None  # Between shop and works.
    assert place(demo("孙立新", "带锯没护罩", (30.51697, 118.23106))) == "溪口木竹加工厂"


def test_names_are_heard_first(demo):
    found = demo("林晓梅", "靠山加油站旁边学校的祠堂", find=find_place)
    assert demo("林晓梅", "溪口小学教室吊顶掉了").spot == demo("林晓梅", "溪口小学教室吊顶掉了", find=find_place).spot
    assert found.spot is None


@pytest.mark.parametrize(
    ("text", "another"),
    [
        ("隔壁超市门口私拉电线", True),
        ("查济画材旅舍门口线掉地上了", True),
        ("卸油口地线夹子断了", False),
        ("隔壁房间插座坏了", False),
        ("对面厂房顶上漏雨", False),
        ("对面加油机渗油", False),
        ("靠山加油站 对面车间", False),
    ],
)
def test_manager_may_speak_of_somebody_elses(demo, text, another):
    assert demo("吴志强", text, find=means_another) is another


def test_next_door_is_read_in_no_time_whatever_stands_there():
    assert not is_next_door("隔壁" + "那个" * 400)
    assert is_next_door("隔壁那个超市")
