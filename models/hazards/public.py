"""随手拍: what a chat that belongs to nobody may report, how much of it, and how far its reports are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, literal, select, update

from models.access import COUNTY_ZONE, Actor, Area, local_day
from models.audit import do_audit
from models.content import Place
from models.enterprises.tables import Enterprise
from models.errors import Forbidden, InvalidInput, NotFound
from models.grids.tree import find_nearest_grid
from models.hazards.access import access_hazard
from models.hazards.outcomes import BLOCKERS, Progress, PublicBlock, PublicReport, progress_of
from models.hazards.places import FAR_M, Spot, spots_of
from models.hazards.register import Registered, Report, check_register
from models.hazards.tables import Hazard, HazardEvent, HazardPhoto
from models.people.joining import Chat
from models.people.tables import Person, Role
from models.places import metres_between
from models.rules import Rules
from models.session import Session
from models.texts import _
from models.upsert import insert_new

PUBLIC_FLOW = "public-report"  # The name of the dialog, by which its drafts are known.
PUBLIC_NAME = "群众"  # A name like any other in the tables; the phone, by which people are known, is empty.
_SHORTEST_NAME = 4  # Characters; a shop that is called 超市 is named by too many sentences.


def public_actor(rules: Rules, person_id: int = 0, *, now: datetime) -> Actor:
    """A stranger as somebody who may give tips in the whole county and sees no enterprise and no case.

    `person_id` 0: nobody yet; it is known when something is registered.
    """
    area = Area(Role.INFORMANT, rules.county)
    return Actor(person_id, PUBLIC_NAME, "", "zh", (area,), day=local_day(now))


def find_public(session: Session) -> int | None:
    """Give the entry of the people that stands for all strangers, if one of them has ever reported anything."""
    return session.scalar(select(Person.id).where(Person.phone == ""))


def _get_public(session: Session, *, now: datetime) -> int:
    row = {
        "name": PUBLIC_NAME, "phone": "", "unit": "", "lang": "zh", "created_at": now,
        "indexed_name": PUBLIC_NAME,  # no caption means it
    }  # fmt: skip
    insert_new(session, Person, [row], key=("phone",))
    return session.scalars(select(Person.id).where(Person.phone == "")).one()


# -- how much ----------------------------------------------------------------------------------------------


def is_blocked(session: Session, chat: Chat) -> bool:
    """Tell whether a chat may not report any more."""
    return session.get(PublicBlock, (chat.platform, chat.chat)) is not None


def check_may_report(session: Session, chat: Chat, *, rules: Rules, now: datetime) -> None:
    """Raises: InvalidInput: strangers may not report, this one may not, or it has been enough for now."""
    if not rules.public.enabled:
        raise InvalidInput(_("随手拍已停用。工作人员请先加入。"))
    if is_blocked(session, chat):
        raise InvalidInput(_("本聊天不能使用随手拍。如有疑问，请联系当地应急管理部门。"))
    midnight = datetime.combine(local_day(now), datetime.min.time(), COUNTY_ZONE)
    own = select(func.count()).where(PublicReport.platform == chat.platform, PublicReport.chat == chat.chat)
    limit = rules.public.reports_per_day
    if (session.scalar(own.where(PublicReport.at >= midnight)) or 0) >= limit:
        raise InvalidInput(
            _("每天最多上报{count}条，今天已经满了，请明天再报。情况紧急请拨打119、120或110。", count=limit)
        )
    everybody = select(func.count()).where(PublicReport.at > now - timedelta(hours=1))
    if (session.scalar(everybody) or 0) >= rules.public.reports_per_hour:
        raise InvalidInput(_("现在上报的人太多，请过一会儿再试。情况紧急请拨打119、120或110。"))


# -- where -------------------------------------------------------------------------------------------------


def is_outside(session: Session, place: Place, *, rules: Rules) -> bool:
    """Tell whether a point lies far from every village of the county, as far as their middles are known."""
    nearest = find_nearest_grid(session, place, prefixes=[rules.county])
    return nearest is not None and nearest[1] > rules.public.far_km * 1000


def find_typed(session: Session, text: str, near: Place | None = None) -> Spot | None:
    """The enterprise whose whole name stands in a text: nobody is told of one that they have not named themselves.

    Of several with the name, and of one that lies far away from `near`, nothing is said.
    """
    if len(text) < _SHORTEST_NAME:
        return None
    said = literal(text)
    named = select(Enterprise).where(
        func.length(Enterprise.name) >= _SHORTEST_NAME, func.replace(said, Enterprise.name, "") != said
    )
    found = session.scalars(named.order_by(func.length(Enterprise.name).desc(), Enterprise.id)).all()
    longest = [item for item in found if item.name == found[0].name]
    if near is not None:
        longest = [item for item in longest if _is_near(item, near)]
    return spots_of(session, longest)[0].at(near) if len(longest) == 1 else None


def _is_near(enterprise: Enterprise, place: Place) -> bool:
    if enterprise.lat is None or enterprise.lon is None:
        return True
    return metres_between(place, Place(enterprise.lat, enterprise.lon)) <= FAR_M


# -- reports -----------------------------------------------------------------------------------------------


def check_public(session: Session, chat: Chat, report: Report, *, lang: str, rules: Rules, now: datetime) -> Registered:
    """Register what a stranger reports; it is looked into before anybody has to act.

    Raises: InvalidInput: it has been enough for now, or a field does not fit. NotFound: the place is gone.
    """
    check_may_report(session, chat, rules=rules, now=now)
    actor = public_actor(rules, _get_public(session, now=now), now=now)
    known: tuple[Spot, str] | None = None
    if report.spot.enterprise_id is not None:
        enterprise = session.get(Enterprise, report.spot.enterprise_id)
        if enterprise is None:
            raise NotFound
        known = report.spot, enterprise.industry
    found = check_register(session, actor, report, rules=rules, now=now, known=known)
    row = PublicReport(
        hazard_id=found.hazard.id, case_id=found.hazard.id, platform=chat.platform, chat=chat.chat, lang=lang, at=now
    )
    session.add(row)
    session.flush()
    return found


def find_progress(session: Session, chat: Chat, number: str) -> Progress:
    """How far the report of this number is.

    Raises: NotFound: there is none, or this chat has not given it.
    """
    row = session.execute(
        select(PublicReport.case_id)
        .join(Hazard, Hazard.id == PublicReport.hazard_id)
        .where(Hazard.number == number, _of(chat))
    ).first()
    if row is None:
        raise NotFound
    case = session.get_one(Hazard, row.case_id, populate_existing=True)
    return progress_of(case.state, case.state_before)


def _of(chat: Chat) -> ColumnElement[bool]:
    return and_(
        PublicReport.platform == chat.platform, PublicReport.chat == chat.chat, PublicReport.person_id.is_(None)
    )


def do_adopt(session: Session, chat: Chat, person_id: int) -> int:
    """What was reported from a chat is its person's from now on; give how much that is."""
    ids: Sequence[int] = session.scalars(select(PublicReport.hazard_id).where(_of(chat))).all()
    public = find_public(session)
    if not ids or public is None:
        return 0
    changes = (
        (PublicReport.hazard_id.in_(ids), update(PublicReport).values(person_id=person_id)),
        (Hazard.id.in_(ids) & (Hazard.reporter_id == public), update(Hazard).values(reporter_id=person_id)),
        (HazardPhoto.hazard_id.in_(ids) & (HazardPhoto.by_id == public), update(HazardPhoto).values(by_id=person_id)),
        (
            HazardEvent.hazard_id.in_(ids) & (HazardEvent.person_id == public),
            update(HazardEvent).values(person_id=person_id),
        ),
    )
    for which, change in changes:
        session.execute(change.where(which).execution_options(synchronize_session=False))
    return len(ids)


