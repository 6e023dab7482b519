"""Who is told when a hazard moves, and what: written to the outbox in the transaction of the move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.access import load_actors
from models.content import Card
from models.grids.ownership import list_office
from models.hazards.cards import View, card_key, load_view, show_hazard
from models.hazards.flow import Audience, Notice, Side
from models.hazards.tables import Hazard
from models.outbox import OutboxRow, do_tell, do_tell_where
from models.people.deputies import deputies_of
from models.rules import Rules
from models.session import Session
from models.texts import Text

_SIDES: dict[Audience, Side] = {"rectifier": Side.RECTIFIER, "grid": Side.GRID, "industry": Side.INDUSTRY}


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told, with the audience each belongs to; `unreachable`: those of them without a chat.

    `view`: the hazard as it stood when they were told.
    """

    people: tuple[tuple[int, Audience], ...]
    unreachable: frozenset[int]
    view: View


def tell_move(
    session: Session,
    hazard: Hazard,
    notices: Sequence[Notice],
    by_id: int | None,
    by_name: str,
    event_id: int,
    *,
    rules: Rules,
    now: datetime,
    silent: Iterable[int] = (),
) -> Told:
    """Queue the notices of one event, then bring the open cards of everybody else concerned up to date.

    Whoever made the move is not told, nor are the `silent`; the event's id makes every notice unique.
    """
    view = load_view(session, hazard, now=now)
    skip = {by_id, *silent}
    told: dict[int, tuple[Audience, Notice]] = {}
    for notice in notices:
        for audience in notice.to:
            for person_id in _people(session, view, audience, now=now):
                if person_id not in skip:
                    told.setdefault(person_id, (audience, notice))
    heads = {
        person_id: (Text(notice.says, {"who": by_name} if "{who}" in notice.says else {}), notice.tone)
        for person_id, (_audience, notice) in told.items()
    }
    # Everybody gets the card with what they themselves may see and do, deputies too.
    for deputy_id, person_id in deputies_of(session, told, now=now):
        if deputy_id not in skip:
            heads.setdefault(deputy_id, heads[person_id])
    actors = {**view.actors, **load_actors(session, heads.keys() - view.actors.keys(), now=now)}
    cards = {
        person_id: show_hazard(
            session, view, actors[person_id], rules=rules, now=now, head=(head,), tone=tone, history=False
        )
        for person_id, (head, tone) in heads.items()
        if person_id in actors
    }
    unreachable = send_cards(session, hazard, cards, f"{event_id}", now=now)
    others = (view.actors.keys() | view.deputies.keys()) - heads.keys() - skip
    _refresh(session, view, others, f"{event_id}:refresh", rules=rules, now=now)
    return Told(tuple((person_id, audience) for person_id, (audience, _n) in told.items()), unreachable, view)


def _people(session: Session, view: View, audience: Audience, *, now: datetime) -> list[int]:
    if audience == "reporter":
        return view.reporters
    if audience == "office":
        return list_office(session, view.hazard.grid_code, now=now)
    return view.owners_on(_SIDES[audience])


def _with_card(session: Session, hazard_id: int, people: Iterable[int]) -> list[tuple[int, str, str]]:
    """Which of these people have a card of this hazard in which chats: (person, platform, chat)."""
    rows = session.execute(
        select(OutboxRow.person_id, OutboxRow.platform, OutboxRow.chat)
        .where(
            OutboxRow.person_id.in_(sorted(people)),
            OutboxRow.card_key == card_key(hazard_id),
            OutboxRow.status.in_(("queued", "leased", "sent")),
        )
        .distinct()
    )
    return [(row.person_id, row.platform, row.chat) for row in rows]


def _refresh(
    session: Session, view: View, people: Iterable[int], occasion: str, *, rules: Rules, now: datetime
) -> None:
    """Bring the cards up to date that these people and their deputies have of a hazard; nobody gets a new one."""
    subject = card_key(view.hazard.id)
    having = _with_card(session, view.hazard.id, people)
    chats = {(platform, chat) for _person_id, platform, chat in having}
    holders = {person_id for person_id, *_chat in having}
    actors = {**view.actors, **load_actors(session, holders - view.actors.keys(), now=now)}
    cards = {
        person_id: show_hazard(session, view, actors[person_id], rules=rules, now=now)
        for person_id in sorted(holders)
        if person_id in actors
    }
    for card, alike in _groups(cards):
        dedupe = f"{subject}:{occasion}"
        do_tell_where(session, chats, alike, card, now=now, dedupe=dedupe, placing="edit", subject=subject)


def send_cards(
    session: Session,
    hazard: Hazard,
    cards: dict[int, Card],
    occasion: str,
    *,
    now: datetime,
    subject: str = "",
    expires_at: datetime | None = None,
) -> frozenset[int]:
    """Queue cards of a hazard, those that are equal together; give the people without a chat.

    `subject`: what is asked about each of them when it is sent; empty: whether it may still be seen.
    """
    unreachable: set[int] = set()
    for card, people in _groups(cards):
        dedupe = f"{card_key(hazard.id)}:{occasion}"
        unreachable.update(
            do_tell(
                session, people, card, now=now, subject=subject or card_key(hazard.id), dedupe=dedupe, placing="move",
                expires_at=expires_at, deputies=False,
            )
        )  # fmt: skip
    return frozenset(unreachable)


def _groups(cards: dict[int, Card]) -> list[tuple[Card, list[int]]]:
    groups: list[tuple[Card, list[int]]] = []
    for person_id, card in cards.items():
        same = next((people for known, people in groups if known == card), None)
        if same is None:
            groups.append((card, [person_id]))
        else:
            same.append(person_id)
    return groups
