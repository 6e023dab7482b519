"""五落实: what must be laid down for a major hazard, what has been, and how an answer is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from models.access import holds_on, local_day
from models.enterprises.tables import EnterprisePerson
from models.errors import InvalidInput
from models.grids.tree import enclosing
from models.hazards.amounts import read_amount, show_amount
from models.hazards.flow import Side
from models.hazards.tables import Hazard, HazardMeasure, HazardOwner
from models.hazards.wording import read_days
from models.people.days import read_day
from models.people.entries import day_of
from models.people.tables import Assignment, Person
from models.rules import HazardRules, MeasureRule
from models.session import Session
from models.texts import Joined, Line, Text, When, _

_BREAKS = " ，,、；;：:"
NAMES = 4  # People offered as buttons.


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer to one item. `said` is what was typed, `text` what the ledgers show; the rest as in `HazardMeasure`."""

    text: str
    said: str
    laid_on: date
    until: date | None = None
    amount_yuan: int | None = None
    person_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "text": self.text, "said": self.said, "laid_on": self.laid_on.isoformat(),
            "until": self.until and self.until.isoformat(), "amount_yuan": self.amount_yuan,
            "person_id": self.person_id,
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Entry:
        """Rebuild from `to_json`."""
        days = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("laid_on", "until")}
        return cls(**{**values, **days})

    @property
    def shown(self) -> Line:
        """The answer as people read it."""
        return _shown(self.text, self.until, self.amount_yuan)


@dataclass(frozen=True, slots=True)
class Filled:
    """An item that has been laid down: by whom (id and name), when, and how often it was changed (`version`)."""

    text: str
    by_id: int
    by: str
    at: datetime
    laid_on: date | None
    until: date | None
    amount_yuan: int | None
    version: int

    @property
    def shown(self) -> Line:
        """The item as people read it."""
        return _shown(self.text, self.until, self.amount_yuan)


def _shown(text: str, until: date | None, amount_yuan: int | None) -> Line:
    if until is not None:
        return When(day_of(until), "day")
    return _("{amount}万元", amount=text) if amount_yuan is not None else text


@dataclass(frozen=True, slots=True)
class Measures:
    """What has been laid down for a hazard, by the item's code; items that left the rules count no more."""

    filled: Mapping[str, Filled] = field(default_factory=dict)

    def count(self, rules: HazardRules) -> int:
        """How many of the items are there."""
        return len(rules.measures) - len(self.missing(rules))

    def missing(self, rules: HazardRules) -> list[MeasureRule]:
        """The items that are not."""
        return [item for item in rules.measures if item.code not in self.filled]


def load_measures(session: Session, hazard: Hazard) -> Measures:
    """Read what has been laid down; of a general hazard nothing is asked. One query."""
    if not hazard.is_major:
        return Measures()
    rows = session.execute(
        select(HazardMeasure, Person.name)
        .join(Person, Person.id == HazardMeasure.by_id)
        .where(HazardMeasure.hazard_id == hazard.id)
        .execution_options(populate_existing=True)
    )
    return Measures(
        {
            row.item: Filled(
                row.text, row.by_id, name, row.at, row.laid_on, row.until, row.amount_yuan, row.version
            )
            for row, name in rows
        }
    )  # fmt: skip


# -- how it is shown -----------------------------------------------------------------------------------------


def show_measures(measures: Measures, rules: HazardRules) -> Iterator[Line]:
    """How far it has come, in a line of the hazard's card, with the planned day and the money."""
    if not rules.measures:
        return
    known: dict[str, Any] = {
        "name": Text(rules.measures_name), "done": measures.count(rules), "all": len(rules.measures),
    }  # fmt: skip
    if missing := measures.missing(rules):
        yield _("{name}：已落实{done}/{all}，还差{missing}", missing=_names(missing), **known)
    else:
        yield _("{name}：已落实{done}/{all}", **known)
    for item in rules.measures:
        found = measures.filled.get(item.code)
        if found is not None and found.until is not None:
            yield _("计划完成：{day}", day=When(day_of(found.until), "day"))


def _names(items: list[MeasureRule]) -> Joined:
    return Joined(tuple(Text(item.name) for item in items))


def show_items(measures: Measures, rules: HazardRules) -> Iterator[Line]:
    """All items one below the other: what is there, by whom and since when, and what is not."""
    for item in rules.measures:
        found = measures.filled.get(item.code)
        if found is None:
            yield _("○ {item}：未填", item=Text(item.name))
            continue
        day = When(day_of(found.laid_on or local_day(found.at)), "day")
        yield _("✓ {item}：{text}（{who}，{day}）", item=Text(item.name), text=found.shown, who=found.by, day=day)


