"""Invites: who may invite whom, the single-use code, and the links that carry it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, update
from sqlalchemy.orm import Session

from models.access import Actor, inside, local_day, within
from models.audit import do_audit
from models.errors import InvalidInput, NotFound
from models.facts import Fact
from models.grids.tables import Grid
from models.grids.tree import find_grids
from models.people.codes import hash_code, make_code
from models.people.entries import Entry, lasts_on, load_entry
from models.people.tables import Account, Assignment, Invite, Person, Role
from models.rules import JoiningRules
from models.session import Store
from models.texts import Text, _

PAGE = 8  # Rows. Source: conversations.md, rules for every conversation.
LINK_FACT = "join_link_"  # + platform: its invite link with {code} in it, noted when the platform starts.

# Whom a grid head may invite: the people below. Whoever holds another role anywhere is the administrator's to
# invite, because an invite opens everything its person may do.
BELOW_HEADS = (
    Role.OFFICER, Role.GRID_HEAD, Role.INFORMANT, Role.MANAGER, Role.STOREKEEPER, Role.RESCUER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invitation:
    """A fresh invite. The code exists only here; `links` maps platform names to links."""

    person: str
    code: str
    links: dict[str, str] = field(repr=False)
    expires: datetime

    def __repr__(self) -> str:
        """Show neither code nor links: a repr may end in a log."""
        return f"Invitation({self.person!r}, expires={self.expires:%Y-%m-%d})"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values for the command line: exactly person, code, links, expires."""
        return {"person": self.person, "code": self.code, "links": self.links, "expires": self.expires.isoformat()}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be invited; `joined`: has a chat already."""

    person_id: int
    name: str
    unit: str
    joined: bool


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """Up to `PAGE` people, how many there are in all, and which page this is (from 0; the last, if it is gone)."""

    people: tuple[Candidate, ...]
    total: int
    page: int


def has_chat() -> ColumnElement[bool]:
    """Condition on Person: has joined with a chat and still has it."""
    return exists().where(Account.person_id == Person.id, Account.unbound_at.is_(None)).correlate(Person)


def visible_people(actor: Actor, *, now: datetime) -> Select[Person]:
    """People whose roles (those that have not ended) all lie in the grids that the actor administers."""
    return select(Person).where(_all_roles_in(actor, (Role.ADMIN,), tuple(Role), now))


def visible_staff(actor: Actor, *, now: datetime) -> Select[Person]:
    """People whose affairs the actor may arrange: an administrator's, and those of `BELOW_HEADS` of a grid head."""
    as_admin = _all_roles_in(actor, (Role.ADMIN,), tuple(Role), now)
    return select(Person).where(or_(as_admin, _all_roles_in(actor, (Role.GRID_HEAD,), BELOW_HEADS, now)))


def visible_candidates(actor: Actor, *, now: datetime) -> Select[Person]:
    """People whom the actor may invite.

    An administrator: everybody in the own grids. A grid head: those of `BELOW_HEADS` in the own grids who have
    not joined; a second chat for somebody opens what the first one has, so that is the administrator's.
    """
    as_head = and_(_all_roles_in(actor, (Role.GRID_HEAD,), BELOW_HEADS, now), ~has_chat())
    return select(Person).where(or_(_all_roles_in(actor, (Role.ADMIN,), tuple(Role), now), as_head))


def _all_roles_in(actor: Actor, mine: tuple[Role, ...], theirs: tuple[Role, ...], now: datetime) -> ColumnElement[bool]:
    if not actor.has(mine):
        return false()
    holds = and_(Assignment.person_id == Person.id, lasts_on(local_day(now)))
    allowed = and_(within(actor, Assignment.grid_code, Assignment.industry, roles=mine), Assignment.role.in_(theirs))
    return and_(
        exists().where(holds).correlate(Person),
        ~exists().where(holds, ~allowed).correlate(Person),
    )


def list_candidates(
    session: Session,
    actor: Actor,
    *,
    name: str = "",
    grid_code: str = "",
    page: int = 0,
    now: datetime,
) -> CandidatePage:
    """People whom the actor may invite, those who have not joined first.

    With `name`: whose name contains it. With `grid_code`: who has a role in that grid and has not joined.
    """
    statement = visible_candidates(actor, now=now)
    if name:
        statement = statement.where(Person.name.contains(name, autoescape=True))
    if grid_code:
        statement = statement.where(~has_chat(), _has_role_in(grid_code, now))
    return page_people(session, statement, page=page)


def _has_role_in(grid_code: str, now: datetime) -> ColumnElement[bool]:
    holds = and_(Assignment.person_id == Person.id, lasts_on(local_day(now)), inside(Assignment.grid_code, grid_code))
    return exists().where(holds).correlate(Person)


