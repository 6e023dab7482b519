from datetime import timedelta

import pytest

from models.errors import InvalidInput
from models.media import Kept
from models.webchat.chats import ChatState, do_set_menu, list_heads, load_state
from models.webchat.messages import Content, do_place
from models.webchat.phones import do_open_phone
from models.webchat.uploads import access_uploads, do_forget_uploads, do_upload, find_upload
from tests.factories import bind

MENU = [{"name": "report", "help": "上报隐患"}]
KEPT = Kept("c" * 64, "picture", "image/jpeg", 1234, 800, 600)


async def test_unknown_chat_is_a_stranger(store):
    assert await store.read(lambda session: load_state(session, "nobody")) == ChatState()


async def test_bound_chat_has_name_and_menu(store, people, clock):
    def unit(session):
        bind(session, people["lin"], "chat", platform="web", now=clock())
        do_set_menu(session, "chat", MENU, now=clock())
        return load_state(session, "chat")

    state = await store.write(unit)
    assert (state.name, state.lang, list(state.menu), state.rev) == ("林晓梅", "zh", MENU, 1)


async def test_menu_is_not_shown_to_the_next_person(store, people, clock):
    def unit(session):
        account = bind_and_give(session, people["lin"], clock())
        account.person_id = people["chen"]
        session.flush()
        return load_state(session, "chat")

    assert (await store.write(unit)).menu == ()


async def test_same_menu_is_no_change(store, people, clock):
    def unit(session):
        bind_and_give(session, people["lin"], clock())
        do_set_menu(session, "chat", MENU, now=clock())
        return load_state(session, "chat").rev

    assert await store.write(unit) == 1


async def test_heads_tell_of_messages_and_owners(store, people, clock):
    await store.write(lambda session: do_place(session, "one", Content({"lines": ["您好"]}), now=clock()))
    await store.write(lambda session: bind(session, people["lin"], "two", platform="web", now=clock()))
    heads = await store.read(lambda session: list_heads(session, ["one", "two", "three"]))
    assert heads == {"one": (1, None), "two": (0, people["lin"]), "three": (0, None)}


async def test_upload_is_kept_under_the_first_content(store, clock):
    other = Kept("d" * 64, "file", "application/pdf", 9)

    def unit(session):
        first = do_upload(session, "chat", "upload-1", KEPT, name="现场.jpg", now=clock())
        again = do_upload(session, "chat", "upload-1", other, name="别的.pdf", now=clock())
        return first, again

    first, again = await store.write(unit)
    assert first == again
    assert (first.kind, first.name, first.width) == ("photo", "现场.jpg", 800)


async def test_upload_of_another_chat_is_not_there(store, clock):
    await store.write(lambda session: do_upload(session, "lin", "upload-1", KEPT, name="", now=clock()))
    assert await store.read(lambda session: find_upload(session, "chen", "upload-1")) is None
    with pytest.raises(InvalidInput):
        await store.read(lambda session: access_uploads(session, "chen", ["upload-1"]))


async def test_unused_uploads_are_forgotten(store, clock):
    await store.write(lambda session: do_upload(session, "lin", "upload-1", KEPT, name="", now=clock()))
    later = clock() + timedelta(days=8)
    await store.write(lambda session: do_forget_uploads(session, now=later))
    assert await store.read(lambda session: find_upload(session, "lin", "upload-1")) is None


async def test_demo_phone_keeps_its_chat_over_restarts(store, people, clock):
    def unit(session):
        return do_open_phone(session, key="officer", person_id=people["lin"], now=clock())

    chat = await store.write(unit)
    assert await store.write(unit) == chat
    state = await store.read(lambda session: load_state(session, chat))
    assert state.owner == people["lin"]


async def test_demo_phone_is_given_to_whom_the_demo_names(store, people, clock):
    for name in ("lin", "chen"):
        unit_of = people[name]
        chat = await store.write(
            lambda session, who=unit_of: do_open_phone(session, key="officer", person_id=who, now=clock())
        )
    assert (await store.read(lambda session: load_state(session, chat))).owner == people["chen"]


def bind_and_give(session, person_id, now):
    from sqlalchemy import select

    from models.people.tables import Account

    bind(session, person_id, "chat", platform="web", now=now)
    do_set_menu(session, "chat", MENU, now=now)
    return session.scalars(select(Account).where(Account.chat == "chat")).one()
