"""A report whose caption names no place: the village and the trade are guessed, and a neighbour is nobody's own."""

from tests import photos
from tests.handlers.hazards.ways import STATION


async def test_village_is_guessed_and_marked(county):
    chen = county.phone("chen")  # No enterprise lies in the village.
    await chen.sends(photos.jpeg(), "祠堂门口电线裸露")
    chen.sees("地点：茂林镇·奎峰村「推测」")


async def test_enterprise_of_a_village_is_one_tap_away_from_the_village(lin):
    await lin.sends(photos.jpeg(), "祠堂门口电线裸露")
    lin.sees("地点：茂林镇·铜山村「推测」")
    await lin.taps("改为靠山加油站")
    lin.sees("地点：茂林镇·铜山村 靠山加油站\n")


async def test_what_any_enterprise_has_is_asked_about(lin):
    await lin.sends(photos.jpeg(), "灭火器过期")
    lin.sees("在哪里？")


async def test_location_means_the_only_enterprise_near(lin):
    await lin.sends(photos.jpeg(), "灭火器过期", STATION)
    lin.sees("靠山加油站「推测」")


async def test_manager_is_asked_if_next_door_is_meant(county):
    wu = county.phone("wu")
    await wu.sends(photos.jpeg(), "隔壁超市门口电线裸露")
    wu.sees("在哪里？")
    await wu.taps("取消")
    await wu.sends(photos.jpeg(), "卸油口静电接地线脱落")
    wu.sees("靠山加油站")
