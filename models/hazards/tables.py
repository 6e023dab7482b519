"""Hazards (隐患): the case, who owns it, its photos, its history, and the counter of its numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Serial, text_enum
from models.hazards.flow import Side, State
from models.texts import N_

LATE = text("status = 'waiting'")
AWAKE = text("wake_at IS NOT NULL")


class Source(StrEnum):
    """How a hazard was found (发现方式). Source: domain.md, section 2."""

    PATROL = "patrol"
    SELF_CHECK = "self_check"
    INSPECTION = "inspection"
    TIP = "tip"
    ORDERED = "ordered"
    CAMPAIGN = "campaign"
    HOLIDAY = "holiday"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese name, a message id of the catalogue."""
        return _SOURCE_LABELS[self]


_SOURCE_LABELS = {
    Source.PATROL: N_("网格巡查"),
    Source.SELF_CHECK: N_("企业自查"),
    Source.INSPECTION: N_("行政检查"),
    Source.TIP: N_("群众举报"),
    Source.ORDERED: N_("上级交办"),
    Source.CAMPAIGN: N_("专项排查"),
    Source.HOLIDAY: N_("节假日前检查"),
    Source.OTHER: N_("其他"),
}


class OwnerKind(StrEnum):
    """Who has to put it right."""

    ENTERPRISE = "enterprise"
    GRID = "grid"
    OFFICE = "office"
    NOBODY = "nobody"


class PhotoKind(StrEnum):
    """What a photo shows: the hazard, the place put right, or something besides."""

    BEFORE = "before"
    AFTER = "after"
    EXTRA = "extra"


class Hazard(Base):
    """One hazard.

    `number` (YH20261123-0001) is unique. `lat`, `lon` in degrees, WGS-84. `category` and `level` are codes of
    rules.toml; `is_major` is the level's flag when it was chosen. `deadline`: until when it must be put
    right; `state_due`: until when whoever has it in hand must make the next move. `round` counts
    rectifications, `returned` how often it was sent back (退回), `extensions` how often the deadline was moved.
    `state_before` is where a suspended hazard goes back to; `deadline_asked` what an extension would make the
    deadline. 临期 and 逾期 are computed, never stored. `wake_at`: when the case has to be looked at next
    (models/hazards/steps.py); None: never, as far as is known.
    """

    __tablename__ = "hazards"
    __table_args__ = (
        Index("ix_hazards_grid", "grid_code", "state"),
        Index("ix_hazards_due", "state", "deadline"),
        Index("ix_hazards_reported", "reported_at"),
        Index("ix_hazards_enterprise", "enterprise_id", "state"),
        Index("ix_hazards_reporter", "reporter_id", "state"),
        Index("ix_hazards_where", "category", "lat", "lon"),
        Index("ix_hazards_wake", "wake_at", sqlite_where=AWAKE, postgresql_where=AWAKE),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    county: Mapped[str] = mapped_column(String(12))
    grid_code: Mapped[str] = mapped_column(ForeignKey("grids.code"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    industry: Mapped[str] = mapped_column(String(32), default="")
    place: Mapped[str] = mapped_column(String(256), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    description: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(32))
    is_major: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Source] = mapped_column(text_enum(Source))
    state: Mapped[State] = mapped_column(text_enum(State))
    state_before: Mapped[State | None] = mapped_column(text_enum(State))
    state_since: Mapped[datetime]
    state_due: Mapped[datetime | None]
    owner_kind: Mapped[OwnerKind] = mapped_column(text_enum(OwnerKind), default=OwnerKind.NOBODY)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    found_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    deadline_asked: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=1)
    returned: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(default=0)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("hazards.id"))
    closed_at: Mapped[datetime | None]
    wake_at: Mapped[datetime | None]


class HazardOwner(Base):
    """One person who owns a hazard, in one quality."""

    __tablename__ = "hazard_owners"
    __table_args__ = (
        UniqueConstraint("hazard_id", "person_id", "side"),
        Index("ix_hazard_owners_person", "person_id", "side", "hazard_id"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    side: Mapped[Side] = mapped_column(text_enum(Side))


class HazardPhoto(Base):
    """A stored photo of a hazard. `sha`: its address in the media store; `round`: the rectification it shows."""

    __tablename__ = "hazard_photos"
    __table_args__ = (UniqueConstraint("hazard_id", "sha", "kind"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    sha: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[PhotoKind] = mapped_column(text_enum(PhotoKind))
    round: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class LatePhoto(Base):
    """A photo that could not be fetched when its message came, and is asked for again while its case lives.

    `ref`: what the platform needs to fetch it; `number`: its place in its message. `draft_id`: for which report it was
    sent; `hazard_id`: what has become of that. `status`: waiting → arrived | lost | dropped (nobody waits for it).
    """

    __tablename__ = "late_photos"
    __table_args__ = (
        UniqueConstraint("draft_id", "ref"),
        Index("ix_late_photos_next", "next_at", sqlite_where=LATE, postgresql_where=LATE),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id"))
    hazard_id: Mapped[int | None] = mapped_column(ForeignKey("hazards.id"))
    ref: Mapped[str] = mapped_column(String(512))
    name: Mapped[str] = mapped_column(String(128), default="")
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(8), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    until: Mapped[datetime]


class HazardPrint(Base):
    """A part of the difference hash of a hazard's photo (see models/hazards/prints.py)."""

    __tablename__ = "hazard_prints"

    part: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"), primary_key=True)
    dhash: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class HazardEvent(Base):
    """One row of a hazard's history.

    `person_id` None: the system. `role` in which the person acted, or the side of the ownership; `from_state`
    None: the first. `photos`: addresses in the media store. `on_behalf_of`: for whom a deputy acted.
    """

    __tablename__ = "hazard_events"
    __table_args__ = (Index("ix_hazard_events_hazard", "hazard_id", "id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(32), default="")
    action: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[State | None] = mapped_column(text_enum(State))
    to_state: Mapped[State] = mapped_column(text_enum(State))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    photos: Mapped[list[Any]] = mapped_column(default=list)


class HazardReminder(Base):
    """What has been said of a case by itself: never twice. `kind` and `for_time` as in models/hazards/steps.py."""

    __tablename__ = "hazard_reminders"

    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    for_time: Mapped[datetime] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class HazardMeasure(Base):
    """One of the six items of a major hazard (五落实): a key of rules.toml and what was laid down."""

    __tablename__ = "hazard_measures"
    __table_args__ = (UniqueConstraint("hazard_id", "item"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"))
    item: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class HazardCounter(Base):
    """The last running number given in a county on a day (county's calendar, YYYYMMDD)."""

    __tablename__ = "hazard_counters"

    county: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
