"""并案: what was reported of one hazard twice goes to the one that stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from models.hazards.besides import SUPPLEMENT, SUPPLEMENT_NOTICES
from models.hazards.flow import Side
from models.hazards.hands import Hand
from models.hazards.notices import Told, tell_move
from models.hazards.noting import Act, do_note
from models.hazards.tables import Hazard, HazardPhoto
from models.rules import Rules
from models.session import Session


def do_join(session: Session, merged: Hazard, original_id: int, *, rules: Rules, now: datetime) -> Told:
    """Add the words and photos of a merged hazard to its original; its reporter is told of the outcome there."""
    original = session.get_one(Hazard, original_id)
    photos = session.scalars(
        select(HazardPhoto.sha).where(HazardPhoto.hazard_id == merged.id).order_by(HazardPhoto.id)
    ).all()
    words = "\n".join(text.strip() for text in (merged.description, merged.remark) if text.strip())
    hand = Hand(merged.reporter_id, "", Side.REPORTER.value)
    act = Act(f"{merged.number}: {words}", tuple(photos))
    event = do_note(session, original, hand, SUPPLEMENT, original.state, now=now, act=act)
    notices = SUPPLEMENT_NOTICES[SUPPLEMENT]
    return tell_move(session, original, notices, merged.reporter_id, "", event.id, rules=rules, now=now)
