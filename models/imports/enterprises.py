"""Planning and writing the 企业 template: 统一社会信用代码 is the key, the people named become managers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.enterprises.tables import Enterprise, EnterprisePerson
from models.imports.batch import Record
from models.imports.changes import ENTERPRISES, LINKS, Change
from models.imports.grids import GridsDraft, check_point
from models.imports.people import RosterDraft, find_industry
from models.imports.report import Effect, Report, RowRefused, contradicts, in_lists, is_repeated, merged
from models.imports.rows import ENTERPRISE_FIELDS
from models.imports.templates import Kind
from models.people.roster import PRINCIPAL, SAFETY, Duty
from models.people.tables import Person, Role
from models.texts import _

_EMPTY = {"address": "", "lat": None, "lon": None, "standard": "", "headcount": None}
_DUTIES: tuple[Duty, ...] = (PRINCIPAL, SAFETY)


@dataclass(slots=True)
class _Firm:
    """One enterprise as it will be and as it is stored: its fields, and who answers for it (phone → duty)."""

    fields: dict[str, Any]
    people: dict[str, Duty] = field(default_factory=dict)
    stored: dict[str, Any] | None = None
    stored_people: dict[str, Duty] = field(default_factory=dict)


class EnterprisesDraft:
    """The enterprises named in the files, as they will be."""

    def __init__(self, session: Session, credit_codes: Iterable[str]) -> None:
        self._firms: dict[str, _Firm] = {}
        self._taken: dict[str, Record] = {}
        for some in in_lists(sorted(set(credit_codes))):
            self._load(session, some)

    def _load(self, session: Session, credit_codes: Iterable[str]) -> None:
        columns = [getattr(Enterprise, name) for name in ENTERPRISE_FIELDS]
        rows = session.execute(select(Enterprise.credit_code, *columns).where(Enterprise.credit_code.in_(credit_codes)))
        for credit_code, *values in rows:
            stored = dict(zip(ENTERPRISE_FIELDS, values, strict=True))
            self._firms[credit_code] = _Firm(stored, stored=stored)
        people = session.execute(
            select(Enterprise.credit_code, Person.phone, EnterprisePerson.duty)
            .join(EnterprisePerson, EnterprisePerson.enterprise_id == Enterprise.id)
            .join(Person, Person.id == EnterprisePerson.person_id)
            .where(Enterprise.credit_code.in_(credit_codes))
        )
        for credit_code, phone, duty in people:
            firm = self._firms[credit_code]
            firm.people[phone] = firm.stored_people[phone] = SAFETY if duty == SAFETY else PRINCIPAL

    def list_phones(self) -> list[str]:
        """The phones of those who answer for the enterprises now."""
        return [phone for firm in self._firms.values() for phone in firm.stored_people]

    def plan(
        self,
        records: list[Record],
        grids: GridsDraft,
        roster: RosterDraft,
        industries: dict[str, str],
        report: Report,
    ) -> None:
        """Take every row that fits."""
        for record in records:
            try:
                report.count(Kind.ENTERPRISES, self._take(record, grids, roster, industries, report))
            except RowRefused as refusal:
                report.refuse(Kind.ENTERPRISES, record, refusal)

    def _take(
        self, record: Record, grids: GridsDraft, roster: RosterDraft, industries: dict[str, str], report: Report
    ) -> Effect:
        credit_code = record.values["credit_code"]
        if first := self._taken.get(credit_code):
            if is_repeated(record, first, report):
                return Effect.REPEATED
            raise RowRefused("credit_code", contradicts(record, first))
        stated = _stated_fields(record, grids, industries)
        named = _named_people(record, roster, report)
        self._taken[credit_code] = record
        firm = self._firms.get(credit_code)
        if firm is None:
            firm = self._firms[credit_code] = _Firm(_EMPTY)
        firm.fields = firm.fields | stated
        touched = self._take_people(firm, named, roster)
        if firm.stored is None:
            return Effect.NEW
        if firm.fields["grid_code"] != firm.stored["grid_code"]:
            for phone in firm.people:
                roster.add_post((phone, Role.MANAGER, firm.fields["grid_code"], ""))
        return merged([Effect.CHANGED] if firm.fields != firm.stored else touched)

    @staticmethod
    def _take_people(firm: _Firm, named: dict[Duty, tuple[str, str]], roster: RosterDraft) -> list[Effect]:
        """Let the people named in a row answer for the enterprise, in place of those who did."""
        effects = []
        wanted: dict[str, Duty] = {}
        for duty, (phone, name) in named.items():
            wanted.setdefault(phone, duty)  # 负责人 comes first, so who is both stays 负责人
            effects.append(roster.set_person(phone, name, "" if roster.name_of(phone) else firm.fields["name"]))
            effects.append(roster.add_post((phone, Role.MANAGER, firm.fields["grid_code"], "")))
        for phone, duty in firm.stored_people.items():
            if phone in wanted and PRINCIPAL not in named:
                wanted[phone] = duty if duty == PRINCIPAL else wanted[phone]
        staying = {phone: duty for phone, duty in firm.stored_people.items() if duty not in named}
        firm.people = staying | wanted
        return [*effects, *([Effect.CHANGED] if firm.people != firm.stored_people else [])]

    def settle(self, session: Session, roster: RosterDraft) -> None:
        """End the manager's role of whoever no longer answers for an enterprise in the grid where one was."""
        left = {
            (phone, str(firm.stored["grid_code"]))
            for firm in self._firms.values()
            if firm.stored
            for phone in firm.stored_people
            if phone not in firm.people or firm.fields["grid_code"] != firm.stored["grid_code"]
        }
        busy = {(phone, str(firm.fields["grid_code"])) for firm in self._firms.values() for phone in firm.people}
        for some in in_lists(sorted({phone for phone, _grid in left})):
            rows = session.execute(
                select(Person.phone, Enterprise.grid_code, Enterprise.credit_code)
                .join(EnterprisePerson, EnterprisePerson.person_id == Person.id)
                .join(Enterprise, Enterprise.id == EnterprisePerson.enterprise_id)
                .where(Person.phone.in_(some))
            )
            busy |= {(phone, grid) for phone, grid, credit_code in rows if credit_code not in self._firms}
        roster.end_managers(left - busy)

    def list_firms(self) -> Iterator[Change]:
        """The enterprises to be written."""
        for code, firm in self._firms.items():
            if firm.fields != firm.stored:
                yield Change(ENTERPRISES, (code,), firm.stored, firm.fields)

    def list_links(self) -> Iterator[Change]:
        """Who answers for which enterprise, as far as it is to be written."""
        for code, firm in self._firms.items():
            for phone in {**firm.stored_people, **firm.people}:
                before, after = firm.stored_people.get(phone), firm.people.get(phone)
                if before != after:
                    yield Change(LINKS, (code, phone), _duty(before), _duty(after))


