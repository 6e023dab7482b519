"""/me: how the roster knows a person."""

from datetime import date

from models.people.tables import Deputy, Role
from tests.factories import COUNTY, TOWN, add_enterprise, add_role, bind


async def test_me_tells_name_roles_chats_and_language(county):
    sun = county.phone("sun")
    await sun.sends("我的信息")
    assert sun.screen[0].text == "孙立新\n网格长（茂林镇）\n已绑定：memory\n语言：中文"
    assert sun.labels == ["切换语言 / Language", "解除本聊天的绑定"]


async def test_me_tells_dates_and_industry_by_name(county):
    def unit(session):
        add_enterprise(session, "泾县矿业", industry="矿山", code="91341823MA2N000001", now=county.clock())
        person_id = county.ids["sun"]
        add_role(session, person_id, Role.SUPERVISOR, COUNTY, "矿山", starts_on="2026-01-01", ends_on="2026-12-31")
        add_role(session, person_id, Role.RESCUER, TOWN, starts_on="2026-03-01")
        add_role(session, person_id, Role.DUTY, TOWN, ends_on="2026-11-30")

    await county.store.write(unit)
    sun = county.phone("sun")
    await sun.sends("/me")
    text = sun.screen[0].text
    assert "行业监管员（泾县，矿山），2026年1月1日至2026年12月31日" in text
    assert "救援队员（茂林镇），2026年3月1日起" in text
    assert "值班员（茂林镇），到2026年11月30日为止" in text


async def test_me_tells_deputies_both_ways(county):
    def unit(session):
        span = {"starts_on": date(2026, 11, 23), "ends_on": date(2026, 11, 30)}
        session.add(Deputy(person_id=county.ids["sun"], deputy_id=county.ids["wu"], **span))
        session.add(Deputy(person_id=county.ids["zheng"], deputy_id=county.ids["sun"], **span))
        session.add(Deputy(person_id=county.ids["sun"], deputy_id=county.ids["lin"],
                           starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 2)))  # fmt: skip

    await county.store.write(unit)
    sun = county.phone("sun")
    await sun.sends("/me")
    assert "代我的人：吴志强，2026年11月23日至2026年11月30日" in sun.screen[0].text
    assert "我代：郑国平，2026年11月23日至2026年11月30日" in sun.screen[0].text
    sun.sees_nothing_of("林晓梅")


async def test_me_counts_the_chats_of_each_platform(county):
    def unit(session):
        for chat in ("sun-home", "sun-office"):
            bind(session, county.ids["sun"], chat, platform="web", now=county.clock())

    await county.store.write(unit)
    sun = county.phone("sun")
    await sun.sends("/me")
    sun.sees("已绑定：memory、网页（2个聊天）")