def page_people(session: Session, statement: Select[Person], *, page: int) -> CandidatePage:
    """One page of people, those who have not joined first, village by village, then by name. Two queries."""
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    joined, page = has_chat(), max(0, min(page, (total - 1) // PAGE))
    # By name alone would be the order of code points, in which nobody finds anybody.
    grid = select(func.min(Assignment.grid_code)).where(Assignment.person_id == Person.id).correlate(Person)
    order = (joined, grid.scalar_subquery(), Person.name, Person.id)
    rows = session.execute(statement.add_columns(joined).order_by(*order).offset(page * PAGE).limit(PAGE))
    people = tuple(Candidate(person.id, person.name, person.unit, bool(has)) for person, has in rows)
    return CandidatePage(people, total, page)


def check_invite(session: Session, actor: Actor, person_id: int, *, rules: JoiningRules, now: datetime) -> Invitation:
    """Invite somebody in chat.

    Raises: NotFound: nobody, or nobody whom this actor may invite.
    """
    allowed = session.scalar(visible_candidates(actor, now=now).where(Person.id == person_id))
    entry = load_entry(session, person_id, now=now) if allowed else None
    if entry is None:
        raise NotFound
    return do_invite(session, entry, created_by=actor.person_id, rules=rules, now=now)


def do_invite(
    session: Session, entry: Entry, *, created_by: int | None, rules: JoiningRules, now: datetime
) -> Invitation:
    """Make a single-use code for a person; older codes of that person that nobody has used become void."""
    session.get_one(Person, entry.person_id, with_for_update=True)  # of two invites at once the later one holds
    do_void(session, entry.person_id, now=now)
    code = make_code()
    expires = now + timedelta(days=rules.code_days)
    session.add(
        Invite(
            person_id=entry.person_id, code_hash=hash_code(code), created_by=created_by, created_at=now,
            expires_at=expires,
        )
    )  # fmt: skip
    session.flush()
    subject = f"person:{entry.person_id}"
    do_audit(session, action="people:invite", subject=subject, person_id=created_by, now=now)
    return Invitation(entry.name, code, list_links(session, code), expires)


def do_void(session: Session, person_id: int, *, now: datetime) -> None:
    """Let every code of a person that is still open expire at once."""
    session.execute(
        update(Invite)
        .where(Invite.person_id == person_id, Invite.used_at.is_(None), Invite.expires_at > now)
        .values(expires_at=now)
    )


def list_links(session: Session, code: str) -> dict[str, str]:
    """The links that open a chat and join with `code`, of every platform that has one."""
    rows = session.execute(
        select(Fact.name, Fact.value).where(Fact.name.startswith(LINK_FACT, autoescape=True)).order_by(Fact.name)
    )
    return {name.removeprefix(LINK_FACT): pattern.replace("{code}", code) for name, pattern in rows if pattern}


def find_invite(session: Session, code: str) -> Invite | None:
    """Give the invite of a code as read, whatever its state."""
    return session.scalars(select(Invite).where(Invite.code_hash == hash_code(code))).first()


def do_use(session: Session, invite_id: int, *, now: datetime) -> bool:
    """Use a code up; False if somebody was faster or its time is over."""
    used = session.execute(
        update(Invite)
        .where(Invite.id == invite_id, Invite.used_at.is_(None), Invite.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


async def make_invite(
    store: Store, name: str, *, grid: str = "", role: str = "", rules: JoiningRules, now: datetime
) -> Invitation:
    """Invite somebody from the command line: by name, and by grid and role where the name is not enough.

    `grid`: code or name; `role`: "officer" or 网格员.
    Raises: InvalidInput: nobody of that name on the roster, or several, or no such grid or role.
    """

    def unit(session: Session) -> Invitation:
        entry = find_one(session, name, grid=grid, role=role, now=now)
        return do_invite(session, entry, created_by=None, rules=rules, now=now)

    return await store.write(unit)


def find_one(session: Session, name: str, *, grid: str = "", role: str = "", now: datetime) -> Entry:
    """Find exactly one person of the roster.

    Raises: InvalidInput: nobody, or several (they are named with unit and grid).
    """
    statement = select(Person.id).where(Person.name == name.strip()).order_by(Person.id)
    conditions = [Assignment.person_id == Person.id, lasts_on(local_day(now))]
    if grid:
        conditions.append(inside(Assignment.grid_code, _read_grid(session, grid).code))
    if role:
        conditions.append(Assignment.role == read_role(role))
    found = session.scalars(statement.where(exists().where(and_(*conditions)).correlate(Person))).all()
    entries = [entry for person_id in found if (entry := load_entry(session, person_id, now=now))]
    if not entries:
        raise InvalidInput(_("名册里没有在岗的「{name}」，请先导入人员，或核对姓名、网格和角色。", name=name))
    if len(entries) > 1:
        raise InvalidInput(_several(name, entries))
    return entries[0]


def _several(name: str, entries: list[Entry]) -> Text:
    shown = "；".join(f"{entry.unit} {entry.posts[0].grid}".strip() for entry in entries[:PAGE])
    return _("名册里有{count}位「{name}」（{shown}），请再注明网格或角色。", count=len(entries), name=name, shown=shown)


def _read_grid(session: Session, text: str) -> Grid:
    grids = find_grids(session, text)
    if not grids:
        raise InvalidInput(_("没有名称或编码是「{text}」的网格。", text=text))
    return grids[0]


def read_role(text: str) -> Role:
    """Read a role by its code or its Chinese name. Raises: InvalidInput: there is none."""
    wanted = text.strip().lower()
    for role in Role:
        if wanted in (role.value, role.label):
            return role
    raise InvalidInput(_("没有「{text}」这个角色。", text=text))
