"""The same cases for every platform; the web chat, whose history is in our database, on both kinds of it."""

import pytest

from bot.platforms import PLATFORMS
from models.media import do_record
from models.session import open_store
from tests import photos
from tests.contracts.rigs import RIGS
from tests.factories import cast

NAMES = ["memory", *PLATFORMS]
IN_OUR_DATABASE = {"web"}
CASES = [*NAMES, *(f"{name}-postgres" for name in NAMES if name in IN_OUR_DATABASE)]


@pytest.fixture(params=CASES)
async def rig(request, clock, media):
    """One platform with a person at its far end."""
    name, _dash, kind = request.param.partition("-")
    store = open_store(request.getfixturevalue(f"{kind or 'sqlite'}_database"))
    people = await store.write(lambda session: cast(session, clock()))
    async with RIGS[name](store, media, clock) as rig:
        rig.lin, rig.store = people["lin"], store
        yield rig
    await store.close()


@pytest.fixture
async def shas(rig, media, clock):
    """Nine different photos that are in the media store and in the database."""
    kept = [await media.keep(photos.jpeg(photos.scene((320, 240), seed=seed))) for seed in range(9)]
    for item in kept:
        await rig.store.write(lambda session, item=item: do_record(session, item, now=clock()))
    return [item.sha for item in kept]
