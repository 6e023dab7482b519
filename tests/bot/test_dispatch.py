"""From the inbox to an answer: nothing lost, nothing twice, in order per chat, and no event blocks another."""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from bot.dispatch import Dispatcher
from handlers.registry import Registry
from models.content import Attachment, Card, Incoming, say
from models.errors import InvalidInput, StorageFailed, Unfetchable
from models.inbox import InboxRow
from models.media import Media, open_media
from models.outbox import OutboxRow
from models.rules import read_rules
from models.texts import Reader, _, load_line
from tests.factories import cast


class FakePlatform:
    """Has files to fetch; `missing` ones cannot be had."""

    name = "memory"

    def __init__(self):
        self.files, self.missing = {}, set()

    async def fetch(self, attachment):
        if attachment.ref in self.missing:
            raise Unfetchable("gone")
        return self.files[attachment.ref]


class Silence:
    """Sends nothing."""

    def wake(self):
        pass

    def plan(self):
        return None


def echo_registry(log):
    registry = Registry()

    def echo(request):
        text = request.incoming.text
        log.append((request.incoming.chat, text))
        if text == "boom":
            raise RuntimeError("boom")
        if text == "wrong":
            raise InvalidInput(_("请重新输入"))
        shas = [item.sha or item.error for item in request.incoming.attachments]
        return say(text or "+".join(shas))

    registry.fallback(echo)
    registry.stranger = lambda _request: Card(lines=("您还没有加入",))
    return registry


@pytest.fixture
def log():
    return []


@pytest.fixture
def platform():
    return FakePlatform()


@pytest.fixture
async def dispatcher(store, clock, platform, log, tmp_path):
    await store.write(lambda session: cast(session, clock()))
    made = Dispatcher(
        store, media=open_media(tmp_path / "media"), registry=echo_registry(log), rules=read_rules(Path("rules.toml")),
        platforms={"memory": platform}, clock=clock, outbound=Silence(),
    )  # fmt: skip
    made.leading = True
    yield made
    await made.stop()


def event(chat, number, text="", **fields):
    return Incoming("memory", chat, f"{chat}-{number}", text=text, **fields)


def answers(store, chat):
    def read(session):
        rows = session.scalars(select(OutboxRow).where(OutboxRow.chat == chat).order_by(OutboxRow.id))
        return [Reader().read(load_line(row.card["lines"][-1])) for row in rows]

    return store.read(read)


async def test_events_of_one_chat_are_answered_in_order(store, dispatcher, log):
    await dispatcher.receive([event("lin" if n % 2 else "chen", n, str(n)) for n in range(40)])
    await dispatcher.settle()
    assert [text for chat, text in log if chat == "lin"] == [str(n) for n in range(1, 40, 2)]
    assert await answers(store, "chen") == [str(n) for n in range(0, 40, 2)]


async def test_event_delivered_twice_is_handled_once(store, dispatcher, log):
    await asyncio.gather(*(dispatcher.receive([event("lin", 1, "hi")]) for _ in range(5)))
    await dispatcher.settle()
    assert log == [("lin", "hi")]
    assert await answers(store, "lin") == ["hi"]


async def test_stranger_gets_the_fixed_sentence(store, dispatcher, log):
    await dispatcher.receive([event("he", 1, "云岭镇 重大")])
    await dispatcher.settle()
    assert log == []
    assert await answers(store, "he") == ["您还没有加入"]


async def test_flood_of_a_stranger_is_answered_a_few_times_only(store, dispatcher, clock):
    await dispatcher.receive([event("he", n, str(n)) for n in range(50)])
    await dispatcher.settle()
    assert len(await answers(store, "he")) == 8
    assert await statuses(store) == ["done"] * 50
    clock.advance(minutes=1)
    await dispatcher.receive([event("he", 50, "又来")])
    await dispatcher.settle()
    assert len(await answers(store, "he")) == 9


async def test_photo_of_a_stranger_is_not_even_fetched(store, dispatcher, platform):
    platform.files["p"] = photo(1)
    await dispatcher.receive([event("he", 1, attachments=(Attachment("photo", "p"),))])
    await dispatcher.settle()
    assert await store.read(lambda s: s.scalars(select(Media)).all()) == []


async def test_album_becomes_one_message(store, dispatcher, platform, log):
    parts = []
    for number in range(3):
        platform.files[f"p{number}"] = photo(number)
        attachment = Attachment("photo", f"p{number}")
        parts.append(event("lin", number, "灭火器过期" if number == 1 else "", attachments=(attachment,), group="g"))
    for part in parts:
        await dispatcher.receive([part])
    await dispatcher.settle()
    assert log == [("lin", "灭火器过期")]


