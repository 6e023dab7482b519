"""The outbox is emptied in order, urgent first, and every kind of failure ends as it should."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from models import errors
from models.content import Card
from models.delivery import do_recover
from models.outbox import Attempt, Lane, OutboxRow, Reply, do_reply, do_reply_all, do_tell
from models.people.tables import Account
from scheduler.deliver import Deliverer
from tests.factories import cast

CAPS = SimpleNamespace(per_second=10_000, in_flight=16, idempotent=False, edits=True)


@dataclass
class FakePlatform:
    """Takes everything, or fails as the test says: `fails[chat]` is a list of errors, used up one by one."""

    name: str = "memory"
    caps: object = field(default_factory=lambda: CAPS)
    fails: dict = field(default_factory=dict)
    sent: list = field(default_factory=list)

    async def send(self, outgoing):
        await asyncio.sleep(0)
        if self.fails.get(outgoing.chat):
            raise self.fails[outgoing.chat].pop(0)
        self.sent.append(outgoing)
        return str(len(self.sent))

    def lines(self, chat):
        return [outgoing.reader.read(outgoing.card.lines[-1]) for outgoing in self.sent if outgoing.chat == chat]


@pytest.fixture
def platform():
    return FakePlatform()


@pytest.fixture
def deliverer(store, clock, platform):
    return Deliverer(
        store, {"memory": platform}, make_outgoing=SimpleNamespace, checks={}, clock=clock,
        zone=ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip


def reply(store, clock, chat, text, **fields):
    card = Card(lines=(text,), key=fields.pop("key", ""), replaces=fields.pop("replaces", ""))
    return store.write(
        lambda session: do_reply(session, card, platform="memory", chat=chat, lang="zh", now=clock(), **fields)
    )


def do_broadcast(session, chats, now):
    """Queue a notice for that many chats."""
    for number in range(chats):
        do_reply(session, Card(lines=("通知",)), platform="memory", chat=f"c{number}", lang="zh", now=now)
    session.execute(update(OutboxRow).values(lane=int(Lane.NOTICE)))


def rows(store):
    return store.read(lambda session: session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all())


async def test_replies_of_one_chat_keep_their_order(store, clock, deliverer, platform):
    for number in range(30):
        await reply(store, clock, f"chat{number % 3}", str(number))
    await deliverer.drain()
    assert platform.lines("chat1") == [str(number) for number in range(1, 30, 3)]
    assert {row.status for row in await rows(store)} == {"sent"}


async def test_warning_overtakes_a_digest(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    for lane in (Lane.DIGEST, Lane.NOTICE, Lane.WARNING):
        card = Card(lines=(lane.name,))
        await store.write(lambda s, lane=lane, card=card: do_tell(s, [people["lin"]], card, now=clock(), lane=lane))
    await deliverer.drain()
    assert platform.lines("lin") == ["WARNING", "NOTICE", "DIGEST"]


async def test_reply_does_not_wait_for_a_broadcast(store, clock, platform):
    platform.caps = SimpleNamespace(per_second=50, in_flight=4, idempotent=False, edits=True)
    deliverer = Deliverer(
        store, {"memory": platform}, make_outgoing=SimpleNamespace, checks={}, clock=clock,
        zone=ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip
    await store.write(lambda session: do_broadcast(session, 30, clock()))
    sending = asyncio.create_task(deliverer.drain())
    while len(platform.sent) < 3:
        await asyncio.sleep(0)
    await reply(store, clock, "asks", "答复")
    deliverer.wake()
    await sending
    assert [outgoing.chat for outgoing in platform.sent].index("asks") < 15


async def test_answer_overtakes_a_digest_of_the_same_chat(store, clock, platform):
    platform.caps = SimpleNamespace(per_second=20, in_flight=4, idempotent=False, edits=True)
    deliverer = Deliverer(
        store, {"memory": platform}, make_outgoing=SimpleNamespace, checks={}, clock=clock,
        zone=ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip
    await store.write(lambda session: do_broadcast(session, 4, clock()))
    sending = asyncio.create_task(deliverer.drain())
    while not platform.sent:
        await asyncio.sleep(0)
    await reply(store, clock, "c3", "答复")
    await deliverer._round()
    await sending
    assert platform.lines("c3") == ["答复", "通知"]


async def test_broadcast_keeps_to_the_chats_in_flight(store, clock, deliverer, platform):
    await store.write(lambda session: do_broadcast(session, 100, clock()))
    most, send = 0, platform.send

    async def watch(outgoing):
        nonlocal most
        most = max(most, len(deliverer._busy))
        return await send(outgoing)

    platform.send = watch
    await deliverer.drain()
    assert most <= CAPS.in_flight
    assert len(platform.sent) == 100


@pytest.fixture
async def running(store, deliverer):
    """The deliverer at work, as in a process that leads."""
    task = asyncio.create_task(deliverer.run())
    while not (claim := deliverer.plan()):
        await asyncio.sleep(0)
    deliverer.begin(await store.write(claim))
    yield deliverer
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def has_sent(platform, count):
    async with asyncio.timeout(5):
        while len(platform.sent) < count:
            await asyncio.sleep(0.005)


def queue(session, clock, *texts):
    replies = [Reply(Card(lines=(text,)), "memory", "a", "zh") for text in texts]
    do_reply_all(session, replies, now=clock())


async def test_answer_is_claimed_where_it_is_queued(store, clock, running, platform):
    claim = running.plan()
    found = await store.write(lambda session: (queue(session, clock, "一", "二"), claim(session))[1])
    running.begin(found)
    await has_sent(platform, 2)
    assert (len(found.rows), platform.lines("a")) == (2, ["一", "二"])


async def test_claim_of_a_failed_transaction_is_given_back(store, clock, running, platform):
    assert running.plan()
    running.begin(None)
    await reply(store, clock, "a", "一")
    running.wake()
    await has_sent(platform, 1)


async def test_one_claims_at_a_time(store, clock, running, platform):
    claim = running.plan()
    assert claim
    assert running.plan() is None
    await reply(store, clock, "a", "一")
    running.wake()
    await asyncio.sleep(0.05)
    assert platform.sent == []
    running.begin(await store.write(claim))
    await has_sent(platform, 1)


async def test_answer_to_a_chat_being_served_follows_at_once(store, clock, running, platform):
    first = running.plan()
    running.begin(await store.write(lambda session: (queue(session, clock, "一"), first(session))[1]))
    second = running.plan()
    running.begin(await store.write(lambda session: (queue(session, clock, "二"), second(session))[1]))
    async with asyncio.timeout(0.8):
        await has_sent(platform, 2)
    assert platform.lines("a") == ["一", "二"]


async def test_what_waits_for_room_is_claimed_with_the_marks(store, clock, running, platform, monkeypatch):
    rounds, own = 0, running._round

    async def counted():
        nonlocal rounds
        rounds += 1
        return await own()

    monkeypatch.setattr(running, "_round", counted)
    await store.write(lambda session: do_broadcast(session, 100, clock()))
    running.wake()
    await has_sent(platform, 100)
    assert rounds < 10  # a claim of its own for each message would be a hundred


async def test_chat_whose_rows_are_claimed_one_by_one_keeps_its_order(store, clock, running, platform):
    running._room = 1
    texts = [str(number) for number in range(12)]
    for text in texts:
        await store.write(lambda session, text=text: queue(session, clock, text))
    running.wake()
    await has_sent(platform, 12)
    assert platform.lines("a") == texts
    await store.write(lambda session: queue(session, clock, "还有"))
    running.wake()
    await has_sent(platform, 13)


def test_nothing_is_planned_before_it_runs(deliverer):
    assert deliverer.plan() is None


async def test_throttled_chat_waits_alone_and_keeps_order(store, clock, deliverer, platform):
    platform.fails["a"] = [errors.Throttled("429", retry_after_s=5)]
    for chat, text in (("a", "1"), ("a", "2"), ("b", "3")):
        await reply(store, clock, chat, text)
    await deliverer.drain()
    assert platform.lines("b") == ["3"]
    assert platform.lines("a") == []
    clock.advance(seconds=6)
    await deliverer.drain()
    assert platform.lines("a") == ["1", "2"]
    assert [row.tries for row in await rows(store)] == [1, 1, 1]


async def test_uncertain_notice_is_repeated_once_and_marked(store, clock, deliverer, platform):
    platform.fails["a"] = [errors.Uncertain("read-timeout")]
    await reply(store, clock, "a", "整改通知")
    await deliverer.drain()
    clock.advance(seconds=10)
    await deliverer.drain()
    [outgoing] = platform.sent
    assert "重发" in outgoing.reader.read(outgoing.card.lines[0])
    assert outgoing.repeat


async def test_uncertain_digest_is_not_repeated(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    platform.fails["lin"] = [errors.Uncertain("read-timeout")]
    digest = Card(lines=("今日清单",))
    await store.write(lambda s: do_tell(s, [people["lin"]], digest, now=clock(), lane=Lane.DIGEST))
    await deliverer.drain()
    clock.advance(minutes=10)
    await deliverer.drain()
    assert platform.sent == []
    assert [(row.status, row.error) for row in await rows(store)] == [("dead", "uncertain")]


async def test_blocked_person_is_reported_to_the_grid_head_once(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    platform.fails["lin"] = [errors.RecipientGone("blocked"), errors.RecipientGone("blocked")]
    for text in ("1", "2"):
        card = Card(lines=(text,))
        await store.write(lambda s, card=card: do_tell(s, [people["lin"]], card, now=clock()))
    await deliverer.drain()
    await deliverer.drain()
    assert [line for line in platform.lines("sun") if "林晓梅" in line] == platform.lines("sun")
    assert len(platform.lines("sun")) == 1
    gone = await store.read(lambda s: s.scalar(select(Account.gone).where(Account.chat == "lin")))
    assert gone == "blocked"


async def test_rejected_message_holds_up_nobody_and_admin_learns_of_it(store, clock, deliverer, platform):
    await store.write(lambda session: cast(session, clock()))
    platform.fails["a"] = [errors.Rejected("bad-message")]
    for number in range(5):
        await reply(store, clock, "a", str(number))
    await deliverer.drain()
    await deliverer.drain()
    assert platform.lines("a") == ["1", "2", "3", "4"]
    assert len(platform.lines("qian")) == 1


async def test_moved_chat_is_sent_to_its_new_address(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    platform.fails["lin"] = [errors.Moved("migrated", address="-100777")]
    card = Card(lines=("你好",))
    await store.write(lambda s: do_tell(s, [people["lin"]], card, now=clock()))
    await deliverer.drain()
    await deliverer.drain()
    assert platform.lines("-100777") == ["你好"]


async def test_unbound_person_is_sent_nothing_more(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    card = Card(lines=("内部通知",))
    await store.write(lambda s: do_tell(s, [people["lin"]], card, now=clock()))
    await store.write(lambda s: _unbind(s, clock()))
    await deliverer.drain()
    assert platform.sent == []
    assert [(row.status, row.error) for row in await rows(store)] == [("expired", "unbound")]


def _unbind(session, now):
    session.scalars(select(Account).where(Account.chat == "lin")).one().unbound_at = now


async def test_what_one_may_no_longer_see_is_not_sent(store, clock, platform):
    people = await store.write(lambda session: cast(session, clock()))
    deliverer = Deliverer(
        store, {"memory": platform}, make_outgoing=SimpleNamespace, clock=clock, zone=ZoneInfo("Asia/Shanghai"),
        checks={"hazard": lambda _session, person_id, ident, _now: (person_id, ident) != (people["lin"], "7")},
    )  # fmt: skip
    both = [people["lin"], people["chen"]]
    await store.write(lambda s: do_tell(s, both, Card(lines=("隐患",)), now=clock(), subject="hazard:7"))
    await deliverer.drain()
    assert platform.lines("lin") == []
    assert platform.lines("chen") == ["隐患"]


async def test_expired_notice_is_not_sent(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    until = clock() + timedelta(minutes=1)
    await store.write(lambda s: do_tell(s, [people["lin"]], Card(lines=("x",)), now=clock(), expires_at=until))
    clock.advance(minutes=2)
    await deliverer.drain()
    assert platform.sent == []


async def test_card_of_the_same_key_takes_the_place_of_the_older_one(store, clock, deliverer, platform):
    await reply(store, clock, "a", "第一步", key="draft:1")
    await reply(store, clock, "a", "第二步", key="draft:1", placing="move")
    await deliverer.drain()
    await reply(store, clock, "a", "完成", key="hazard:1", replaces="draft:1", placing="move")
    await deliverer.drain()
    assert [(one.placing, one.previous) for one in platform.sent] == [("new", ""), ("move", "1"), ("move", "2")]


async def test_crashed_sender_repeats_what_it_had_claimed(store, clock, deliverer, platform):
    await reply(store, clock, "a", "通知")
    await store.write(lambda s: s.execute(update(OutboxRow).values(status="leased")))
    await store.write(lambda s: do_recover(s, now=clock(), everything=True))
    await deliverer.drain()
    assert [outgoing.repeat for outgoing in platform.sent] == [True]


async def test_each_attempt_is_recorded(store, clock, deliverer, platform):
    platform.fails["a"] = [errors.Unreachable("connect")]
    await reply(store, clock, "a", "通知")
    await deliverer.drain()
    clock.advance(minutes=1)
    await deliverer.drain()
    outcomes = await store.read(lambda s: s.scalars(select(Attempt.outcome).order_by(Attempt.id)).all())
    assert outcomes == ["connect", "sent"]


async def test_person_without_a_chat_leaves_a_row_that_says_so(store, clock):
    people = await store.write(lambda session: cast(session, clock()))
    await store.write(lambda s: _unbind(s, clock()))
    unreachable = await store.write(lambda s: do_tell(s, [people["lin"]], Card(lines=("x",)), now=clock()))
    assert unreachable == [people["lin"]]
    assert [(row.status, row.error) for row in await rows(store)] == [("dead", "not-joined")]


async def test_same_occasion_is_told_once(store, clock, deliverer, platform):
    people = await store.write(lambda session: cast(session, clock()))
    for _ in range(2):
        await store.write(lambda s: do_tell(s, [people["lin"]], Card(lines=("x",)), now=clock(), dedupe="h:1"))
    await deliverer.drain()
    assert platform.lines("lin") == ["x"]
