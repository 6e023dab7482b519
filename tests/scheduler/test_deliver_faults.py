"""A fault of one row, or of one platform, stays with it; what works again is used again."""

import pytest
from sqlalchemy import select

from models.content import Card
from models.errors import BadCredentials, Rejected
from models.outbox import OutboxRow, Reply, do_reply_all
from scheduler import marking


def queue(county, *chats):
    replies = [Reply(Card(lines=(f"给{chat}",)), "memory", chat, "zh") for chat in chats]
    return county.store.write(lambda session: do_reply_all(session, replies, now=county.clock()))


def ends(county):
    rows = select(OutboxRow.chat, OutboxRow.status, OutboxRow.error).order_by(OutboxRow.id)
    return county.store.read(lambda session: [tuple(row) for row in session.execute(rows)])


async def test_card_that_cannot_be_read_is_given_up_and_holds_up_nobody(county, lin, qian):
    await queue(county, "lin", "lin")

    def spoil(session):
        row = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).first()
        row.card = {"lines": ["x"], "buttons": [[{"label": "没有数据"}]]}

    await county.store.write(spoil)
    await county.settle()
    assert [message.text for message in lin.screen] == ["给lin"]
    assert (await ends(county))[:2] == [("lin", "dead", "unreadable"), ("lin", "sent", "")]
    qian.sees("有消息发送失败")


@pytest.mark.parametrize("broken", ["_on_dead", "do_mark"])
async def test_outcome_that_cannot_be_recorded_keeps_nobody_waiting(county, lin, wu, monkeypatch, broken):
    real = getattr(marking, broken)

    def fails(session, what, *rest, **fields):
        if getattr(what, "chat", "") == "lin" or (broken == "do_mark" and any(one.code == "bad" for one in what)):
            raise LookupError("a fault in what follows from this row")
        return real(session, what, *rest, **fields)

    monkeypatch.setattr(marking, broken, fails)
    county.platform.fails["lin"] = [Rejected("bad")]
    await queue(county, "lin", "wu", "lin")
    await county.settle()
    assert [message.text for message in wu.screen] == ["给wu"]
    assert [message.text for message in lin.screen] == ["给lin"]
    first = ("lin", "dead", "bad") if broken == "_on_dead" else ("lin", "leased", "")
    assert (await ends(county))[:3] == [first, ("wu", "sent", ""), ("lin", "sent", "")]


async def test_platform_that_refused_our_credentials_is_asked_again_after_a_minute(county, lin):
    county.platform.fails["lin"] = [BadCredentials("401")]
    await queue(county, "lin")
    await county.settle()
    county.clock.advance(seconds=50)
    await county.settle()
    assert lin.screen == []
    county.clock.advance(seconds=10)
    await county.settle()
    assert [message.text for message in lin.screen] == ["给lin"]
