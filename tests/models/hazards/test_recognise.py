"""What captions say: the place, the category, the level; and when the person has to be asked."""

import pytest

from models.content import Place
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid, Level
from models.hazards.recognise import find_place
from tests import factories
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards


@pytest.fixture
async def street(town):
    """More of 林's village: shops of similar names, a works named like a zone, and something next door."""

    def unit(session):
        now = town.clock()
        here, next_door = factories.VILLAGE, factories.NEXT_VILLAGE
        names = {
            "铜山加油站": (here, 30.60, 118.30),
            "泾县宏达液化气站有限公司": (here, 30.61, 118.31),
            "东坡水泥厂": (here, None, None),
            "为民超市一店": (here, 30.62, 118.32),
            "为民超市二店": (here, 30.64, 118.34),
            "泾县消防器材经营部": (here, None, None),
            "奎峰超市": (next_door, None, None),
            "奎峰加油站": (next_door, None, None),
        }
        for number, (name, (grid, lat, lon)) in enumerate(names.items()):
            ident = factories.add_enterprise(session, name, code=f"9134182300000{number:05}", grid=grid, now=now)
            row = session.get_one(Enterprise, ident)
            row.lat, row.lon = lat, lon
        zone = f"{factories.VILLAGE}-1"
        session.add(Grid(code=zone, name="东坡", level=Level.ZONE, parent_code=factories.VILLAGE))

    await town.store.write(unit)
    return town


async def found(town, caption, name="lin", near=None):
    actor = await town.actor(name)
    return await town.store.write(lambda session: find_place(session, actor, caption, HAZARDS, near=near))


@pytest.mark.parametrize(
    ("caption", "place"),
    [
        ("靠山加油站 卸油口静电接地线脱落 重大", "靠山加油站"),
        ("靠山站卸油口没有接地", "靠山加油站"),
        ("在靠山加油站发现灭火器过期", "靠山加油站"),
        ("宏达液化气站 气瓶超期", "泾县宏达液化气站有限公司"),
        ("茂林镇靠山加油站门口积水", "靠山加油站"),
        ("铜山村 路面塌陷", "茂林镇·铜山村"),
        ("铜山村村委会旁边电线杆倾斜", "茂林镇·铜山村"),
    ],
)
async def test_caption_names_one_place(street, caption, place):
    spot = (await found(street, caption)).spot
    assert (spot.name or spot.path) == place


@pytest.mark.parametrize(
    ("caption", "candidates"),
    [
        ("为民超市 消防通道堵塞", {"为民超市一店", "为民超市二店"}),
        ("东坡 墙体开裂", {"东坡水泥厂", "茂林镇·铜山村·东坡"}),
        ("加油站 灭火器过期", {"靠山加油站", "铜山加油站"}),
    ],
)
async def test_caption_that_fits_several_is_asked_about(street, caption, candidates):
    place = await found(street, caption)
    assert place.spot is None
    assert {spot.name or spot.path for spot in place.candidates} == candidates


@pytest.mark.parametrize(
    "caption", ["消防通道堵塞", "路面塌陷", "奎峰超市 灭火器过期", "奎峰村 路面塌陷", "茂林镇 路面塌陷", "", "重大隐患"]
)
async def test_caption_that_names_nothing_of_theirs_guesses_nothing(street, caption):
    place = await found(street, caption)
    assert (place.spot, place.candidates) == (None, ())


async def test_location_decides_between_equals(street):
    spot = (await found(street, "为民超市 消防通道堵塞", near=Place(30.6201, 118.3201))).spot
    assert spot.name == "为民超市一店"
    far = await found(street, "为民超市 消防通道堵塞", near=Place(30.9, 118.9))
    assert far.spot is None


async def test_named_grid_decides_between_equals(street):
    assert (await found(street, "奎峰村 加油站 灭火器过期", name="sun")).spot.name == "奎峰加油站"


async def test_enterprise_outside_the_named_village_is_asked_about(street):
    place = await found(street, "奎峰村 靠山加油站 灭火器过期", name="sun")
    assert {spot.name or spot.path for spot in place.candidates} == {"靠山加油站", "茂林镇·奎峰村"}


@pytest.fixture
async def towns(town):
    """靠山村 in 云岭镇, a station named like it in 茂林镇, and 城东 in 泾川镇 with a market named like it."""

    def unit(session):
        for code, name, level, parent in (
            ("341823102", "云岭镇", Level.TOWN, factories.COUNTY),
            ("341823102201", "靠山村村委会", Level.VILLAGE, "341823102"),
            ("341823100", "泾川镇", Level.TOWN, factories.COUNTY),
            ("341823100001", "城东社区居委会", Level.VILLAGE, "341823100"),
        ):
            session.add(Grid(code=code, name=name, level=level, parent_code=parent))
            session.flush()
        factories.add_enterprise(
            session, "城东建材市场", code="91341823MA2N000009", grid="341823100001", now=town.clock()
        )

    await town.store.write(unit)
    return town


async def test_full_name_of_an_enterprise_beats_a_village_inside_it(towns):
    place = await found(towns, "靠山加油站 卸油口静电接地线脱落 重大", name="zhou")
    assert place.spot.name == "靠山加油站"


async def test_village_in_the_named_town_wins(towns):
    place = await found(towns, "云岭镇靠山村 山体有裂缝", name="zhou")
    assert place.spot.path == "云岭镇·靠山村"


async def test_village_and_market_of_one_name_are_asked_about(towns):
    place = await found(towns, "泾川镇城东 路灯不亮", name="zhou")
    assert {spot.name or spot.path for spot in place.candidates} == {"城东建材市场", "泾川镇·城东社区"}
