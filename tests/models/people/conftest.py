"""The cast of the stories on a database of its own: only 孙 and 钱, who invite the others, have a chat."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete

from models.access import load_actor
from models.people.tables import Account
from models.rules import read_rules
from models.session import Store
from tests import factories

JOINING = read_rules(Path("rules.toml")).joining


@dataclass
class Town:
    """A store with the cast in it; `do` runs a unit function with `now` filled in."""

    store: Store
    clock: object
    ids: dict

    async def do(self, function, *args, **fields):
        return await self.store.write(lambda session: function(session, *args, now=self.clock(), **fields))

    async def actor(self, name):
        return await self.do(load_actor, self.ids[name])

    async def run(self, unit):
        return await self.store.write(unit)


@pytest.fixture
async def town(store, clock):
    def unit(session):
        ids = factories.cast(session, clock())
        session.execute(delete(Account).where(Account.chat.not_in(["sun", "qian"])))
        return ids

    return Town(store, clock, await store.write(unit))
