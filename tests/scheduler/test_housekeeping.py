"""Jobs that keep the house: the audit's head goes into the log, which lies outside of the database."""

import logging

from handlers import build_registry
from models.audit import do_audit, read_head
from scheduler.housekeeping import log_audit_head
from scheduler.jobs import JOBS, Services
from tests.fakes import County


async def test_head_of_the_audit_is_logged_daily(store, clock, caplog):
    county = County(store, media=None, clock=clock, registry=build_registry())
    services = Services(store, None, county.rules, clock, lambda _actor: None)
    await store.write(
        lambda session: do_audit(session, action="people:join", subject="person:1", person_id=None, now=clock())
    )
    with caplog.at_level(logging.INFO):
        await log_audit_head(services)
    (line,) = [record for record in caplog.records if record.message == "audit head"]
    assert (line.rows, line.head) == (1, (await store.read(read_head)).head)
    assert {job.every.days for job in JOBS if job.run is log_audit_head} == {1}
