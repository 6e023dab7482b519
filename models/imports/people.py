"""Planning and writing the 人员 template: the phone is the key, a second row adds a role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.enterprises.industries import industry_key
from models.imports.batch import Record
from models.imports.grids import GridsDraft
from models.imports.report import Effect, Report, RowRefused, in_lists, merged, repeated
from models.imports.templates import Kind
from models.people.tables import Assignment, Person, Role
from models.texts import _

_ALL_INDUSTRIES = frozenset({"全部", "所有", "全部行业", "所有行业", "全行业", "不限"})

PostKey = tuple[str, Role, str, str]  # phone, role, grid code, industry


@dataclass(slots=True)
class _Person:
    name: str
    unit: str
    id: int | None = None
    is_changed: bool = False


@dataclass(slots=True)
class _Post:
    starts_on: date | None
    ends_on: date | None
    id: int | None = None
    is_changed: bool = False


class RosterDraft:
    """The people named in the files and their roles, as they will be."""

    def __init__(self, session: Session, phones: Iterable[str], *, today: date) -> None:
        self._today = today
        self._people: dict[str, _Person] = {}
        self._posts: dict[PostKey, _Post] = {}
        self._named_by: dict[str, Record] = {}
        self._posted_by: dict[PostKey, Record] = {}
        for some in in_lists(sorted(set(phones))):
            self._load(session, some)

    def _load(self, session: Session, phones: Iterable[str]) -> None:
        people = session.execute(
            select(Person.phone, Person.name, Person.unit, Person.id).where(Person.phone.in_(phones))
        )
        self._people |= {phone: _Person(name, unit, id_) for phone, name, unit, id_ in people}
        posts = session.execute(
            select(Person.phone, Assignment.role, Assignment.grid_code, Assignment.industry,
                   Assignment.starts_on, Assignment.ends_on, Assignment.id)
            .join(Person, Person.id == Assignment.person_id)
            .where(Person.phone.in_(phones))
        )  # fmt: skip
        for phone, role, grid, industry, starts_on, ends_on, id_ in posts:
            self._posts[phone, role, grid, industry] = _Post(starts_on, ends_on, id_)

    def plan(self, records: list[Record], grids: GridsDraft, industries: dict[str, str], report: Report) -> None:
        """Take every row that fits."""
        for record in records:
            try:
                report.count(Kind.PEOPLE, self._take(record, grids, industries, report))
            except RowRefused as refusal:
                report.refuse(Kind.PEOPLE, record, refusal)

    def _take(self, record: Record, grids: GridsDraft, industries: dict[str, str], report: Report) -> Effect:
        values = record.values
        phone, grid = values["phone"], values["grid"]
        grids.check_exists(grid)
        trades = [find_industry(word, industries, "industries") for word in values.get("industries", ())] or [""]
        if "starts_on" in values and values.get("ends_on", date.max) < values["starts_on"]:
            raise RowRefused("ends_on", _("结束日期早于开始日期。"))
        self._check_name(record)
        keys = [(phone, role, grid, trade) for role in values["roles"] for trade in trades]
        for key in keys:
            if first := self._posted_by.get(key):
                raise RowRefused("roles", repeated(first))
        effects = [self._take_person(record, report)]
        for key in keys:
            self._posted_by[key] = record
            effects.append(self._take_post(key, record))
        return effects[0] if effects[0] is Effect.NEW else merged(effects)

    def _check_name(self, record: Record) -> None:
        first = self._named_by.get(record.values["phone"])
        if first and first.values["name"] != record.values["name"]:
            name, row = first.values["name"], first.spot.row
            raise RowRefused("name", _("这个手机号在前面第{row}行登记的是「{name}」。", row=row, name=name))

    def _take_person(self, record: Record, report: Report) -> Effect:
        phone, name = record.values["phone"], record.values["name"]
        known = self.name_of(phone)
        if known and known != name:
            report.note(record, "name", _("花名册里这个手机号是「{old}」，将改为「{new}」。", old=known, new=name))
        self._named_by.setdefault(phone, record)
        return self.set_person(phone, name, record.values.get("unit", ""))

    def set_person(self, phone: str, name: str, unit: str = "") -> Effect:
        """Put a person on the roster; an empty `unit` keeps what is known."""
        known = self._people.get(phone)
        if known is None:
            self._people[phone] = _Person(name, unit)
            return Effect.NEW
        if (known.name, known.unit) != (name, unit or known.unit):
            known.name, known.unit, known.is_changed = name, unit or known.unit, True
            return Effect.NEW if known.id is None else Effect.CHANGED
        return Effect.NEW if known.id is None else Effect.UNCHANGED

    def name_of(self, phone: str) -> str:
        """The name under which a phone is known, in the store or from this import; else empty."""
        known = self._people.get(phone)
        return known.name if known else ""

    def has_post(self, name: str, role: Role, grid: str) -> bool:
        """Tell whether somebody of this name in the files will hold the role in the grid."""
        return any(
            (post_role, post_grid) == (role, grid) and self._people[phone].name == name
            for phone, post_role, post_grid, _industry in self._posts
        )

    def _take_post(self, key: PostKey, record: Record) -> Effect:
        post = self._posts.get(key)
        starts_on, ends_on = record.values.get("starts_on"), record.values.get("ends_on")
        if post and "starts_on" not in record.columns:
            starts_on = post.starts_on
        if post and "ends_on" not in record.columns:
            ends_on = self._unless_over(post)
        return self._set_post(key, starts_on, ends_on)

    def add_post(self, key: PostKey) -> Effect:
        """Give somebody a role from now on; one that is there keeps its dates, one that is over opens again."""
        post = self._posts.get(key)
        return self._set_post(key, post.starts_on, self._unless_over(post)) if post else self._set_post(key, None, None)

    def _unless_over(self, post: _Post) -> date | None:
        return post.ends_on if post.ends_on and post.ends_on >= self._today else None

    def _set_post(self, key: PostKey, starts_on: date | None, ends_on: date | None) -> Effect:
        post = self._posts.get(key)
        if post is None:
            self._posts[key] = _Post(starts_on, ends_on)
            return Effect.NEW
        if (post.starts_on, post.ends_on) == (starts_on, ends_on):
            return Effect.UNCHANGED
        post.starts_on, post.ends_on, post.is_changed = starts_on, ends_on, True
        return Effect.CHANGED

    def do_write(self, session: Session, *, now: datetime) -> dict[str, int]:
        """Write people and roles; return the person id of every phone in the files."""
        new = [
            {"name": person.name, "phone": phone, "unit": person.unit, "lang": "zh", "created_at": now}
            for phone, person in self._people.items()
            if person.id is None
        ]
        ids = {phone: person.id for phone, person in self._people.items() if person.id is not None}
        if new:
            ids |= {
                phone: id_ for id_, phone in session.execute(insert(Person).returning(Person.id, Person.phone), new)
            }
        changed = [
            {"id": person.id, "name": person.name, "unit": person.unit}
            for person in self._people.values()
            if person.id is not None and person.is_changed
        ]
        if changed:
            session.execute(update(Person), changed)
        self._write_posts(session, ids)
        return ids

    def _write_posts(self, session: Session, ids: dict[str, int]) -> None:
        new = [
            {"person_id": ids[phone], "role": role, "grid_code": grid, "industry": industry,
             "starts_on": post.starts_on, "ends_on": post.ends_on}
            for (phone, role, grid, industry), post in self._posts.items()
            if post.id is None
        ]  # fmt: skip
        if new:
            session.execute(insert(Assignment), new)
        changed = [
            {"id": post.id, "starts_on": post.starts_on, "ends_on": post.ends_on}
            for post in self._posts.values()
            if post.id is not None and post.is_changed
        ]
        if changed:
            session.execute(update(Assignment), changed)


def find_industry(word: str, industries: dict[str, str], key: str) -> str:
    """The code of an industry given by name or code; all of them together are the empty code.

    Raises: RowRefused: there is none of this name.
    """
    if word in _ALL_INDUSTRIES:
        return ""
    code = industries.get(industry_key(word))
    if code is None:
        raise RowRefused(key, _("没有「{word}」这个行业。", word=word))
    return code
