"""Several hazards in one caption: asked about, registered apart with one 提交, or kept together."""

import pytest
from sqlalchemy import select, update

from models.content import Place
from models.enterprises.tables import Enterprise
from models.hazards.flow import State
from models.hazards.tables import Hazard, HazardEvent, HazardPhoto
from models.people.tables import Role
from tests import factories, photos
from tests.handlers.hazards.ways import sees_registered

TWO = "靠山加油站 灭火器过期，消防通道堵塞"


@pytest.fixture
async def mill(county):
    """铜山木业, a second enterprise in 林's village, whose manager is 方彩云."""

    def add(session):
        role, now = (Role.MANAGER, factories.VILLAGE), county.clock()
        fang = factories.add_person(session, "方彩云", "19900000011", role, chat="fang", now=now)
        return factories.add_enterprise(session, "铜山木业", code="91341823000000X001", managers=[fang], now=now)

    return await county.store.write(add)


async def places(county):
    """What is registered where: the name of the enterprise, or the code of the grid."""
    rows = select(Hazard, Enterprise.name).outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
    found = await county.store.read(lambda session: session.execute(rows.order_by(Hazard.id)).all())
    return [name or hazard.grid_code for hazard, name in found]


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())


async def test_two_hazards_are_asked_about(lin):
    await lin.sends(photos.jpeg(), TWO)
    lin.sees("这里好像有几处隐患，要分别登记吗？")
    assert lin.labels == ["分别登记2条", "合并为一条", "取消"]


async def test_each_is_registered_with_one_tap_more(county, lin, wu):
    await lin.sends(photos.jpeg(), TWO)
    await lin.taps("分别登记2条")
    lin.sees("2条隐患分别上报，请核对\n照片：1张\n地点：茂林镇·铜山村 靠山加油站「推测」\n1. 靠山加油站 灭火器过期\n")
    lin.sees("2. 消防通道堵塞\n消防通道「推测」，一般隐患「推测」，7天「推测」")
    await lin.taps("提交")
    assert [hazard.category for hazard in await hazards(county)] == ["fire_equipment", "fire_passage"]
    shown = await county.store.read(lambda session: session.scalars(select(HazardPhoto.hazard_id)).all())
    assert len(set(shown)) == 2
    for number in ("YH20261123-0001", "YH20261123-0002"):
        sees_registered(lin, number)
        wu.sees(number)


async def test_merged_hazards_are_one(county, lin):
    await lin.sends(photos.jpeg(), TWO)
    await lin.taps("合并为一条")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [TWO]


async def test_words_answer_as_buttons_do(county, lin):
    await lin.sends(photos.jpeg(), TWO)
    await lin.sends("都行")
    lin.sees("请点按钮选择：分别登记，还是合并为一条。")
    await lin.sends("合并")
    lin.sees("隐患上报，请核对")


async def test_choice_may_be_changed(county, lin):
    await lin.sends(photos.jpeg(), TWO)
    await lin.taps("分别登记2条")
    await lin.taps("修改")
    await lin.taps("登记方式")
    await lin.taps("合并为一条")
    lin.sees("隐患上报，请核对")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [TWO]


async def test_field_of_the_second_may_be_changed(county, lin):
    await lin.sends(photos.jpeg(), TWO)
    await lin.taps("分别登记2条")
    await lin.taps("修改")
    await lin.taps("等级2")
    await lin.taps("重大隐患")
    await lin.taps("提交")
    assert [(hazard.level, hazard.is_major) for hazard in await hazards(county)] == [
        ("general", False),
        ("major", True),
    ]


async def test_two_enterprises_are_two_hazards(county, lin, mill):
    await lin.sends(photos.jpeg(), "靠山加油站灭火器过期 铜山木业木屑没清")
    await lin.taps("分别登记2条")
    await lin.taps("提交")
    first, second = await hazards(county)
    assert first.enterprise_id != second.enterprise_id


async def test_deadline_said_once_holds_for_each(county, lin):
    await lin.sends(photos.jpeg(), f"{TWO} 3天内整改")
    await lin.taps("分别登记2条")
    await lin.taps("提交")
    assert [(hazard.deadline - hazard.reported_at).days for hazard in await hazards(county)] == [3, 3]


