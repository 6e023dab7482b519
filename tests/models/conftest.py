"""The demo county, as far as its stories are wanted: loaded, and its cast known by name."""

from dataclasses import dataclass

import pytest

from models.access import load_actor
from models.demo import DemoCounty, do_load_demo
from models.session import Store


@dataclass
class County:
    """A store with the demo county in it; `read` and `write` run a unit."""

    store: Store
    cast: DemoCounty
    clock: object

    async def read(self, unit):
        return await self.store.read(unit)

    async def write(self, unit):
        return await self.store.write(unit)

    async def actor(self, name):
        """One of the cast as an actor (None without a role today)."""
        person_id = getattr(self.cast, name)
        return await self.store.read(lambda session: load_actor(session, person_id, now=self.clock()))


@pytest.fixture
async def county(store, clock):
    """Jing County with its invented people and enterprises, once on each kind of database."""
    return County(store, await store.write(lambda session: do_load_demo(session, clock())), clock)
