"""Leaving: one chat, one person, or everybody whose time has come; nothing stays open behind them."""

import pytest
from sqlalchemy import select

from models.access import find_actor
from models.audit import AuditRow
from models.drafts import do_open, find_open
from models.errors import NotFound
from models.outbox import OutboxRow, with_deputies
from models.people.codes import read_code
from models.people.entries import load_entry
from models.people.invites import do_invite
from models.people.joining import Chat, Refused, check_code, check_phone
from models.people.leaving import check_leave, do_unbind_chat, list_leavers, try_release_one
from models.people.tables import Account, Assignment, Deputy, Role
from tests.factories import VILLAGE, add_person, add_role, bind
from tests.models.people.conftest import JOINING

WEB, PHONE = Chat("web", "lin-web"), Chat("telegram", "lin-phone")


@pytest.fixture
async def lin(town):
    """林 with two chats, and a draft in each."""

    def unit(session):
        for chat in (WEB, PHONE):
            bind(session, town.ids["lin"], chat.chat, platform=chat.platform, now=town.clock())
            do_open(session, platform=chat.platform, chat=chat.chat, person_id=town.ids["lin"], flow="x", version=1,
                    now=town.clock())  # fmt: skip

    await town.run(unit)
    return await town.actor("lin")


async def bound(town):
    """Whether each of 林's chats still is 林's, and has a draft."""

    def look(session):
        return [
            (find_actor(session, chat.platform, chat.chat, now=town.clock()) is not None,
             find_open(session, chat.platform, chat.chat) is not None)
            for chat in (WEB, PHONE)
        ]  # fmt: skip

    return await town.run(look)


async def leaves(town, whom="lin", by="qian"):
    return await town.do(check_leave, await town.actor(by), town.ids[whom])


async def test_unbinding_takes_one_chat_and_its_draft(town, lin):
    await town.do(do_unbind_chat, lin, WEB)
    assert await bound(town) == [(False, False), (True, True)]


async def test_chat_of_somebody_else_is_not_unbound(town, lin):
    with pytest.raises(NotFound):
        await town.do(do_unbind_chat, await town.actor("qian"), WEB)
    assert await bound(town) == [(True, True), (True, True)]


async def test_leaving_takes_all_chats_roles_and_drafts(town, lin):
    assert (await leaves(town)).name == "林晓梅"
    assert await bound(town) == [(False, False), (False, False)]
    rows = await town.run(lambda s: s.scalars(select(Assignment).where(Assignment.person_id == lin.person_id)).all())
    assert [str(row.ends_on) for row in rows] == ["2026-11-22"]


async def test_leaving_says_a_last_word_in_every_chat_and_empties_the_menus(town, lin):
    await leaves(town)
    rows = await town.run(lambda session: session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all())
    assert [(row.chat, row.card["menu"]) for row in rows] == [("lin-web", []), ("lin-phone", [])]


async def test_who_left_cannot_come_back_by_code_or_phone(town, lin):
    made = await town.do(do_invite, await town.do(load_entry, lin.person_id), created_by=None, rules=JOINING)
    await leaves(town)
    assert await town.do(check_code, read_code(made.code), WEB, rules=JOINING) == Refused("wrong")
    assert await town.do(check_phone, "19900000001", WEB) == Refused("unlisted")


async def test_who_left_deputises_for_nobody(town, lin):
    day = town.clock().date()
    await town.run(lambda s: s.add(Deputy(person_id=town.ids["chen"], deputy_id=lin.person_id,
                                          starts_on=day, ends_on=day)))  # fmt: skip
    assert await town.do(with_deputies, [town.ids["chen"]]) == [town.ids["chen"], lin.person_id]
    await leaves(town)
    assert await town.do(with_deputies, [town.ids["chen"]]) == [town.ids["chen"]]


async def test_leaving_is_audited(town, lin):
    await leaves(town)
    row = await town.run(lambda session: session.scalars(select(AuditRow)).one())
    assert (row.action, row.subject, row.person_id) == ("people:leave", "person:1", town.ids["qian"])
    assert row.detail == {"chats": 2}


@pytest.mark.parametrize("by", ["sun", "zhou", "zheng", "lin"])
async def test_only_administrators_take_others_out(town, lin, by):
    with pytest.raises(NotFound):
        await leaves(town, "chen", by)
    assert (await town.do(list_leavers, await town.actor(by))).total == 0


async def test_administrators_do_not_take_themselves_out(town):
    with pytest.raises(NotFound):
        await leaves(town, "qian", "qian")
    assert (await town.do(list_leavers, await town.actor("qian"), name="钱")).total == 0


async def test_ended_roles_unbind_the_chats(town, lin):
    assert not await town.do(try_release_one)
    await town.run(lambda s: s.execute(Assignment.__table__.update().where(Assignment.person_id == lin.person_id)
                                       .values(ends_on=town.clock().date())))  # fmt: skip
    assert not await town.do(try_release_one)
    town.clock.advance(days=1)
    assert [await town.do(try_release_one), await town.do(try_release_one)] == [True, False]
    accounts = await town.run(lambda s: s.scalars(select(Account).where(Account.person_id == lin.person_id)).all())
    assert [account.unbound_at for account in accounts] == [town.clock()] * 2


async def test_role_to_come_keeps_the_chat(town):
    guest = await town.run(lambda s: add_person(s, "方来", "19900000023", chat="fang", now=town.clock()))
    await town.run(lambda s: add_role(s, guest, Role.OFFICER, VILLAGE, starts_on="2026-12-01"))
    assert not await town.do(try_release_one)


async def test_person_without_any_role_is_unbound(town):
    await town.run(lambda s: add_person(s, "方无", "19900000024", chat="fang", now=town.clock()))
    assert await town.do(try_release_one)
    row = await town.run(lambda session: session.scalars(select(OutboxRow)).one())
    assert row.chat == "fang"