# -- each at its place ---------------------------------------------------------------------------------------


async def test_summary_names_the_place_and_who_answers_for_each(county, lin, mill):
    await lin.sends(photos.jpeg(), "1.靠山加油站灭火器过期 2.铜山木业配电箱破损")
    await lin.taps("分别登记2条")
    shown = lin.sees("2条隐患分别上报，请核对")
    assert shown.text.splitlines()[1:] == [
        "照片：1张",
        "1. 靠山加油站灭火器过期",
        "地点：茂林镇·铜山村 靠山加油站「推测」",
        "消防设施「推测」，一般隐患「推测」，7天「推测」",
        "整改责任人：吴志强",
        "2. 铜山木业配电箱破损",
        "地点：茂林镇·铜山村 铜山木业「推测」",
        "用电安全「推测」，一般隐患「推测」，7天「推测」",
        "整改责任人：方彩云",
    ]


async def test_who_answers_is_said_once_where_all_is_at_one_place(lin):
    await lin.sends(photos.jpeg(), TWO)
    await lin.taps("分别登记2条")
    assert lin.sees("2条隐患分别上报").text.count("整改责任人：吴志强") == 1


@pytest.mark.parametrize("other", ["云岭镇政府", "奎峰村", "隔壁村", "幸福酒店"])
async def test_place_that_is_not_known_is_asked_for_and_never_taken_to_be_the_first(county, lin, other):
    await lin.sends(photos.jpeg(), f"1.靠山加油站灭火器过期 2.{other}配电箱破损")
    await lin.taps("分别登记2条")
    lin.sees("第2条在哪里？请发定位，或输入单位、地点的名称，也可以点下面的按钮。")
    await lin.taps("铜山村")
    lin.sees(f"2. {other}配电箱破损\n地点：茂林镇·铜山村\n")
    await lin.taps("提交")
    assert await places(county) == ["靠山加油站", factories.VILLAGE]


@pytest.mark.parametrize("other", ["为民茶厂", "老吴家"])
async def test_place_that_is_guessed_by_itself_is_guessed_beside_another_as_well(county, lin, other):
    await lin.sends(photos.jpeg(), f"1.靠山加油站灭火器过期 2.{other}配电箱破损")
    await lin.taps("分别登记2条")
    lin.sees(f"2. {other}配电箱破损\n地点：茂林镇·铜山村「推测」\n")


async def test_place_of_the_first_is_asked_for_as_well(county, lin):
    await lin.sends(photos.jpeg(), "1.云岭镇政府配电箱破损 2.靠山加油站灭火器过期")
    await lin.taps("分别登记2条")
    lin.sees("在哪里？请发定位")
    await lin.taps("铜山村")
    await lin.taps("提交")
    assert await places(county) == [factories.VILLAGE, "靠山加油站"]


async def test_place_before_the_first_number_holds_for_all(county, lin):
    await lin.sends(photos.jpeg(), "靠山加油站 1灭火器过期 2消防通道堵 3幸福酒店电线裸露 4应急灯坏了")
    await lin.taps("分别登记4条")
    lin.sees("第3条在哪里？")
    await lin.taps("铜山村")
    await lin.taps("提交")
    assert await places(county) == ["靠山加油站"] * 2 + [factories.VILLAGE] * 2


async def test_place_of_one_may_be_changed(county, lin, mill):
    await lin.sends(photos.jpeg(), TWO)
    await lin.taps("分别登记2条")
    await lin.taps("修改")
    await lin.taps("地点2")
    await lin.sends("铜山木业")
    lin.sees("2. 消防通道堵塞\n地点：茂林镇·铜山村 铜山木业\n")
    await lin.taps("提交")
    assert await places(county) == ["靠山加油站", "铜山木业"]


async def test_location_sent_for_one_is_its_alone(county, lin):
    await lin.sends(photos.jpeg(), "1.靠山加油站灭火器过期 2.云岭镇政府配电箱破损")
    await lin.taps("分别登记2条")
    await lin.sends(Place(30.5391, 118.2191))
    await lin.taps("提交")
    first, second = await hazards(county)
    assert (first.lat, second.lat) == (30.53, 30.5391)


