"""Nicknames: taught by reports, seen and removed by grid heads and administrators."""

import pytest

from tests import factories, photos


async def teach(county, phone, times=2):
    """Report at 靠山加油站 under a name that nobody knows."""
    for seed, wrong in [(3, "灭火器过期"), (4, "电线裸露")][:times]:
        await phone.sends(photos.jpeg(photos.scene(seed=seed)), f"老吴油坊 {wrong}")
        # A shop that no register knows is taken for a place in the village; once corrected, it is asked about.
        await phone.taps("靠山加油站" if "靠山加油站" in phone.labels else "改为靠山加油站")
        if "仍要新建" in phone.labels:  # the unknown name is taken for words in common
            await phone.taps("仍要新建")
        await phone.taps("提交")
    phone.clears()


async def test_third_report_needs_no_question(county, lin):
    await teach(county, lin)
    await lin.sends(photos.jpeg(photos.scene(seed=5)), "老吴油坊 消防通道堵塞")
    if "仍要新建" in lin.labels:
        await lin.taps("仍要新建")
    lin.sees("地点：茂林镇·铜山村 靠山加油站「推测」")


async def test_nickname_works_in_the_ledger(county, lin):
    await teach(county, lin)
    await lin.sends("老吴油坊")
    lin.sees("隐患台账：2条\n条件：靠山加油站")


async def test_grid_head_sees_and_removes_it(county, lin, sun):
    await teach(county, lin)
    await sun.sends("俗称")
    sun.sees("“老吴油坊”是靠山加油站")
    await sun.taps("删除“老吴油坊”")
    sun.sees("已删除“老吴油坊”。")
    await lin.sends(photos.jpeg(photos.scene(seed=5)), "老吴油坊 消防通道堵塞")
    if "仍要新建" in lin.labels:
        await lin.taps("仍要新建")
    lin.sees("地点：茂林镇·铜山村「推测」")


async def test_single_lesson_is_marked_as_unsure(county, lin, qian):
    await teach(county, lin, times=1)
    await qian.sends("/nicknames")
    qian.sees("“老吴油坊”可能是靠山加油站，再确认一次后使用")


async def test_officer_may_not_remove(county, lin, chen):
    await teach(county, lin)
    await lin.sends("俗称")
    lin.sees("您的岗位没有这项权限")
    await lin.presses("nickname:1:remove")
    lin.sees("没有找到")


async def test_other_town_sees_nothing(county, lin, store, clock):
    await teach(county, lin)

    def unit(session):
        session.add(factories.Grid(code="341823102", name="云岭镇", level="town", parent_code=factories.COUNTY))
        session.flush()
        role = (factories.Role.GRID_HEAD, "341823102")
        factories.add_person(session, "高山", "19900000051", role, chat="gao", now=clock())

    await store.write(unit)
    gao = county.phone("gao")
    await gao.sends("俗称")
    gao.sees("还没有从上报中学到俗称。")
    gao.sees_nothing_of("老吴")


@pytest.mark.parametrize(
    "data", ["nickname:x:remove", "nickname:99999:remove", "nickname:1:explode", "nickname::remove"]
)
async def test_made_up_buttons_find_nothing(county, sun, data):
    await sun.presses(data)
    sun.sees("没有找到")
