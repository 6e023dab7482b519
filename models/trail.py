"""The audit as people read it: newest first, by person, hazard and days, page by page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select

from models.access import COUNTY_ZONE, Actor
from models.audit import AuditRow
from models.errors import Forbidden, NotFound
from models.hazards.access import access_hazard
from models.hazards.besides import action_label
from models.hazards.numbers import find_number
from models.ledgers.words import read_words
from models.people.contacts import names_of
from models.people.tables import Person, Role
from models.rules import Rules
from models.session import Session
from models.texts import N_, Line, Text, When, _

PAGE = 8  # Rows. Source: conversations.md, rules for every conversation.
_CODE = re.compile(r"(?:p(?P<person>\d{1,18}))?(?:h(?P<hazard>\d{1,18}))?(?:d(?P<first>\d{8})-(?P<last>\d{8}))?")
LABELS = {
    "people:invite": N_("发出邀请码"),
    "people:join": N_("加入"),
    "people:decline": N_("邀请码到了别人手里"),
    "people:lockout": N_("多次输错邀请码，已锁定"),
    "people:unbind": N_("解绑聊天"),
    "people:leave": N_("办理离岗"),
    "people:release": N_("岗位到期，聊天已解绑"),
    "people:depute": N_("安排代班"),
    "people:return": N_("结束代班"),
    "public:block": N_("拉黑上报人"),
    "public:unblock": N_("解除拉黑"),
    "people:away": N_("请假"),
    "people:back": N_("销假"),
    "imports:write": N_("导入表格"),
    "imports:undo": N_("撤销导入"),
    "names:remove": N_("删除俗称"),
    "ledgers:export": N_("导出台账"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows: of a person, of a hazard (ids, 0 for all), of some days (both inclusive)."""

    person_id: int = 0
    hazard_id: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def code(self) -> str:
        """The same in a few characters, for buttons; `read_code` is its inverse."""
        person = f"p{self.person_id}" if self.person_id else ""
        hazard = f"h{self.hazard_id}" if self.hazard_id else ""
        days = f"d{self.first:%Y%m%d}-{self.last:%Y%m%d}" if self.first and self.last else ""
        return person + hazard + days


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of the audit, a line for each row. `number` counts from 0; `total` is all that was asked for."""

    lines: tuple[Line, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // PAGE))


def read_code(code: str) -> Asked:
    """Read the code of a button.

    Raises: NotFound: made up.
    """
    found = _CODE.fullmatch(code)
    if not found:
        raise NotFound
    try:
        days = [datetime.strptime(text, "%Y%m%d").date() for text in (found["first"], found["last"]) if text]  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise NotFound from None
    first, last = days or (None, None)
    return Asked(int(found["person"] or 0), int(found["hazard"] or 0), first, last)


def read_asked(session: Session, actor: Actor, text: str, rules: Rules, *, now: datetime) -> tuple[Asked, list[str]]:
    """Read a name, a number and days in any order; give the words that name nothing as well.

    Raises: NotFound: no such number, or none of this person's.
    """
    asked, unknown = Asked(), []
    for word in text.split():
        if find_number(word) == word.upper():
            asked = replace(asked, hazard_id=access_hazard(session, actor, word.upper()).id)
        elif person_id := session.scalar(select(Person.id).where(Person.name == word).order_by(Person.id).limit(1)):
            asked = replace(asked, person_id=person_id)
        else:
            found = [item for item in read_words(session, actor, word, rules, now=now).filters if item.kind == "days"]
            if not found:
                unknown.append(word)
                continue
            first, _dots, last = found[0].value.partition("..")
            asked = replace(asked, first=date.fromisoformat(first), last=date.fromisoformat(last))
    return asked, unknown


def list_trail(session: Session, actor: Actor, asked: Asked, *, page: int, rules: Rules) -> TrailPage:
    """A page of the audit, for an administrator of the whole county. Three queries.

    Raises: Forbidden: nobody else reads it.
    """
    if not actor.covers({Role.ADMIN}, grid_code=rules.county):
        raise Forbidden
    where = _conditions(asked)
    total = session.scalar(select(func.count(AuditRow.id)).where(*where)) or 0
    number = min(page, max(0, (total - 1) // PAGE))
    newest = select(AuditRow).where(*where).order_by(AuditRow.id.desc()).limit(PAGE).offset(number * PAGE)
    rows = session.scalars(newest).all()
    people = {row.person_id for row in rows if row.person_id} | {_person_of(row) for row in rows}
    names = names_of(session, people - {0})
    return TrailPage(tuple(_line(row, names) for row in rows), total, number)


def _conditions(asked: Asked) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.person_id:
        conditions.append(AuditRow.person_id == asked.person_id)
    if asked.hazard_id:
        conditions.append(AuditRow.subject == f"hazard:{asked.hazard_id}")
    if asked.first and asked.last:
        conditions.append(AuditRow.at >= _midnight(asked.first))
        conditions.append(AuditRow.at < _midnight(asked.last + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COUNTY_ZONE)


def _person_of(row: AuditRow) -> int:
    """Whom an act was about; 0 for nobody."""
    kind, _colon, ident = row.subject.partition(":")
    return int(ident) if kind == "person" and ident.isdigit() else 0


def _line(row: AuditRow, names: dict[int, str]) -> Line:
    who: Line = names.get(row.person_id or 0) or _("系统")
    room, _colon, action = row.action.partition(":")
    label = LABELS.get(row.action) or (action_label(action) if room == "hazards" else row.action)
    about = row.detail.get("number") or names.get(_person_of(row), "")
    if about:
        return _("{at} {who}：{what}（{about}）", at=When(row.at), who=who, what=Text(label), about=about)
    return _("{at} {who}：{what}", at=When(row.at), who=who, what=Text(label))
