"""并入: what somebody reports a second time is added to the case that is there; nobody's word is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.access import Actor
from models.hazards.access import access_hazard
from models.hazards.besides import SUPPLEMENT, SUPPLEMENT_MAJOR, SUPPLEMENT_NOTICES
from models.hazards.flow import OPEN
from models.hazards.hands import Hand
from models.hazards.moves import stale
from models.hazards.notices import Told, tell_move
from models.hazards.noting import Act, do_note
from models.hazards.places import Spot
from models.hazards.register import Report, check_report, find_standing
from models.hazards.tables import Hazard
from models.rules import Rules
from models.session import Session


@dataclass(frozen=True, slots=True)
class Supplemented:
    """A case to which something was added, and who was told of it."""

    hazard: Hazard
    told: Told


def check_supplement(
    session: Session, actor: Actor, hazard_id: int, report: Report, *, rules: Rules, now: datetime
) -> Supplemented:
    """Add a report's words and photos to an open hazard as this person, who is told of the outcome from now on.

    Raises: InvalidInput: the report does not fit the rules. NotFound: no such hazard, or not this person's.
    Stale: it has been closed meanwhile; nothing has been written.
    """
    check_report(report, rules)
    # Whoever closes it at this moment is waited for, or waits.
    session.execute(select(Hazard.id).where(Hazard.id == hazard_id).with_for_update())
    hazard = access_hazard(session, actor, hazard_id)
    if hazard.state not in OPEN:
        raise stale(session, hazard)
    standing = find_standing(actor, Spot(hazard.grid_code, "", hazard.enterprise_id), hazard.industry)
    hand = Hand(actor.person_id, actor.name, standing.role.value)
    level = rules.hazards.level(report.level)
    graver = bool(level and level.is_major) and not hazard.is_major
    words = "\n".join(text.strip() for text in (report.description, report.remark) if text.strip())
    action = SUPPLEMENT_MAJOR if graver else SUPPLEMENT
    event = do_note(session, hazard, hand, action, hazard.state, now=now, act=Act(words, report.photos))
    notices = SUPPLEMENT_NOTICES[action]
    told = tell_move(session, hazard, notices, actor.person_id, actor.name, event.id, rules=rules, now=now)
    return Supplemented(hazard, told)
