"""Standing in (代班): who receives and does what is meant for somebody else, from which day to which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from models.access import AREA_ROLES, Actor, holds_on, local_day, within
from models.audit import do_audit
from models.content import say
from models.errors import InvalidInput, NotFound
from models.outbox import do_tell
from models.people.entries import Entry, day_of, load_entry
from models.people.invites import PAGE, visible_staff
from models.people.tables import Assignment, Deputy, Person
from models.texts import Line, When, _

MAX_DAYS = 90


@dataclass(frozen=True, slots=True)
class Absence:
    """Between two days (inclusive) `deputy` stands in for `person`; both are names."""

    id: int
    person_id: int
    person: str
    deputy_id: int
    deputy: str
    starts_on: date
    ends_on: date

    @property
    def span(self) -> dict[str, Line]:
        """The days as fields of a sentence."""
        return {"since": When(day_of(self.starts_on), "day"), "until": When(day_of(self.ends_on), "day")}


def deputies_of(session: Session, people: Iterable[int], *, now: datetime) -> list[tuple[int, int]]:
    """Who stands in today for whom of these people, as (deputy, absent), in order."""
    day, wanted = local_day(now), sorted(set(people))
    if not wanted:
        return []
    rows = session.execute(_STANDING_IN, {"people": wanted, "day": day})
    return [(deputy_id, person_id) for deputy_id, person_id in rows]


# Built once, as in models/access.py: it runs with every card of a hazard.
_STANDING_IN = (
    select(Deputy.deputy_id, Deputy.person_id)
    .where(
        Deputy.person_id.in_(bindparam("people", expanding=True)),
        Deputy.starts_on <= bindparam("day", type_=Date),
        Deputy.ends_on >= bindparam("day", type_=Date),
    )
    .order_by(Deputy.id)
)


def visible_absent(actor: Actor, *, now: datetime) -> Select[Person]:
    """For whom the actor may name a deputy: oneself, and people of the grids that the actor runs."""
    staff = visible_staff(actor, now=now).with_only_columns(Person.id)
    return select(Person).where(or_(Person.id == actor.person_id, Person.id.in_(staff)))


def visible_deputies(actor: Actor, absent: Entry, *, now: datetime, colleagues: bool = False) -> Select[Person]:
    """Who may stand in: people of the same grid or unit, and (unless `colleagues`) of the actor's own scope.

    Only who looks after an area can stand in for somebody who does: an enterprise must not see the tips about it.
    """
    serves = and_(Assignment.person_id == Person.id, holds_on(local_day(now)))

    def holds(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(serves, condition).correlate(Person)

    near = holds(Assignment.grid_code.in_([post.grid_code for post in absent.posts]))
    if absent.unit:
        near = or_(near, and_(Person.unit == absent.unit, exists().where(serves).correlate(Person)))
    if not colleagues:
        near = or_(near, holds(within(actor, Assignment.grid_code, Assignment.industry)))
    found = select(Person).where(Person.id != absent.person_id, near)
    if any(post.role in AREA_ROLES for post in absent.posts):
        found = found.where(holds(Assignment.role.in_(AREA_ROLES)))
    return found


def find_named(session: Session, people: Select[Person], name: str) -> list[Person]:
    """Those of the people whose name it is, or else whose name contains it."""
    found = session.scalars(people.where(Person.name == name).order_by(Person.id).limit(PAGE)).all()
    return list(found) or list_first(session, people.where(Person.name.contains(name, autoescape=True)))


def list_first(session: Session, people: Select[Person]) -> list[Person]:
    """The first of the people by name, as many as buttons fit."""
    return list(session.scalars(people.order_by(Person.name, Person.id).limit(PAGE)))


def access_absent(session: Session, actor: Actor, person_id: int, *, now: datetime) -> Entry:
    """Give somebody for whom the actor may name a deputy. Raises: NotFound: nobody, or not this actor's."""
    allowed = session.scalar(visible_absent(actor, now=now).where(Person.id == person_id))
    entry = load_entry(session, person_id, now=now) if allowed else None
    if entry is None:
        raise NotFound
    return entry


def check_span(starts_on: date, ends_on: date, *, now: datetime) -> None:
    """Raises: InvalidInput: in the past, the wrong way round, or longer than `MAX_DAYS`."""
    if starts_on < local_day(now):
        raise InvalidInput(_("开始的日期已经过去了，请从今天或以后的日期开始。"))
    if ends_on < starts_on:
        raise InvalidInput(_("结束的日期不能早于开始的日期。"))
    if (ends_on - starts_on).days >= MAX_DAYS:
        raise InvalidInput(_("一次最多安排{days}天，到期可以再安排。", days=MAX_DAYS))


