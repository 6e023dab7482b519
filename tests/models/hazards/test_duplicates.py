"""疑似重复: what a report may repeat, by place, kind, words and photo, and only of what the reporter may see."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from benchmarks.statements import counted
from models.grids.tables import Grid
from models.hazards.duplicates import MOST, find_duplicates
from models.hazards.flow import State
from models.hazards.places import Spot
from models.people.tables import Role
from tests import factories
from tests.models.hazards.conftest import PHOTO

STREET = Spot(factories.VILLAGE, "茂林镇·铜山村", text="村口", lat=30.53, lon=118.21)
NORTH_M = 1 / 111_195  # Degrees of latitude.
PIT = {"spot": STREET, "description": "路面塌陷一个大坑", "category": "road", "photos": ()}


async def doubts(town, name="lin", **fields):
    """The ids of what a report of this person may repeat."""
    actor, report = await town.actor(name), town.finding(**{"photos": (), **fields})
    found = await town.store.read(
        lambda session: find_duplicates(session, actor, report, rules=town.rules.hazards, now=town.clock())
    )
    return [item.hazard_id for item in found]


@pytest.mark.parametrize(
    ("words", "category", "is_doubtful"),
    [
        ("卸油口的静电接地线掉了", "electricity", True),
        ("卸油口的静电接地线掉了", "dangerous_goods", True),
        ("插座烧焦", "electricity", True),
        ("灭火器过期", "fire_equipment", False),
    ],
)
async def test_enterprise_is_asked_about_by_words_or_by_kind(town, words, category, is_doubtful):
    hazard_id = await town.reports("lin")
    found = await doubts(town, "zhou", description=words, category=category)
    assert found == ([hazard_id] if is_doubtful else [])


async def test_two_of_the_kind_called_other_have_only_that_in_common(town):
    await town.reports("lin", category="other", description="大门歪了")
    assert await doubts(town, category="other", description="灯箱松动") == []
    assert await doubts(town, category="other", description="大门歪斜") == [1]


async def test_closed_case_of_the_enterprise_is_none(town):
    hazard_id = await town.reports("lin")
    await town.puts(hazard_id, state=State.CLOSED)
    assert await doubts(town) == []


@pytest.mark.parametrize(("metres", "is_doubtful"), [(0, True), (240, True), (260, False)])
async def test_public_place_is_asked_about_within_the_radius(town, metres, is_doubtful):
    await town.reports("lin", **PIT)
    there = replace(STREET, lat=STREET.lat + metres * NORTH_M)
    found = await doubts(town, **{**PIT, "spot": there, "description": "村道路面塌陷有坑"})
    assert bool(found) is is_doubtful
    assert await doubts(town, **{**PIT, "spot": there, "description": "急弯处没有标志"}) == []


async def test_radius_is_that_of_the_category(town):
    smoke = {**PIT, "description": "有人烧秸秆", "category": "forest_fire"}
    await town.reports("lin", **smoke)
    assert await doubts(town, **{**smoke, "spot": replace(STREET, lat=STREET.lat + 900 * NORTH_M)}) == [1]


async def test_days_are_limited(town):
    await town.reports("lin", **PIT)
    town.clock.advance(days=29)
    assert await doubts(town, **PIT) == [1]
    town.clock.advance(days=2)
    assert await doubts(town, **PIT) == []


@pytest.mark.parametrize("known", [(None, None), (30.6, 118.3)], ids=["no point", "middle of the grid"])
async def test_grid_counts_where_there_is_no_point(town, known):
    lat, lon = known
    await town.store.write(lambda session: session.execute(update(Grid).values(lat=lat, lon=lon)))
    vague = replace(STREET, lat=lat, lon=lon)
    await town.reports("lin", **{**PIT, "spot": vague})
    assert await doubts(town, **PIT) == [1]
    assert await doubts(town, **{**PIT, "spot": vague, "description": "路面有塌陷"}) == [1]
    assert await doubts(town, "zhou", **{**PIT, "spot": replace(vague, grid_code=factories.NEXT_VILLAGE)}) == []


async def test_photo_is_asked_about_whatever_it_is_said_to_show_also_of_a_closed_case(town):
    hazard_id = await town.reports("lin")
    await town.puts(hazard_id, state=State.CLOSED)
    other = {**PIT, "photos": (PHOTO,)}
    assert await doubts(town, **other) == [hazard_id]
    assert await doubts(town, "chen", **other) == []


async def test_newest_of_all_with_the_same_photo_are_looked_at(town, monkeypatch):
    monkeypatch.setattr("models.hazards.duplicates.LOOKED_AT", 1)
    for _ in range(3):
        await town.puts(await town.reports("lin"), state=State.CLOSED)
    assert await doubts(town, **{**PIT, "photos": (PHOTO,)}) == [3]


async def add_informant(town):
    def unit(session):
        role = (Role.INFORMANT, factories.VILLAGE)
        return factories.add_person(session, "许芳", "19900000021", role, chat="xu", now=town.clock())

    town.ids["xu"] = await town.store.write(unit)


async def test_neighbour_and_informant_learn_of_nothing(town):
    await town.reports("lin", **{**PIT, "photos": (PHOTO,)})
    await add_informant(town)
    for name in ("chen", "xu"):
        assert await doubts(town, name, **{**PIT, "photos": (PHOTO,)}) == []
    own = await town.reports("xu", **PIT)
    assert await doubts(town, "xu", **PIT) == [own]


async def test_manager_learns_nothing_of_a_tip_that_nobody_has_verified(town):
    await add_informant(town)
    hazard_id = await town.reports("xu", spot=STREET)
    await town.puts(hazard_id, enterprise_id=town.ids["station"])
    assert await doubts(town, "wu") == []
    assert await doubts(town, "lin") == [hazard_id]


async def test_likeliest_come_first_and_no_more_than_three(town):
    for words in ("插座烧焦", "卸油口静电接地线脱落", "电线老化", "卸油口的静电接地线掉了", "飞线充电"):
        await town.reports("lin", description=words, photos=())
    with_photo = await town.reports("lin", category="other", description="地面有裂纹")
    found = await doubts(town, photos=(PHOTO,))
    assert found == [with_photo, 2, 4]
    assert len(found) == MOST


async def test_search_takes_few_statements_however_many_there_are(town):
    for _ in range(5):
        await town.reports("lin")
    with counted() as seen:
        await doubts(town, photos=(PHOTO,))
    assert len(seen) <= 10