# -- 拉黑 ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blocking:
    """The chat behind a tip, as far as the office may know it: whether it may still report, and if not, why."""

    number: str
    block: PublicBlock | None
    by: str = ""


def access_blocking(session: Session, actor: Actor, hazard_id: int) -> Blocking:
    """Say whether the stranger who gave this tip is blocked.

    Raises: NotFound: no such tip, or not this person's to decide.
    """
    hazard, row = _access(session, actor, hazard_id)
    block = session.get(PublicBlock, (row.platform, row.chat))
    by = session.scalar(select(Person.name).where(Person.id == block.by_id)) if block else ""
    return Blocking(hazard.number, block, by or "")


def check_block(session: Session, actor: Actor, hazard_id: int, reason: str, *, now: datetime) -> Blocking:
    """Let the chat that gave this tip report no more; of two who do it at once the first wins.

    Raises: NotFound: no such tip, or not this person's to decide. InvalidInput: no reason.
    """
    hazard, row = _access(session, actor, hazard_id)
    if not reason.strip():
        raise InvalidInput(_("请写一句说明。"))
    values = {
        "platform": row.platform, "chat": row.chat, "by_id": actor.person_id, "reason": reason.strip()[:1000],
        "at": now,
    }  # fmt: skip
    if insert_new(session, PublicBlock, [values], key=("platform", "chat"), returning=("chat",)):
        _audit(session, actor, hazard, "block", reason.strip(), now)
    return access_blocking(session, actor, hazard_id)


def check_unblock(session: Session, actor: Actor, hazard_id: int, *, now: datetime) -> Blocking:
    """Let the chat that gave this tip report again. Raises: NotFound: as `check_block`."""
    hazard, row = _access(session, actor, hazard_id)
    if (block := session.get(PublicBlock, (row.platform, row.chat))) is not None:
        session.delete(block)
        session.flush()
        _audit(session, actor, hazard, "unblock", "", now)
    return access_blocking(session, actor, hazard_id)


def _access(session: Session, actor: Actor, hazard_id: int) -> tuple[Hazard, PublicReport]:
    hazard = access_hazard(session, actor, hazard_id)
    row = session.get(PublicReport, hazard_id)
    if row is None or row.person_id is not None:
        raise NotFound
    if not actor.covers(BLOCKERS, grid_code=hazard.grid_code, industry=hazard.industry):
        raise Forbidden
    return hazard, row


def _audit(session: Session, actor: Actor, hazard: Hazard, what: str, reason: str, now: datetime) -> None:
    # Not the chat: who a stranger is concerns nobody; the tip leads to it.
    detail = {"number": hazard.number, **({"note": reason} if reason else {})}
    do_audit(
        session, action=f"public:{what}", subject=f"hazard:{hazard.id}", person_id=actor.person_id, detail=detail,
        now=now,
    )  # fmt: skip
