"""What is set aside keeps what somebody has to see, and no code that may still open the door."""

import pytest
from sqlalchemy import select

from models.content import Incoming
from models.inbox import WIPED, InboxRow, do_park, do_receive


async def parked(store, clock, text):
    """The text of an event that was set aside."""
    event = Incoming("memory", "he", "event-1", text=text, lang="zh-hans")

    def unit(session):
        [(row_id, *_rest)] = do_receive(session, [event], now=clock())
        do_park(session, [row_id], reference="7K2Q", now=clock())

    await store.write(unit)
    row = await store.read(lambda session: session.scalars(select(InboxRow)).one())
    assert (row.status, row.reference, row.payload["lang"]) == ("failed", "7K2Q", "zh-hans")
    return row.payload["text"]


@pytest.mark.parametrize(
    "text", ["/start 7KQ2-M0XD-9V4H-TE6B", "7kq2m0xd9v4hte6b", "邀请码：7KQ2 M0XD 9V4H TE6B"]
)  # fmt: skip
async def test_parked_code_is_wiped(store, clock, text):
    assert await parked(store, clock, text) == WIPED


@pytest.mark.parametrize("text", ["靠山加油站卸油口静电接地线脱落", "/start", "YH20261123-0001"])
async def test_other_parked_words_stay(store, clock, text):
    assert await parked(store, clock, text) == text
