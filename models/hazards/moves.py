"""The one function that moves a hazard along the loop, whoever moves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select, update

from models.access import Actor, load_actor
from models.audit import do_audit
from models.errors import InvalidInput, NotFound, Stale
from models.grids.ownership import Owners, resolve_owners
from models.hazards.access import access_hazard
from models.hazards.deadlines import due_after
from models.hazards.flow import BESIDES, STATE_TIMES, Move, Side, State, find_move, get_move
from models.hazards.hands import SYSTEM, Hand, check_guards, deputised, find_hand, owners_of
from models.hazards.notices import Told, tell_move
from models.hazards.prints import do_print
from models.hazards.steps import Case, next_wake
from models.hazards.tables import Hazard, HazardEvent, HazardOwner, HazardPhoto, OwnerKind, PhotoKind
from models.people.contacts import names_of
from models.people.tables import Person, Role
from models.rules import Rules
from models.session import Session
from models.texts import Text, _
from models.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Act:
    """What comes with a move.

    `photos`: addresses of stored photos; `changes`: columns that the person decided (a new deadline); the
    `silent` are not told, because they learn of it in another way.
    """

    note: str = ""
    photos: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    silent: frozenset[int] = frozenset()


BARE = Act()


def check_move(
    session: Session,
    actor: Actor,
    hazard_id: int,
    action: str,
    *,
    rules: Rules,
    now: datetime,
    note: str = "",
    photos: Sequence[str] = (),
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> Hazard:
    """Make a move as this person: role, scope, evidence, state, history and notices in one transaction.

    `photos`: addresses of stored photos. `changes`: columns that the person decided (a new deadline).
    Raises: NotFound: no such hazard or move, or not this person's. Stale: somebody was faster; nothing has
    been written. InvalidInput: evidence is lacking. Forbidden: a guard (nobody passes the own work).
    """
    hazard, move, hand = access_move(session, actor, hazard_id, action, now=now)
    _check_evidence(move, note, photos)
    check_guards(session, hazard, move, hand, rules)
    if move.action == "dispatch":
        do_dispatch(session, hazard, hand, rules=rules, now=now)
    else:
        act = Act(note, tuple(photos), changes)
        do_move(session, hazard, move, hand, rules=rules, now=now, act=act)
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
        raise NotFound
    return hazard, move, hand


def stale(session: Session, hazard: Hazard) -> Stale:
    """Say where a hazard stands by now, and who moved it there."""
    session.refresh(hazard)
    last = session.execute(
        select(HazardEvent.at, Person.name)
        .outerjoin(Person, Person.id == HazardEvent.person_id)
        .where(HazardEvent.hazard_id == hazard.id, HazardEvent.action.not_in(BESIDES))
        .order_by(HazardEvent.id.desc())
        .limit(2)
    ).all()
    # What the system does right after somebody's move (核实 → 派遣) is that person's doing.
    by = next((event.name for event in last if event.name and event.at == last[0].at), "")
    return Stale(now_in=Text(hazard.state.label), by=by, at=last[0].at if last else None)


def _check_evidence(move: Move, note: str, photos: Sequence[str]) -> None:
    if len(photos) < move.min_photos:
        raise InvalidInput(_("请先发至少{count}张照片。", count=move.min_photos))
    if "note" in move.asks and not note.strip():
        raise InvalidInput(_("请写一句说明。"))


def _effects(action: str, hazard: Hazard, now: datetime) -> dict[str, Any]:
    """The columns that a move changes besides the state."""
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
        "resume": {"state_before": None, "suspended_until": None},
    }
    return effects.get(action, {})


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
    target = move.target or hazard.state_before or source
    time_key = move.deadline if move.target else STATE_TIMES.get(target)
    values: dict[str, Any] = {
        "state": target,
        "state_since": now,
        "state_due": due_after(rules, time_key, now=now) if time_key else None,
        **_effects(move.action, hazard, now),
        **act.changes,
    }
    values["wake_at"] = next_wake(Case.of(hazard, values), rules, now=now)
    if owners is not None:
        values["owner_kind"] = owner_kind(session, hazard, owners, now=now)
    moved = session.execute(
        update(Hazard)
        .where(Hazard.id == hazard.id, Hazard.state == source, Hazard.state_since == hazard.state_since)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise stale(session, hazard)
    session.refresh(hazard)
    if owners is not None:
        do_own(session, hazard, owners, hazard.owner_kind)
    kind = PhotoKind.AFTER if move.action in {"submit", "fix"} else PhotoKind.EXTRA
    event = do_note(session, hazard, hand, move.action, source, now=now, act=act, kind=kind)
    following = _follow(session, hazard, move, hand, rules=rules, now=now, act=act)
    # Told last, so that the card shows where the hazard has arrived by then; who has just been told is left alone.
    silent = {*act.silent, *(person_id for person_id, _audience in (following.people if following else ()))}
    return tell_move(
        session, hazard, move.notices, hand.person_id, hand.name, event.id, rules=rules, now=now, silent=silent
    )


def _follow(
    session: Session, hazard: Hazard, move: Move, hand: Hand, *, rules: Rules, now: datetime, act: Act
) -> Told | None:
    """Make the move that follows by itself; whoever made the first one learns of both from the answer."""
    if move.then != "dispatch":
        return None
    silent = act.silent if hand.person_id is None else act.silent | {hand.person_id}
    return do_dispatch(session, hazard, SYSTEM, rules=rules, now=now, act=Act(silent=silent))


def do_dispatch(
    session: Session, hazard: Hazard, hand: Hand, *, rules: Rules, now: datetime, act: Act = BARE, quiet: bool = False
) -> Told | None:
    """Hand a hazard to whoever answers for its place and trade; `quiet` leaves the notices to the caller.

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
    move = replace(get_move("dispatch"), notices=()) if quiet else get_move("dispatch")
    names = names_of(session, owners.rectifiers).values()  # the history says to whom it went at that time
    act = replace(act, note="、".join(names))
    return do_move(session, hazard, move, hand, rules=rules, now=now, act=act, owners=owners)


