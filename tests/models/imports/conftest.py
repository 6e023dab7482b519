"""Importing in few words: files in, what the dry run says out."""

import pytest

from models.imports.batch import read_batch
from models.imports.plan import do_import, plan_import
from models.texts import Reader
from tests.spreadsheets import csv_file


class Importing:
    """Imports tables (each a list of rows) into a store; remembers what the last one said."""

    def __init__(self, store, clock):
        self.store, self.clock, self.report = store, clock, None

    async def plan(self, *tables):
        batch = read_batch((f"{n}.csv", csv_file(*rows)) for n, rows in enumerate(tables, start=1))
        self.report = (await self.store.read(lambda session: plan_import(session, batch, now=self.clock()))).report
        return self.report

    async def do(self, *tables):
        """Import; True if it was written."""
        batch = read_batch((f"{n}.csv", csv_file(*rows)) for n, rows in enumerate(tables, start=1))
        self.report, written = await self.store.write(lambda session: do_import(session, batch, now=self.clock()))
        return written

    def counts(self, kind):
        """New, changed, unchanged, wrong rows of a kind."""
        found = self.report.counts[kind]
        return found.new, found.changed, found.unchanged, found.wrong

    @property
    def wrong(self):
        """Row, column and reason of everything wrong."""
        return [(r.spot.row, r.spot.column, Reader().read(r.reason)) for r in self.report.wrong]

    @property
    def notes(self):
        return [Reader().read(remark.reason) for remark in self.report.notes]


@pytest.fixture
def importing(store, clock):
    return Importing(store, clock)
