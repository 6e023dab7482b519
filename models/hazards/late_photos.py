"""Photos that come late: asked for again while their case lives, then added to it, or given up with one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from models.access import Actor
from models.content import Attachment, Incoming
from models.drafts import Draft
from models.hazards.hands import Hand
from models.hazards.notices import tell_move
from models.hazards.noting import Act, do_note
from models.hazards.tables import Hazard, LatePhoto, PhotoKind
from models.inbox import do_receive
from models.rules import Rules
from models.session import Session
from models.upsert import insert_new

KEEP_ASKING = timedelta(hours=24)  # Source: reliability.md 2.2, "photo download fails after text stored".
FIRST_S, LONGEST_S = 30, 1800  # Waits between two tries: doubled each time, up to half an hour.
SUBJECT = "late-photo"
_KINDS = {"hazard-report": PhotoKind.BEFORE, "hazard-submit": PhotoKind.AFTER, "hazard-fix": PhotoKind.AFTER}


@dataclass(frozen=True, slots=True)
class Due:
    """A late photo to be asked for now. `is_wanted`: its report is still open, or its case still runs."""

    id: int
    platform: str
    attachment: Attachment
    is_wanted: bool


def do_await(session: Session, draft: Draft, photos: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """Note photos (`ref`, `name`, `number`) that a draft waits for; those noted before stay as they are."""
    if draft.person_id is None:
        return
    rows = [
        {
            "platform": draft.platform, "chat": draft.chat, "person_id": draft.person_id, "draft_id": draft.id,
            "ref": photo["ref"], "name": photo["name"][:128], "number": photo["number"],
            "status": "waiting", "tries": 0, "next_at": now + timedelta(seconds=FIRST_S), "until": now + KEEP_ASKING,
        }
        for photo in photos
    ]  # fmt: skip
    insert_new(session, LatePhoto, rows, key=("draft_id", "ref"))


def do_follow(session: Session, person_id: int, refs: Sequence[str], hazard_id: int) -> None:
    """Let the photos that a report still waits for go to the case that it has become.

    Not those of an earlier report for which the same photos were sent, and which was given up.
    """
    submitted = select(Draft.id).where(Draft.person_id == person_id, Draft.status == "done")
    session.execute(
        update(LatePhoto)
        .where(LatePhoto.draft_id.in_(submitted), LatePhoto.ref.in_(refs), LatePhoto.hazard_id.is_(None))
        .values(hazard_id=hazard_id)
        .execution_options(synchronize_session=False)
    )


def list_due(session: Session, *, now: datetime, limit: int) -> list[Due]:
    """The photos to be asked for now, the most patient first."""
    rows = session.execute(
        select(LatePhoto, Draft.status, Hazard.closed_at)
        .join(Draft, Draft.id == LatePhoto.draft_id)
        .outerjoin(Hazard, Hazard.id == LatePhoto.hazard_id)
        .where(LatePhoto.status == "waiting", LatePhoto.next_at <= now)
        .order_by(LatePhoto.next_at)
        .limit(limit)
    )
    return [
        Due(
            row.id, row.platform, Attachment("photo", row.ref, row.name),
            is_wanted=draft_status == "open" if row.hazard_id is None else closed_at is None,
        )
        for row, draft_status, closed_at in rows
    ]  # fmt: skip


def do_ask_later(session: Session, late_id: int, *, now: datetime) -> bool:
    """Put a photo off; False if its time is over."""
    row = session.get_one(LatePhoto, late_id)
    wait_s = min(LONGEST_S, FIRST_S * 2**row.tries)
    row.tries += 1
    row.next_at = now + timedelta(seconds=wait_s)
    return row.next_at <= row.until


def do_drop(session: Session, late_id: int) -> None:
    """Stop asking for a photo that nobody waits for any more."""
    session.get_one(LatePhoto, late_id).status = "dropped"


def do_arrive(session: Session, late_id: int, attachment: Attachment, *, now: datetime) -> None:
    """Hand a photo in, or say that it is given up (`error`), as an event of its chat; only the first time counts."""
    row = session.get_one(LatePhoto, late_id)
    if row.status != "waiting":
        return
    row.status = "lost" if attachment.error else "arrived"
    event = Incoming(
        row.platform, row.chat, f"{SUBJECT}:{row.id}", kind="arrival", data=f"{SUBJECT}:{row.id}",
        attachments=(attachment,),
    )  # fmt: skip
    do_receive(session, [event], now=now)


def find_late(session: Session, ident: str, person_id: int) -> tuple[LatePhoto, Draft] | None:
    """Give a late photo of this person and the draft for which it was sent."""
    row = session.get(LatePhoto, int(ident))
    if row is None or row.person_id != person_id:
        return None
    return row, session.get_one(Draft, row.draft_id)


def find_running(session: Session, hazard_id: int | None) -> Hazard | None:
    """Give the case a late photo belongs to, unless it is closed."""
    hazard = session.get(Hazard, hazard_id) if hazard_id is not None else None
    return hazard if hazard and hazard.closed_at is None else None


def do_add_photo(
    session: Session, actor: Actor, hazard: Hazard, sha: str, flow: str, *, rules: Rules, now: datetime
) -> None:
    """Add a photo to a registered case: its history says so, and everybody's open card shows it.

    `flow`: the dialog for which it was sent.
    """
    hand = Hand(actor.person_id, actor.name)
    kind = _KINDS.get(flow, PhotoKind.EXTRA)
    event = do_note(session, hazard, hand, "photo", hazard.state, now=now, act=Act(photos=(sha,)), kind=kind)
    # By nobody: whoever sent it has an open card as well.
    tell_move(session, hazard, (), None, "", event.id, rules=rules, now=now)