def do_own(session: Session, hazard: Hazard, owners: Owners, kind: OwnerKind) -> None:
    """Replace the owners of a hazard."""
    session.execute(
        delete(HazardOwner).where(HazardOwner.hazard_id == hazard.id).execution_options(synchronize_session=False)
    )
    sides = [(Side.RECTIFIER, owners.rectifiers), (Side.GRID, owners.grid_side), (Side.INDUSTRY, owners.industry_side)]
    if kind is OwnerKind.OFFICE:
        sides.append((Side.OFFICE, owners.rectifiers))
    rows = [
        {"hazard_id": hazard.id, "person_id": person_id, "side": side} for side, people in sides for person_id in people
    ]
    insert_new(session, HazardOwner, rows, key=("hazard_id", "person_id", "side"))


def owner_kind(session: Session, hazard: Hazard, owners: Owners, *, now: datetime) -> OwnerKind:
    """Who has to put it right: the enterprise, the grid, or the office that stepped in for one of them."""
    if not owners.rectifiers:
        return OwnerKind.NOBODY
    kind = OwnerKind.GRID if hazard.enterprise_id is None else OwnerKind.ENTERPRISE
    if not owners.office:
        return kind
    first = load_actor(session, owners.rectifiers[0], now=now)
    if first is None:
        return OwnerKind.OFFICE
    where = {"grid_code": hazard.grid_code, "industry": hazard.industry}
    own = (
        first.covers({Role.GRID_HEAD}, **where)
        if kind is OwnerKind.GRID
        else (hazard.enterprise_id in first.enterprise_ids)
    )
    return kind if own else OwnerKind.OFFICE


def do_note(
    session: Session,
    hazard: Hazard,
    hand: Hand,
    action: str,
    source: State | None,
    *,
    now: datetime,
    act: Act = BARE,
    kind: PhotoKind = PhotoKind.EXTRA,
) -> HazardEvent:
    """Write a row of the history and the photos that came with it; the hazard stands where it arrived."""
    by_id = hand.person_id or hazard.reporter_id
    rows = [
        {"hazard_id": hazard.id, "sha": sha, "kind": kind, "round": hazard.round, "by_id": by_id, "at": now}
        for sha in dict.fromkeys(act.photos)
    ]
    insert_new(session, HazardPhoto, rows, key=("hazard_id", "sha", "kind"))
    if rows:
        do_print(session, hazard.id, act.photos)
    event = HazardEvent(
        hazard_id=hazard.id, person_id=hand.person_id, on_behalf_of=hand.on_behalf_of, role=hand.role,
        action=action, from_state=source, to_state=hazard.state, at=now, note=act.note.strip(), photos=list(act.photos),
    )  # fmt: skip
    session.add(event)
    session.flush()
    _audit(session, hazard, event)
    return event


def _audit(session: Session, hazard: Hazard, event: HazardEvent) -> None:
    """What the history says, once more where nobody can change it."""
    detail = {
        "number": hazard.number, "event": event.id, "from": event.from_state, "to": event.to_state,
        "role": event.role, "for": event.on_behalf_of, "note": event.note, "photos": event.photos,
    }  # fmt: skip
    if event.from_state is None:
        detail |= {"grid": hazard.grid_code, "level": hazard.level, "said": hazard.description}
    do_audit(
        session, action=f"hazards:{event.action}", subject=f"hazard:{hazard.id}", person_id=event.person_id,
        detail={name: value for name, value in detail.items() if value}, now=event.at,
    )  # fmt: skip
