"""Jobs about ledgers: the filters of old cards are forgotten."""

from sqlalchemy import func, select

from handlers import build_registry
from models.access import load_actor
from models.ledgers.filters import do_save_query
from models.ledgers.tables import LedgerQuery
from scheduler.jobs import JOBS, Services
from scheduler.ledgers import forget_queries
from tests import factories
from tests.fakes import County


async def test_filters_of_old_cards_are_forgotten(store, clock):
    county = County(store, media=None, clock=clock, registry=build_registry())
    services = Services(store, None, county.rules, clock, lambda _actor: None)

    def unit(session):
        lin = factories.cast(session, clock())["lin"]
        do_save_query(session, load_actor(session, lin, now=clock()), [], now=clock())

    await store.write(unit)
    for days, left in ((0, 1), (29, 1), (2, 0)):
        clock.advance(days=days)
        await forget_queries(services)
        assert await store.read(lambda session: session.scalar(select(func.count(LedgerQuery.id)))) == left
    assert forget_queries in {job.run for job in JOBS}
