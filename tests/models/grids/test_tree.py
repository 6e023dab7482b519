import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import is_inside
from models.content import Place
from models.demo import CHEN_VILLAGE, COUNTY, LIN_VILLAGE
from models.grids import tree
from models.grids.tables import Grid, Level

MAOLIN, YUNLING = "341823101", "341823106"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("茂林", [MAOLIN, "341823101001"]),  # the town before its village of the same name
        ("茂林镇", [MAOLIN]),
        ("溪口村", [LIN_VILLAGE]),
        ("溪口", [LIN_VILLAGE]),
        ("溪口村村委会", [LIN_VILLAGE]),
        ("潘村", [CHEN_VILLAGE]),
        (" 泾县 ", [COUNTY]),
        (LIN_VILLAGE, [LIN_VILLAGE]),
        ("不存在镇", []),
        ("%", []),
        ("", []),
    ],
)
async def test_grid_is_found_by_what_people_call_it(county, words, codes):
    found = await county.read(lambda session: tree.find_grids(session, words))
    assert [grid.code for grid in found] == codes


async def test_search_stays_inside_the_prefixes(county):
    def search(session):
        inside = tree.find_grids(session, "溪口", prefixes=[MAOLIN])
        outside = tree.find_grids(session, "溪口", prefixes=[YUNLING])
        return len(inside), outside, tree.find_grids(session, "溪口", prefixes=[])

    assert await county.read(search) == (1, [], [])


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("请云岭镇3天内排查所有加油站", [YUNLING]),
        ("茂林镇溪口村路灯不亮", [MAOLIN, LIN_VILLAGE]),
        ("茂林 重大 逾期", [MAOLIN]),  # not also the village 茂林村社区 inside it
        ("潘村路口积水", [CHEN_VILLAGE]),
        ("路灯不亮", []),
    ],
)
async def test_grids_are_spotted_in_a_sentence(county, sentence, codes):
    found = await county.read(lambda session: tree.spot_grids(session, sentence))
    assert [grid.code for grid in found] == codes


async def test_path_names_town_and_village(county):
    codes = [LIN_VILLAGE, MAOLIN, COUNTY, f"{LIN_VILLAGE}-07", "99"]
    paths = await county.read(lambda session: tree.name_paths(session, codes))
    assert list(paths.values()) == ["茂林镇·溪口村", "茂林镇", "泾县", "茂林镇·溪口村", "99"]
    assert await county.read(lambda session: tree.name_path(session, LIN_VILLAGE)) == "茂林镇·溪口村"


async def test_children_and_roots_are_listed(county):
    def walk(session):
        return tree.list_roots(session), tree.list_children(session, COUNTY), tree.find_grid(session, MAOLIN)

    roots, towns, maolin = await county.read(walk)
    assert [root.code for root in roots] == [COUNTY]
    assert len(towns) == 11
    assert maolin in towns


async def test_nearest_grid_is_the_smallest_one(county):
    def nearest(session):
        village = session.get(Grid, LIN_VILLAGE)
        return tree.find_nearest_grid(session, Place(village.lat, village.lon + 0.001))

    grid, metres = await county.read(nearest)
    assert (grid.code, round(metres)) == (LIN_VILLAGE, 96)


async def test_nearest_grid_is_looked_for_in_the_prefixes(county):
    def nearest(session):
        village = session.get(Grid, LIN_VILLAGE)
        place = Place(village.lat, village.lon)
        return tree.find_nearest_grid(session, place, prefixes=[CHEN_VILLAGE]), tree.find_nearest_grid(
            session, place, prefixes=[]
        )

    found, nothing = await county.read(nearest)
    assert found[0].code == CHEN_VILLAGE
    assert nothing is None


async def test_nearest_grid_is_a_zone_where_there_are_zones(county):
    def nearest(session):
        village = session.get(Grid, LIN_VILLAGE)
        code = f"{LIN_VILLAGE}-01"
        lat, lon = village.lat + 0.01, village.lon
        session.add(Grid(code=code, name="东组", level=Level.ZONE, parent_code=LIN_VILLAGE, lat=lat, lon=lon))
        session.flush()
        return tree.find_nearest_grid(session, Place(village.lat, village.lon))

    grid, metres = await county.write(nearest)
    assert (grid.name, round(metres, -2)) == ("东组", 1100)


@given(st.from_regex(r"\A\d{6,12}(-\d{2}){0,2}\Z"), st.from_regex(r"\A\d{2,12}(-\d{2}){0,2}\Z"))
def test_enclosing_codes_are_those_that_contain(code, other):
    codes = tree.enclosing(code)
    assert codes[0] == code
    assert all(is_inside(code, outer) for outer in codes)
    assert (other in codes) == is_inside(code, other)
