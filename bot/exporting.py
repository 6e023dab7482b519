"""`python -m bot export`: a ledger as a spreadsheet."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.refusal import Refused
from bot.settings import Settings
from models.audit import do_audit, read_head
from models.files import whole_file
from models.hazards.records import HazardRecord, read_records
from models.ledgers.export import TITLE, HazardSheet, hazard_sheet
from models.rules import Rules
from models.session import Session, Store, open_store

LEDGERS = {"hazards": TITLE}


async def export_ledger(settings: Settings, rules: Rules, ledger: str, file: Path, *, overwrite: bool) -> int:
    """Write a ledger to `file` (.xlsx), whole or not at all; return the number of rows.

    Raises: Refused: no such ledger, another kind of file, or one that is there already. OSError: it cannot be written.
    """
    if ledger not in LEDGERS:
        known = ", ".join(f"{name} ({title})" for name, title in LEDGERS.items())
        raise Refused(f"There is no ledger '{ledger}'; there is: {known}.")
    if file.suffix.lower() != ".xlsx":
        raise Refused(f"{file}: a ledger is written as a spreadsheet; name a file that ends in .xlsx.")
    if not overwrite and await asyncio.to_thread(file.exists):
        raise Refused(f"{file} exists already; name another file, or add --overwrite.")
    store = open_store(settings.database_url)
    try:
        with whole_file(file) as part, hazard_sheet(part, zone=settings.timezone) as sheet:
            await _fill(sheet, store, settings, rules)
            await store.write(lambda session: _note(session, ledger, sheet.number))
            return sheet.number
    finally:
        await store.close()


def _note(session: Session, ledger: str, rows: int) -> None:
    """A copy of everything left the house: that belongs into the audit."""
    detail, now = {"rows": rows}, datetime.now(UTC)
    do_audit(session, action="ledgers:export", subject=f"ledger:{ledger}", person_id=None, detail=detail, now=now)


async def _fill(sheet: HazardSheet, store: Store, settings: Settings, rules: Rules) -> None:
    now, after = datetime.now(UTC), 0
    audit = await store.read(read_head)
    sheet.seal(audit.count, audit.head)

    def read_page(session: Session) -> list[HazardRecord]:
        return read_records(session, rules, after=after, now=now, zone=settings.timezone)

    while records := await store.read(read_page):
        await asyncio.to_thread(sheet.add, records)
        after = records[-1].id
