"""The daily digest: one message a day, the most urgent first, nothing where nothing waits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from sqlalchemy import delete, select, update

from models.hazards.flow import State
from models.hazards.tables import Hazard
from models.outbox import Lane, OutboxRow
from models.people.tables import Account, Deputy, Leave, Person
from scheduler import hazards as clockwork
from scheduler.hazards import send_digests
from tests import factories
from tests.scheduler.test_hazards import office

__all__ = ["office"]  # the fixture


async def digests(office):
    """Who was sent a digest: (name, day and hour in the county), in order."""
    rows = select(OutboxRow).where(OutboxRow.lane == int(Lane.DIGEST), OutboxRow.status == "sent")
    found = await office.county.store.read(lambda session: session.scalars(rows.order_by(OutboxRow.id)).all())
    names = {ident: name for name, ident in office.ids.items() if name != "station"}
    return [(names[row.person_id], f"{row.sent_at + timedelta(hours=8):%d %H}") for row in found]


@pytest.fixture
async def joined(office):
    """Everybody joined on Monday; the first tick plans their digests."""
    await send_digests(office.services)
    return office


async def test_digest_lists_what_waits_the_most_urgent_first(joined, wu):
    for days, what in ((15, "灭火器压力不足"), (3, "卸油口静电接地线脱落"), (30, "应急灯不亮")):
        await joined.accepted(days=days, what=what)
    await joined.at("2026-11-24 08:00")
    assert await digests(joined) == [("wu", "24 08")]
    message = wu.sees("每日提醒：3件待办")
    labels = [label for label, _data in message.buttons]
    assert ["静电接地" in labels[0], "灭火器" in labels[1], "应急灯" in labels[2], labels[3]] == [True] * 3 + [
        "全部待办"
    ]
    await wu.taps(labels[0])
    assert "YH20261123-0002" in wu.screen[-1].text


async def test_long_digest_says_how_many_more(joined, wu):
    for number in range(11):
        await joined.accepted(days=7, what=f"第{number}具灭火器压力不足")
    await joined.at("2026-11-24 08:00")
    message = wu.sees("每日提醒：11件待办")
    assert "还有3条没有列出。" in message.text
    assert len(message.buttons) == 9
    await wu.taps("全部待办")
    wu.sees("今天有11件待办")


async def test_digest_comes_once_a_day_and_replaces_yesterdays(joined, wu):
    await joined.accepted(days=30)
    await joined.days("2026-11-24", "2026-11-26", hours=(7, 8, 9, 12, 21))
    assert await digests(joined) == [("wu", "24 08"), ("wu", "25 08"), ("wu", "26 08")]
    assert len([message for message in wu.screen if "每日提醒" in message.text]) == 1


async def test_nothing_waiting_nothing_sent(joined):
    await joined.days("2026-11-24", "2026-11-26")
    assert await digests(joined) == []


async def test_missed_digest_is_caught_up_on_the_same_day_only(joined):
    await joined.accepted(days=30)
    await joined.at("2026-11-24 15:00")
    await joined.at("2026-11-26 03:00")  # the one of the 25th is past; at eight comes the next
    await joined.at("2026-11-26 07:59")
    await joined.at("2026-11-26 08:00")
    assert await digests(joined) == [("wu", "24 15"), ("wu", "26 08")]


async def test_late_evening_brings_no_digest(joined):
    await joined.accepted(days=30)
    await joined.at("2026-11-24 23:00")
    await joined.at("2026-11-25 07:00")
    assert await digests(joined) == []
    await joined.at("2026-11-25 08:00")
    assert await digests(joined) == [("wu", "25 08")]


async def test_each_chat_of_a_person_gets_the_same_one(joined, county):
    await county.store.write(lambda session: factories.bind(session, joined.ids["wu"], "wu-2", now=county.clock()))
    await joined.accepted(days=30)
    await send_digests(joined.services)
    await joined.days("2026-11-24", "2026-11-24")
    assert await digests(joined) == [("wu", "24 08"), ("wu", "24 08")]
    first, second = county.phone("wu").sees("每日提醒"), county.phone("wu-2").sees("每日提醒")
    assert (first.text, first.buttons) == (second.text, second.buttons)


async def test_leader_sees_what_is_long_overdue_major_or_to_be_signed(joined, zheng):
    late = await joined.accepted(days=7, what="灭火器压力不足")
    await joined.reports(days=365, level="major", what="储罐泄漏")
    signed = await joined.reports(days=30, level="major", what="罐区无围堰")
    await joined.county.store.write(
        lambda session: session.execute(update(Hazard).where(Hazard.id == signed).values(state=State.DELISTING))
    )
    await joined.at("2026-12-07 08:00")  # overdue for less than seven days
    assert "灭火器" not in str(zheng.sees("每日提醒：1件待办").buttons)
    await joined.at("2026-12-08 08:00")
    message = zheng.sees("每日提醒：1件待办")
    labels = [label for label, _data in message.buttons]
    assert "待签字销号" in labels[0]
    assert [any(word in label for label in labels) for word in ("灭火器", "储罐泄漏")] == [True, True]
    assert "逾期7天以上：1件" in message.text
    assert "未销号的重大隐患：2件" in message.text
    assert late


async def test_digest_of_whoever_is_on_leave_goes_to_the_grid_head(joined, sun):
    await joined.accepted(days=30)
    await joined.puts(Leave, person_id=joined.ids["wu"], starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 24))
    await joined.days("2026-11-24", "2026-11-25", hours=(8,))
    assert await digests(joined) == [("sun", "24 08"), ("wu", "25 08")]
    assert "吴志强请假：待整改" in sun.sees("每日提醒：1件待办").buttons[0][0]


async def test_digest_of_whoever_is_on_leave_goes_to_the_deputy_only(joined, county):
    await joined.accepted(days=30)
    span = {"starts_on": date(2026, 11, 24), "ends_on": date(2026, 11, 24)}
    await joined.puts(Deputy, person_id=joined.ids["wu"], deputy_id=joined.ids["chen"], **span)
    await joined.puts(Leave, person_id=joined.ids["wu"], **span)
    await joined.at("2026-11-24 08:00")
    assert await digests(joined) == [("chen", "24 08")]
    county.phone("chen").sees("每日提醒：1件待办")


async def test_whoever_joins_gets_the_first_digest_the_next_day(office, county):
    await office.accepted(days=30)
    await office.days("2026-11-23", "2026-11-24", hours=(9,))
    assert await digests(office) == [("wu", "24 09")]


async def test_person_without_a_chat_is_not_asked_about_again(joined, county):
    await county.store.write(lambda session: session.execute(delete(Account).where(Account.chat == "wu")))
    await joined.accepted(days=30)
    await joined.at("2026-11-24 08:00")
    rows = select(Person.digest_at).where(Person.id == joined.ids["wu"])
    assert await county.store.read(lambda session: session.scalar(rows)) is None


async def test_other_hour_of_the_rules_holds_from_the_next_day(joined):
    await joined.accepted(days=30)
    rules = attrs.evolve(joined.services.rules, reminders=attrs.evolve(joined.services.rules.reminders, hour=9))
    joined.services = replace(joined.services, rules=rules)
    await joined.days("2026-11-24", "2026-11-25", hours=(8, 9))
    assert await digests(joined) == [("wu", "24 09"), ("wu", "25 09")]


async def test_digest_that_fails_holds_nobody_back(joined, monkeypatch, county):
    await joined.accepted(days=30)
    real = clockwork.do_digest

    def digest(session, person_id, **fields):
        if person_id == joined.ids["lin"]:
            raise ValueError("broken")
        return real(session, person_id, **fields)

    monkeypatch.setattr(clockwork, "do_digest", digest)
    await joined.at("2026-11-24 08:00")
    assert await digests(joined) == [("wu", "24 08")]
    rows = select(Person.digest_at).where(Person.id == joined.ids["lin"])
    assert await county.store.read(lambda session: session.scalar(rows)) == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
