"""Major hazards: laying down the items, putting under supervision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update

from models.access import COUNTY_ZONE, Actor, local_day
from models.errors import InvalidInput
from models.hazards.besides import COMPLETE_NOTICES
from models.hazards.hands import check_guards
from models.hazards.measures import Entry, load_measures
from models.hazards.moves import access_move, do_move
from models.hazards.noting import Act
from models.hazards.tables import Hazard, HazardListing, HazardMeasure, ListingLevel
from models.rules import HazardRules, Rules
from models.session import Session
from models.texts import _

UNIT_MAX, DOCUMENT_MAX = 128, 64  # Characters that fit the columns.


@dataclass(frozen=True, slots=True)
class Listing:
    """What is laid down when a major hazard is put under supervision (挂牌督办)."""

    level: ListingLevel
    unit: str
    document: str
    deadline: date
    acceptance: str = ""


def lock_hazard(session: Session, hazard_id: int) -> None:
    """Let whoever writes beside this hazard at this moment finish first, or wait."""
    session.execute(select(Hazard.id).where(Hazard.id == hazard_id).with_for_update())


def check_measure(
    session: Session, actor: Actor, hazard_id: int, code: str, entry: Entry, *, rules: Rules, now: datetime
) -> Hazard:
    """Lay an item down as this person, or replace what stands there; the earlier text stays in the history.

    The last one opens 提交整改, and the rectifier is told so. Raises: NotFound, Stale: as `check_move`.
    """
    lock_hazard(session, hazard_id)
    hazard, move, hand = access_move(session, actor, hazard_id, "measures", now=now)
    item = rules.hazards.measure(code)
    if item is None:
        raise InvalidInput(_("这一项已不在规则里，请重新打开。"))
    before = load_measures(session, hazard)
    old = before.filled.get(code)
    if old is not None and (old.text, old.laid_on) == (entry.text, entry.laid_on):
        return hazard
    values = {
        "text": entry.text, "by_id": actor.person_id, "at": now, "laid_on": entry.laid_on, "until": entry.until,
        "amount_yuan": entry.amount_yuan, "person_id": entry.person_id, "version": old.version + 1 if old else 1,
    }  # fmt: skip
    if old is None:
        session.add(HazardMeasure(hazard_id=hazard.id, item=code, **values))
        session.flush()
    else:
        own = (HazardMeasure.hazard_id == hazard.id, HazardMeasure.item == code)
        session.execute(update(HazardMeasure).where(*own).values(**values).execution_options(synchronize_session=False))
    is_last = old is None and [missing.code for missing in before.missing(rules.hazards)] == [code]
    move = replace(move, notices=COMPLETE_NOTICES if is_last else ())
    do_move(session, hazard, move, hand, rules=rules, now=now, act=Act(f"{item.name}：{entry.said}"))
    return hazard


def check_list(
    session: Session, actor: Actor, hazard_id: int, listing: Listing, *, rules: Rules, now: datetime
) -> Hazard:
    """Put an open major hazard under supervision as this person; owners and leaders are told.

    Raises: InvalidInput: a field does not fit. Forbidden: it is listed already. NotFound, Stale: as `check_move`.
    """
    if not 0 < len(listing.unit) <= UNIT_MAX or not 0 < len(listing.document) <= DOCUMENT_MAX:
        raise InvalidInput(_("督办单位和文号不能为空，也不能太长。"))
    if listing.deadline < local_day(now):
        raise InvalidInput(_("督办期限不能早于今天。"))
    lock_hazard(session, hazard_id)
    hazard, move, hand = access_move(session, actor, hazard_id, "list", now=now)
    check_guards(session, hazard, move, hand, rules)
    row = HazardListing(
        hazard_id=hazard.id, level=listing.level, unit=listing.unit, document=listing.document,
        listed_on=local_day(now), deadline=listing.deadline, acceptance=listing.acceptance, by_id=actor.person_id,
        at=now, progress_at=next_progress(now, rules.hazards),
    )  # fmt: skip
    session.add(row)
    session.flush()
    note = f"{listing.level.label}，{listing.unit}，{listing.document}"
    do_move(session, hazard, move, hand, rules=rules, now=now, act=Act(note))
    return hazard


def next_progress(now: datetime, rules: HazardRules) -> datetime:
    """When the rectifier is asked for progress next: so many days on, in the morning."""
    day = local_day(now) + timedelta(days=rules.progress_days)
    return datetime.combine(day, time(rules.progress_hour), COUNTY_ZONE)
