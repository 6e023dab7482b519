"""Many strangers at once: their photos come one after the other, within limits, and keep nobody waiting."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.strangers import PhotoGate
from models.outbox import Lane, OutboxRow
from tests import photos
from tests.handlers.hazards.public.story import CAPTION, switched_on


class SlowFor:
    """Lets `fetch` of everybody but one chat wait until it is opened; counts how many wait there at once."""

    def __init__(self, platform, chat):
        self.fetch, self.chat, self.open = platform.fetch, chat, asyncio.Event()
        self.waiting = self.most = 0

    async def __call__(self, attachment):
        if not attachment.ref.startswith(f"{self.chat}-"):
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            await self.open.wait()
            self.waiting -= 1
        return await self.fetch(attachment)


async def test_flood_of_strangers_keeps_no_photo_of_the_roster_waiting(county, lin):
    county.platform.fetch = slow = SlowFor(county.platform, "lin")
    flood = [county.phone(f"stranger{number}").message(photos.jpeg(), CAPTION) for number in range(20)]
    await county.dispatcher.receive(flood)
    await county.dispatcher.receive([lin.message(photos.jpeg(), "靠山加油站静电接地线脱落")])
    await county.dispatcher._lanes["memory", "lin"].task
    await county.deliverer.drain()
    assert "提交" in lin.labels
    slow.open.set()
    await county.settle()
    assert slow.most == 1
    assert "提交" in county.phone("stranger19").labels


@pytest.mark.parametrize("rules", [switched_on(photos_per_hour=10)])
async def test_photos_of_the_hour_are_limited_and_that_is_said(county, clock):
    for number in range(11):
        await county.phone(f"stranger{number}").sends(photos.jpeg(), CAPTION)
    late = county.phone("stranger10")
    late.sees("现在发来的照片太多，请过一会儿再发。")
    clock.advance(hours=1)
    await late.sends(photos.jpeg())
    assert "提交" in late.labels


async def test_answers_to_strangers_leave_after_those_to_the_roster(county, he, lin):
    await he.sends("你好")
    await lin.sends("/help")

    def read(session):
        rows = session.execute(select(OutboxRow.chat, OutboxRow.lane))
        return {chat: Lane(lane) for chat, lane in rows}

    assert await county.store.read(read) == {"he": Lane.ORDER, "lin": Lane.REPLY}


async def test_photo_that_cannot_be_had_is_asked_for_at_once(county, he):
    message = he.message(photos.jpeg(), CAPTION)
    county.platform.away.add(message.attachments[0].ref)
    await county.happens(message)
    he.sees("这张照片没有收到，请再发一次。")
    he.sees_nothing_of("自动补上")


def test_one_chat_has_a_tenth_of_the_photos():
    gate, now = PhotoGate(30), datetime(2026, 11, 23, tzinfo=UTC)
    assert [gate.allows(("memory", "he"), now=now) for _ in range(4)] == [True, True, True, False]
    assert gate.allows(("memory", "other"), now=now)
