"""Two that change one card at once, and what a row keeps or shows when its chat is no longer what it was."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.content import Card
from models.errors import Rejected
from models.outbox import Lane, OutboxRow, Reply, do_reply_all
from models.people.tables import Account
from tests import factories
from tests.handlers.hazards.ways import CAPTION
from tests.photos import jpeg


def slowed(county, placing):
    """Let time pass with every send, and make those of this placing take a while, as a platform's calls do."""
    real = county.platform.send

    async def send(outgoing):
        if outgoing.placing == placing:
            await asyncio.sleep(0.02)
        county.clock.advance(seconds=1)
        return await real(outgoing)

    county.platform.send = send


def queue(county, *rows):
    """Queue cards `(text, key, lane, placing, previous)` for 林, in this order."""
    replies = [
        Reply(Card(lines=(text,), key=key), "memory", "lin", "zh", placing=placing, previous=previous, lane=lane)
        for text, key, lane, placing, previous in rows
    ]
    return county.store.write(lambda session: do_reply_all(session, replies, now=county.clock()))


@pytest.mark.parametrize("slow", ["edit", "move"])
async def test_whoever_verifies_keeps_one_card(county, people, lin, slow):
    role = (factories.Role.RESCUER, factories.VILLAGE)
    person = {"chat": "gao", "now": county.clock()}
    await county.store.write(lambda session: factories.add_person(session, "高山", "19900000031", role, **person))
    gao = county.phone("gao")
    await gao.sends(jpeg(), CAPTION)
    await gao.taps("铜山村")
    await gao.taps("提交")
    slowed(county, slow)
    await lin.taps("核实属实")
    assert len([message for message in lin.screen if "YH2026" in message.text]) == 1
    assert [one.placing for one in county.platform.sent if one.chat == "lin"][-1] == "edit"  # not told of her own act


@pytest.mark.parametrize("slow", ["edit", "move"])
@pytest.mark.parametrize("first", [Lane.REPLY, Lane.NOTICE])
async def test_notice_and_answer_leave_one_card_with_the_newer_words(county, lin, slow, first):
    await queue(county, ("待接收", "hazard:1", Lane.NOTICE, "new", ""))
    await county.settle()
    [shown] = lin.screen
    slowed(county, slow)
    changes = [
        ("整改中", "hazard:1", Lane.REPLY, "edit", shown.id),
        ("已督办", "hazard:1", Lane.NOTICE, "move", ""),
    ]
    changes = changes if first is Lane.REPLY else changes[::-1]
    await queue(county, *changes)
    await county.settle()
    assert [message.text for message in lin.screen] == [changes[-1][0]]


async def test_answer_to_another_card_does_not_wait_for_a_notice(county, lin):
    await queue(county, ("通知", "hazard:1", Lane.NOTICE, "move", ""), ("答复", "hazard:2", Lane.REPLY, "move", ""))
    await county.settle()
    assert [message.text for message in lin.screen] == ["答复", "通知"]


async def test_answer_is_not_shown_to_the_next_owner_of_the_chat(county, people, lin):
    reply = Reply(Card(lines=("林的台账",)), "memory", "lin", "zh", person_id=people["lin"])

    def unit(session):
        do_reply_all(session, [reply], now=county.clock())
        session.scalars(select(Account).where(Account.chat == "lin")).one().person_id = people["wu"]

    await county.store.write(unit)
    await county.settle()
    assert lin.screen == []
    assert await ends(county) == [("expired", "unbound")]


def ends(county):
    rows = select(OutboxRow.status, OutboxRow.error).order_by(OutboxRow.id)
    return county.store.read(lambda session: [tuple(row) for row in session.execute(rows)])


@pytest.mark.parametrize("late", [False, True])
async def test_secret_that_was_not_delivered_is_wiped_too(county, late):
    reply = Reply(Card(lines=("邀请码：7KQ2-M0XD-9V4H-TE6B",), secret=True), "memory", "qian", "zh")
    county.platform.fails["qian"] = [Rejected("too-large")]

    def unit(session):
        do_reply_all(session, [reply], now=county.clock())
        row = session.scalars(select(OutboxRow)).one()
        row.expires_at = county.clock() - timedelta(hours=1) if late else None

    await county.store.write(unit)
    await county.settle()
    assert (await ends(county))[0][0] == ("expired" if late else "dead")
    card = await county.store.read(
        lambda session: session.scalars(select(OutboxRow.card).order_by(OutboxRow.id)).first()
    )
    assert card == {}
