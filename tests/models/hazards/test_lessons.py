"""What confirmed reports teach, and that a wrong lesson never becomes a silent guess."""

import pytest
from sqlalchemy import select

from models.hazards.lessons import do_learn, place_words
from models.hazards.places import spots_by_id
from models.hazards.recognise import find_place
from models.vocabulary.nicknames import may_be_nickname
from models.vocabulary.tables import Name, Standing
from tests import factories
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards


@pytest.fixture
async def shops(town):
    """Two more enterprises of 林's village whose names nobody uses."""

    def unit(session):
        for number, name in enumerate(("鼎盛商贸行", "恒通商贸行")):
            town.ids[name] = factories.add_enterprise(session, name, code=f"9134182300000{number:05}", now=town.clock())

    await town.store.write(unit)
    return town


async def learn(town, text, key, who="lin"):
    actor = await town.actor(who)

    def unit(session):
        spot = spots_by_id(session, actor, [town.ids[key]])[0]
        return do_learn(session, actor, spot, text, rules=HAZARDS, now=town.clock())

    return await town.store.write(unit)


async def guess(town, text, who="lin"):
    actor = await town.actor(who)
    found = await town.store.write(lambda session: find_place(session, actor, text, HAZARDS))
    return (found.spot.name if found.spot else ""), {spot.name for spot in found.candidates}


async def test_first_lesson_is_offered_and_the_second_guessed(shops):
    assert await guess(shops, "老吴油坊 电线裸露") == ("", set())
    assert await learn(shops, "老吴油坊 电线裸露", "鼎盛商贸行") == "老吴油坊"
    assert await guess(shops, "老吴油坊 灭火器过期") == ("", {"鼎盛商贸行"})
    await learn(shops, "老吴油坊 灭火器过期", "鼎盛商贸行")
    assert await guess(shops, "老吴油坊 灭火器过期") == ("鼎盛商贸行", set())


async def test_words_of_two_places_are_asked_about(shops):
    for _time in range(2):
        await learn(shops, "老吴油坊 电线裸露", "鼎盛商贸行")
    await learn(shops, "老吴油坊 电线裸露", "恒通商贸行")
    assert await guess(shops, "老吴油坊 灭火器过期") == ("", {"鼎盛商贸行", "恒通商贸行"})


async def test_neighbour_hears_nothing_of_a_nickname(shops):
    for _time in range(2):
        await learn(shops, "老吴油坊 电线裸露", "鼎盛商贸行")
    assert await guess(shops, "老吴油坊 灭火器过期", who="chen") == ("", set())
    assert (await guess(shops, "老吴油坊 灭火器过期", who="sun"))[0] == "鼎盛商贸行"


async def test_name_of_the_register_is_not_taken_away(shops):
    assert await learn(shops, "靠山加油站 电线裸露", "鼎盛商贸行") == ""
    assert (await guess(shops, "靠山加油站 电线裸露"))[0] == "靠山加油站"


async def test_what_is_understood_teaches_nothing(shops):
    assert await learn(shops, "鼎盛商贸行 电线裸露", "鼎盛商贸行") == ""


async def test_removed_nickname_is_not_learned_again(shops):
    await learn(shops, "老吴油坊 电线裸露", "鼎盛商贸行")

    def remove(session):
        session.scalars(select(Name).where(Name.lessons == 1)).one().standing = Standing.REMOVED

    await shops.store.write(remove)
    for _time in range(3):
        await learn(shops, "老吴油坊 电线裸露", "鼎盛商贸行")
    assert await guess(shops, "老吴油坊 电线裸露") == ("", set())


@pytest.mark.parametrize("words", ["老吴油坊", "吴家店", "红星供销社", "KK宾馆"])
def test_words_that_may_be_a_name(words):
    assert may_be_nickname(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "加油站",
        "超市",
        "二楼",
        "后门店",
        "这家店",
        "我们厂",
        "小店",
        "村口",
        "门口",
        "一家超市",
        "没人管的店",
        "堵住的厂",
        "很" * 12 + "店",
    ],
)
def test_words_that_are_none(words):
    assert not may_be_nickname(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [("老吴油坊 电线裸露", "老吴油坊"), ("在老吴油坊里灭火器过期", "老吴油坊"), ("灭火器过期", ""), ("", "")],
)
def test_words_of_the_place_stand_before_the_trouble(text, words):
    assert place_words(text, HAZARDS) == words
