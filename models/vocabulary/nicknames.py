"""Nicknames, learned from reports that people have confirmed, seen and removed by grid heads and administrators.

One report proposes a nickname, which from then on is offered when its words come up; only a second one that chooses
the same place makes it known. Known or not, words that two places bear are always asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, or_, select

from models.access import Actor, inside
from models.audit import do_audit
from models.enterprises.tables import Enterprise
from models.errors import NotFound
from models.grids.names import short_name
from models.grids.tables import Grid
from models.people.tables import Role
from models.session import Session
from models.vocabulary.forms import SAME, plain_text
from models.vocabulary.hearing import hear_names
from models.vocabulary.index import do_add_names
from models.vocabulary.mentions import find_mentions
from models.vocabulary.tables import Name, Standing

KEEPERS = (Role.ADMIN, Role.GRID_HEAD)
LESSONS = 2  # Reports that have to agree before a nickname is guessed by itself (P).
_LONGEST = 10  # Characters.
# A name says what kind of place it is, and more: 吴家油坊, 老供销社. 二楼, 后门 and 这家店 are no names.
_NAME = re.compile(
    r"(?:(?![老大小])[一-龥A-Za-z]{2,}|[老大小][一-龥A-Za-z]{2,})"
    r"(?:店|厂|站|场|园|院|校|馆|坊|社|部|所|城|家|矿|库|塘|庙|堂|宫|寺|桥|亭|坝|湾|冲|坞|庄|岭|屋|超市|作坊|公司|码头|渡口|房)"
)
_POINTING = re.compile(
    r"^[一二三四五六七八九十上下前后左右里外东西南北中这那对旁边我你他她咱本某该每各几两]|没|不|有|了|的|在|是|被|把|堵|坏|漏|倒|裂"
)
_KINDS = frozenset(word for words in SAME for word in words) | {"学校", "公司", "工厂", "仓库", "便民超市", "建材市场"}


@dataclass(frozen=True, slots=True)
class Nickname:
    """A learned name as it is listed: what for, where, and how often it was taught."""

    id: int
    text: str
    name: str
    is_known: bool


def may_be_nickname(words: str) -> bool:
    """Tell whether words could be somebody's name: short, no kind of place (加油站), no pointing (这里)."""
    is_name = _NAME.fullmatch(words) is not None and words not in _KINDS
    return is_name and len(words) <= _LONGEST and not _POINTING.search(words)


def do_teach(
    session: Session, actor: Actor, words: str, *, enterprise_id: int | None, grid_code: str, now: datetime
) -> Standing | None:
    """Take the words of a confirmed report as a name of its place; give what they are worth now, None for nothing.

    `grid_code`: of the place; it bears the name itself if there is no enterprise. Words that a register gives to
    another place, and what was removed, are not learned.
    """
    text = plain_text(words).replace(" ", "")
    if not may_be_nickname(text) or _is_taken(session, actor, text, enterprise_id, grid_code):
        return None
    owner = Name.enterprise_id == enterprise_id if enterprise_id is not None else Name.grid_code == grid_code
    known = session.scalars(select(Name).where(Name.text == text, owner)).one_or_none()
    if known is None:
        place = {"enterprise_id": enterprise_id} if enterprise_id is not None else {"grid_code": grid_code}
        row = {
            "text": text,
            "standing": Standing.CANDIDATE,
            "lessons": 1,
            "taught_by": actor.person_id,
            "taught_at": now,
        }
        do_add_names(session, [{**row, **place}])
        return Standing.CANDIDATE
    if known.standing in (Standing.CANDIDATE, Standing.NICKNAME):
        known.lessons += 1
        known.taught_by, known.taught_at = actor.person_id, now
        known.standing = Standing.NICKNAME if known.lessons >= LESSONS else Standing.CANDIDATE
    return known.standing


def _is_taken(session: Session, actor: Actor, text: str, enterprise_id: int | None, grid_code: str) -> bool:
    """Tell whether a register gives these words to some other place."""
    heard = hear_names(session, actor, text, grids=())
    key = enterprise_id if enterprise_id is not None else grid_code
    return any(
        mention.is_whole and mention.is_literal and mention.heard.key != key and len(mention.form) == len(text)
        for mention in find_mentions(text, heard)
        if mention.heard.standing is Standing.OFFICIAL
    )


def list_nicknames(session: Session, actor: Actor, *, limit: int = 20) -> list[Nickname]:
    """The learned names of places in the actor's grids, the latest first."""
    rows = session.execute(
        select(Name.id, Name.text, Name.standing, Enterprise.name, Grid.name)
        .outerjoin(Enterprise, Enterprise.id == Name.enterprise_id)
        .outerjoin(Grid, Grid.code == Name.grid_code)
        .where(Name.standing.in_((Standing.CANDIDATE, Standing.NICKNAME)), _kept_by(actor))
        .order_by(Name.taught_at.desc(), Name.id.desc())
        .limit(limit)
    )
    return [
        Nickname(ident, text, firm or short_name(grid or ""), standing is Standing.NICKNAME)
        for ident, text, standing, firm, grid in rows
    ]


def check_remove(session: Session, actor: Actor, ident: int, *, now: datetime) -> Nickname:
    """Take a learned name out; it is not learned again.

    Raises: Forbidden: not a keeper. NotFound: there is none, or it is of another's grids.
    """
    actor.check(KEEPERS)
    name = session.scalars(
        select(Name)
        .outerjoin(Enterprise, Enterprise.id == Name.enterprise_id)
        .outerjoin(Grid, Grid.code == Name.grid_code)
        .where(Name.id == ident, Name.standing.in_((Standing.CANDIDATE, Standing.NICKNAME)), _kept_by(actor))
    ).one_or_none()
    if name is None:
        raise NotFound
    was_known = name.standing is Standing.NICKNAME
    name.standing = Standing.REMOVED
    do_audit(
        session, action="names:remove", subject=f"name:{ident}", person_id=actor.person_id, now=now,
        detail={"text": name.text},
    )  # fmt: skip
    return Nickname(ident, name.text, "", was_known)


def _kept_by(actor: Actor) -> ColumnElement[bool]:
    codes = actor.grids(KEEPERS)
    parts = [inside(column, code) for code in codes for column in (Enterprise.grid_code, Grid.code)]
    return or_(*parts) if parts else false()