async def test_photo_that_cannot_be_had_is_named_and_the_rest_kept(store, dispatcher, platform):
    platform.files["good"] = photo(1)
    platform.missing.add("bad")
    both = (Attachment("photo", "good"), Attachment("photo", "bad"))
    await dispatcher.receive([event("lin", 1, attachments=both)])
    await dispatcher.settle()
    [answer] = await answers(store, "lin")
    sha, error = answer.split("+")
    assert len(sha) == 64
    assert error == "gone"


async def test_photo_that_finds_no_room_is_named_and_blocks_nobody(store, dispatcher, platform, monkeypatch):
    async def full(_data, *, name):
        raise StorageFailed("disk full")

    platform.files["p"] = photo(1)
    monkeypatch.setattr(dispatcher._media, "keep", full)
    await dispatcher.receive([event("lin", 1, attachments=(Attachment("photo", "p"),)), event("lin", 2, "next")])
    await dispatcher.settle()
    assert await answers(store, "lin") == ["storage", "next"]


async def test_photo_that_does_not_come_holds_up_nobody(store, dispatcher, platform, monkeypatch):
    async def hang(_attachment):
        await asyncio.Event().wait()

    monkeypatch.setattr(platform, "fetch", hang)
    monkeypatch.setattr("bot.dispatch.PHOTO_S", 0.01)
    await dispatcher.receive([event("lin", 1, attachments=(Attachment("photo", "p"),)), event("lin", 2, "next")])
    await dispatcher.settle()
    assert await answers(store, "lin") == ["slow", "next"]


async def test_refusal_is_one_sentence_and_the_event_is_done(store, dispatcher):
    await dispatcher.receive([event("lin", 1, "wrong")])
    await dispatcher.settle()
    assert await answers(store, "lin") == ["请重新输入"]
    assert await statuses(store) == ["done"]


async def test_failing_event_is_parked_with_a_reference_and_blocks_nobody(store, dispatcher):
    await dispatcher.receive([event("lin", 1, "boom"), event("lin", 2, "next")])
    await dispatcher.settle()
    sorry, following = await answers(store, "lin")
    assert "您的输入已保存" in sorry
    assert following == "next"
    assert await statuses(store) == ["failed", "done"]
    parked = await store.read(lambda s: s.scalars(select(InboxRow).order_by(InboxRow.id)).first())
    assert parked.payload["text"] == "boom"
    assert parked.reference in sorry
    assert len(await answers(store, "qian")) == 1


async def test_handled_event_keeps_no_second_copy_of_what_was_typed(store, dispatcher):
    await dispatcher.receive([event("lin", 1, "私密")])
    await dispatcher.settle()
    assert await store.read(lambda s: s.scalars(select(InboxRow.payload)).one()) == {}


async def test_what_waits_is_taken_up_after_a_restart(store, dispatcher, log):
    dispatcher.leading = False
    await dispatcher.receive([event("lin", 1, "早")])
    assert log == []
    dispatcher.leading = True
    await dispatcher.sweep()
    await dispatcher.settle()
    assert log == [("lin", "早")]


async def test_receive_raises_when_nothing_could_be_stored(dispatcher, monkeypatch):
    async def full(_unit):
        raise StorageFailed("disk full")

    monkeypatch.setattr(dispatcher._store, "write", full)
    with pytest.raises(StorageFailed):
        await dispatcher.receive([event("lin", 1, "x")])


async def test_two_dispatchers_over_one_database_have_one_effect(store, dispatcher, clock, platform, tmp_path):
    second = Dispatcher(
        store, media=open_media(tmp_path / "media"), registry=echo_registry([]), rules=read_rules(Path("rules.toml")),
        platforms={"memory": platform}, clock=clock, outbound=Silence(),
    )  # fmt: skip
    dispatcher.leading = False
    await dispatcher.receive([event("lin", n, str(n)) for n in range(10)])
    dispatcher.leading = second.leading = True
    await asyncio.gather(dispatcher.sweep(), second.sweep())
    await asyncio.gather(dispatcher.settle(), second.settle())
    assert sorted(await answers(store, "lin"), key=int) == [str(n) for n in range(10)]


def statuses(store):
    return store.read(lambda s: list(s.scalars(select(InboxRow.status).order_by(InboxRow.id))))


def photo(shade):
    with io.BytesIO() as out:
        Image.new("RGB", (64, 48), (shade, 90, 40)).save(out, "JPEG")
        return out.getvalue()
