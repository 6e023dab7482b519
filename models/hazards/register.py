"""Registration (登记): a report becomes a case with a number, owners and notices, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.access import Actor
from models.errors import InvalidInput
from models.grids.ownership import Owners, resolve_owners
from models.hazards.access import visible_hazards
from models.hazards.deadlines import deadline_after, due_after
from models.hazards.flow import REPORT_NOTICES, SELF_NOTICES, State, get_move
from models.hazards.hands import SYSTEM, Hand, find_hand, owners_of
from models.hazards.moves import Act, do_dispatch, do_move, do_note, do_own
from models.hazards.notices import Told, tell_move
from models.hazards.numbers import do_number
from models.hazards.places import Spot, access_spot
from models.hazards.steps import Case, next_wake
from models.hazards.tables import Hazard, OwnerKind, PhotoKind, Source
from models.people.tables import Role
from models.rules import Rules
from models.session import Session
from models.texts import _

# Whose word is enough (domain.md, section 3), and how what they find is called; the first that holds counts.
TRUSTED: tuple[tuple[Role, Source], ...] = (
    (Role.OFFICER, Source.PATROL),
    (Role.INSPECTOR, Source.INSPECTION),
    (Role.GRID_HEAD, Source.PATROL),
    (Role.SUPERVISOR, Source.CAMPAIGN),
    (Role.DISPATCHER, Source.ORDERED),
    (Role.DUTY, Source.ORDERED),
    (Role.LEADER, Source.ORDERED),
    (Role.ADMIN, Source.OTHER),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports. `photos`: addresses in the media store; `days`: a choice of the level, 0 = 当场.

    `unlike`: the hazards (by id) that the reporter was shown and took for others, with what is written of it.
    """

    spot: Spot
    description: str
    category: str
    level: str
    days: int
    photos: tuple[str, ...] = ()
    remark: str = ""
    found_at: datetime | None = None
    unlike: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A new case, and who was told of it; `told` is None if nobody answers for the place."""

    hazard: Hazard
    told: Told | None


@dataclass(frozen=True, slots=True)
class Standing:
    """In what quality somebody reports: role, source, and whether the word is enough."""

    role: Role
    source: Source
    is_trusted: bool


def find_standing(actor: Actor, spot: Spot, industry: str) -> Standing:
    """In what quality a person reports something at a spot; whoever has no say there gives a tip (随手拍)."""
    if spot.enterprise_id is not None and spot.enterprise_id in actor.enterprise_ids:
        return Standing(Role.MANAGER, Source.SELF_CHECK, is_trusted=True)
    for role, source in TRUSTED:
        if actor.covers({role}, grid_code=spot.grid_code, industry=industry):
            return Standing(role, source, is_trusted=True)
    return Standing(actor.areas[0].role, Source.TIP, is_trusted=False)


def find_industry(rules: Rules, category: str, enterprise_industry: str) -> str:
    """The trade that answers for it: the enterprise's, or in a public place the category's."""
    found = rules.hazards.category(category)
    return enterprise_industry or (found.industry if found else "")


def preview_owners(session: Session, spot: Spot, industry: str, *, now: datetime) -> Owners:
    """Who would answer for it, before it is reported."""
    return resolve_owners(
        session, grid_code=spot.grid_code, industry=industry, enterprise_id=spot.enterprise_id, now=now
    )


def check_register(session: Session, actor: Actor, report: Report, *, rules: Rules, now: datetime) -> Registered:
    """Register a report as this person.

    Raises: InvalidInput: a field does not fit the rules. NotFound: the place is not the person's.
    """
    check_report(report, rules)
    spot, enterprise_industry = access_spot(session, actor, report.spot)
    industry = find_industry(rules, report.category, enterprise_industry)
    standing = find_standing(actor, spot, industry)
    hazard = _insert(session, actor, report, spot, industry, standing, rules, now)
    hand = Hand(actor.person_id, actor.name, standing.role.value)
    act = Act(photos=report.photos, silent=frozenset({actor.person_id}))
    event = do_note(session, hazard, hand, "report", None, now=now, act=act, kind=PhotoKind.BEFORE)
    _note_unlike(session, hazard, hand, actor, report.unlike, now)
    if not standing.is_trusted:
        told = _ask_to_verify(session, hazard, hand, event.id, rules, now)
    elif standing.source is Source.SELF_CHECK:
        told = _take_up(session, hazard, actor, rules, now)
    else:
        told = do_dispatch(session, hazard, SYSTEM, rules=rules, now=now, act=replace(act, photos=()))
    return Registered(hazard, told)


def _take_up(session: Session, hazard: Hazard, actor: Actor, rules: Rules, now: datetime) -> Told | None:
    """A self-check goes straight to 整改中: whoever reported it has seen it."""
    told = do_dispatch(session, hazard, SYSTEM, rules=rules, now=now, quiet=True)
    accept = replace(get_move("accept"), notices=SELF_NOTICES)
    own = find_hand(actor, hazard, accept, owners_of(session, hazard.id))
    return do_move(session, hazard, accept, own, rules=rules, now=now) if told and own else told


def _note_unlike(
    session: Session, hazard: Hazard, hand: Hand, actor: Actor, unlike: Sequence[tuple[int, str]], now: datetime
) -> None:
    """Write down what the reporter was shown, so that a reviewer sees it."""
    if not unlike:
        return
    seen = visible_hazards(actor).where(Hazard.id.in_([hazard_id for hazard_id, _action in unlike]))
    numbers = {other.id: other.number for other in session.scalars(seen)}
    for action in dict.fromkeys(action for _id, action in unlike):
        shown = "、".join(numbers[ident] for ident, known in unlike if known == action and ident in numbers)
        if shown:
            do_note(session, hazard, hand, action, hazard.state, now=now, act=Act(shown))


def check_report(report: Report, rules: Rules) -> None:
    """Raises: InvalidInput: a field does not fit the rules."""
    limits = rules.hazards
    check_description(report.description, rules)
    level = limits.level(report.level)
    if level is None or limits.category(report.category) is None:
        raise InvalidInput(_("类别或等级已不在规则里，请重新选择。"))
    if report.days not in level.deadline_days:
        raise InvalidInput(_("这个等级不能选这个整改期限，请重新选择。"))
    if len(report.photos) > limits.photos_max:
        raise InvalidInput(_("照片最多{count}张。", count=limits.photos_max))


def check_description(text: str, rules: Rules) -> str:
    """Give a description without blanks around it.

    Raises: InvalidInput: too short or too long.
    """
    limits, said = rules.hazards, text.strip()
    if len(said) < limits.description_min:
        raise InvalidInput(_("请把问题写清楚一点，至少{count}个字。", count=limits.description_min))
    if len(said) > limits.description_max:
        over = {"count": limits.description_max, "length": len(said)}
        raise InvalidInput(_("文字太长：最多{count}个字，现在是{length}个字，请删减后再发。", **over))
    return said


def _insert(
    session: Session,
    actor: Actor,
    report: Report,
    spot: Spot,
    industry: str,
    standing: Standing,
    rules: Rules,
    now: datetime,
) -> Hazard:
    level = rules.hazards.level(report.level)
    state = State.ACCEPTED if standing.is_trusted else State.REPORTED
    first_due = "dispatch_hours" if standing.is_trusted else "verify_hours"
    hazard = Hazard(
        number=do_number(session, rules.county, now=now), county=rules.county, grid_code=spot.grid_code,
        enterprise_id=spot.enterprise_id, industry=industry, place=spot.text[:256], lat=spot.lat, lon=spot.lon,
        description=report.description.strip(), remark=report.remark.strip(), category=report.category,
        level=report.level, is_major=bool(level and level.is_major), source=standing.source, state=state,
        state_since=now, state_due=due_after(rules, first_due, now=now), owner_kind=OwnerKind.NOBODY,
        reporter_id=actor.person_id, found_at=min(report.found_at or now, now), reported_at=now,
        deadline=deadline_after(rules.hazards, report.days, now=now), round=1, returned=0, extensions=0,
    )  # fmt: skip
    hazard.wake_at = next_wake(Case.of(hazard), rules, now=now)
    session.add(hazard)
    session.flush()
    return hazard


def _ask_to_verify(
    session: Session, hazard: Hazard, hand: Hand, event_id: int, rules: Rules, now: datetime
) -> Told | None:
    """Give a tip to those who can look into it; whoever would have to rectify learns nothing of it yet."""
    owners = resolve_owners(session, grid_code=hazard.grid_code, industry=hazard.industry, now=now)
    nearest = Owners((), owners.grid_side, owners.industry_side, owners.office, owners.unowned)
    if not nearest.everyone:
        return None
    do_own(session, hazard, nearest, OwnerKind.NOBODY)
    return tell_move(session, hazard, REPORT_NOTICES, hand.person_id, hand.name, event_id, rules=rules, now=now)
