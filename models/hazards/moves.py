"""The one function that moves a hazard along the loop, whoever moves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from models.access import Actor
from models.errors import InvalidInput, NotFound, Stale
from models.grids.ownership import Owners, resolve_owners
from models.hazards.access import access_hazard
from models.hazards.besides import BESIDES, DELIST, REGRADING
from models.hazards.deadlines import due_after
from models.hazards.evidence import Asked, Evidence, check_evidence
from models.hazards.flow import Move, Notice, Side, find_move, get_move, time_in
from models.hazards.hands import SYSTEM, Hand, check_guards, deputised, find_hand, owners_of
from models.hazards.joining import do_join
from models.hazards.listings import do_lift
from models.hazards.notices import Told, tell_move
from models.hazards.noting import BARE, Act, do_note
from models.hazards.outcomes import tell_public
from models.hazards.owning import delegated, do_own, kind_of, owner_kind, reassigned
from models.hazards.steps import Case, next_wake
from models.hazards.tables import Hazard, HazardEvent, PhotoKind, Source
from models.people.contacts import names_of
from models.people.tables import Person
from models.rules import Rules
from models.session import Session
from models.texts import Line, Text, _

NO_EVIDENCE = Evidence()


def check_move(
    session: Session,
    actor: Actor,
    hazard_id: int,
    action: str,
    *,
    rules: Rules,
    now: datetime,
    evidence: Evidence = NO_EVIDENCE,
) -> Hazard:
    """Make a move as this person: role, scope, evidence, state, history and notices in one transaction.

    Raises: NotFound: no such hazard or move, or not this person's. Stale: somebody was faster; nothing has
    been written. InvalidInput: evidence is lacking. Forbidden: a guard (nobody passes the own work).
    """
    hazard, move, hand = access_move(session, actor, hazard_id, action, now=now)
    if move.target is None:
        # Where the state stays, it does not tell apart two who press at once: the second waits, then sees the first.
        session.execute(select(Hazard.id).where(Hazard.id == hazard.id).with_for_update())
    given = check_evidence(Asked(session, actor, hazard, move, hand, rules, now), evidence)
    check_guards(session, hazard, move, hand, rules)
    if move.action == "dispatch":
        do_dispatch(session, hazard, hand, rules=rules, now=now)
        return hazard
    act, people = Act(given.note, evidence.photos, given.changes), evidence.people
    if "owners" in move.asks:
        owners = reassigned(session, hazard, people, now=now)
        act = replace(act, changes={"owner_kind": kind_of(session, hazard, people, now=now)})
        do_move(session, hazard, move, hand, rules=rules, now=now, act=act, owners=owners)
    elif "colleague" in move.asks:
        giver = hand.on_behalf_of or actor.person_id
        owners = delegated(owners_of(session, hazard.id), giver, people)
        act = replace(act, changes={"owner_kind": hazard.owner_kind})
        do_move(session, hazard, move, hand, rules=rules, now=now, act=act, owners=owners)
    else:
        do_move(session, hazard, move, hand, rules=rules, now=now, act=act)
    if hazard.merged_into is not None and "original" in move.asks:
        do_join(session, hazard, hazard.merged_into, rules=rules, now=now)
    return hazard


def access_move(
    session: Session, actor: Actor, hazard_id: int, action: str, *, now: datetime
) -> tuple[Hazard, Move, Hand]:
    """Give a hazard, a move it can make, and in what quality this person may make it.

    Raises: NotFound: no such hazard or move, or not this person's. Stale: the hazard has moved on.
    """
    hazard = access_hazard(session, actor, hazard_id)
    move = find_move(action)
    owners = owners_of(session, hazard.id)
    hand = find_hand(actor, hazard, move, owners, deputised(session, actor, now=now)) if move else None
    if move is None or hand is None:
        raise NotFound
    if hazard.state not in move.sources:
        raise stale(session, hazard)
    if move.level and hazard.is_major != (move.level == "major"):
        raise _regraded(session, hazard)
    return hazard, move, hand


def _regraded(session: Session, hazard: Hazard) -> Stale | NotFound:
    """Say who has raised or lowered a hazard since; if nobody has, the move was never one of it."""
    last = session.execute(
        select(HazardEvent.at, Person.name)
        .outerjoin(Person, Person.id == HazardEvent.person_id)
        .where(HazardEvent.hazard_id == hazard.id, HazardEvent.action.in_(REGRADING))
        .order_by(HazardEvent.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return NotFound()
    return Stale(now_in=_("重大隐患") if hazard.is_major else _("一般隐患"), by=last.name or "", at=last.at)


def stale(session: Session, hazard: Hazard) -> Stale:
    """Say where a hazard stands by now, and who moved it there."""
    session.refresh(hazard)
    last = session.execute(
        select(HazardEvent.at, Person.name)
        .outerjoin(Person, Person.id == HazardEvent.person_id)
        .where(HazardEvent.hazard_id == hazard.id, HazardEvent.action.not_in(BESIDES))
        # What the system did right afterwards (核实 → 派遣) is not what somebody was late for.
        .order_by(HazardEvent.at.desc(), HazardEvent.person_id.is_(None), HazardEvent.id.desc())
        .limit(1)
    ).first()
    by, at = (last.name or "", last.at) if last else ("", None)
    return Stale(now_in=Text(hazard.state.label), by=by, at=at)


def _effects(action: str, hazard: Hazard, rules: Rules, now: datetime) -> dict[str, Any]:
    """The columns that a move changes besides the state."""
    if action in REGRADING:
        level = rules.hazards.first_level(major=action == "raise")
        return {"level": level.code, "is_major": level.is_major} if level else {}
    closed, opened = {"closed_at": now}, {"closed_at": None}
    extended = {
        "deadline": hazard.deadline_asked, "deadline_asked": None, "extensions": hazard.extensions + 1,
    }  # fmt: skip
    effects: dict[str, dict[str, Any]] = {
        "return": {"returned": hazard.returned + 1},
        "fail": {"round": hazard.round + 1},
        "reopen": {"round": hazard.round + 1, **opened},
        "pass": closed,
        "sign": closed,
        "dismiss": closed,
        "merge": closed,
        "uphold": opened,
        "approve": extended,
        "refuse": {"deadline_asked": None},
        "suspend": {"state_before": hazard.state},
        "resume": {"state_before": None, "suspended_until": None, "deadline": _stood_still(hazard, now)},
    }
    return effects.get(action, {})


def _stood_still(hazard: Hazard, now: datetime) -> datetime | None:
    """The deadline of a suspended hazard: its time stood still."""
    return hazard.deadline + (now - hazard.state_since) if hazard.deadline else None


def do_move(
    session: Session,
    hazard: Hazard,
    move: Move,
    hand: Hand,
    *,
    rules: Rules,
    now: datetime,
    act: Act = BARE,
    owners: Owners | None = None,
) -> Told:
    """Write a move that has been allowed, with its history and notices; `owners` replaces those it has.

    Raises: Stale: the hazard no longer stands where it was read; nothing has been written.
    """
    source = hazard.state
    values: dict[str, Any] = {"state": move.leads(source, hazard.state_before)}
    if values["state"] is not source or move.deadline:
        key = move.deadline or (time_in(values["state"]) if move.back else None)
        values["state_since"] = now
        values["state_due"] = due_after(rules, key, now=now) if key else None
    values |= {**_effects(move.action, hazard, rules, now), **act.changes}
    values["wake_at"] = next_wake(Case.of(hazard, values), rules, now=now)
    if owners is not None and "owner_kind" not in values:
        values["owner_kind"] = owner_kind(session, hazard, owners, now=now)
    session.flush()  # What was changed on the object itself is not to be overwritten later.
    stood = {"of_hazard": hazard.id, "stood_in": source, "since": hazard.state_since, "was_major": hazard.is_major}
    moved = session.execute(_moving(tuple(values)), {**stood, **values})
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        late = stale(session, hazard)
        raise late if hazard.is_major is stood["was_major"] else _regraded(session, hazard)
    for column, value in values.items():
        set_committed_value(hazard, column, value)
    if owners is not None:
        do_own(session, hazard, owners, hazard.owner_kind)
    kind = PhotoKind.AFTER if move.action in {"submit", "fix"} else PhotoKind.EXTRA
    event = do_note(session, hazard, hand, move.action, source, now=now, act=act, kind=kind)
    tell_public(session, hazard, source, now=now)
    if move.action in {"sign", "lower"} and (document := do_lift(session, hazard, hand.person_id, now=now)):
        do_note(session, hazard, hand, DELIST, hazard.state, now=now, act=Act(document))
    following = _follow(session, hazard, move, hand, rules=rules, now=now, act=act)
    # Told last, so that the card shows where the hazard has arrived by then; who has just been told is left alone.
    silent = {*act.silent, *(person_id for person_id, _audience in (following.people if following else ()))}
    # A tip's author is kept from those it is about.
    is_unnamed = hand.role == Side.REPORTER and hazard.source is Source.TIP
    name: Line = _("上报人") if is_unnamed else hand.name
    notices = move.notices
    if {"note", "more"} & set(move.asks):
        notices = tuple(replace(notice, note=event.note) for notice in notices)
    return tell_move(session, hazard, notices, hand.person_id, name, event.id, rules=rules, now=now, silent=silent)


@cache
def _moving(columns: tuple[str, ...]) -> Update:
    """The statement of a move, on the table itself and built once for each set of columns."""
    hazards = cast("Table", Hazard.__table__)
    stands = (
        hazards.c.id == bindparam("of_hazard"),
        hazards.c.state == bindparam("stood_in"),
        hazards.c.state_since == bindparam("since"),
        hazards.c.is_major == bindparam("was_major"),
    )
    return update(hazards).where(*stands).values({name: bindparam(name) for name in columns})


def _follow(
    session: Session, hazard: Hazard, move: Move, hand: Hand, *, rules: Rules, now: datetime, act: Act
) -> Told | None:
    """Make the move that follows by itself; whoever made the first one learns of both from the answer."""
    if move.then != "dispatch":
        return None
    silent = act.silent if hand.person_id is None else act.silent | {hand.person_id}
    return do_dispatch(session, hazard, SYSTEM, rules=rules, now=now, act=Act(silent=silent))


def do_dispatch(
    session: Session,
    hazard: Hazard,
    hand: Hand,
    *,
    rules: Rules,
    now: datetime,
    act: Act = BARE,
    quiet: bool = False,
    also: Sequence[Notice] = (),
) -> Told | None:
    """Hand a hazard to whoever answers for its place and trade; `quiet` leaves the notices to the caller.

    `also`: what is said besides.

    None: nobody does, not even an office; the system leaves it at 待派遣.
    Raises: InvalidInput: the same, when a person asked for it. Stale.
    """
    owners = resolve_owners(
        session, grid_code=hazard.grid_code, industry=hazard.industry, enterprise_id=hazard.enterprise_id, now=now
    )
    if not owners.rectifiers:
        if hand.person_id is not None:
            raise InvalidInput(_("这里还没有可以派遣的责任人，请联系管理员。"))
        return None
    move = get_move("dispatch")
    move = replace(move, notices=() if quiet else (*move.notices, *also))
    names = names_of(session, owners.rectifiers).values()  # the history says to whom it went at that time
    act = replace(act, note="、".join(names))
    return do_move(session, hazard, move, hand, rules=rules, now=now, act=act, owners=owners)
