"""The cast at their phones, all of them joined: 林 may report in 铜山村, 吴 answers for 靠山加油站 there."""

import pytest

from handlers import build_registry
from models.hazards.access import may_see
from models.media import open_media
from tests import factories
from tests.fakes import County


@pytest.fixture
async def county(store, clock, tmp_path):
    county = County(
        store, media=open_media(tmp_path), clock=clock, registry=build_registry(), checks={"hazard": may_see}
    )
    county.ids = await store.write(lambda session: factories.cast(session, clock()))
    yield county
    await county.stop()
    await county.media.close()
