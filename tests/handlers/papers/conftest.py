"""The cast at their phones, with the job that makes papers."""

import pytest

from handlers import build_registry
from models.hazards.access import may_see
from models.media import open_media
from scheduler.jobs import Services
from scheduler.papers import make_papers
from tests import factories
from tests.fakes import County


@pytest.fixture
async def county(store, clock, tmp_path):
    media = open_media(tmp_path)
    county = County(store, media=media, clock=clock, registry=build_registry(), checks={"hazard": may_see})
    county.ids = await store.write(lambda session: factories.cast(session, clock()))
    services = Services(store, media, county.rules, clock, lambda _actor: None)

    async def papers():
        await make_papers(services)
        await county.settle()

    county.papers = papers
    yield county
    await county.stop()
    await media.close()
