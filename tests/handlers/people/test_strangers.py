"""何 is on no roster: whatever comes from there, the answer is one and the same, and names nobody."""

import pytest

from models.content import Place
from tests.photos import jpeg, scene

DOOR = "您好，这里是网格工作平台，加入后才能使用"
NAMES = ("林晓梅", "陈建国", "吴志强", "靠山加油站", "铜山村", "泾县")


@pytest.fixture
async def he(county):
    phone = county.phone("he")
    await phone.sends("你好")
    phone.door = phone.sees(DOOR).text
    phone.clears()
    return phone


def hears_only_the_door(phone):
    assert [message.text for message in phone.screen] == [phone.door]
    assert not any(name in phone.describe() for name in NAMES)
    assert phone.menu == ()


def later(phone):
    """A minute passes: strangers who write on and on are not answered each time."""
    phone.clears()
    phone.county.clock.advance(minutes=1)


async def test_stranger_hears_the_door_at_every_command(county, he):
    for command in county.registry.commands.values():
        for text in (f"/{command.name}", *command.words):
            later(he)
            await he.sends(text)
            hears_only_the_door(he)


async def test_stranger_hears_the_door_at_every_button(county, he):
    for subject in [*county.registry.presses, "draft", "cmd", "unknown", ""]:
        for data in (f"{subject}:1:yes", f"{subject}:999:submit", f"{subject}:me:", subject):
            later(he)
            await he.presses(data)
            hears_only_the_door(he)


async def test_stranger_hears_the_door_at_the_buttons_of_commands(county, he):
    for name in county.registry.commands:
        later(he)
        await he.presses(f"cmd:{name}:")
        hears_only_the_door(he)


@pytest.mark.parametrize("text", ["YH20261123-0001", "YH20261123-000001", "林晓梅", "茂林镇 重大 逾期", "/start d_12",
                                  "/start", "取消", "是我", "19900000001", "' OR 1=1 --", "x" * 5000])  # fmt: skip
async def test_stranger_hears_the_door_at_any_words(he, text):
    await he.sends(text)
    hears_only_the_door(he)


async def test_stranger_hears_the_door_at_a_location(he):
    await he.sends(Place(30.53, 118.21))
    hears_only_the_door(he)


async def test_stranger_hears_the_door_at_a_photo(he):
    await he.sends(jpeg(scene()), "靠山加油站 静电接地线脱落 重大")
    hears_only_the_door(he)


async def test_stranger_of_a_wrong_code_learns_no_name(he):
    await he.opens_link("ABCD-EFGH-JKMN-PQRS")
    assert not any(name in he.describe() for name in NAMES)


async def test_stranger_with_an_english_phone_reads_english(county):
    phone = county.phone("hobbes", lang="en-GB")
    await phone.sends("/help")
    assert phone.screen
    phone.sees_nothing_of("林晓梅")
