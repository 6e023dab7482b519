"""Each guess on the card can be changed by one tap."""

import pytest

from tests import factories, photos
from tests.handlers.hazards.ways import CAPTION, STATION


async def test_level_is_changed_by_one_tap_and_the_deadline_follows(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.taps("改为一般隐患")
    lin.sees("等级：一般隐患\n整改期限：7天「推测」")
    assert "改为重大隐患" not in lin.labels  # It is no guess any more.


async def test_category_and_deadline_are_changed_by_one_tap(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.taps("改为危险化学品")
    await lin.taps("改为90天")
    lin.sees("类别：危险化学品\n等级：重大隐患「推测」\n整改期限：90天\n")


async def test_unknown_category_says_so_and_offers_the_likeliest(lin):
    await lin.sends(photos.jpeg(), "靠山加油站 东西坏了")
    lin.sees("类别：没有认出，暂按「其他」，请点下面选一个")
    assert lin.labels[3:6] == ["类别：消防设施", "类别：用电安全", "类别：消防通道"]
    await lin.taps("类别：消防通道")
    lin.sees("类别：消防通道\n")


async def test_unknown_category_does_not_hold_up_the_report(lin):
    await lin.sends(photos.jpeg(), "靠山加油站 东西坏了")
    await lin.taps("提交")
    lin.sees("YH20261123-0001")


async def test_other_place_is_one_tap_away(county, lin):
    for number, name in enumerate(("为民超市一店", "为民超市二店")):
        unit = lambda session, n=name, i=number: factories.add_enterprise(  # noqa: E731
            session, n, code=f"91341823000000X{i:03}", now=county.clock()
        )
        await county.store.write(unit)

    def move(session):
        session.query(factories.Enterprise).filter_by(name="为民超市二店").one().lat = 30.63

    await county.store.write(move)
    await lin.sends(photos.jpeg(), "为民超市 灭火器过期", STATION)
    lin.sees("为民超市一店「推测」")
    await lin.taps("改为为民超市二店")
    lin.sees("地点：茂林镇·铜山村 为民超市二店\n")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_card_of_a_phone_has_few_buttons(county, lin, lang):
    await lin.sends(photos.jpeg(), CAPTION)
    assert len(lin.labels) <= 12


@pytest.mark.parametrize(
    ("said", "days"),
    [("3天内整改", "3天「推测」"), ("立即整改", "当场「推测」"), ("一周内", "7天「推测」"), ("10天内", "7天「推测」")],
)
async def test_deadline_that_is_said_is_guessed(lin, said, days):
    await lin.sends(photos.jpeg(), f"靠山加油站 灭火器过期 {said}")
    lin.sees(f"整改期限：{days}")
