"""A database from before the vocabulary: its names are taken up without anybody importing them again."""

import asyncio

from sqlalchemy import select, text

from models import migrate
from models.session import open_store
from models.vocabulary.tables import Name
from scheduler.housekeeping import index_names
from scheduler.jobs import JOBS, Services


async def test_names_that_were_there_before_are_taken_up_by_the_job(database_url, clock):
    await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    store = open_store(database_url)
    row = "INSERT INTO grids (code, name, level) VALUES ('341823', '泾县', 'county')"
    await store.write(lambda session: session.execute(text(row)))
    await asyncio.to_thread(migrate.upgrade, database_url)
    await index_names(Services(store, None, None, clock, lambda _actor: None))
    assert await store.read(lambda session: session.scalars(select(Name.text)).all()) == ["泾县"]
    await store.close()


def test_job_is_in_the_table():
    assert index_names in {job.run for job in JOBS}
