"""The real conversations over the memory platform; 林 and 陈 are on the roster and have no chat yet."""

import pytest
from sqlalchemy import delete

from handlers import build_registry
from models.facts import do_set_fact
from models.media import open_media
from models.people.entries import load_entry
from models.people.invites import do_invite
from models.people.tables import Account
from tests import factories
from tests.fakes import County


@pytest.fixture
async def county(store, clock, tmp_path):
    county = County(store, media=open_media(tmp_path), clock=clock, registry=build_registry())

    def unit(session):
        ids = factories.cast(session, clock())
        session.execute(delete(Account).where(Account.chat.in_(["lin", "chen"])))
        do_set_fact(session, "join_link_memory", "memory://join/{code}")
        return ids

    county.ids = await store.write(unit)
    yield county
    await county.stop()
    await county.media.close()


@pytest.fixture
def invited(county):
    """Make the code of a fresh invite for one of the cast."""

    async def make(whom, by="qian"):
        def unit(session):
            now = county.clock()
            entry = load_entry(session, county.ids[whom], now=now)
            rules = county.rules.joining
            return do_invite(session, entry, created_by=county.ids[by], rules=rules, now=now).code

        return await county.store.write(unit)

    return make