def _duty(duty: Duty | None) -> dict[str, str] | None:
    return None if duty is None else {"duty": duty}


def _stated_fields(record: Record, grids: GridsDraft, industries: dict[str, str]) -> dict[str, Any]:
    """What the row says about the enterprise; empty cells leave what is stored."""
    values = record.values
    grid_code = grids.find(values["grid"])
    code = find_industry(values["industry"], industries, "industry")
    if not code:
        raise RowRefused("industry", _("企业只能填一个具体行业。"))
    lat, lon = check_point(values)
    stated = {"name": values["name"], "industry": code, "grid_code": grid_code, "lat": lat, "lon": lon}
    stated |= {name: values.get(name) for name in ("address", "standard", "headcount")}
    return {name: value for name, value in stated.items() if value is not None}


def _named_people(record: Record, roster: RosterDraft, report: Report) -> dict[Duty, tuple[str, str]]:
    """The people named in a row: duty → phone, name.

    Raises: RowRefused: a phone without a name, or one that belongs to somebody of another name.
    """
    named: dict[Duty, tuple[str, str]] = {}
    for duty in _DUTIES:
        name, phone = record.values.get(duty, ""), record.values.get(f"{duty}_phone", "")
        if not phone:
            if name:
                report.note(record, duty, _("没有手机号，「{name}」未列入花名册。", name=name))
            continue
        earlier = dict(named.values())
        known = roster.name_of(phone) or earlier.get(phone, "")
        if not (name or known):
            raise RowRefused(f"{duty}_phone", _("填了手机号，还需要填姓名。"))
        if name and known and name != known:
            reason = _("花名册里这个手机号是「{known}」，与这里的「{name}」不一致。", known=known, name=name)
            raise RowRefused(duty, reason)
        named[duty] = (phone, name or known)
    return named
