"""挂牌督办: whether a major hazard is under supervision, and how that is said; 摘牌 ends it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from models.hazards.tables import Hazard, HazardListing
from models.people.entries import day_of
from models.session import Session
from models.texts import Line, Text, When, _


def find_listing(session: Session, hazard: Hazard) -> HazardListing | None:
    """The listing that stands; None if there is none. Only major hazards are asked about."""
    if not hazard.is_major:
        return None
    standing = select(HazardListing).where(HazardListing.hazard_id == hazard.id, HazardListing.lifted_at.is_(None))
    return session.scalars(standing).first()


def show_listing(listing: HazardListing) -> Line:
    """By whom, under which number, from when until when."""
    known: dict[str, Line] = {
        "level": Text(listing.level.label), "unit": listing.unit, "document": listing.document,
        "since": When(day_of(listing.listed_on), "day"), "until": When(day_of(listing.deadline), "day"),
        "acceptance": listing.acceptance,
    }  # fmt: skip
    if listing.acceptance:
        return _("挂牌督办：{level}，{unit}，{document}，{since}至{until}，验收要求：{acceptance}", **known)
    return _("挂牌督办：{level}，{unit}，{document}，{since}至{until}", **known)


def do_lift(session: Session, hazard: Hazard, by_id: int | None, *, now: datetime) -> str:
    """End the listing that stands, in the transaction of the signature; give its 文号, "" if there is none."""
    standing = select(HazardListing).where(HazardListing.hazard_id == hazard.id, HazardListing.lifted_at.is_(None))
    listing = session.scalars(standing).first()
    if listing is None:
        return ""
    listing.lifted_at, listing.lifted_by = now, by_id
    listing.progress_at = listing.chase_at = None
    session.flush()
    return listing.document
