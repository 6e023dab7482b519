"""Planning and writing the 人员 template: the phone is the key, a second row adds a role."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.enterprises.industries import industry_key
from models.imports.batch import Record
from models.imports.changes import PEOPLE, POSTS, Change
from models.imports.grids import GridsDraft
from models.imports.offers import closest
from models.imports.report import Effect, Report, RowRefused, in_lists, is_repeated, merged, said
from models.imports.rows import post_values
from models.imports.templates import Kind
from models.people.tables import Assignment, Person, Role
from models.texts import _

_ALL_INDUSTRIES = frozenset({"全部", "所有", "全部行业", "所有行业", "全行业", "不限"})

PostKey = tuple[str, Role, str, str]  # phone, role, grid code, industry


@dataclass(slots=True)
class _Person:
    """Name and unit as they will be, and as they are stored (None: not at all)."""

    name: str
    unit: str
    stored: tuple[str, str] | None = None


@dataclass(slots=True)
class _Post:
    """The dates of a role as they will be, and as they are stored (None: it is not)."""

    starts_on: date | None
    ends_on: date | None
    stored: tuple[date | None, date | None] | None = None


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
        people = session.execute(select(Person.phone, Person.name, Person.unit).where(Person.phone.in_(phones)))
        self._people |= {phone: _Person(name, unit, (name, unit)) for phone, name, unit in people}
        posts = session.execute(
            select(Person.phone, Assignment.role, Assignment.grid_code, Assignment.industry,
                   Assignment.starts_on, Assignment.ends_on)
            .join(Person, Person.id == Assignment.person_id)
            .where(Person.phone.in_(phones))
        )  # fmt: skip
        for phone, role, grid, industry, starts_on, ends_on in posts:
            self._posts[phone, role, grid, industry] = _Post(starts_on, ends_on, (starts_on, ends_on))

    def plan(self, records: list[Record], grids: GridsDraft, industries: dict[str, str], report: Report) -> None:
        """Take every row that fits."""
        for record in records:
            try:
                report.count(Kind.PEOPLE, self._take(record, grids, industries, report))
            except RowRefused as refusal:
                report.refuse(Kind.PEOPLE, record, refusal)

    def _take(self, record: Record, grids: GridsDraft, industries: dict[str, str], report: Report) -> Effect:
        values = record.values
        phone, grid = values["phone"], grids.find(values["grid"])
        trades = [find_industry(word, industries, "industries") for word in values.get("industries", ())] or [""]
        if "starts_on" in values and values.get("ends_on", date.max) < values["starts_on"]:
            raise RowRefused("ends_on", _("结束日期早于开始日期。"))
        first = self._named_by.get(phone)
        if first:
            self._check_name(record, first)
        keys = [(phone, role, grid, trade) for role in values["roles"] for trade in trades]
        earlier = [self._posted_by[key] for key in keys if key in self._posted_by]
        for other in earlier:
            if is_repeated(record, other, report):
                return Effect.REPEATED
            if _dates(other) != _dates(record):
                place = said(other, record)
                raise RowRefused("roles", _("与{place}是同一人的同一角色，日期却不同，请只留一行。", place=place))
        effects = [self._take_person(record, report)]
        for key in keys:
            if key not in self._posted_by:
                self._posted_by[key] = record
                effects.append(self._take_post(key, record))
        return effects[0] if effects[0] is Effect.NEW else merged(effects)

    @staticmethod
    def _check_name(record: Record, first: Record) -> None:
        if first.values["name"] != record.values["name"]:
            reason = _("这个手机号在{place}登记的是「{name}」。", place=said(first, record), name=first.values["name"])
            raise RowRefused("name", reason)

    def _take_person(self, record: Record, report: Report) -> Effect:
        phone, name, unit = record.values["phone"], record.values["name"], record.values.get("unit", "")
        known = self.name_of(phone)
        if known and known != name:
            report.note(record, "name", _("花名册里这个手机号是「{old}」，将改为「{new}」。", old=known, new=name))
        first = self._named_by.setdefault(phone, record)
        if unit and first.values.get("unit", unit) != unit:
            report.note(record, "unit", _("单位与{place}不同，按这一行写入。", place=said(first, record)))
        return self.set_person(phone, name, unit)

    def set_person(self, phone: str, name: str, unit: str = "") -> Effect:
        """Put a person on the roster; an empty `unit` keeps what is known."""
        known = self._people.get(phone)
        if known is None:
            self._people[phone] = _Person(name, unit)
            return Effect.NEW
        before = known.name, known.unit
        known.name, known.unit = name, unit or known.unit
        if known.stored is None:
            return Effect.NEW
        return Effect.UNCHANGED if before == (known.name, known.unit) else Effect.CHANGED

    def name_of(self, phone: str) -> str:
        """The name under which a phone is known, in the store or from this import; else empty."""
        known = self._people.get(phone)
        return known.name if known else ""

    def list_heads(self) -> set[tuple[str, str]]:
        """Grid and name of everybody who will be grid head, as far as the files go."""
        return {(grid, self._people[phone].name) for phone, role, grid, _i in self._posts if role is Role.GRID_HEAD}

    def _take_post(self, key: PostKey, record: Record) -> Effect:
        post = self._posts.get(key)
        starts_on, ends_on = _dates(record)
        if post and "starts_on" not in record.table.places:
            starts_on = post.starts_on
        if post and "ends_on" not in record.table.places:
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
        post.starts_on, post.ends_on = starts_on, ends_on
        return Effect.CHANGED

    def end_managers(self, places: Collection[tuple[str, str]]) -> None:
        """End the manager's roles at these (phone, grid) as of yesterday, unless a row of the files gives them."""
        last_day = self._today - timedelta(days=1)
        for key, post in self._posts.items():
            phone, role, grid, _trade = key
            if role is Role.MANAGER and (phone, grid) in places and key not in self._posted_by:
                post.ends_on = min(post.ends_on or last_day, last_day)

    def list_people(self) -> Iterator[Change]:
        """The people to be written."""
        for phone, person in self._people.items():
            if person.stored != (person.name, person.unit):
                before = {"name": person.stored[0], "unit": person.stored[1]} if person.stored else None
                yield Change(PEOPLE, (phone,), before, {"name": person.name, "unit": person.unit})

    def list_posts(self) -> Iterator[Change]:
        """The roles to be written."""
        for (phone, role, grid, industry), post in self._posts.items():
            if post.stored != (post.starts_on, post.ends_on):
                before = post_values(*post.stored) if post.stored else None
                after = post_values(post.starts_on, post.ends_on)
                yield Change(POSTS, (phone, role.value, grid, industry), before, after)


def _dates(record: Record) -> tuple[date | None, date | None]:
    return record.values.get("starts_on"), record.values.get("ends_on")


def find_industry(word: str, industries: dict[str, str], key: str) -> str:
    """The code of an industry given by name or code; all of them together are the empty code.

    Raises: RowRefused: there is none of this name.
    """
    if word in _ALL_INDUSTRIES:
        return ""
    code = industries.get(industry_key(word))
    if code is None:
        near = closest(industry_key(word), [name for name in industries if not name.isascii()])
        if near:
            raise RowRefused(key, _("没有「{word}」这个行业，最接近的是：{near}。", word=word, near="、".join(near)))
        raise RowRefused(key, _("没有「{word}」这个行业。", word=word))
    return code
