"""/invite: a name, a code, a link, a picture; each inviter in the own grids only."""

import pytest

from models.outbox import OutboxRow
from models.people.tables import Role
from tests.factories import NEXT_VILLAGE, TOWN, VILLAGE, add_person

FORBIDDEN = "您的岗位没有这项权限"


@pytest.fixture
def sun(county):
    return county.phone("sun")


@pytest.fixture
def qian(county):
    return county.phone("qian")


async def test_two_taps_make_an_invite_that_joins(county, sun):
    await sun.sends("邀请")
    await sun.taps("林晓梅")
    card = sun.sees("林晓梅的邀请")
    code = next(line.removeprefix("邀请码：") for line in card.text.split("\n") if line.startswith("邀请码："))
    assert card.photos == (f"memory://join/{code}",)
    assert "2026年11月30日 09:00前有效" in card.text
    lin = county.phone("lin")
    await lin.sends(card.photos[0].replace("join/", "?join="))
    await lin.taps("是我")
    lin.sees("林晓梅，您已加入")


async def test_invite_is_wiped_from_the_outbox_once_delivered(county, sun):
    await sun.sends("邀请 林")
    await sun.taps("林晓梅")
    rows = await county.store.read(lambda session: session.query(OutboxRow).filter_by(chat="sun").order_by("id").all())
    assert sun.sees("邀请码")
    assert rows[-1].card == {}


async def test_grid_head_sees_only_the_own_people(sun):
    await sun.sends("/invite")
    assert sun.labels == ["林晓梅", "陈建国"]
    for name in ("周敏", "郑国平", "钱文静"):
        await sun.sends(f"邀请 {name}")
        sun.sees(f"您的网格里没有可以邀请的「{name}」")


async def test_administrator_sees_who_has_not_joined_first(qian):
    await qian.sends("/invite")
    assert qian.labels[:2] == ["林晓梅", "陈建国"]
    assert all(label.endswith("（已加入）") for label in qian.labels[2:])


async def test_people_of_a_village_stand_together(county, qian):
    def unit(session):
        for number, (name, grid) in enumerate([("一", NEXT_VILLAGE), ("丁", VILLAGE), ("龙", VILLAGE), ("龚", TOWN)]):
            add_person(session, f"{name}安", f"1990000006{number}", (Role.OFFICER, grid), now=county.clock())

    await county.store.write(unit)
    await qian.sends("/invite")
    qian.sees("没有加入的在前，按网格排列")
    assert qian.labels[:6] == ["龚安", "丁安", "林晓梅", "龙安", "一安", "陈建国"]


async def test_grid_lists_who_has_not_joined(sun):
    await sun.sends("/invite 铜山村")
    sun.sees("茂林镇·铜山村还有1人没有加入")
    assert sun.labels == ["林晓梅"]
    await sun.sends("/invite 泾县")
    sun.sees("您的网格里没有可以邀请的「泾县」")


async def test_person_named_like_a_village_is_found(county, sun):
    await county.store.write(
        lambda s: add_person(s, "赵铜山", "19900000051", (Role.MANAGER, VILLAGE), now=county.clock())
    )
    await sun.sends("邀请 铜山")
    assert sun.labels == ["赵铜山"]
    await sun.sends("邀请 铜山村")
    assert "赵铜山" in sun.labels
    sun.sees("茂林镇·铜山村还有2人没有加入")


async def test_full_grid_says_so(county, sun, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    await lin.taps("是我")
    await sun.sends("邀请 铜山")
    sun.sees("茂林镇·铜山村的人员都已加入")


async def test_list_turns_pages_in_place(county, sun):
    def crowd(session):
        for number in range(9):
            add_person(session, f"赵{number}", f"1991000000{number}", (Role.INFORMANT, VILLAGE), now=county.clock())

    await county.store.write(crowd)
    await sun.sends("邀请 赵")
    assert sun.labels == [*(f"赵{number}" for number in range(8)), "下一页"]
    await sun.taps("下一页")
    assert sun.labels == ["赵8", "上一页"]
    assert len(sun.screen) == 1


@pytest.mark.parametrize("name", ["wu", "zhou", "zheng"])
async def test_others_may_not_invite(county, name):
    phone = county.phone(name)
    await phone.sends("/invite")
    phone.sees(FORBIDDEN)
    await phone.presses(f"invite:{county.ids['lin']}:make")
    assert "没有找到，或者已经失效" in phone.screen[-1].text
    phone.sees_nothing_of("邀请码")


@pytest.mark.parametrize("data", ["invite:{zheng}:make", "invite:{wu}:make", "invite:999999:make", "invite:x:make",
                                  "invite:１:make", "invite:{lin}:", "invite:{lin}:yes", "invite:-1:list.",
                                  "invite:99999999999999999999999:make"])  # fmt: skip
async def test_forged_button_sounds_like_an_unknown_one(county, sun, data):
    await sun.presses("nothing:1:x")
    unknown = sun.screen[-1].text
    await sun.presses(data.format(**county.ids))
    assert sun.screen[-1].text == unknown
    sun.sees_nothing_of("邀请码")


async def test_long_query_still_fits_the_buttons(sun):
    await sun.sends("/invite " + "赵" * 200)
    sun.sees("没有可以邀请的")
