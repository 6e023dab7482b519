import asyncio
from datetime import timedelta

import pytest

from models.errors import NotFound
from models.webchat.chats import load_state
from models.webchat.messages import (
    Content,
    access_attachment,
    do_place,
    do_say,
    do_wipe_secrets,
    list_changes,
    list_latest,
)
from tests.factories import bind

CHAT = "chat-of-lin"
PHOTO = {"kind": "photo", "sha": "a" * 64, "name": "", "mime": "image/jpeg", "size": 1, "width": 4, "height": 3}


def text(words):
    return Content({"lines": [words]})


@pytest.fixture
def place(store, clock):
    """Show a message of ours; gives its id."""

    async def place(words, chat=CHAT, **how):
        return await store.write(lambda session: do_place(session, chat, text(words), now=clock(), **how))

    return place


@pytest.fixture
def say(store, clock):
    async def say(words, client_id, chat=CHAT, files=()):
        content = Content({"lines": [words]}, list(files))
        return await store.write(lambda session: do_say(session, chat, client_id, content, now=clock()))

    return say


async def changes(store, since, chat=CHAT, limit=50):
    return await store.read(
        lambda session: list_changes(session, chat, load_state(session, chat), since=since, limit=limit)
    )


async def latest(store, chat=CHAT, **how):
    return await store.read(lambda session: list_latest(session, chat, load_state(session, chat), **how))


async def words(store, chat=CHAT):
    page = await latest(store, chat)
    return [row.body["lines"][0] for row in page.messages]


async def test_messages_stand_in_order(store, place, say):
    await place("您好")
    await say("到", "id-1")
    await place("收到")
    assert await words(store) == ["您好", "到", "收到"]


async def test_edit_changes_in_place(store, place):
    first = await place("草稿")
    await place("别的")
    assert await place("已提交", placing="edit", previous=first) == first
    assert await words(store) == ["已提交", "别的"]


async def test_edit_is_a_change_to_catch_up_with(store, place):
    first = await place("草稿")
    page = await changes(store, 0)
    await place("已提交", placing="edit", previous=first)
    assert [str(row.id) for row in (await changes(store, page.rev)).messages] == [first]


async def test_same_edit_is_no_change(store, place):
    first = await place("草稿")
    page = await changes(store, 0)
    await place("草稿", placing="edit", previous=first)
    assert (await changes(store, page.rev)).messages == []


async def test_move_takes_the_old_one_away(store, place):
    first = await place("草稿")
    await place("别的")
    second = await place("草稿二", placing="move", previous=first)
    assert second != first
    assert await words(store) == ["别的", "草稿二"]
    gone = [row for row in (await changes(store, 0)).messages if row.removed_at]
    assert [str(row.id) for row in gone] == [first]


@pytest.mark.parametrize("previous", ["", "999", "not-a-number", "1e3"])
@pytest.mark.parametrize("placing", ["edit", "move"])
async def test_unknown_previous_adds_a_message(store, place, placing, previous):
    await place("一")
    await place("二", placing=placing, previous=previous)
    assert await words(store) == ["一", "二"]


async def test_foreign_previous_is_left_alone(store, place):
    theirs = await place("陈的", chat="chat-of-chen")
    await place("林的", placing="edit", previous=theirs)
    assert await words(store, "chat-of-chen") == ["陈的"]
    assert await words(store) == ["林的"]


async def test_what_a_person_said_is_never_edited(store, place, say):
    mine = await say("原话", "id-1")
    await place("改掉", placing="edit", previous=str(mine.id))
    assert await words(store) == ["原话", "改掉"]


async def test_repeated_sending_is_shown_once(store, place):
    first = await place("通知", key="outbox:7")
    assert await place("通知", key="outbox:7", repeat=True) == first
    assert await words(store) == ["通知"]


async def test_key_used_anew_is_another_message(store, place):
    await place("去年的", key="outbox:7")
    await place("今年的", key="outbox:7")
    assert await words(store) == ["去年的", "今年的"]


async def test_said_twice_stands_once(store, say):
    first, second = await say("到", "id-1"), await say("到", "id-1")
    assert first.id == second.id
    assert await words(store) == ["到"]


async def test_said_at_once_from_two_pages_stands_once(store, say):
    rows = await asyncio.gather(*(say("到", "id-1") for _ in range(8)))
    assert len({row.id for row in rows}) == 1
    assert await words(store) == ["到"]


