"""The history of a hazard: each row with its photos, once more in the audit, where nobody can change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.audit import do_audit
from models.hazards.flow import State
from models.hazards.hands import Hand
from models.hazards.prints import do_print
from models.hazards.tables import Hazard, HazardEvent, HazardPhoto, PhotoKind
from models.session import Session
from models.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Act:
    """What comes with a move, as it is written.

    `photos`: addresses of stored photos; `changes`: columns that the person decided (a new deadline); the
    `silent` are not told, because they learn of it in another way.
    """

    note: str = ""
    photos: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    silent: frozenset[int] = frozenset()


BARE = Act()


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
