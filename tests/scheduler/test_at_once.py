"""Two clocks that tick at once, and people who act in the very moment in which they would be reminded."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.access import load_actor
from models.hazards.evidence import Evidence
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardReminder
from models.outbox import OutboxRow
from scheduler.hazards import send_digests, wake_hazards
from scheduler.jobs import Services
from tests import factories

CASES = 6
PHOTO = "a" * 64


@pytest.fixture
async def office(county, people):
    """六件隐患, all of them accepted, the deadline three days from the morning at which the clock stands."""
    services = Services(county.store, county.media, county.rules, county.clock, lambda _actor: None)
    station = Spot(factories.VILLAGE, "茂林镇·铜山村", people["station"], "靠山加油站")

    def unit(session):
        now, ids = county.clock(), []
        lin, wu = (load_actor(session, people[name], now=now) for name in ("lin", "wu"))
        for number in range(CASES):
            report = Report(station, f"静电接地线脱落{number}", "electricity", "general", 7, (PHOTO,))
            ids.append(check_register(session, lin, report, rules=county.rules, now=now).hazard.id)
            check_move(session, wu, ids[-1], "accept", rules=county.rules, now=now)
        return ids

    cases = await county.store.write(unit)
    await county.settle()
    wake = await county.store.read(lambda session: session.get_one(Hazard, cases[0]).wake_at)
    county.clock.now = wake
    return county, people, services, cases


async def reminders(county, status="sent"):
    rows = select(OutboxRow.person_id, OutboxRow.subject, OutboxRow.error).where(
        OutboxRow.subject.startswith("reminder:"), OutboxRow.status == status
    )
    return await county.store.read(lambda session: session.execute(rows).all())


async def test_two_clocks_that_tick_at_once_remind_once(office):
    county, people, services, _cases = office
    county.clock.now = county.clock().replace(hour=0, minute=0)  # 08:00 in the county: the digests are due as well
    await asyncio.gather(*(job(services) for job in (wake_hazards, send_digests) * 3))
    await county.settle()
    found = await reminders(county)
    assert len(found) == len({subject for _who, subject, _error in found}) == CASES
    assert {who for who, *_rest in found} == {people["wu"]}
    digests = select(OutboxRow.person_id).where(OutboxRow.dedupe_key.startswith("digest:"))
    told = await county.store.read(lambda session: session.scalars(digests).all())
    assert len(told) == len(set(told))


async def test_whoever_hands_in_at_the_moment_of_the_reminder_is_not_reminded(office):
    county, people, services, cases = office

    def hand_in(case):
        def unit(session):
            now = county.clock() + timedelta(milliseconds=1)
            wu = load_actor(session, people["wu"], now=now)
            evidence = Evidence("已接好", (PHOTO,))
            check_move(session, wu, case, "submit", rules=county.rules, now=now, evidence=evidence)

        return county.store.write(unit)

    await asyncio.gather(wake_hazards(services), *(hand_in(case) for case in cases[::2]))
    county.clock.advance(seconds=1)
    await county.settle()
    left = {f"reminder:{case}" for case in cases[1::2]}
    assert {subject.rpartition(":")[0] for _who, subject, _error in await reminders(county)} == left
    states = await county.store.read(lambda session: [session.get_one(Hazard, case).state.value for case in cases])
    assert states == ["review", "rectifying"] * (CASES // 2)


async def test_reminder_that_cannot_be_written_is_made_later_and_once(office, monkeypatch):
    county, _people, services, cases = office
    from models.hazards import reminders as module

    send, broken = module.send_cards, [True]

    def sometimes(session, hazard, *args, **fields):
        if hazard.id == cases[2] and broken:
            broken.pop()
            raise RuntimeError("the card cannot be shown")
        return send(session, hazard, *args, **fields)

    monkeypatch.setattr(module, "send_cards", sometimes)
    await wake_hazards(services)
    await county.settle()
    assert len(await reminders(county)) == CASES - 1
    county.clock.advance(minutes=10)
    await wake_hazards(services)
    await county.settle()
    assert len(await reminders(county)) == CASES
    count = await county.store.read(lambda session: len(session.scalars(select(HazardReminder.kind)).all()))
    assert count == CASES
