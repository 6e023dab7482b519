"""The clock of the cases: who is reminded when, once, and only of what still holds."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from sqlalchemy import delete, select, update

from models.access import load_actor
from models.hazards import reminders
from models.hazards.flow import State
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardEvent
from models.outbox import OutboxRow
from models.people.tables import Assignment, Deputy, Leave, Role
from scheduler.hazards import send_digests, wake_hazards
from scheduler.jobs import JOBS, Services
from tests import factories

PHOTO = "a" * 64


@dataclass
class Office:
    """The county with its clock: what people do without their phones, and the time that passes."""

    county: object
    ids: dict

    def __post_init__(self):
        county = self.county
        county.deliverer._is_quiet = lambda moment: county.rules.quiet.has_hour((moment.hour + 8) % 24)
        self.services = Services(county.store, county.media, county.rules, county.clock, lambda _actor: None)

    async def reports(self, name="lin", days=7, level="general", what="卸油口静电接地线脱落"):
        """Something at 靠山加油站 is reported on Monday 23 November at 09:00; the deadline is so many days later."""
        station = Spot(factories.VILLAGE, "茂林镇·铜山村", self.ids["station"], "靠山加油站")
        report = Report(station, what, "electricity", level, days, (PHOTO,))

        def unit(session):
            actor = load_actor(session, self.ids[name], now=self.county.clock())
            return check_register(session, actor, report, rules=self.county.rules, now=self.county.clock()).hazard.id

        hazard_id = await self.county.store.write(unit)
        await self.county.settle()
        return hazard_id

    async def moves(self, name, hazard_id, action, **act):
        def unit(session):
            now = self.county.clock()
            check_move(session, load_actor(session, self.ids[name], now=now), hazard_id, action,
                       rules=self.county.rules, now=now, **act)  # fmt: skip

        await self.county.store.write(unit)
        await self.county.settle()

    async def accepted(self, **fields):
        hazard_id = await self.reports(**fields)
        await self.moves("wu", hazard_id, "accept")
        return hazard_id

    async def at(self, text):
        """Let the clock of the county (not of Greenwich) show this, and tick once."""
        self.county.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=8)
        await self.ticks()

    async def ticks(self):
        await wake_hazards(self.services)
        await send_digests(self.services)
        await self.county.settle()

    async def days(self, first, last, hours=(8, 9)):
        """Tick at these hours of every day from the first to the last."""
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            for hour in hours:
                await self.at(f"{day} {hour:02}:00")
            day += timedelta(days=1)

    async def told(self, text):
        """Who was sent a reminder that says this, in the order of sending: (name, day and hour in the county)."""
        rows = select(OutboxRow).where(OutboxRow.subject.startswith("reminder:"), OutboxRow.status == "sent")
        found = await self.county.store.read(lambda session: session.scalars(rows.order_by(OutboxRow.id)).all())
        names = {ident: name for name, ident in self.ids.items() if name != "station"}
        return [
            (names[row.person_id], f"{row.sent_at + timedelta(hours=8):%d %H}")
            for row in found
            if text in str(row.card["lines"][0])
        ]

    async def puts(self, table, **columns):
        await self.county.store.write(lambda session: session.add(table(**columns)))

    async def hazard(self, hazard_id):
        return await self.county.store.read(lambda session: session.get_one(Hazard, hazard_id))


@pytest.fixture
async def office(county, people):
    def unit(session):
        dispatcher = (Role.DISPATCHER, factories.COUNTY)
        return factories.add_person(session, "丁宁", "19900000012", dispatcher, chat="ding", now=county.clock())

    return Office(county, {**people, "ding": await county.store.write(unit)})


def test_jobs_are_in_the_table_and_tick_every_minute_at_least():
    jobs = {job.run: job for job in JOBS}
    assert max(jobs[run].every for run in (wake_hazards, send_digests)) <= timedelta(minutes=1)


async def test_rectifier_is_reminded_before_the_deadline_and_on_its_day(office, wu, lin):
    await office.accepted(days=7)  # until Monday the 30th, 09:00
    await office.days("2026-11-23", "2026-11-30", hours=(7, 8))
    assert await office.told("整改期限") == [("wu", "27 08"), ("wu", "29 08"), ("wu", "30 08")]
    assert "今天是整改期限" in wu.sees("今天是整改期限").text
    assert len([message for message in wu.screen if "YH20261123-0001 " in message.text]) == 1  # the card moves along
    lin.sees_nothing_of("整改期限，")


async def test_reminder_says_how_many_days_are_left(office, wu):
    await office.accepted(days=7)
    await office.at("2026-11-27 08:00")
    wu.sees("还有3天到整改期限，请按期整改。")
    await office.at("2026-11-29 08:00")
    wu.sees("还有1天到整改期限，请按期整改。")


async def test_reminders_before_the_assignment_are_left_out(office):
    await office.accepted(days=3)  # the notice of Monday 09:00 is later than Monday 08:00
    await office.days("2026-11-23", "2026-11-26", hours=(8,))
    assert await office.told("整改期限") == [("wu", "25 08"), ("wu", "26 08")]


async def test_spot_deadline_has_no_reminder(office):
    await office.accepted(days=0)
    await office.days("2026-11-23", "2026-11-23", hours=(8, 10, 12))
    assert await office.told("整改期限") == []


async def test_new_deadline_brings_new_reminders(office):
    hazard_id = await office.accepted(days=7)
    await office.at("2026-11-27 08:00")
    until = datetime(2026, 12, 10, 1, tzinfo=UTC)
    await office.moves("wu", hazard_id, "extend", note="配件未到", changes={"deadline_asked": until})
    await office.moves("sun", hazard_id, "approve")
    await office.days("2026-11-27", "2026-12-10", hours=(8,))
    assert [day for _name, day in await office.told("整改期限")] == ["27 08", "07 08", "09 08", "10 08"]


async def test_overdue_rises_from_officer_to_grid_head_to_supervisor(office):
    await office.accepted(days=7)
    await office.days("2026-11-30", "2026-12-20")
    assert await office.told("整改已逾期") == [("lin", "01 08"), ("sun", "02 08"), ("zhou", "04 08")]


async def test_each_level_is_told_once_per_case(office):
    hazard_id = await office.accepted(days=7)
    await office.days("2026-12-01", "2026-12-02")
    asked = {"deadline_asked": datetime(2026, 12, 5, 1, tzinfo=UTC)}
    await office.moves("wu", hazard_id, "extend", note="配件未到", changes=asked)
    await office.moves("zhou", hazard_id, "approve")
    await office.days("2026-12-03", "2026-12-20")
    assert await office.told("整改已逾期") == [("lin", "01 08"), ("sun", "02 08"), ("zhou", "09 08")]


async def test_level_without_a_holder_goes_to_the_office(office):
    await office.accepted(days=7)
    gone = delete(Assignment).where(Assignment.role.in_((Role.GRID_HEAD, Role.SUPERVISOR)))
    await office.county.store.write(lambda session: session.execute(gone))
    await office.days("2026-12-01", "2026-12-04")
    assert [name for name, _day in await office.told("整改已逾期")] == ["lin", "ding", "ding"]


@pytest.mark.parametrize(
    ("state", "due", "duty", "above"),
    [
        (State.REPORTED, "2026-11-23 11:00", {"sun", "zhou"}, {"ding"}),  # 林 reported it
        (State.ACCEPTED, "2026-11-23 13:00", {"sun", "ding"}, set()),
        (State.ASSIGNED, "2026-11-24 09:00", {"wu"}, {"sun"}),
        (State.EXTENSION, "2026-12-07 09:00", {"sun", "zhou"}, {"ding"}),
        (State.REVIEW, "2026-11-26 09:00", {"lin", "sun", "zhou"}, {"ding"}),
        (State.DELISTING, "2026-11-26 09:00", {"zheng"}, {"sun"}),
    ],
)
async def test_late_step_is_told_to_whoever_has_it_and_a_working_day_later_above(office, state, due, duty, above):
    hazard_id = await office.reports(level="major", days=365)
    at = datetime.fromisoformat(due).replace(tzinfo=UTC) - timedelta(hours=8)
    columns = {"state": state, "state_due": at, "wake_at": at, "level": "general", "is_major": state is State.DELISTING}
    await office.county.store.write(lambda session: session.execute(update(Hazard).values(**columns)))
    await office.at(due)
    assert {name for name, _day in await office.told("")} == duty
    await office.at(due[:8] + f"{int(due[8:10]) + 1:02}" + due[10:])
    assert {name for name, _day in await office.told("请督促")} == above
    assert (await office.hazard(hazard_id)).state is state


async def test_what_was_missed_is_caught_up_once_with_the_most_urgent(office):
    await office.accepted(days=7)
    await office.at("2026-11-30 08:30")  # nothing ticked since Monday: T−3, T−1 and T are all due
    assert await office.told("整改期限") == [("wu", "30 08")]
    await office.days("2026-11-30", "2026-11-30", hours=(9,))
    assert len(await office.told("")) == 1


async def test_reminder_of_the_deadline_is_not_caught_up_after_it(office):
    await office.accepted(days=7)
    await office.at("2026-12-05 10:00")
    assert await office.told("整改期限") == []
    assert sorted(name for name, _day in await office.told("整改已逾期")) == ["lin", "sun", "zhou"]
    await office.days("2026-12-05", "2026-12-08")
    assert len(await office.told("整改已逾期")) == 3


async def test_nobody_is_told_of_two_levels_at_once(office):
    await office.county.store.write(
        lambda session: factories.add_role(session, office.ids["lin"], Role.GRID_HEAD, factories.VILLAGE)
    )
    await office.accepted(days=7)
    await office.at("2026-12-02 10:00")
    assert sorted(await office.told("整改已逾期")) == [("lin", "02 10"), ("sun", "02 10")]


async def test_what_has_moved_on_is_not_reminded_of(office):
    hazard_id = await office.accepted(days=7)
    await office.at("2026-11-26 10:00")
    await office.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))
    await office.moves("lin", hazard_id, "pass")
    await office.days("2026-11-27", "2026-12-08")
    assert await office.told("") == []
    assert (await office.hazard(hazard_id)).wake_at is None


async def test_reminder_that_waits_for_its_platform_is_dropped_when_the_case_moves(office, county):
    hazard_id = await office.accepted(days=7)
    county.clock.now = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    await wake_hazards(office.services)  # queued and not sent yet
    await office.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))
    rows = select(OutboxRow.status, OutboxRow.error).where(OutboxRow.subject.startswith("reminder:"))
    assert await county.store.read(lambda session: session.execute(rows).all()) == [("expired", "not-theirs")]


async def test_suspended_case_comes_back_on_its_day(office, wu):
    hazard_id = await office.accepted(days=30)
    until = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    await office.moves("sun", hazard_id, "suspend", note="企业停产", changes={"suspended_until": until})
    await office.days("2026-11-24", "2026-11-30")
    assert (await office.hazard(hazard_id)).state is State.SUSPENDED
    await office.at("2026-12-01 08:00")
    hazard = await office.hazard(hazard_id)
    assert (hazard.state, hazard.suspended_until) == (State.RECTIFYING, None)
    wu.sees("这条隐患已恢复办理。")
    last = await office.county.store.read(
        lambda s: s.scalars(select(HazardEvent).order_by(HazardEvent.id.desc())).first()
    )
    assert (last.action, last.person_id) == ("resume", None)


async def test_step_that_comes_back_has_its_time_again(office):
    hazard_id = await office.reports(days=30)
    until = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    await office.moves("sun", hazard_id, "suspend", note="企业停产", changes={"suspended_until": until})
    await office.at("2026-12-01 09:00")
    hazard = await office.hazard(hazard_id)
    assert (hazard.state, hazard.state_due) == (State.ASSIGNED, datetime(2026, 12, 2, 1, 0, tzinfo=UTC))


async def test_deputy_is_reminded_beside_the_absent(office):
    await office.accepted(days=7)
    span = {"starts_on": date(2026, 11, 27), "ends_on": date(2026, 11, 28)}
    await office.puts(Deputy, person_id=office.ids["wu"], deputy_id=office.ids["chen"], **span)
    await office.days("2026-11-27", "2026-11-29", hours=(8,))
    assert sorted(await office.told("整改期限")) == [("chen", "27 08"), ("wu", "27 08"), ("wu", "29 08")]


async def test_on_leave_with_a_deputy_only_the_deputy_is_reminded(office, county):
    await office.accepted(days=7)
    span = {"starts_on": date(2026, 11, 27), "ends_on": date(2026, 11, 28)}
    await office.puts(Deputy, person_id=office.ids["wu"], deputy_id=office.ids["chen"], **span)
    await office.puts(Leave, person_id=office.ids["wu"], **span)
    await office.days("2026-11-27", "2026-11-29", hours=(8,))
    assert await office.told("整改期限") == [("chen", "27 08"), ("wu", "29 08")]
    county.phone("chen").sees("吴志强请假中，请您代为关注。")


async def test_on_leave_without_a_deputy_the_grid_head_is_reminded(office, sun):
    await office.accepted(days=7)
    await office.puts(Leave, person_id=office.ids["wu"], starts_on=date(2026, 11, 27), ends_on=date(2026, 11, 27))
    await office.days("2026-11-27", "2026-11-29", hours=(8,))
    assert await office.told("整改期限") == [("sun", "27 08"), ("wu", "29 08")]
    sun.sees("吴志强请假中，请您代为关注。")


async def test_failing_case_holds_no_other_back(office, county, monkeypatch, caplog):
    bad, good = await office.accepted(days=7), await office.accepted(days=7, what="灭火器压力不足")
    real = reminders._said

    def said(session, hazard_id):
        if hazard_id == bad:
            raise ValueError("broken")
        return real(session, hazard_id)

    monkeypatch.setattr(reminders, "_said", said)
    await office.at("2026-11-27 08:00")
    assert len(await office.told("整改期限")) == 1
    assert (await office.hazard(bad)).wake_at == county.clock() + reminders.BACK_OFF
    assert (await office.hazard(good)).wake_at == datetime(2026, 11, 29, 0, 0, tzinfo=UTC)
    assert f"H{bad}" in {getattr(record, "reference", "") for record in caplog.records}
    monkeypatch.setattr(reminders, "_said", real)
    await office.at("2026-11-27 08:10")
    assert len(await office.told("整改期限")) == 2


async def test_every_open_case_has_its_next_time_and_no_closed_one(office):
    hazard_id = await office.reports(days=7)
    assert (await office.hazard(hazard_id)).wake_at == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 确认收到
    await office.moves("wu", hazard_id, "accept")
    assert (await office.hazard(hazard_id)).wake_at == datetime(2026, 11, 27, 0, 0, tzinfo=UTC)  # T−3
    await office.moves("wu", hazard_id, "submit", note="已接好", photos=("b" * 64,))
    assert (await office.hazard(hazard_id)).wake_at == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 复查
    await office.moves("lin", hazard_id, "pass")
    assert (await office.hazard(hazard_id)).wake_at is None


async def test_old_cases_are_taken_up_after_an_upgrade(office, county):
    hazard_id = await office.accepted(days=7)
    columns = {"wake_at": Hazard.state_since}
    await county.store.write(lambda session: session.execute(update(Hazard).values(**columns)))
    await office.at("2026-11-24 10:00")
    assert await office.told("") == []
    assert (await office.hazard(hazard_id)).wake_at == datetime(2026, 11, 27, 0, 0, tzinfo=UTC)


async def test_county_decides_when_to_remind(office):
    rules = office.county.rules
    mine = attrs.evolve(rules.reminders, hour=9, before_days=(2,))
    office.services = Services(
        office.county.store, office.county.media, attrs.evolve(rules, reminders=mine), office.county.clock,
        lambda _actor: None,
    )  # fmt: skip
    office.county.rules = office.services.rules
    await office.accepted(days=7)
    await office.days("2026-11-27", "2026-11-30", hours=(8, 9))
    assert await office.told("整改期限") == [("wu", "28 09")]
