import pytest

from models.access import Actor
from models.content import Place
from models.enterprises.directory import (
    access_enterprise,
    find_enterprises,
    list_nearest,
    visible_enterprises,
)
from models.enterprises.tables import Enterprise
from models.errors import NotFound

STATION = Place(30.51616, 118.23385)
HE = Actor(0, "何", "", "zh", ())


async def found(county, who, words, **limits):
    actor = await county.actor(who)
    return [item.name for item in await county.read(lambda session: find_enterprises(session, actor, words, **limits))]


async def test_officer_finds_by_part_of_the_name(county):
    assert await found(county, "lin", "加油") == ["靠山加油站"]
    assert (await found(county, "lin", "溪口"))[0] == "溪口小学"
    assert await found(county, "lin", "91341823XXXX00019q") == ["靠山加油站"]


@pytest.mark.parametrize("words", ["%", "_", "", "  ", "\\", "不存在"])
async def test_search_takes_no_wildcards(county, words):
    assert await found(county, "lin", words) == []


async def test_chen_finds_nothing_of_lins(county):
    assert await found(county, "chen", "靠山") == []
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


async def test_supervisor_sees_the_whole_county(county):
    names = await found(county, "zhou", "加油站")
    assert names == ["靠山加油站", "丁桥加油站"]
    assert await found(county, "zhou", "加油站", limit=1) == ["靠山加油站"]


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