@pytest.mark.parametrize(
    "caption",
    [
        "1.靠山加油站灭火器过期 2.铜山木业配电箱破损",
        "1、靠山加油站灭火器过期；2、铜山木业配电箱破损",
        "①靠山加油站灭火器过期②铜山木业配电箱破损",
        "一是靠山加油站灭火器过期，二是铜山木业配电箱破损",
        "靠山加油站灭火器过期 2.铜山木业配电箱破损",
    ],
)
async def test_number_of_the_next_is_no_part_of_what_is_wrong(county, lin, mill, caption):
    await lin.sends(photos.jpeg(), caption)
    await lin.taps("分别登记2条")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == ["靠山加油站灭火器过期", "铜山木业配电箱破损"]


# -- each may be there already -------------------------------------------------------------------------------


@pytest.fixture
async def again(lin, zhou):
    """林 has reported the extinguishers; 周 sends them again, and something else."""
    await lin.sends(photos.jpeg(), "靠山加油站 灭火器过期")
    await lin.taps("提交")
    for phone in (lin, zhou):
        phone.clears()
    await zhou.sends(photos.jpeg(photos.scene(seed=7)), "1.靠山加油站灭火器过期 2.靠山加油站消防通道堵塞")
    await zhou.taps("分别登记2条")


async def test_each_is_compared_and_may_be_added_to_what_is_there(again, county, zhou, lin):
    shown = zhou.sees("疑似重复 YH20261123-0001")
    assert "第1条您写的是：靠山加油站灭火器过期" in shown.text
    assert zhou.labels == ["并入该隐患", "仍要新建", "修改", "取消"]
    await zhou.taps("并入该隐患")
    zhou.sees("1. 靠山加油站灭火器过期\n并入YH20261123-0001，不再新建\n2. 靠山加油站消防通道堵塞\n")
    await zhou.taps("提交")
    zhou.sees("已并入YH20261123-0001，办理结果会告诉您。")
    sees_registered(zhou, "YH20261123-0002")
    assert [hazard.category for hazard in await hazards(county)] == ["fire_equipment", "fire_passage"]
    lin.sees("这条隐患有新的补充情况，请查看。")


async def test_each_may_be_registered_anew_and_that_is_written_down(again, county, zhou):
    await zhou.sends("仍要新建")
    zhou.sees("2条隐患分别上报，请核对")
    await zhou.taps("提交")
    assert len(await hazards(county)) == 3
    rows = select(HazardEvent.hazard_id).where(HazardEvent.action == "distinct")
    assert await county.store.read(lambda session: session.scalars(rows).all()) == [2]


async def test_one_after_the_other_is_asked_about(again, county, zhou):
    await zhou.taps("仍要新建")
    await zhou.taps("提交")
    zhou.clears()
    await zhou.sends(photos.jpeg(photos.scene(seed=9)), "1.靠山加油站灭火器过期 2.靠山加油站消防通道堵塞")
    await zhou.taps("分别登记2条")
    zhou.sees("第1条您写的是")
    await zhou.taps("仍要新建")
    zhou.sees("第2条您写的是：靠山加油站消防通道堵塞")
    await zhou.taps("并入该隐患")
    await zhou.taps("提交")
    assert len(await hazards(county)) == 4


async def test_adding_may_be_taken_back_on_the_summary(again, county, zhou):
    await zhou.taps("并入该隐患")
    await zhou.taps("第1条改为新建")
    zhou.sees("消防设施「推测」")
    await zhou.taps("提交")
    assert len(await hazards(county)) == 3


async def test_other_words_are_compared_anew(again, county, zhou):
    await zhou.taps("并入该隐患")
    await zhou.taps("修改")
    await zhou.taps("问题")
    await zhou.sends("靠山加油站加油机漏油")
    zhou.sees("危险化学品「推测」")
    zhou.sees_nothing_of("并入YH20261123-0001")


async def test_case_closed_meanwhile_is_not_added_to_and_nothing_is_lost(again, county, zhou):
    await zhou.taps("并入该隐患")
    await county.store.write(lambda session: session.execute(update(Hazard).values(state=State.CLOSED)))
    await zhou.taps("提交")
    assert [hazard.description for hazard in await hazards(county)][1:] == [
        "靠山加油站灭火器过期",
        "靠山加油站消防通道堵塞",
    ]
