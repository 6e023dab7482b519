"""Events that wait together share a transaction, and none of them spoils it for another."""

from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from bot.handling import Desk, Job
from handlers.registry import Registry
from models.access import find_senders
from models.content import Card, Incoming, say
from models.delivery import Claim
from models.drafts import Draft, do_open
from models.errors import InvalidInput, StorageFailed
from models.facts import do_set_fact, find_fact
from models.inbox import InboxRow, do_finish, do_receive
from models.outbox import OutboxRow
from models.people.tables import Account
from models.rules import read_rules
from models.texts import Reader, _, load_line
from tests.bot.test_dispatch import Silence
from tests.factories import bind, cast

CHATS = ("lin", "chen", "zhou", "wu", "zheng")


def answer(request):
    text = request.incoming.text
    do_set_fact(request.session, request.incoming.chat, text)
    if text == "boom":
        raise RuntimeError("boom")
    if text == "wrong":
        raise InvalidInput(_("请重新输入"))
    return say(text)


@pytest.fixture
async def people(store, clock):
    return await store.write(lambda session: cast(session, clock()))


@pytest.fixture
async def desk(store, clock, people):
    registry = Registry()
    registry.fallback(answer)
    registry.stranger = lambda _request: Card(lines=("您还没有加入",))
    return Desk(store, registry=registry, rules=read_rules(Path("rules.toml")), clock=clock, outbound=Silence())


async def received(store, clock, *texts):
    """Jobs of the cast, one after the other, that said these texts."""
    batch = [Incoming("memory", chat, f"{chat}-1", text=text) for chat, text in zip(CHATS, texts, strict=False)]
    rows = await store.write(lambda session: do_receive(session, batch, now=clock()))
    return [Job(incoming, (row_id,)) for row_id, incoming, _at in rows]


async def sent(store):
    """What each chat is told."""
    rows = await store.read(lambda s: s.execute(select(OutboxRow.chat, OutboxRow.card).order_by(OutboxRow.id)).all())
    return {chat: Reader().read(load_line(card["lines"][0])) for chat, card in rows}


async def facts(store):
    return {chat: await store.read(lambda s, chat=chat: find_fact(s, chat)) for chat in CHATS}


async def waiting(store):
    return await store.read(lambda s: list(s.scalars(select(InboxRow.chat).where(InboxRow.status == "new"))))


async def test_batch_is_answered_and_finished(store, clock, desk):
    jobs = await received(store, clock, "一", "二", "三")
    assert await desk._run(jobs) == [None, None, None]
    assert await sent(store) == {"lin": "一", "chen": "二", "zhou": "三"}
    assert await waiting(store) == []


async def test_refused_event_is_answered_and_undone(store, clock, desk):
    jobs = await received(store, clock, "一", "wrong", "三")
    assert await desk._run(jobs) == [None, None, None]
    assert await sent(store) == {"lin": "一", "chen": "请重新输入", "zhou": "三"}
    assert (await facts(store))["chen"] == ""


async def test_failing_event_undoes_only_itself(store, clock, desk):
    jobs = await received(store, clock, "一", "boom", "三")
    first, failed, third = await desk._run(jobs)
    assert (first, third, str(failed)) == (None, None, "boom")
    assert await waiting(store) == ["chen"]
    known = await facts(store)
    assert (known["lin"], known["zhou"]) == ("一", "三")
    assert known["chen"] == ""


async def test_event_handled_elsewhere_spoils_nothing(store, clock, desk):
    jobs = await received(store, clock, "一", "二", "三")
    await store.write(lambda session: do_finish(session, jobs[1].ids, now=clock()))
    assert await desk._run(jobs) == [None, None, None]
    assert await sent(store) == {"lin": "一", "zhou": "三"}
    assert await waiting(store) == []


async def test_full_disk_is_told_to_each(store, clock, desk, monkeypatch):
    jobs = await received(store, clock, "一", "二")

    async def full(unit):
        raise StorageFailed("disk full")

    monkeypatch.setattr(store, "write", full)
    assert [type(error) for error in await desk._run(jobs)] == [StorageFailed, StorageFailed]


class Sender:
    """Claims as the deliverer does, or fails to."""

    def __init__(self, claim):
        self.claim, self.begun, self.wakes = claim, [], 0

    def wake(self):
        self.wakes += 1

    def plan(self):
        return self.claim

    def begin(self, found):
        self.begun.append(found)


async def test_answers_are_claimed_in_their_own_transaction(store, clock, desk):
    desk._outbound = Sender(lambda session: Claim([row.chat for row in session.scalars(select(OutboxRow))]))
    await desk._run(await received(store, clock, "一", "二"))
    assert desk._outbound.begun == [Claim(["lin", "chen"])]
    assert desk._outbound.wakes == 0


async def test_claim_gone_wrong_undoes_nothing(store, clock, desk):
    desk._outbound = Sender(lambda session: session.execute(text("SELECT nonsense")))
    assert await desk._run(await received(store, clock, "一")) == [None]
    assert await sent(store) == {"lin": "一"}
    assert desk._outbound.begun == [None]


async def test_each_waits_for_its_own_outcome(store, clock, desk):
    good, bad = await received(store, clock, "一", "boom")
    await desk.handle(good)
    with pytest.raises(RuntimeError, match="boom"):
        await desk.handle(bad)


async def test_person_on_two_chats_holds_each_role_once(store, clock, people):
    await store.write(lambda session: bind(session, people["lin"], "lin-web", now=clock()))
    chats = [("memory", "lin"), ("memory", "lin-web"), ("memory", "nobody"), ("other", "chen")]
    senders = await store.read(lambda session: find_senders(session, chats, now=clock()))
    assert sorted(senders) == [("memory", "lin"), ("memory", "lin-web")]
    assert [len(sender.actor.areas) for sender in senders.values()] == [1, 1]


async def test_senders_draft_and_lost_chat_are_known(store, clock, people):
    def prepare(session):
        do_open(session, platform="memory", chat="lin", person_id=people["lin"], flow="f", version=1, now=clock())
        session.execute(update(Account).where(Account.chat == "chen").values(gone="blocked"))

    await store.write(prepare)
    chats = [("memory", "lin"), ("memory", "chen")]
    senders = await store.read(lambda session: find_senders(session, chats, now=clock()))
    assert [(senders[chat].has_draft, senders[chat].is_gone) for chat in chats] == [(True, False), (False, True)]


async def test_leaver_of_a_moment_ago_is_a_stranger_in_the_same_batch(county, people, lin, qian):
    leaves = qian.press(f"unbind:{people['lin']}:leave")
    await county.happens(leaves, lin.message("/report"))
    opened = await county.store.read(lambda session: session.scalars(select(Draft).where(Draft.status == "open")).all())
    assert opened == []
