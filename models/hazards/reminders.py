"""Reminders: what is due in a case is said to whom it still concerns, once, and the case sleeps until the next step.

`do_wake` is one transaction: it looks where the case stands now, says what applies, remembers it in
`hazard_reminders`, and sets `hazards.wake_at`. What was missed while nobody ticked is caught up: for each person the
most urgent reminder, not all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, update

from models.access import COUNTY_ZONE, Actor, load_actors, local_day
from models.grids.ownership import list_office
from models.hazards.access import may_see, read_hazard_id
from models.hazards.cards import View, load_view, show_hazard
from models.hazards.flow import MOVES, Side, State, get_move
from models.hazards.hands import SYSTEM, find_hand, is_free
from models.hazards.leaders import list_leaders
from models.hazards.moves import do_move
from models.hazards.notices import send_cards
from models.hazards.steps import RESUME, TURNS, Case, Step, Turn, list_steps, next_wake, sentence
from models.hazards.tables import Hazard, HazardReminder
from models.people.contacts import names_of
from models.people.deputies import deputies_of
from models.people.leaves import stand_ins
from models.people.tables import Role
from models.rules import Rules
from models.session import Session
from models.texts import Line, _
from models.upsert import insert_new

SUBJECT = "reminder"
BACK_OFF = timedelta(minutes=10)  # A case that cannot be looked at is left alone for so long.


def list_due(session: Session, *, now: datetime, limit: int) -> list[int]:
    """The cases (ids) that have to be looked at now, those that wait longest first."""
    return list(
        session.scalars(select(Hazard.id).where(Hazard.wake_at <= now).order_by(Hazard.wake_at, Hazard.id).limit(limit))
    )


def do_wake(session: Session, hazard_id: int, *, rules: Rules, now: datetime) -> bool:
    """Say what is due in a case and plan its next step; False if somebody else was faster."""
    hazard = session.scalars(
        select(Hazard).where(Hazard.id == hazard_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if hazard.wake_at is None or hazard.wake_at > now:
        return False
    case, said = Case.of(hazard), _said(session, hazard_id)
    due = [step for step in list_steps(case, rules) if step.at <= now and not step.is_said(said)]
    if any(step.kind == RESUME for step in due):
        do_move(session, hazard, get_move(RESUME), SYSTEM, rules=rules, now=now)  # which plans the next step
        return True
    if due:
        applies = [step for step in due if step.until is None or now < step.until]
        _remind(session, hazard, case, applies, rules=rules, now=now)
        rows = [{"hazard_id": hazard_id, "kind": step.kind, "for_time": step.for_time, "at": now} for step in due]
        insert_new(session, HazardReminder, rows, key=("hazard_id", "kind", "for_time"))
    hazard.wake_at = next_wake(case, rules, now=now, said=said | {(step.kind, step.for_time) for step in due})
    return True


def do_back_off(session: Session, hazard_id: int, *, now: datetime) -> None:
    """Leave a case alone for a while that could not be looked at."""
    session.execute(
        update(Hazard)
        .where(Hazard.id == hazard_id, Hazard.wake_at <= now)
        .values(wake_at=now + BACK_OFF)
        .execution_options(synchronize_session=False)
    )


def may_remind(session: Session, person_id: int, ident: str, now: datetime) -> bool:
    """Tell, when a reminder is about to be sent, whether the case still stands where it stood, and may be seen.

    `ident`: the hazard and since when it has stood there ("12:1795395600000").
    """
    hazard, _colon, since = ident.partition(":")
    stood = session.scalar(select(Hazard.state_since).where(Hazard.id == read_hazard_id(hazard)))
    return stood is not None and _stamp(stood) == since and may_see(session, person_id, hazard, now)


def _stamp(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1000))


def _said(session: Session, hazard_id: int) -> set[tuple[str, datetime]]:
    rows = select(HazardReminder.kind, HazardReminder.for_time).where(HazardReminder.hazard_id == hazard_id)
    return {(kind, for_time) for kind, for_time in session.execute(rows)}


def _remind(
    session: Session, hazard: Hazard, case: Case, steps: Iterable[Step], *, rules: Rules, now: datetime
) -> None:
    """Queue for each person the most urgent of these reminders: the hazard's card with a sentence above it."""
    latest = {step.turn: step for step in steps}  # they are in order: of one turn, the last one holds
    if not latest:
        return
    view = load_view(session, hazard, now=now)
    crowd = _Crowd(session, view, rules, now)
    heads: dict[int, tuple[Step, tuple[Line, ...]]] = {}
    for turn in TURNS:
        if (step := latest.get(turn)) is not None:
            said = sentence(step, case, now=now)
            for person_id, notes in _receivers(session, crowd.people(turn), now=now).items():
                heads.setdefault(person_id, (step, (said, *notes)))
    actors = {**view.actors, **load_actors(session, heads.keys() - view.actors.keys(), now=now)}
    for step in latest.values():
        cards = {
            person_id: show_hazard(
                session, view, actors[person_id], rules=rules, now=now, head=lines, tone="warn", history=False
            )
            for person_id, (own, lines) in heads.items()
            if own is step and person_id in actors
        }
        # What counts the days is right on its day only.
        expires = _midnight(now) if step.turn in ("rectifier", "head", "supervisor") else None
        send_cards(
            session, hazard, cards, f"{step.kind}:{_stamp(step.for_time)}", now=now,
            subject=f"{SUBJECT}:{hazard.id}:{_stamp(hazard.state_since)}", expires_at=expires,
        )  # fmt: skip


