"""Jobs about people: whoever left is unbound, whoever's work changed gets the new menu, deputies get the tasks."""

from datetime import date

import pytest
from sqlalchemy import update

from handlers import build_registry
from handlers.people.menu import menu_card
from models.content import say
from models.outbox import do_tell
from models.people.codes import make_code
from models.people.menus import is_menu_current
from models.people.roster import do_end_roles
from models.people.tables import Deputy, JoinAttempt, Person, Role
from scheduler.jobs import JOBS, Services
from scheduler.people import forget_attempts, release_leavers, renew_menus
from tests import factories
from tests.fakes import County

DOOR = "您好，这里是网格工作平台，加入后才能使用"


@pytest.fixture
async def county(store, clock):
    registry = build_registry()
    county = County(store, media=None, clock=clock, registry=registry)
    county.ids = await store.write(lambda session: factories.cast(session, clock()))
    county.services = Services(store, None, county.rules, clock, lambda actor: menu_card(registry, actor))
    yield county
    await county.stop()


async def ticks(county, *jobs):
    for job in jobs:
        await job(county.services)
    await county.settle()


def test_jobs_are_in_the_table():
    assert {release_leavers, renew_menus, forget_attempts} <= {job.run for job in JOBS}


async def test_ended_roles_unbind_at_the_next_tick(county):
    lin = county.phone("lin")
    await county.store.write(lambda s: do_end_roles(s, county.ids["lin"], last_day=date(2026, 11, 23)))
    await ticks(county, release_leavers, renew_menus)
    assert "todo" in lin.menu
    county.clock.advance(days=1)
    await lin.sends("/me")
    lin.sees(DOOR)
    await ticks(county, release_leavers)
    lin.sees("您的岗位已结束，本聊天已解除绑定")
    assert lin.menu == ()


async def test_many_leavers_are_all_unbound(county):
    for name in ("lin", "chen", "wu"):
        await county.store.write(lambda s, name=name: do_end_roles(s, county.ids[name], last_day=date(2026, 11, 22)))
    await ticks(county, release_leavers)
    for name in ("lin", "chen", "wu"):
        county.phone(name).sees("本聊天已解除绑定")
    county.phone("zhou").sees_nothing_of("解除绑定")


async def test_wrong_codes_of_yesterday_are_forgotten(county):
    he = county.phone("he")
    await he.opens_link(make_code())
    county.clock.advance(days=2)
    await ticks(county, forget_attempts)
    assert await county.store.read(lambda session: session.query(JoinAttempt).count()) == 0


async def test_every_chat_gets_its_menu_once(county):
    await ticks(county, renew_menus, renew_menus)
    assert sorted(outgoing.chat for outgoing in county.platform.sent) == sorted(
        ["lin", "chen", "zhou", "wu", "zheng", "sun", "qian"]
    )
    assert "invite" in county.phone("sun").menu
    assert "invite" not in county.phone("lin").menu


async def test_answers_go_before_renewed_menus(county):
    await renew_menus(county.services)
    lin = county.phone("lin")
    await county.dispatcher.receive([lin.message("/me")])
    await county.settle()
    first = county.platform.sent[0]
    assert (first.chat, bool(first.card.lines)) == ("lin", True)


async def test_renewed_menu_gives_way_to_a_newer_one(county):
    county.deliverer._checks["menu"] = is_menu_current
    await renew_menus(county.services)
    await county.store.write(lambda s: factories.add_role(s, county.ids["lin"], Role.GRID_HEAD, factories.VILLAGE))
    await ticks(county, renew_menus)
    to_lin = [outgoing for outgoing in county.platform.sent if outgoing.chat == "lin"]
    assert ["invite" in {entry.name for entry in outgoing.card.menu} for outgoing in to_lin] == [True]


async def test_new_role_brings_the_new_menu(county):
    await ticks(county, renew_menus)
    await county.store.write(lambda s: factories.add_role(s, county.ids["lin"], Role.GRID_HEAD, factories.VILLAGE))
    sent = len(county.platform.sent)
    await ticks(county, renew_menus)
    assert [outgoing.chat for outgoing in county.platform.sent[sent:]] == ["lin"]
    assert "invite" in county.phone("lin").menu


async def test_other_language_brings_the_menu_in_it(county):
    await ticks(county, renew_menus)
    await county.store.write(lambda s: s.execute(update(Person).where(Person.name == "林晓梅").values(lang="en")))
    sent = len(county.platform.sent)
    await ticks(county, renew_menus)
    assert [(outgoing.chat, outgoing.reader.lang) for outgoing in county.platform.sent[sent:]] == [("lin", "en")]


async def test_menu_shown_with_an_answer_is_not_sent_again(county):
    await ticks(county, renew_menus)
    lin = county.phone("lin")
    await lin.sends("/start")
    sent = len(county.platform.sent)
    await ticks(county, renew_menus)
    assert county.platform.sent[sent:] == []


async def test_deputy_gets_what_is_meant_for_the_absent(county):
    def unit(session):
        session.add(Deputy(person_id=county.ids["lin"], deputy_id=county.ids["sun"],
                           starts_on=date(2026, 11, 23), ends_on=date(2026, 11, 24)))  # fmt: skip
        session.flush()
        do_tell(session, [county.ids["lin"]], say("铜山村有新任务"), now=county.clock())

    await county.store.write(unit)
    await county.settle()
    county.phone("lin").sees("铜山村有新任务")
    county.phone("sun").sees("铜山村有新任务")
    county.phone("chen").sees_nothing_of("铜山村有新任务")
