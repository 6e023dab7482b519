"""Asking for the papers of a case, and what becomes of that; the work is done by scheduler/papers.py."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from models.access import Actor
from models.audit import do_audit
from models.content import Card, File
from models.errors import InvalidInput, NotFound
from models.hazards.cards import card_key
from models.hazards.tables import Hazard
from models.media import Kept, do_record
from models.outbox import Lane, Reply, do_reply_all
from models.papers.tables import Paper, PaperState
from models.session import Session
from models.texts import Text, _

MOST = 5  # Papers that one person waits for at a time.
TRIES = 3
AGAIN = timedelta(seconds=20)


def do_ask(
    session: Session, actor: Actor, hazard: Hazard, *, platform: str, chat: str, lang: str, now: datetime
) -> Paper:
    """Note that a person wants the papers of a hazard; who asks twice gets them once.

    The caller has made sure that the person may see it. Raises: InvalidInput: too many are being made already.
    """
    waiting = session.scalars(
        select(Paper).where(Paper.state == PaperState.ASKED, Paper.person_id == actor.person_id).order_by(Paper.id)
    ).all()
    for paper in waiting:
        if (paper.hazard_id, paper.platform, paper.chat) == (hazard.id, platform, chat):
            return paper
    if len(waiting) >= MOST:
        raise InvalidInput(_("您还有{count}份档案正在整理，请等它们发来再要新的。", count=len(waiting)))
    paper = Paper(
        state=PaperState.ASKED, hazard_id=hazard.id, person_id=actor.person_id, platform=platform, chat=chat, lang=lang,
        tries=0, sha="", asked_at=now, not_before=now, done_at=None,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    return paper


def find_due(session: Session, *, now: datetime) -> Paper | None:
    """Give the paper that has waited longest."""
    due = select(Paper).where(Paper.state == PaperState.ASKED, Paper.not_before <= now)
    return session.scalars(due.order_by(Paper.not_before, Paper.id).limit(1)).first()


def show_waiting(paper: Paper, hazard: Hazard) -> Card:
    """The card that is there until the papers come in its place."""
    return Card(title=_title(hazard.number), lines=(_("正在整理，马上发给您。"),), key=paper.card_key, fresh=True)


def do_send(session: Session, paper: Paper, number: str, kept: Kept, *, pages: int, now: datetime) -> None:
    """Hand the papers over, in the place of the waiting card, and note in the audit that a copy left the house."""
    if not _settle(session, paper, PaperState.SENT, now=now, sha=kept.sha):
        return
    do_record(session, kept, now=now)
    do_audit(
        session, action="papers:case", subject=f"hazard:{paper.hazard_id}", person_id=paper.person_id,
        detail={"number": number, "pages": pages, "sha": kept.sha}, now=now,
    )  # fmt: skip
    file = File(kept.sha, f"隐患治理档案_{number}.pdf", "application/pdf")
    _tell(session, paper, Card(
        title=_title(number), lines=(_("共{pages}页，内含个人信息，请妥善保管。", pages=pages),), files=(file,),
        key=paper.card_key,
    ), now=now)  # fmt: skip


def do_refuse(session: Session, paper: Paper, *, now: datetime) -> None:
    """Say that there is nothing to be had, in the words for what does not exist."""
    if _settle(session, paper, PaperState.REFUSED, now=now):
        _tell(session, paper, Card(lines=(NotFound().text,), key=paper.card_key, tone="warn"), now=now)


def do_fail(session: Session, paper: Paper, *, now: datetime) -> None:
    """Try again later a few times, then say that it went wrong."""
    if paper.tries + 1 < TRIES:
        _change(session, paper, tries=paper.tries + 1, not_before=now + AGAIN * (paper.tries + 1))
    elif _settle(session, paper, PaperState.FAILED, now=now):
        line = _("档案没有生成，请稍后再试，或联系系统管理员。")
        _tell(session, paper, Card(lines=(line,), key=paper.card_key, tone="warn"), now=now)


def _title(number: str) -> Text:
    return _("隐患治理档案 {number}", number=number)


def _settle(session: Session, paper: Paper, state: PaperState, *, now: datetime, sha: str = "") -> bool:
    return _change(session, paper, state=state, done_at=now, sha=sha)


def _change(session: Session, paper: Paper, **values: object) -> bool:
    """False if somebody else has settled it meanwhile."""
    changed = session.execute(
        update(Paper)
        .where(Paper.id == paper.id, Paper.state == PaperState.ASKED)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def _tell(session: Session, paper: Paper, card: Card, *, now: datetime) -> None:
    # A notice, not a reply: whether the case may still be seen is checked when it is sent.
    subject = card_key(paper.hazard_id) if card.files else ""
    told = Reply(
        card, paper.platform, paper.chat, paper.lang, person_id=paper.person_id, placing="move", lane=Lane.NOTICE,
        subject=subject,
    )  # fmt: skip
    do_reply_all(session, [told], now=now)
