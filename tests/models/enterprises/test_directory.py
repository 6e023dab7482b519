import pytest

from models.access import Actor
from models.content import Place
from models.demo import LIN_VILLAGE
from models.enterprises.directory import (
    access_enterprise,
    find_enterprises,
    list_nearest,
    spot_enterprises,
    visible_enterprises,
)
from models.enterprises.tables import Enterprise
from models.errors import NotFound
from tests.factories import add_enterprise

STATION = Place(30.51616, 118.23385)
HE = Actor(0, "何", "", "zh", ())


async def found(county, who, words, **limits):
    actor = await county.actor(who)
    return [item.name for item in await county.read(lambda session: find_enterprises(session, actor, words, **limits))]


async def spotted(county, who, text):
    actor = await county.actor(who)
    rows = await county.read(lambda session: spot_enterprises(session, actor, text))
    return [(row.enterprise.name, row.part) for row in rows]


async def test_officer_finds_by_part_of_the_name(county):
    assert await found(county, "lin", "加油") == ["靠山加油站"]
    assert (await found(county, "lin", "溪口"))[0] == "溪口小学"
    assert await found(county, "lin", "91341823XXXX00019q") == ["靠山加油站"]


@pytest.mark.parametrize("words", ["%", "_", "", "  ", "\\", "不存在"])
async def test_search_takes_no_wildcards(county, words):
    assert await found(county, "lin", words) == []


async def test_chen_finds_nothing_of_lins(county):
    assert await found(county, "chen", "靠山") == []
    assert await spotted(county, "chen", "靠山加油站 静电接地线脱落") == []
    chen = await county.actor("chen")
    near = await county.read(lambda session: list_nearest(session, chen, STATION, within_m=2000))
    assert near == []


async def test_missing_and_foreign_are_the_same(county):
    chen, lin = await county.actor("chen"), await county.actor("lin")
    for enterprise_id in (county.cast.station, 10**6):
        with pytest.raises(NotFound):
            await county.read(lambda session, i=enterprise_id: access_enterprise(session, chen, i))
    mine = await county.read(lambda session: access_enterprise(session, lin, county.cast.station))
    assert mine.name == "靠山加油站"


async def test_manager_sees_the_own_enterprise_only(county):
    wu = await county.actor("wu")
    rows = await county.read(lambda session: list(session.scalars(visible_enterprises(wu))))
    assert [row.id for row in rows] == [county.cast.station]


async def test_stranger_sees_none(county):
    assert await county.read(lambda session: list(session.scalars(visible_enterprises(HE)))) == []
    assert await county.read(lambda session: spot_enterprises(session, HE, "靠山加油站")) == []


async def test_supervisor_sees_the_whole_county(county):
    names = await found(county, "zhou", "加油站")
    assert names == ["靠山加油站", "丁桥加油站"]
    assert await found(county, "zhou", "加油站", limit=1) == ["靠山加油站"]


@pytest.mark.parametrize(
    ("caption", "best"),
    [
        ("靠山加油站 卸油口静电接地线脱落 重大", ("靠山加油站", "靠山加油站")),
        ("加油站油枪滴漏", ("靠山加油站", "加油站")),
        ("靠山的灭火器过期", ("靠山加油站", "靠山")),
        ("溪口村小学门口积水", ("溪口小学", "溪口")),
        ("灭火器过期,便民超市", ("溪口便民超市", "便民超市")),
    ],
)
async def test_caption_names_an_enterprise(county, caption, best):
    assert (await spotted(county, "lin", caption))[0] == best


@pytest.mark.parametrize("caption", ["茂林镇路边电线掉落", "泾县某公司门前", "消防通道被堵", "重大", "", "山"])
async def test_caption_without_name_spots_nobody(county, caption):
    assert await spotted(county, "lin", caption) == []


async def test_common_words_of_a_name_spot_nobody(county):
    def add(session):
        add_enterprise(session, "泾县茂林兴盛有限公司", industry="manufacturing", grid=LIN_VILLAGE, now=county.clock())

    await county.write(add)
    assert await spotted(county, "lin", "泾县茂林镇另一有限公司") == []
    assert await spotted(county, "lin", "兴盛堆了废料") == [("泾县茂林兴盛有限公司", "兴盛")]


async def test_nearest_come_first_with_their_metres(county):
    lin = await county.actor("lin")
    near = await county.read(lambda session: list_nearest(session, lin, STATION, within_m=200))
    assert (near[0].enterprise.name, near[0].metres) == ("靠山加油站", pytest.approx(0, abs=2))
    assert [item.metres for item in near] == sorted(item.metres for item in near)
    assert all(item.metres <= 200 for item in near)


async def test_enterprise_without_coordinates_is_not_near(county):
    def hide(session):
        session.get(Enterprise, county.cast.station).lat = None

    await county.write(hide)
    lin = await county.actor("lin")
    near = await county.read(lambda session: list_nearest(session, lin, STATION, within_m=50, limit=3))
    assert near == []