# -- how it is read ------------------------------------------------------------------------------------------


def read_entry(
    session: Session, hazard: Hazard, item: MeasureRule, text: str, rules: HazardRules, *, now: datetime
) -> Entry:
    """Read the answer to an item: words, a name, an amount in 万元, or the day by which it will be done.

    A day in front of it (11月20日 已制定方案) is since when it holds. Raises: InvalidInput: it does not fit.
    """
    said, today = text.strip(), local_day(now)
    if not said:
        raise InvalidInput(_("请用文字填写“{item}”。", item=Text(item.name)))
    if len(said) > rules.description_max:
        over = {"count": rules.description_max, "length": len(said)}
        raise InvalidInput(_("文字太长：最多{count}个字，现在是{length}个字，请删减后再发。", **over))
    if item.kind == "day":
        until = _read_until(said, hazard, rules, today)
        return Entry(until.isoformat(), said, today, until=until)
    laid_on, words = _split_day(said, today)
    if item.kind == "money":
        yuan = read_amount(words)
        return Entry(show_amount(yuan), said, laid_on, amount_yuan=yuan)
    if len(words) < rules.description_min:
        raise InvalidInput(
            _("请把“{item}”写清楚一点，至少{count}个字。", item=Text(item.name), count=rules.description_min)
        )
    person_id = find_named(session, hazard, words, now=now) if item.kind == "person" else None
    return Entry(words, said, laid_on, person_id=person_id)


def _read_until(text: str, hazard: Hazard, rules: HazardRules, today: date) -> date:
    """A day, or how many days from now; neither past nor later than the longest time of a major hazard."""
    try:
        until = read_day(text, today=today)
    except InvalidInput:
        days = read_days(text, today=today)
        if days is None:
            raise
        until = today + timedelta(days=days)
    if until < today:
        raise InvalidInput(_("这个日期已经过去了，请写计划完成的日期。"))
    level = rules.level(hazard.level)
    most = max(level.deadline_days, default=0) if level else 0
    if most and until > local_day(hazard.reported_at) + timedelta(days=most):
        raise InvalidInput(_("计划完成的日期最晚是登记后{days}天，请写得早一些。", days=most))
    return until


def _split_day(text: str, today: date) -> tuple[date, str]:
    """A day of the last year in front of the words, and the words; without one it holds since today."""
    head, rest = text, ""
    for index, sign in enumerate(text):
        if sign in _BREAKS:
            head, rest = text[:index], text[index:].strip(_BREAKS)
            break
    if not rest:
        return today, text
    try:
        day = read_day(head, today=today)
        day = day if day <= today else day.replace(year=day.year - 1)  # read as the next such day
    except (InvalidInput, ValueError):
        return today, text
    return (day, rest) if timedelta() <= today - day <= timedelta(days=365) else (today, text)


def find_named(session: Session, hazard: Hazard, text: str, *, now: datetime) -> int | None:
    """The one person of the enterprise, the place or the owners whose name stands in the text; None else."""
    named = [ident for ident, name in _around(session, hazard, now=now) if name in text]
    return named[0] if len(named) == 1 else None


def list_rectifiers(session: Session, hazard: Hazard) -> list[str]:
    """The names offered for the item that wants one."""
    rows = (
        select(Person.name)
        .join(HazardOwner, HazardOwner.person_id == Person.id)
        .where(HazardOwner.hazard_id == hazard.id, HazardOwner.side == Side.RECTIFIER)
        .order_by(HazardOwner.id)
        .limit(NAMES)
    )
    return list(dict.fromkeys(session.scalars(rows)))


def _around(session: Session, hazard: Hazard, *, now: datetime) -> list[tuple[int, str]]:
    owners = select(HazardOwner.person_id).where(HazardOwner.hazard_id == hazard.id)
    staff = select(Assignment.person_id).where(
        Assignment.grid_code.in_(enclosing(hazard.grid_code)), holds_on(local_day(now))
    )
    ways = [Person.id.in_(owners), Person.id.in_(staff)]
    if hazard.enterprise_id is not None:
        own = select(EnterprisePerson.person_id).where(EnterprisePerson.enterprise_id == hazard.enterprise_id)
        ways.append(Person.id.in_(own))
    return [(ident, name) for ident, name in session.execute(select(Person.id, Person.name).where(or_(*ways)))]
