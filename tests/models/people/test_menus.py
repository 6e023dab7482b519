"""Menus: each chat is sent its menu once, and again when it is another one."""

from sqlalchemy import event, select

from models.access import Actor
from models.content import Card, MenuEntry
from models.outbox import OutboxRow
from models.people.joining import Chat
from models.people.menus import do_note_menu, do_renew_menu, hash_menu, list_bound
from models.people.tables import Account, Role
from models.texts import _
from tests.factories import VILLAGE, add_role, bind

MENU = (MenuEntry("report", _("上报隐患")),)
CHAT = Chat("memory", "lin")


async def bound_lin(town):
    await town.run(lambda session: bind(session, town.ids["lin"], "lin", now=town.clock()))
    return next(one for one in await town.do(list_bound) if one.chat == CHAT)


def test_hash_depends_on_commands_words_and_language():
    renamed, reworded = MenuEntry("r", MENU[0].help), MenuEntry("report", _("报告"))
    others = [(MENU, "en"), ((), "zh"), ((renamed,), "zh"), ((reworded,), "zh")]
    assert hash_menu(MENU, "zh") == hash_menu((MenuEntry("report", _("上报隐患")),), "zh")
    assert hash_menu(MENU, "zh") not in {hash_menu(menu, lang) for menu, lang in others}


async def test_bound_chats_come_with_the_roles_of_today(town):
    one = await bound_lin(town)
    assert isinstance(one.actor, Actor)
    assert (one.actor.name, one.actor.roles, one.menu) == ("林晓梅", {Role.OFFICER}, "")
    await town.run(lambda s: add_role(s, town.ids["lin"], Role.RESCUER, VILLAGE))
    assert (await bound_roles(town)) == {Role.OFFICER, Role.RESCUER}


async def bound_roles(town):
    return next(one for one in await town.do(list_bound) if one.chat == CHAT).actor.roles


async def test_bound_chats_take_one_query(town):
    seen = []
    event.listen(town.store.engine, "before_cursor_execute", lambda *_args: seen.append(1))
    await town.store.read(lambda session: list_bound(session, now=town.clock()))
    assert len(seen) == 1


async def test_chats_that_cannot_be_reached_are_left_out(town):
    await bound_lin(town)
    await town.run(lambda s: s.execute(Account.__table__.update().where(Account.chat == "lin").values(gone="blocked")))
    assert CHAT not in [one.chat for one in await town.do(list_bound)]


async def test_menu_is_renewed_once(town):
    one = await bound_lin(town)
    sent = [await town.do(do_renew_menu, one, Card(menu=MENU)) for _time in range(2)]
    assert sent == [True, False]
    row = await town.run(lambda session: session.scalars(select(OutboxRow)).one())
    assert (row.chat, [entry["name"] for entry in row.card["menu"]]) == ("lin", ["report"])


async def test_noted_menu_is_known(town):
    await bound_lin(town)
    await town.run(lambda session: do_note_menu(session, CHAT, MENU, "zh"))
    one = next(one for one in await town.do(list_bound) if one.chat == CHAT)
    assert one.menu == hash_menu(MENU, "zh")


async def test_menu_of_a_chat_that_changed_hands_is_not_sent(town):
    one = await bound_lin(town)
    await town.run(lambda s: s.execute(Account.__table__.update().where(Account.chat == "lin")
                                       .values(person_id=town.ids["chen"])))  # fmt: skip
    assert not await town.do(do_renew_menu, one, Card(menu=MENU))