def check_depute(
    session: Session, actor: Actor, person_id: int, deputy_id: int, starts_on: date, ends_on: date, *, now: datetime
) -> Absence:
    """Let somebody stand in for a person between two days (inclusive); both are told.

    Raises: NotFound: one of them is not the actor's to name. InvalidInput: the days do not fit.
    """
    # Of two arrangements at once the later one sees the earlier.
    session.execute(
        select(Person.id).where(Person.id.in_((person_id, deputy_id))).order_by(Person.id).with_for_update()
    )
    absent = access_absent(session, actor, person_id, now=now)
    deputy = session.scalars(visible_deputies(actor, absent, now=now).where(Person.id == deputy_id)).first()
    if deputy is None:
        raise NotFound
    check_span(starts_on, ends_on, now=now)
    _check_free(session, absent, deputy, starts_on, ends_on)
    row = Deputy(person_id=person_id, deputy_id=deputy_id, starts_on=starts_on, ends_on=ends_on)
    session.add(row)
    session.flush()
    found = Absence(row.id, person_id, absent.name, deputy_id, deputy.name, starts_on, ends_on)
    _tell_begin(session, actor, found, now)
    do_audit(
        session, action="people:depute", subject=f"person:{person_id}", person_id=actor.person_id,
        detail={"deputy": deputy_id, "from": starts_on.isoformat(), "to": ends_on.isoformat()}, now=now,
    )  # fmt: skip
    return found


def _check_free(session: Session, absent: Entry, deputy: Person, starts_on: date, ends_on: date) -> None:
    clashing = _absences().where(Deputy.starts_on <= ends_on, Deputy.ends_on >= starts_on)
    if row := session.execute(clashing.where(Deputy.person_id == absent.person_id)).first():
        text = _("{name}在这几天已由{deputy}代班，请先结束那一次。", name=absent.name, deputy=Absence(*row).deputy)
        raise InvalidInput(text)
    if session.execute(clashing.where(Deputy.person_id == deputy.id)).first():
        raise InvalidInput(_("{name}在这几天自己也请了别人代班，请换一位。", name=deputy.name))


def _tell_begin(session: Session, actor: Actor, found: Absence, now: datetime) -> None:
    names = {"name": found.person, "deputy": found.deputy, "who": actor.name}
    asked = say(
        _("请您代班"),
        _("{since}至{until}，发给{name}的通知也会发给您，您可以代为办理。", **names, **found.span),
    )
    do_tell(session, [found.deputy_id], asked, now=now, dedupe=f"depute:{found.id}", deputies=False)
    if actor.person_id != found.person_id:
        told = say(_("{who}已安排{deputy}代您的班，{since}至{until}。", **names, **found.span))
        do_tell(session, [found.person_id], told, now=now, dedupe=f"depute:{found.id}", deputies=False)


def _absences() -> Select[int, int, str, int, str, date, date]:
    absent, deputy = aliased(Person), aliased(Person)
    return (
        select(
            Deputy.id, Deputy.person_id, absent.name, Deputy.deputy_id, deputy.name, Deputy.starts_on, Deputy.ends_on
        )
        .join(absent, absent.id == Deputy.person_id)
        .join(deputy, deputy.id == Deputy.deputy_id)
        .order_by(Deputy.starts_on, Deputy.id)
    )


def visible_absences(actor: Actor, *, now: datetime) -> Select[int, int, str, int, str, date, date]:
    """The arrangements that have not ended and that the actor may end."""
    people = visible_absent(actor, now=now).with_only_columns(Person.id)
    return _absences().where(Deputy.ends_on >= local_day(now), Deputy.person_id.in_(people))


def list_absences(session: Session, actor: Actor, *, now: datetime) -> list[Absence]:
    """The first of the arrangements that the actor may end."""
    return [Absence(*row) for row in session.execute(visible_absences(actor, now=now).limit(PAGE))]


def access_absence(session: Session, actor: Actor, absence_id: int, *, now: datetime) -> Absence:
    """Raises: NotFound: no such arrangement, it has ended, or it is not this actor's to end."""
    row = session.execute(visible_absences(actor, now=now).where(Deputy.id == absence_id)).first()
    if row is None:
        raise NotFound
    return Absence(*row)


def check_return(session: Session, actor: Actor, absence_id: int, *, now: datetime) -> Absence:
    """End an arrangement at once; both are told. Raises: NotFound."""
    found = access_absence(session, actor, absence_id, now=now)
    session.get_one(Deputy, found.id).ends_on = local_day(now) - timedelta(days=1)
    session.flush()
    told = [
        (found.deputy_id, say(_("您代{name}的班到此结束，辛苦了！", name=found.person))),
        (found.person_id, say(_("{deputy}不再代您的班，以后的通知只发给您。", deputy=found.deputy))),
    ]
    for person_id, card in told:
        if person_id != actor.person_id:
            do_tell(session, [person_id], card, now=now, dedupe=f"return:{found.id}", deputies=False)
    do_audit(
        session, action="people:return", subject=f"person:{found.person_id}", person_id=actor.person_id,
        detail={"deputy": found.deputy_id}, now=now,
    )  # fmt: skip
    return found
