"""Weekly progress of listed hazards: who is asked when, and who hears that there was no answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from models.access import load_actors
from models.content import Button, Card
from models.grids.ownership import list_office
from models.hazards.access import may_see, read_hazard_id
from models.hazards.cards import View, load_view, show_place
from models.hazards.deadlines import current_due, show_left
from models.hazards.flow import Side, get_move
from models.hazards.listings import find_listing, show_listing
from models.hazards.majors import next_progress
from models.hazards.measures import show_measures
from models.hazards.tables import Hazard, HazardEvent, HazardListing
from models.outbox import do_tell
from models.people.tables import Role
from models.rules import Rules
from models.session import Session
from models.texts import Line, Text, _

SUBJECT = "progress"  # What is asked is checked again when it is sent: `may_ask`.


def try_ask_one(session: Session, *, rules: Rules, now: datetime) -> bool:
    """Ask for the progress of one listed hazard that is due, whatever time has passed only once; was there one?

    Where nobody has it in hand (挂起, 待复查 …), nothing is asked until the next week.
    """
    due = select(HazardListing).where(HazardListing.progress_at.is_not(None), HazardListing.progress_at <= now)
    listing = session.scalars(due.order_by(HazardListing.progress_at).limit(1)).first()
    if listing is None:
        return False
    listing.progress_at = next_progress(now, rules.hazards)
    hazard = session.get_one(Hazard, listing.hazard_id)
    if _is_asked(hazard, listing):
        view = load_view(session, hazard, now=now)
        listing.asked_at, listing.chase_at = now, now + timedelta(days=rules.hazards.progress_grace_days)
        lines = (_("挂牌督办的重大隐患每周要填报进展。"), *_facts(view, rules, now))
        card = _card(view, _("请填报整改进展"), lines, "progress")
        do_tell(
            session, view.owners_on(Side.RECTIFIER), card, now=now, subject=f"{SUBJECT}:{hazard.id}", placing="move",
            dedupe=f"progress:{listing.id}:{now:%Y%m%d}",
        )  # fmt: skip
    session.flush()
    return True


def try_chase_one(session: Session, *, rules: Rules, now: datetime) -> bool:
    """Tell the grid heads of one question that was not answered, once; was there one?"""
    due = select(HazardListing).where(HazardListing.chase_at.is_not(None), HazardListing.chase_at <= now)
    listing = session.scalars(due.order_by(HazardListing.chase_at).limit(1)).first()
    if listing is None:
        return False
    listing.chase_at = None
    hazard = session.get_one(Hazard, listing.hazard_id)
    if _is_asked(hazard, listing) and not _is_answered(session, listing):
        view = load_view(session, hazard, now=now)
        heads = list_heads(session, view, now=now)
        days = rules.hazards.progress_grace_days
        lines = (_("整改责任人超过{days}天没有填报进展，请督促。", days=days), *_facts(view, rules, now))
        card = _card(view, _("重大隐患进展未填报"), lines, "open")
        do_tell(
            session, heads, card, now=now, subject=f"{SUBJECT}:{hazard.id}", dedupe=f"chase:{listing.id}:{now:%Y%m%d}"
        )
    session.flush()
    return True


def may_ask(session: Session, person_id: int, ident: str, now: datetime) -> bool:
    """Tell, at the moment when a question is sent, whether it is still one."""
    if not may_see(session, person_id, ident, now):
        return False
    hazard = session.get_one(Hazard, read_hazard_id(ident))
    listing = find_listing(session, hazard)
    return listing is not None and _is_asked(hazard, listing) and not _is_answered(session, listing)


def _is_answered(session: Session, listing: HazardListing) -> bool:
    answer = exists().where(
        HazardEvent.hazard_id == listing.hazard_id,
        HazardEvent.action == "progress",
        HazardEvent.at >= listing.asked_at,
    )
    return bool(session.scalar(select(answer)))


def _is_asked(hazard: Hazard, listing: HazardListing) -> bool:
    return listing.lifted_at is None and hazard.is_major and hazard.state in get_move("progress").sources


def list_heads(session: Session, view: View, *, now: datetime) -> list[int]:
    """The grid heads among the owners on the side of the grid; where there is none, the office."""
    hazard, owners = view.hazard, view.owners_on(Side.GRID)
    actors = load_actors(session, owners, now=now)
    where = {"grid_code": hazard.grid_code, "industry": hazard.industry}
    heads = [person for person in owners if person in actors and actors[person].covers({Role.GRID_HEAD}, **where)]
    return heads or list_office(session, hazard.grid_code, now=now)


def _facts(view: View, rules: Rules, now: datetime) -> Iterable[Line]:
    yield _("地点：{place}", place=show_place(view))
    yield _("问题：{description}", description=view.hazard.description)
    if view.listing is not None:
        yield show_listing(view.listing)
    yield from show_measures(view.measures, rules.hazards)
    if (due := current_due(view.hazard)) is not None:
        yield _("整改期限：{left}", left=show_left(due, now))


def _card(view: View, title: Text, lines: Iterable[Line], action: str) -> Card:
    number, ident = view.hazard.number, view.hazard.id
    label = Text(get_move("progress").label) if action == "progress" else _("查看")
    return Card(
        title=_("{number} {state}", number=number, state=title),
        lines=tuple(lines),
        buttons=((Button(label, f"hazard:{ident}:{action}", "primary"),),),
        key=f"{SUBJECT}:{ident}",
        tone="warn",
    )
