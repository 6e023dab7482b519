"""Planning and writing the 企业 template: 统一社会信用代码 is the key, the people named become managers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.enterprises.tables import Enterprise, EnterprisePerson
from models.imports.batch import Record
from models.imports.grids import GridsDraft, check_point
from models.imports.people import RosterDraft, find_industry
from models.imports.report import Effect, Report, RowRefused, in_lists, merged, repeated
from models.imports.templates import Kind
from models.people.roster import PRINCIPAL, SAFETY, Duty, do_follow_move, do_release
from models.people.tables import Person, Role
from models.texts import _

_FIELDS = ("name", "industry", "grid_code", "address", "lat", "lon", "standard", "headcount")
_EMPTY = {"address": "", "lat": None, "lon": None, "standard": "", "headcount": None}
_DUTIES: tuple[Duty, ...] = (PRINCIPAL, SAFETY)


@dataclass(slots=True)
class _Firm:
    """One enterprise: its fields, who answers for it (phone → duty), and what changes about that."""

    fields: dict[str, Any]
    people: dict[str, Duty] = field(default_factory=dict)
    id: int | None = None
    is_changed: bool = False
    left_grid: str = ""
    joined: dict[str, Duty] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)


class EnterprisesDraft:
    """The enterprises named in the files, as they will be."""

    def __init__(self, session: Session, credit_codes: Iterable[str]) -> None:
        self._firms: dict[str, _Firm] = {}
        self._taken: dict[str, Record] = {}
        for some in in_lists(sorted(set(credit_codes))):
            self._load(session, some)

    def _load(self, session: Session, credit_codes: Iterable[str]) -> None:
        columns = [getattr(Enterprise, name) for name in _FIELDS]
        rows = session.execute(
            select(Enterprise.credit_code, Enterprise.id, *columns).where(Enterprise.credit_code.in_(credit_codes))
        )
        for credit_code, id_, *values in rows:
            self._firms[credit_code] = _Firm(dict(zip(_FIELDS, values, strict=True)), id=id_)
        people = session.execute(
            select(Enterprise.credit_code, Person.phone, EnterprisePerson.duty)
            .join(EnterprisePerson, EnterprisePerson.enterprise_id == Enterprise.id)
            .join(Person, Person.id == EnterprisePerson.person_id)
            .where(Enterprise.credit_code.in_(credit_codes))
        )
        for credit_code, phone, duty in people:
            self._firms[credit_code].people[phone] = SAFETY if duty == SAFETY else PRINCIPAL

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
            raise RowRefused("credit_code", repeated(first))
        grids.check_exists(record.values["grid"])
        stated = _stated_fields(record, industries)
        named = _named_people(record, roster, report)
        self._taken[credit_code] = record
        firm = self._firms.get(credit_code)
        if firm is None:
            firm = self._firms[credit_code] = _Firm(_EMPTY | stated)
        elif firm.fields != (changed := firm.fields | stated):
            if firm.fields["grid_code"] != changed["grid_code"]:
                firm.left_grid = firm.fields["grid_code"]
            firm.fields, firm.is_changed = changed, True
        touched = self._take_people(firm, named, roster)
        if firm.id is None:
            return Effect.NEW
        return merged([Effect.CHANGED] if firm.is_changed else touched)

    @staticmethod
    def _take_people(firm: _Firm, named: dict[Duty, tuple[str, str]], roster: RosterDraft) -> list[Effect]:
        """Let the people named in a row answer for the enterprise, in place of those who did."""
        effects = []
        wanted: dict[str, Duty] = {}
        for duty, (phone, name) in named.items():
            wanted.setdefault(phone, duty)  # 负责人 comes first, so who is both stays 负责人
            effects.append(roster.set_person(phone, name, "" if roster.name_of(phone) else firm.fields["name"]))
            effects.append(roster.add_post((phone, Role.MANAGER, firm.fields["grid_code"], "")))
        for phone, duty in firm.people.items():
            if phone in wanted and PRINCIPAL not in named:
                wanted[phone] = duty if duty == PRINCIPAL else wanted[phone]
        firm.joined = {phone: duty for phone, duty in wanted.items() if firm.people.get(phone) != duty}
        firm.released = {phone for phone, duty in firm.people.items() if duty in named and phone not in wanted}
        return [*effects, *[Effect.CHANGED] * (len(firm.joined) + len(firm.released))]

    def do_write(self, session: Session, ids: dict[str, int], *, now: datetime) -> None:
        """Write enterprises and who answers for them; `ids` are the person ids by phone."""
        new = [
            {"credit_code": code, "created_at": now, **firm.fields}
            for code, firm in self._firms.items()
            if firm.id is None
        ]
        if new:
            made = session.execute(insert(Enterprise).returning(Enterprise.credit_code, Enterprise.id), new)
            for code, id_ in made:
                self._firms[code].id = id_
        changed = [{"id": firm.id, **firm.fields} for firm in self._firms.values() if firm.is_changed]
        if changed:
            session.execute(update(Enterprise), changed)
        self._write_people(session, ids)
        self._write_departures(session, now=now)

    def _write_people(self, session: Session, ids: dict[str, int]) -> None:
        new = []
        for firm in self._firms.values():
            for phone, duty in firm.joined.items():
                link = {"enterprise_id": firm.id, "person_id": ids[phone]}
                if phone not in firm.people:
                    new.append({**link, "duty": duty})
                    continue
                session.execute(
                    update(EnterprisePerson)
                    .where(
                        EnterprisePerson.enterprise_id == link["enterprise_id"],
                        EnterprisePerson.person_id == link["person_id"],
                    )
                    .values(duty=duty)
                )
        if new:
            session.execute(insert(EnterprisePerson), new)

    def _write_departures(self, session: Session, *, now: datetime) -> None:
        for firm in self._firms.values():
            if not (firm.released or firm.left_grid):
                continue
            enterprise = session.get_one(Enterprise, firm.id, populate_existing=True)
            if firm.released:
                gone = session.scalars(select(Person.id).where(Person.phone.in_(firm.released))).all()
                do_release(session, enterprise, gone, now=now)
            if firm.left_grid:
                do_follow_move(session, enterprise, left=firm.left_grid, now=now)


def _stated_fields(record: Record, industries: dict[str, str]) -> dict[str, Any]:
    """What the row says about the enterprise; empty cells leave what is stored."""
    values = record.values
    code = find_industry(values["industry"], industries, "industry")
    if not code:
        raise RowRefused("industry", _("企业只能填一个具体行业。"))
    lat, lon = check_point(values)
    stated = {"name": values["name"], "industry": code, "grid_code": values["grid"], "lat": lat, "lon": lon}
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
