"""随手拍: which chat gave a tip, and the few sentences that it hears of what becomes of it. No names, no cards.

A chat that belongs to nobody is no person: all of them share one entry of the people, 群众, without phone and roles,
and what is to be told goes to the chat. See docs/decisions/0010-public-reports.md.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.content import say
from models.hazards.flow import State
from models.hazards.tables import Hazard
from models.outbox import Lane, Reply, do_reply_all
from models.people.tables import Role
from models.session import Session
from models.texts import N_, Text

BLOCKERS = frozenset({Role.DISPATCHER, Role.ADMIN})  # Who may say that a chat reports no more.


class PublicReport(Base):
    """A tip from a chat that belonged to nobody.

    `case_id`: the case in which it goes on (another one after 并案). `person_id`: whoever the chat belongs to since.
    """

    __tablename__ = "public_reports"
    __table_args__ = (Index("ix_public_reports_chat", "platform", "chat", "at"),)

    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("hazards.id"), index=True)
    platform: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class PublicBlock(Base):
    """A chat that may not report any more (拉黑): who decided that, why, and since when."""

    __tablename__ = "public_blocks"

    platform: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(64), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]


class Progress(StrEnum):
    """How far a case is, as strangers may know it; `label` is a message id of the catalogue."""

    WAITING = "waiting"
    UNFOUNDED = "unfounded"
    WORKING = "working"
    DONE = "done"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _LABELS[self]


_LABELS = {
    Progress.WAITING: N_("待核实"),
    Progress.UNFOUNDED: N_("经核实不属实"),
    Progress.WORKING: N_("情况属实，正在处理"),
    Progress.DONE: N_("已办结"),
}
_OF_STATE = {State.REPORTED: Progress.WAITING, State.DISMISSED: Progress.UNFOUNDED, State.CLOSED: Progress.DONE}
_SAYS: dict[Progress, tuple[str, Literal["", "good"]]] = {
    Progress.WAITING: (N_("您上报的{number}正在重新核实。"), ""),
    Progress.UNFOUNDED: (N_("您上报的{number}经核实，情况不属实。谢谢您的关心！"), ""),
    Progress.WORKING: (N_("您上报的{number}经核实，情况属实，正在处理。谢谢您！"), "good"),
    Progress.DONE: (N_("您上报的{number}已办结，谢谢！"), "good"),
}
_AGAIN = N_("您上报的{number}还要进一步处理，办结后会告诉您。")


def progress_of(state: State, before: State | None = None) -> Progress:
    """How far a case of this state is; one that is suspended is as far as `before` it was."""
    if state is State.SUSPENDED and before is not None:
        return progress_of(before)
    return _OF_STATE.get(state, Progress.WORKING)


def tell_public(session: Session, hazard: Hazard, source: State, *, now: datetime) -> None:
    """Tell the strangers who reported a case when it has come so far that they may know; `source`: where it stood."""
    if State.SUSPENDED in {source, hazard.state}:
        return  # as far as it was
    if hazard.state is State.MERGED:
        _follow(session, hazard, now=now)
    elif (progress := progress_of(hazard.state)) is not (before := progress_of(source)):
        _tell(session, hazard.id, progress, before, now=now)


def _follow(session: Session, hazard: Hazard, *, now: datetime) -> None:
    """After 并案 the tip goes on in the other case; that there is one is nobody's business."""
    original = session.get(Hazard, hazard.merged_into) if hazard.merged_into is not None else None
    if original is None:
        return
    progress = progress_of(original.state, original.state_before)
    if progress is not Progress.WAITING:
        _tell(session, hazard.id, progress, Progress.WAITING, now=now)
    session.execute(
        update(PublicReport)
        .where(PublicReport.case_id == hazard.id)
        .values(case_id=original.id)
        .execution_options(synchronize_session=False)
    )


def _tell(session: Session, case_id: int, progress: Progress, before: Progress, *, now: datetime) -> None:
    rows = session.execute(
        select(PublicReport.platform, PublicReport.chat, PublicReport.lang, Hazard.number)
        .join(Hazard, Hazard.id == PublicReport.hazard_id)
        .where(PublicReport.case_id == case_id, PublicReport.person_id.is_(None))
        .order_by(PublicReport.hazard_id)
    )
    says, tone = _SAYS[progress]
    if progress is Progress.WORKING and before is Progress.DONE:
        says, tone = _AGAIN, ""
    replies = [
        Reply(say(Text(says, {"number": number}), tone=tone), platform, chat, lang, lane=Lane.NOTICE)
        for platform, chat, lang, number in rows
    ]
    do_reply_all(session, replies, now=now)
