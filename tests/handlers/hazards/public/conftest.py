"""The cast at their phones in a county that lets strangers report; 沈佳 is its dispatcher."""

import pytest

from handlers import build_registry
from models.grids.tables import Grid
from models.hazards.access import may_see
from models.media import open_media
from models.people.tables import Role
from tests import factories
from tests.fakes import County
from tests.handlers.hazards.public.story import switched_on


@pytest.fixture
def rules():
    return switched_on()


@pytest.fixture
async def county(store, clock, tmp_path, rules):
    county = County(
        store, media=open_media(tmp_path), clock=clock, registry=build_registry(), checks={"hazard": may_see},
        rules=rules,
    )  # fmt: skip

    def unit(session):
        ids = factories.cast(session, clock())
        role = (Role.DISPATCHER, factories.COUNTY)
        ids["shen"] = factories.add_person(session, "沈佳", "19900000009", role, chat="shen", now=clock())
        session.get_one(Grid, factories.VILLAGE).lat, session.get_one(Grid, factories.VILLAGE).lon = 30.53, 118.21
        return ids

    county.ids = await store.write(unit)
    yield county
    await county.stop()
    await county.media.close()


@pytest.fixture
def shen(county):
    """沈佳, dispatcher of the county."""
    return county.phone("shen")
