"""A card is refreshed in place; where that cannot be done, one short message or none, never the card once more."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.content import Card
from models.errors import Throttled, Unchangeable, Unreachable
from models.outbox import Attempt, OutboxRow, Reply, do_reply_all
from tests.fakes import CAPS

SHORT = Card(lines=("YH-1有新进展。",))
NEW = Card(lines=("整改中",), key="hazard:1", instead=SHORT)


async def shown(county):
    """林 has an old card."""
    await queue(county, Card(lines=("待接收",), key="hazard:1"), "new")
    return county.phone("lin")


async def queue(county, card, placing="refresh"):
    reply = Reply(card, "memory", "lin", "zh", placing=placing)
    await county.store.write(lambda session: do_reply_all(session, [reply], now=county.clock()))
    await county.settle()


def texts(phone):
    return [message.text for message in phone.screen]


async def outcomes(county):
    rows = select(Attempt.outcome).order_by(Attempt.id)
    return await county.store.read(lambda session: session.scalars(rows).all())


async def test_card_changes_in_place(county):
    lin = await shown(county)
    await queue(county, NEW)
    assert texts(lin) == ["整改中"]


@pytest.mark.parametrize(("instead", "expected"), [(SHORT, ["待接收", "YH-1有新进展。"]), (None, ["待接收"])])
async def test_card_that_cannot_be_changed_is_spoken_of_to_those_concerned(county, instead, expected):
    lin = await shown(county)
    county.platform.fails["lin"] = [Unchangeable("not-in-place")]
    await queue(county, replace(NEW, instead=instead))
    assert texts(lin) == expected
    assert (await outcomes(county))[-1] == ("instead" if instead else "outdated")


@pytest.mark.parametrize(("instead", "expected"), [(SHORT, ["待接收", "YH-1有新进展。"]), (None, ["待接收"])])
async def test_platform_without_edits_is_never_asked_for_one(county, instead, expected):
    county.platform.caps = replace(CAPS, edits=False)
    lin = await shown(county)
    await queue(county, replace(NEW, instead=instead))
    assert texts(lin) == expected
    assert {outgoing.placing for outgoing in county.platform.sent} == {"new"}


@pytest.mark.parametrize("placing", ["edit", "move"])
async def test_answer_on_a_platform_without_edits_is_a_new_message(county, placing):
    county.platform.caps = replace(CAPS, edits=False)
    lin = await shown(county)
    await queue(county, NEW, placing)
    assert texts(lin) == ["待接收", "整改中"]
    assert {outgoing.placing for outgoing in county.platform.sent} == {"new"}


async def test_chat_without_the_card_gets_no_card(county):
    await queue(county, replace(NEW, instead=None))
    assert county.phone("lin").screen == []


async def test_card_is_still_known_after_the_short_message(county):
    lin = await shown(county)
    county.platform.fails["lin"] = [Unchangeable("not-in-place")]
    await queue(county, NEW)
    await queue(county, replace(NEW, lines=("待复查",)))
    assert texts(lin) == ["待复查", "YH-1有新进展。"]


@pytest.mark.parametrize("error", [Throttled("throttled", retry_after_s=1), Unreachable("no-connection")])
async def test_short_message_that_does_not_get_through_comes_later(county, error):
    lin = await shown(county)
    county.platform.fails["lin"] = [Unchangeable("not-in-place"), error, Unchangeable("not-in-place")]
    await queue(county, NEW)
    assert texts(lin) == ["待接收"]
    county.clock.advance(minutes=10)
    await county.settle()
    assert texts(lin) == ["待接收", "YH-1有新进展。"]


async def test_refresh_that_was_perhaps_made_is_made_again_without_a_word(county):
    lin = await shown(county)
    reply = Reply(NEW, "memory", "lin", "zh", placing="refresh")

    def unit(session):
        do_reply_all(session, [reply], now=county.clock())
        session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).first().uncertain = True

    await county.store.write(unit)
    await county.settle()
    assert texts(lin) == ["整改中"]


def test_short_message_survives_the_outbox():
    assert Card.from_json(NEW.to_json()) == NEW
