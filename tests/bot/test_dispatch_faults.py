"""What a fault leaves behind is taken up again: nothing stays in the inbox for ever, no chat goes deaf."""

import asyncio

import pytest

from bot.dispatch import Dispatcher
from bot.handling import Desk
from models.content import Attachment
from models.errors import Collided, StorageFailed
from models.inbox import do_receive
from tests.bot.test_dispatch import answers, dispatcher, event, log, platform, statuses

__all__ = ["dispatcher", "log", "platform"]  # fixtures


async def taken_up(dispatcher):
    for _ in range(3):
        await dispatcher.settle()
        await dispatcher.sweep()
    await dispatcher.settle()


async def test_read_that_fails_once_is_tried_again(store, dispatcher, platform, monkeypatch):
    real, failing = store.read, [StorageFailed("connection lost")]

    async def flaky(unit):
        if failing:
            raise failing.pop()
        return await real(unit)

    platform.files["f"] = b"x"
    monkeypatch.setattr(store, "read", flaky)
    await dispatcher.receive([event("lin", 1, attachments=(Attachment("file", "f"),))])
    await taken_up(dispatcher)
    assert await statuses(store) == ["done"]


async def test_platform_that_breaks_its_promise_blocks_nobody(store, dispatcher):
    unknown = event("lin", 1, attachments=(Attachment("file", "no such file"),))
    await dispatcher.receive([unknown, event("lin", 2, "second")])
    await dispatcher.settle()
    assert await statuses(store) == ["failed", "done"]
    assert (await answers(store, "lin"))[-1] == "second"


async def test_event_under_way_when_the_lead_is_lost_is_handled_when_it_is_back(store, dispatcher, monkeypatch):
    real, reached = Dispatcher._fetch_all, asyncio.Event()

    async def stuck(_self, _incoming):
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Dispatcher, "_fetch_all", stuck)
    await dispatcher.receive([event("lin", 1, "one")])
    await reached.wait()
    await dispatcher.stop()
    monkeypatch.setattr(Dispatcher, "_fetch_all", real)
    dispatcher.leading = True
    await taken_up(dispatcher)
    assert await statuses(store) == ["done"]


async def test_chat_is_not_deaf_after_a_stop_at_the_worst_moment(store, dispatcher):
    await dispatcher.receive([event("lin", 1, "one")])
    await dispatcher.stop()  # before the chat's task has taken its first step
    dispatcher.leading = True
    await taken_up(dispatcher)
    await dispatcher.receive([event("lin", 2, "two")])
    await dispatcher.settle()
    assert await statuses(store) == ["done", "done"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_order_holds_between_a_follower_and_the_leader(store, dispatcher, log, clock):
    await store.write(lambda session: do_receive(session, [event("lin", 1, "one")], now=clock()))
    await dispatcher.receive([event("lin", 2, "two")])
    await dispatcher.settle()
    assert [text for _chat, text in log] == ["one", "two"]


async def test_every_event_leaves_one_line_with_its_reference(dispatcher, caplog):
    caplog.set_level("INFO", logger="bot.dispatch")
    await dispatcher.receive([event("lin", 1, "私密内容"), event("chen", 2, "hi")])
    await dispatcher.settle()
    lines = [record for record in caplog.records if record.message == "event handled"]
    assert len({record.reference for record in lines}) == 2
    assert "私密内容" not in str([vars(record) for record in lines])


async def test_events_that_stand_in_the_way_of_another_process_are_handled_each_by_itself(
    store, dispatcher, log, monkeypatch, caplog
):
    together, real = [], Desk._answer

    def answer(desk, session, job, sender, now):
        together.append(job.incoming.chat)
        if together == ["lin", "wu"]:
            raise Collided("deadlock")
        return real(desk, session, job, sender, now)

    monkeypatch.setattr(Desk, "_answer", answer)
    await dispatcher.receive([event("lin", 1, "one"), event("wu", 2, "two")])
    await dispatcher.settle()
    assert together == ["lin", "wu", "lin", "wu"]
    assert await statuses(store) == ["done", "done"]
    assert [len(await answers(store, chat)) for chat in ("lin", "wu")] == [1, 1]
    assert "event failed" not in caplog.text
