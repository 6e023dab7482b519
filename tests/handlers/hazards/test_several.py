"""Several hazards in one caption: asked about, registered apart with one 提交, or kept together."""

from sqlalchemy import select

from models.hazards.tables import Hazard, HazardPhoto
from tests import factories, photos
from tests.handlers.hazards.ways import sees_registered

TWO = "靠山加油站 灭火器过期，消防通道堵塞"


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


async def test_two_enterprises_are_two_hazards(county, lin):
    await county.store.write(
        lambda session: factories.add_enterprise(session, "铜山木业", code="91341823000000X001", now=county.clock())
    )
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
