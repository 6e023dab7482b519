"""Who may do what: every command × every role, and the stranger. A new command needs a row here."""

from pathlib import Path

import pytest

from handlers import build_registry
from handlers.people.join import show_door
from handlers.registry import Request
from handlers.router import route
from models.access import find_actor
from models.content import Card, Incoming
from models.errors import Forbidden, NotFound
from models.people.tables import Role
from models.rules import read_rules
from tests.factories import COUNTY, add_enterprise, add_grids, add_person

RULES = read_rules(Path("rules.toml"))
ALL = set(Role)
MATRIX = {
    "start": ALL,
    "report": ALL,
    "todo": ALL,
    "ledger": ALL,
    "me": ALL,
    "deputy": ALL,
    "leave": ALL,
    "invite": {Role.ADMIN, Role.GRID_HEAD},
    "unbind": ALL,
    "import": {Role.ADMIN},
    "templates": {Role.ADMIN},
    "audit": {Role.ADMIN},
    "nicknames": {Role.ADMIN, Role.GRID_HEAD},
    "help": ALL,
    "cancel": ALL,
    "lang": ALL,
}


@pytest.fixture
async def everybody(store, clock):
    """One person per role at the county, each in the chat of the role's name."""

    def unit(session):
        add_grids(session)
        people = {
            role: add_person(session, role.label, f"199000001{number:02}", (role, COUNTY), chat=role.value, now=clock())
            for number, role in enumerate(Role)
        }
        add_enterprise(session, "靠山加油站", managers=[people[Role.MANAGER]], now=clock())

    await store.write(unit)
    return store


async def answers(store, clock, chat, name, kind):
    """What the router answers to a command, typed or pressed; nothing of it is kept."""
    fields = {"text": f"/{name}"} if kind == "message" else {"data": f"cmd:{name}:", "kind": "press"}

    def unit(session):
        actor = find_actor(session, "memory", chat, now=clock())
        incoming = Incoming("memory", chat, "e", **fields)
        try:
            return route(Request(session, incoming, actor, clock(), RULES, build_registry()))
        finally:
            session.rollback()

    return await store.write(unit)


def test_every_command_has_a_row():
    assert set(build_registry().commands) == set(MATRIX)


@pytest.mark.parametrize("kind", ["message", "press"])
@pytest.mark.parametrize("name", MATRIX)
async def test_command_answers_its_roles_and_no_other(everybody, clock, name, kind):
    for role in Role:
        if role in MATRIX[name]:
            assert await answers(everybody, clock, role.value, name, kind), role
        else:
            # A forged button must sound like one that does not exist.
            with pytest.raises(Forbidden if kind == "message" else NotFound):
                await answers(everybody, clock, role.value, name, kind)


@pytest.mark.parametrize("kind", ["message", "press"])
@pytest.mark.parametrize("name", MATRIX)
async def test_command_of_a_stranger_meets_the_door(everybody, clock, name, kind):
    assert await answers(everybody, clock, "he", name, kind) == show_door()


@pytest.mark.parametrize("role", Role)
async def test_menu_and_help_list_what_the_role_may_do(everybody, clock, role):
    registry = build_registry()
    actor = await everybody.read(lambda session: find_actor(session, "memory", role.value, now=clock()))
    menu = [entry.name for entry in registry.menu(actor)]
    assert menu == [name for name, command in registry.commands.items() if command.in_menu and role in MATRIX[name]]
    card = await answers(everybody, clock, role.value, "help", "message")
    assert isinstance(card, Card)
    assert {button.data for row in card.buttons for button in row} == {f"cmd:{name}:" for name in menu}
