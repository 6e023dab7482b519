"""Importing a batch: the dry run, and the same again with the writing, all or nothing in one unit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import holds_on, local_day
from models.audit import do_audit
from models.enterprises.industries import do_seed_industries, known_industries
from models.imports.batch import Batch
from models.imports.enterprises import EnterprisesDraft
from models.imports.grids import GridsDraft
from models.imports.people import RosterDraft
from models.imports.report import Counts, Report
from models.imports.templates import Kind
from models.people.tables import Assignment, Person, Role
from models.texts import _
from models.vocabulary.index import do_index_names


@dataclass(frozen=True, slots=True)
class _Drafts:
    grids: GridsDraft
    roster: RosterDraft
    enterprises: EnterprisesDraft


def plan_import(session: Session, batch: Batch, *, now: datetime) -> Report:
    """Say what importing a batch would do; nothing is written."""
    return _draft(session, batch, now)[0]


def do_import(session: Session, batch: Batch, *, now: datetime, by: int | None = None) -> tuple[Report, bool]:
    """Import a batch if nothing in it is wrong; return what it did, and whether it was written at all.

    It is planned anew in the same unit, because the store may have changed since the dry run. `by` is the
    person who imports, for the audit; None at the command line.
    """
    report, drafts = _draft(session, batch, now)
    if report.wrong:
        return report, False
    do_seed_industries(session)
    drafts.grids.do_write(session)
    ids = drafts.roster.do_write(session, now=now)
    drafts.enterprises.do_write(session, ids, now=now)
    do_index_names(session)
    if report.has_changes:
        detail = {kind.value: asdict(counts) for kind, counts in report.counts.items() if counts != Counts()}
        do_audit(session, action="imports:write", subject="imports", person_id=by, now=now, detail=detail)
    return report, True


def _draft(session: Session, batch: Batch, now: datetime) -> tuple[Report, _Drafts]:
    """Grids before people before enterprises, whatever the order of the files: each names the ones before."""
    report = Report.of(batch)
    industries = known_industries(session)
    people, firms = batch.records[Kind.PEOPLE], batch.records[Kind.ENTERPRISES]
    phones = [record.values["phone"] for record in people]
    phones += [
        record.values[key] for record in firms for key in ("principal_phone", "safety_phone") if key in record.values
    ]
    drafts = _Drafts(
        GridsDraft(session),
        RosterDraft(session, phones, today=local_day(now)),
        EnterprisesDraft(session, (record.values["credit_code"] for record in firms)),
    )
    drafts.grids.plan(batch.records[Kind.GRIDS], report)
    drafts.roster.plan(people, drafts.grids, industries, report)
    drafts.enterprises.plan(firms, drafts.grids, drafts.roster, industries, report)
    _note_grid_heads(session, batch, drafts.roster, report, now)
    report.sort()
    return report, drafts


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
    heads = {(code, name) for code, name in stored}
    for record in named:
        code, name = record.values["code"], record.values["head"]
        if (code, name) not in heads and not roster.has_post(name, Role.GRID_HEAD, code):
            report.note(record, "head", _("花名册里「{name}」还不是这个网格的网格长，请在人员表里登记。", name=name))
