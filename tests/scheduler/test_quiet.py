"""Quiet hours: what can wait makes no sound at night, and in the morning only what still holds is said."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.content import Card
from models.outbox import Lane, OutboxRow, Reply, do_reply_all, do_tell
from models.rules import QuietRules
from tests.scheduler.test_hazards import office

__all__ = ["office"]  # the fixture


def night(office, text):
    """Let the clock of the county show this, without a tick."""
    office.county.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=8)


async def tells(office, name, text, lane=Lane.NOTICE, **fields):
    card = Card(lines=(text,), key=fields.pop("key", ""))
    await office.county.store.write(
        lambda session: do_tell(session, [office.ids[name]], card, now=office.county.clock(), lane=lane, **fields)
    )
    await office.county.settle()


async def statuses(office):
    rows = select(OutboxRow.status, OutboxRow.error).order_by(OutboxRow.id)
    return [tuple(row) for row in await office.county.store.read(lambda session: session.execute(rows).all())]


@pytest.mark.parametrize(
    ("hour", "quiet"), [(21, False), (22, True), (23, True), (0, True), (6, True), (7, False), (12, False)]
)
def test_quiet_hours_pass_over_midnight(hour, quiet):
    assert QuietRules(starts_hour=22, ends_hour=7).has_hour(hour) is quiet
    assert QuietRules(starts_hour=8, ends_hour=8).has_hour(hour) is False


@pytest.mark.parametrize(
    ("lane", "at_once"),
    [(Lane.INCIDENT, True), (Lane.WARNING, True), (Lane.REPLY, True), (Lane.ORDER, True), (Lane.NOTICE, False),
     (Lane.DIGEST, False)],
)  # fmt: skip
async def test_only_what_can_wait_waits(office, lin, lane, at_once):
    night(office, "2026-11-23 23:00")
    await tells(office, "lin", "通知", lane)
    assert ("通知" in lin.describe()) is at_once
    night(office, "2026-11-24 06:59")
    await office.county.settle()
    assert ("通知" in lin.describe()) is at_once
    night(office, "2026-11-24 07:00")
    await office.county.settle()
    lin.sees("通知")


async def test_card_that_changes_in_place_is_not_held(office, lin):
    await tells(office, "lin", "整改中", key="hazard:1", placing="move")
    night(office, "2026-11-23 23:00")
    await tells(office, "lin", "别的通知")
    await tells(office, "lin", "待复查", key="hazard:1", placing="edit")
    assert "待复查" in lin.screen[-1].text
    lin.sees_nothing_of("别的通知")


async def test_answer_about_a_card_does_not_wait_for_its_held_notice(office, lin):
    night(office, "2026-11-23 23:00")
    await tells(office, "lin", "夜里的通知", key="hazard:1", placing="move")
    answer = Reply(Card(lines=("现在的样子",), key="hazard:1"), "memory", "lin", "zh", placing="move")
    await office.county.store.write(lambda session: do_reply_all(session, [answer], now=office.county.clock()))
    await office.county.settle()
    lin.sees("现在的样子")
    night(office, "2026-11-24 07:00")
    await office.county.settle()
    lin.sees_nothing_of("夜里的通知")
    assert (await statuses(office))[0] == ("expired", "superseded")


async def test_of_several_held_changes_of_a_card_the_last_is_sent(office, lin):
    night(office, "2026-11-23 23:00")
    for text in ("待接收", "整改中", "待复查"):
        await tells(office, "lin", text, key="hazard:1", placing="move")
    await tells(office, "lin", "别的案子", key="hazard:2", placing="move")
    night(office, "2026-11-24 07:00")
    await office.county.settle()
    assert [message.text for message in lin.screen] == ["待复查", "别的案子"]


async def test_edit_of_a_held_card_waits_for_it_and_wins(office, lin):
    night(office, "2026-11-23 23:00")
    await tells(office, "lin", "新隐患", key="hazard:1", placing="move")
    await tells(office, "lin", "待复查", key="hazard:1", placing="edit")
    assert lin.screen == []
    night(office, "2026-11-24 07:00")
    await office.county.settle()
    assert [message.text for message in lin.screen] == ["待复查"]


async def test_by_day_every_notice_is_sent(office, lin):
    for text in ("待接收", "整改中"):
        await tells(office, "lin", text, key="hazard:1", placing="move")
    assert {status for status, _error in await statuses(office)} == {"sent"}


async def test_report_at_night_reaches_the_manager_in_the_morning(office, wu):
    night(office, "2026-11-23 23:30")
    await office.reports()
    assert wu.screen == []
    night(office, "2026-11-24 07:00")
    await office.county.settle()
    wu.sees("隐患整改通知")


async def test_reminder_held_at_night_is_dropped_when_the_case_has_moved_on(office, county):
    hazard_id = await office.reports(days=30)
    await office.at("2026-11-24 23:00")  # 确认收到 was due at 09:00
    assert await office.told("") == []
    await office.moves("wu", hazard_id, "accept")
    await office.at("2026-11-25 07:00")
    assert await office.told("") == []
    rows = select(OutboxRow.error).where(OutboxRow.subject.startswith("reminder:"))
    assert set(await county.store.read(lambda session: session.scalars(rows).all())) <= {"not-theirs", "superseded"}


async def test_reminder_held_at_night_comes_in_the_morning_if_it_holds(office, wu):
    await office.reports(days=30)
    await office.at("2026-11-24 23:00")
    await office.at("2026-11-25 07:00")
    assert await office.told("先点") == [("wu", "25 07")]


async def test_warning_about_the_same_card_goes_ahead(office, lin):
    night(office, "2026-11-23 23:00")
    await tells(office, "lin", "通知", key="hazard:1", placing="move")
    await tells(office, "lin", "预警", lane=Lane.WARNING, key="hazard:1", placing="new")
    lin.sees("预警")