def _midnight(now: datetime) -> datetime:
    return datetime.combine(local_day(now) + timedelta(days=1), time(), COUNTY_ZONE)


def _receivers(session: Session, people: Sequence[int], *, now: datetime) -> dict[int, tuple[Line, ...]]:
    """The people and their deputies; for whoever is on leave, only those who stand in, who are told for whom."""
    instead = stand_ins(session, people, now=now)
    names = names_of(session, instead)
    found: dict[int, tuple[Line, ...]] = {person_id: () for person_id in people if person_id not in instead}
    for deputy_id, _person_id in deputies_of(session, found, now=now):
        found.setdefault(deputy_id, ())
    for absent, others in instead.items():
        for person_id in others:
            found.setdefault(person_id, (_("{name}请假中，请您代为关注。", name=names[absent]),))
    return found


@dataclass(slots=True)
class _Crowd:
    """Who is meant by a turn, in one case, today; where nobody is, the leading group's office."""

    session: Session
    view: View
    rules: Rules
    now: datetime

    def people(self, turn: Turn) -> list[int]:
        """The ids of the people, each once."""
        grid, industry = self._on(Side.GRID), self._on(Side.INDUSTRY)
        if turn == "rectifier":
            found = self._on(Side.RECTIFIER)
        elif turn == "officer":
            found = self._with(Role.OFFICER, grid) or grid
        elif turn == "head":
            found = self._with(Role.GRID_HEAD, grid)
        elif turn == "supervisor":
            found = self._with(Role.SUPERVISOR, industry) or industry
        elif turn == "duty":
            found = self._on_duty()
        else:
            duty = self._on_duty()
            found = [person_id for person_id in self._with(Role.GRID_HEAD, grid) if person_id not in duty]
            return found or [person_id for person_id in self._office() if person_id not in duty]
        return found or self._office()

    def _on(self, side: Side) -> list[int]:
        return [person_id for person_id in self.view.owners_on(side) if person_id in self.view.actors]

    def _with(self, role: Role, people: Collection[int]) -> list[int]:
        where = {"grid_code": self.view.hazard.grid_code, "industry": self.view.hazard.industry}
        return [person_id for person_id in people if self.view.actors[person_id].covers({role}, **where)]

    def _office(self) -> list[int]:
        return list_office(self.session, self.view.hazard.grid_code, now=self.now)

    def _loaded(self, people: Collection[int]) -> dict[int, Actor]:
        unknown = set(people) - self.view.actors.keys()
        loaded = load_actors(self.session, unknown, now=self.now) if unknown else {}
        return {**self.view.actors, **loaded}

    def _on_duty(self) -> list[int]:
        """Those concerned who may make the move that is due."""
        hazard, view = self.view.hazard, self.view
        people = [*dict.fromkeys([*(person_id for person_id, _side in view.owners), *view.reporters])]
        if hazard.state is State.ACCEPTED:
            people += self._office()
        if hazard.state is State.DELISTING:
            people += list_leaders(self.session, hazard, now=self.now)
        actors = self._loaded(people)
        duties = [move for move in MOVES if move.duty and hazard.state in move.sources]
        return [
            person_id
            for person_id in dict.fromkeys(people)
            if person_id in actors
            and any(
                (hand := find_hand(actors[person_id], hazard, move, view.owners))
                and (not move.level or (move.level == "major") == hazard.is_major)
                and is_free(self.session, hazard, move, hand, self.rules)
                for move in duties
            )
        ]
