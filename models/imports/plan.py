"""Importing a batch: the dry run, and the same again with the writing, all or nothing in one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import holds_on, local_day
from models.audit import do_audit
from models.enterprises.industries import do_seed_industries, known_industries
from models.imports.batch import Batch
from models.imports.changes import Change, digest
from models.imports.enterprises import EnterprisesDraft
from models.imports.grids import GridsDraft
from models.imports.people import RosterDraft
from models.imports.report import Counts, Report
from models.imports.rows import do_change
from models.imports.templates import Kind
from models.people.tables import Assignment, Person, Role
from models.texts import _
from models.vocabulary.index import do_index_names


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing some files would do, in words and in rows. With something wrong, nothing is to be written."""

    report: Report
    changes: list[Change]

    @property
    def digest(self) -> str:
        """Equal for two plans that would do the same."""
        return digest(self.changes)


def plan_import(session: Session, batch: Batch, *, now: datetime) -> Plan:
    """Say what importing a batch would do; nothing is written."""
    report = Report.of(batch)
    industries = known_industries(session)
    people, firms = batch.records[Kind.PEOPLE], batch.records[Kind.ENTERPRISES]
    grids = GridsDraft(session)
    enterprises = EnterprisesDraft(session, (record.values["credit_code"] for record in firms))
    phones = [record.values["phone"] for record in people] + enterprises.list_phones()
    phones += [
        record.values[key] for record in firms for key in ("principal_phone", "safety_phone") if key in record.values
    ]
    roster = RosterDraft(session, phones, today=local_day(now))
    # Grids before people before enterprises, whatever the order of the files: each names the ones before.
    grids.plan(batch.records[Kind.GRIDS], report)
    roster.plan(people, grids, industries, report)
    enterprises.plan(firms, grids, roster, industries, report)
    enterprises.settle(session, roster)
    _note_grid_heads(session, batch, roster, report, now)
    report.sort()
    changes = (roster.list_people(), enterprises.list_firms(), enterprises.list_links(), roster.list_posts())
    # In an order of their own: a database gives its rows in any, and the same changes have to be known again.
    ordered = (sorted(some, key=lambda change: (change.verb, change.key)) for some in changes)
    return Plan(report, [*grids.list_changes(), *(change for some in ordered for change in some)])


def do_import(session: Session, batch: Batch, *, now: datetime, by: int | None = None) -> tuple[Report, bool]:
    """Import a small batch at once if nothing in it is wrong; return what it did, and whether it was written at all.

    `by` is the person who imports, for the audit; None at the command line.
    """
    plan = plan_import(session, batch, now=now)
    if plan.report.wrong:
        return plan.report, False
    do_seed_industries(session)
    do_change(session, plan.changes, now=now)
    while do_index_names(session):
        pass
    if plan.changes:
        do_audit_import(session, plan.report.counts, by=by, now=now)
    return plan.report, True


def do_audit_import(session: Session, counts: Mapping[Kind, Counts], *, by: int | None, now: datetime) -> None:
    """Note an import in the audit; call it last in the unit."""
    detail = {kind.value: found.to_json() for kind, found in counts.items() if found != Counts()}
    do_audit(session, action="imports:write", subject="imports", person_id=by, now=now, detail=detail)


def _note_grid_heads(session: Session, batch: Batch, roster: RosterDraft, report: Report, now: datetime) -> None:
    """A 网格长 in the grid table is a name without a phone: too little to hand out a role, enough to ask."""
    named = [record for record in batch.records[Kind.GRIDS] if "head" in record.values]
    if not named:
        return
    stored = session.execute(
        select(Assignment.grid_code, Person.name)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.role == Role.GRID_HEAD, holds_on(local_day(now)))
    )
    heads = {(code, name) for code, name in stored} | roster.list_heads()
    for record in named:
        code, name = record.values["code"], record.values["head"]
        if (code, name) not in heads:
            report.note(record, "head", _("花名册里「{name}」还不是这个网格的网格长，请在人员表里登记。", name=name))