async def test_same_id_in_another_chat_is_another_message(store, say):
    await say("林", "id-1")
    await say("陈", "id-1", chat="chat-of-chen")
    assert await words(store) == ["林"]
    assert await words(store, "chat-of-chen") == ["陈"]


async def test_catching_up_leaves_no_gap(store, place):
    """Many write at once while a page keeps catching up: it gets everything, in the order of the revisions."""
    await place("0")
    seen, rev, done = [], 0, False

    async def follow():
        nonlocal rev
        while True:
            finished = done
            page = await changes(store, rev, limit=5)
            seen.extend(row.rev for row in page.messages)
            rev = page.rev
            if finished and not page.messages:
                return

    following = asyncio.create_task(follow())
    await asyncio.gather(*(place(str(number)) for number in range(1, 60)))
    done = True
    await following
    assert seen == list(range(1, 61))


async def test_pages_come_in_pieces(store, place):
    for number in range(7):
        await place(str(number))
    page = await changes(store, 0, limit=3)
    assert (len(page.messages), page.rev, page.more) == (3, 3, True)
    page = await changes(store, 6, limit=3)
    assert (len(page.messages), page.rev, page.more) == (1, 7, False)


async def test_older_messages_come_before(store, place):
    ids = [await place(str(number)) for number in range(6)]
    page = await latest(store, limit=3)
    assert [str(row.id) for row in page.messages] == ids[3:]
    assert page.more
    page = await latest(store, before=int(ids[3]), limit=3)
    assert [str(row.id) for row in page.messages] == ids[:3]
    assert not page.more


async def test_history_of_a_person_goes_with_the_binding(store, place, people, clock):
    await place("您好，请加入")
    await store.write(lambda session: bind(session, people["lin"], CHAT, platform="web", now=clock()))
    await place("林的待办")
    assert await words(store) == ["您好，请加入", "林的待办"]
    await store.write(lambda session: unbind(session, clock()))
    assert await words(store) == ["您好，请加入"]


async def test_next_person_in_the_same_browser_sees_nothing(store, place, people, clock):
    await store.write(lambda session: bind(session, people["lin"], CHAT, platform="web", now=clock()))
    mine = await place("林的待办")
    await store.write(lambda session: rebind(session, people["chen"]))
    await place("陈的待办")
    assert await words(store) == ["陈的待办"]
    assert [row.body["lines"] for row in (await changes(store, 0)).messages] == [["陈的待办"]]
    with pytest.raises(NotFound):
        await store.read(lambda session: access_attachment(session, CHAT, int(mine), PHOTO["sha"]))


async def test_attachment_only_of_a_message_that_carries_it(store, say):
    row = await say("看", "id-1", files=[PHOTO])
    found = await store.read(lambda session: access_attachment(session, CHAT, row.id, PHOTO["sha"]))
    assert found["mime"] == "image/jpeg"
    for chat, message, sha in (
        (CHAT, row.id, "b" * 64), (CHAT, row.id + 1, PHOTO["sha"]), ("other", row.id, PHOTO["sha"]),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await store.read(lambda session, args=(chat, message, sha): access_attachment(session, *args))


async def test_secret_is_blanked_when_its_time_is_over(store, place, clock):
    await place("邀请码 7KQ2", secret=True)
    await place("别的")
    assert await store.write(lambda session: do_wipe_secrets(session, now=clock())) == 0
    later = clock() + timedelta(days=7, seconds=1)
    assert await store.write(lambda session: do_wipe_secrets(session, now=later)) == 1
    assert await words(store) == ["别的"]
    wiped = next(row for row in (await changes(store, 2)).messages if row.removed_at)
    assert wiped.body == {}


def unbind(session, now):
    account(session).unbound_at = now


def rebind(session, person_id):
    account(session).person_id = person_id


def account(session):
    from sqlalchemy import select

    from models.people.tables import Account

    return session.scalars(select(Account).where(Account.platform == "web", Account.chat == CHAT)).one()


async def test_edited_card_belongs_to_whom_the_chat_belongs_now(store, clock, people, place):
    asked = await place("请核对：是本人吗？")
    await store.write(lambda session: bind(session, people["lin"], CHAT, platform="web", now=clock()))
    await place("林晓梅，您已加入", placing="edit", previous=asked)
    await place("解绑吗？", placing="edit", previous=asked)
    assert await words(store) == ["解绑吗？"]
    await store.write(lambda session: unbind(session, clock()))
    assert await words(store) == []
    await place("本聊天已解除绑定。", placing="edit", previous=asked)
    assert await words(store) == ["本聊天已解除绑定。"]
