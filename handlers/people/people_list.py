"""Lists of people to choose from, and what their buttons carry."""

from __future__ import annotations

from models.content import Button
from models.errors import NotFound
from models.people.invites import PAGE, Candidate, CandidatePage
from models.texts import Line, _

QUERY_CHARS = 14  # A query travels in the buttons' 64 bytes; a Chinese character takes three of them.
MAX_PAGE = 10_000


def people_buttons(found: CandidatePage, subject: str, verb: str, query: str) -> tuple[tuple[Button, ...], ...]:
    """One button per person (`subject:id:verb`), then 上一页 and 下一页 (`subject:page:list.query`)."""
    rows = [(Button(_label(person), f"{subject}:{person.person_id}:{verb}"),) for person in found.people]
    turn = []
    if found.page > 0:
        turn.append(Button(_("上一页"), f"{subject}:{found.page - 1}:list.{query}"))
    if (found.page + 1) * PAGE < found.total:
        turn.append(Button(_("下一页"), f"{subject}:{found.page + 1}:list.{query}"))
    return (*rows, tuple(turn)) if turn else tuple(rows)


def _label(person: Candidate) -> Line:
    fields = {"name": person.name, "unit": person.unit}
    if person.unit:
        return _("{name} · {unit}（已加入）", **fields) if person.joined else _("{name} · {unit}", **fields)
    return _("{name}（已加入）", name=person.name) if person.joined else person.name


def read_page(text: str) -> int:
    """Read the page number of a button. Raises: NotFound: made up."""
    return _read_number(text, MAX_PAGE)


def read_id(ident: str, action: str, wanted: str) -> int:
    """Read the person's id of a button that must carry one action. Raises: NotFound: made up."""
    if action != wanted:
        raise NotFound
    return _read_number(ident, 2**53)


def _read_number(text: str, limit: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > limit:
        raise NotFound
    return int(text[:20])
