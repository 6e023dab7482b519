"""The card of a hazard: number, state and time left; what, where, who; what happened; what this person may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select

from models.access import AREA_ROLES, Actor, load_actors
from models.content import Button, Card, Picture
from models.enterprises.tables import Enterprise
from models.grids.tree import name_path
from models.hazards.access import visible_hazards
from models.hazards.besides import DISTINCT, SAME_PHOTO, SUPPLEMENTS, action_label
from models.hazards.concerned import unnamed
from models.hazards.deadlines import current_due, show_left
from models.hazards.flow import Move, Side, State, find_move, moves_from
from models.hazards.hands import find_hand, is_free, owners_of
from models.hazards.listings import find_listing, show_listing
from models.hazards.marks import Shot, find_pair, last_after, list_pictures, list_shots, looks_unchanged
from models.hazards.measures import Measures, load_measures, show_measures
from models.hazards.nextstep import show_next
from models.hazards.outcomes import BLOCKERS
from models.hazards.tables import Hazard, HazardEvent, HazardListing, Source
from models.people.contacts import is_in_chain, mask_phone
from models.people.deputies import deputies_of
from models.people.tables import Person
from models.rules import Rules
from models.session import Session
from models.texts import Joined, Line, Text, When, _

LAST_EVENTS = 6
PICTURES = 9  # Source: the album of a chat platform holds nine or ten.
MOVES_IN_ROW = 2
_SHOWN = frozenset({DISTINCT, SAME_PHOTO})  # Their notes name other hazards.


@dataclass(frozen=True, slots=True)
class View:
    """All that cards of one hazard show, read once however many people are told.

    `people`: name and phone by id; `actors`: those of them who hold a role today; `deputies`: for which of the
    owners and the reporter somebody stands in today. `unnamed`: who gave a tip, kept from those it is about.
    `pair`: before and after beside each other.
    `measures` and `listing`: of a major hazard, what has been laid down, and whether it is 挂牌.
    """

    hazard: Hazard
    enterprise: str
    path: str
    owners: Sequence[tuple[int, Side]]
    photos: Sequence[Picture]
    events: Sequence[HazardEvent]
    people: dict[int, tuple[str, str]] = field(repr=False)  # phones must not reach a log
    actors: dict[int, Actor]
    deputies: dict[int, list[int]]
    unnamed: frozenset[int]
    shots: Sequence[Shot]
    pair: Picture | None
    measures: Measures = field(default_factory=Measures)
    listing: HazardListing | None = None

    def name(self, person_id: int | None) -> str:
        """A person's name."""
        return self.people[person_id][0] if person_id in self.people else ""

    def absent_for(self, actor: Actor) -> list[Actor]:
        """For whom of those concerned this person stands in today."""
        return [self.actors[absent] for absent in self.deputies.get(actor.person_id, ()) if absent in self.actors]

    @property
    def reporters(self) -> list[int]:
        """Whoever reported it, and whoever reported it once more and added to it."""
        added = (event.person_id for event in self.events if event.action in SUPPLEMENTS)
        return list(dict.fromkeys([self.hazard.reporter_id, *(person_id for person_id in added if person_id)]))

    def owners_on(self, side: Side) -> list[int]:
        """The owners in one quality, in order."""
        return [person_id for person_id, own in self.owners if own is side]


def load_view(session: Session, hazard: Hazard, *, now: datetime) -> View:
    """Read everything that cards of a hazard show."""
    owners = owners_of(session, hazard.id)
    events = session.scalars(_EVENTS, {"hazard": hazard.id}).all()
    added = (event.person_id for event in events if event.action in SUPPLEMENTS and event.person_id)
    wanted = {hazard.reporter_id, *added, *(person_id for person_id, _side in owners)}
    named = wanted | {event.person_id for event in events} | {event.on_behalf_of for event in events}
    people = session.execute(_PEOPLE, {"people": [n for n in named if n is not None]})
    enterprise = ""
    if hazard.enterprise_id is not None:
        enterprise = session.scalar(select(Enterprise.name).where(Enterprise.id == hazard.enterprise_id)) or ""
    path = name_path(session, hazard.grid_code)
    tips = unnamed(hazard, events)
    place, shots = " ".join(filter(None, (path, enterprise or hazard.place))), list_shots(session, hazard)
    photos = list_pictures(hazard, shots, place, unnamed=tips)
    return View(
        hazard, enterprise, path, owners, photos, events,
        {person_id: (name, phone) for person_id, name, phone in people},
        load_actors(session, wanted, now=now), _deputies(session, wanted, now), tips, shots,
        find_pair(hazard, shots, place), load_measures(session, hazard), find_listing(session, hazard),
    )  # fmt: skip


# Built once, as in models/access.py: they run with every card.
_EVENTS = select(HazardEvent).where(HazardEvent.hazard_id == bindparam("hazard")).order_by(HazardEvent.id)
_PEOPLE = select(Person.id, Person.name, Person.phone).where(Person.id.in_(bindparam("people", expanding=True)))


def _deputies(session: Session, people: Iterable[int], now: datetime) -> dict[int, list[int]]:
    stands_for: dict[int, list[int]] = {}
    for deputy_id, person_id in deputies_of(session, people, now=now):
        stands_for.setdefault(deputy_id, []).append(person_id)
    return stands_for


def card_key(hazard_id: int) -> str:
    """The key under which cards of a hazard change in place."""
    return f"hazard:{hazard_id}"


def show_hazard(
    session: Session,
    view: View,
    actor: Actor,
    *,
    rules: Rules,
    now: datetime,
    head: Sequence[Line] = (),
    tone: Literal["", "good", "warn", "alarm"] = "",
    history: bool = True,
    fresh: bool = False,
) -> Card:
    """The card as this person sees it; `head` are sentences above it, `history` the last events below."""
    hazard = view.hazard
    lines: list[Line] = [*head, *_doubts(view, actor, rules), *show_facts(view, actor, rules)]
    if step := show_next(session, view, actor, rules=rules, now=now):
        lines.append(step)
    events = visible_events(session, view, actor) if history else []
    lines += _history(view, events[-LAST_EVENTS:], actor)
    buttons = [*list_moves(session, view, actor, rules), *_blocking(view, actor)]
    below = [Button(_("导出档案"), f"case:{hazard.id}:make")] if history else []
    if len(events) > LAST_EVENTS:
        below.append(Button(_("全部记录"), f"hazard:{hazard.id}:events"))
    return Card(
        title=show_title(hazard, now),
        lines=tuple(lines),
        buttons=(*buttons, *([tuple(below)] if below else [])),
        pictures=tuple(list_shown(view)[:PICTURES]),
        key=card_key(hazard.id),
        tone=tone or _tone(hazard, now),
        fresh=fresh,
    )


def show_events(session: Session, view: View, actor: Actor, *, now: datetime) -> Card:
    """The whole history of a hazard."""
    back = Button(_("返回"), f"hazard:{view.hazard.id}:show")
    return Card(
        title=show_title(view.hazard, now),
        lines=tuple(_history(view, visible_events(session, view, actor), actor)),
        buttons=((back,),),
        key=card_key(view.hazard.id),
    )


def show_title(hazard: Hazard, now: datetime) -> Text:
    """Number, state, and the time left or overdue."""
    state, due = Text(hazard.state.label), current_due(hazard)
    if due is None:
        return _("{number} {state}", number=hazard.number, state=state)
    return _("{number} {state} · {left}", number=hazard.number, state=state, left=show_left(due, now))


def _tone(hazard: Hazard, now: datetime) -> Literal["", "good", "warn"]:
    if hazard.state is State.CLOSED:
        return "good"
    due = current_due(hazard)
    return "warn" if due is not None and due < now else ""


def show_facts(view: View, actor: Actor, rules: Rules) -> Iterable[Line]:
    """Where, what, which kind, until when, and who has to do with it."""
    hazard = view.hazard
    yield _("地点：{place}", place=show_place(view))
    yield _("问题：{description}", description=hazard.description)
    if hazard.remark:
        yield _("补充说明：{remark}", remark=hazard.remark)
    yield _("类别：{category}，等级：{level}", category=category_name(rules, hazard), level=level_name(rules, hazard))
    if hazard.deadline is not None:
        yield _("整改期限：{deadline}", deadline=When(hazard.deadline))
    if hazard.state is State.EXTENSION and hazard.deadline_asked is not None:
        yield _("申请延期至：{deadline}", deadline=When(hazard.deadline_asked))
    if hazard.state is State.SUSPENDED and hazard.suspended_until is not None:
        yield _("挂起至：{until}", until=When(hazard.suspended_until))
    if hazard.is_major:
        yield from show_measures(view.measures, rules.hazards)
    if view.listing is not None:
        yield show_listing(view.listing)
        yield from _progress(view)
    rectifiers = view.owners_on(Side.RECTIFIER)
    if rectifiers:
        shown = tuple(with_phone(view, person_id, actor) for person_id in rectifiers)
        yield _("整改责任人：{names}", names=Joined(shown))
    yield from _found(view, actor, rules)


def list_shown(view: View) -> list[Picture]:
    """The pictures of a case in the order of the card: before and after first, then what is compared in them."""
    if view.pair is None:
        return list(view.photos)
    last = {shot.sha for shot in last_after(view.shots)}
    return [view.pair, *sorted(view.photos, key=lambda photo: photo.sha not in last)]


def _doubts(view: View, actor: Actor, rules: Rules) -> Iterable[Line]:
    """What whoever has to check the rectification should look at twice."""
    if (
        view.pair
        and view.hazard.state is not State.CLOSED
        and looks_unchanged(view.shots, bits=rules.hazards.alike_bits)
    ):
        moves = moves_from(view.hazard.state, is_major=view.hazard.is_major)
        checks = [move for move in moves if move.duty and "not-rectifier" in move.guards]
        if any(find_hand(actor, view.hazard, move, view.owners, view.absent_for(actor)) for move in checks):
            yield _("疑似同一张照片：整改后的照片与整改前的几乎相同，请核对。")


def _progress(view: View) -> Iterable[Line]:
    """What the rectifier said last of how far it is."""
    said = next((event for event in reversed(view.events) if event.action == "progress"), None)
    if said is not None:
        known = {"note": said.note or _("见照片"), "who": view.name(said.person_id), "at": When(said.at)}
        yield _("最近进展：{note}（{who}，{at}）", **known)


def _found(view: View, actor: Actor, rules: Rules) -> Iterable[Line]:
    """Who found it and whom to call about it."""
    hazard = view.hazard
    source, at = source_name(rules, hazard.source), When(hazard.found_at)
    if may_name(view, hazard.reporter_id, actor):
        who = with_phone(view, hazard.reporter_id, actor)
        yield _("发现人：{who}（{source}），{at}", who=who, source=source, at=at)
        return
    yield _("来源：{source}，{at}", source=source, at=at)
    contacts = view.owners_on(Side.GRID)
    if contacts:
        yield _("联系人：{who}", who=with_phone(view, contacts[0], actor))


def may_name(view: View, person_id: int, actor: Actor) -> bool:
    """Tell whether somebody may know that this person reported it or added to it."""
    if person_id not in view.unnamed or actor.person_id == person_id:
        return True
    return actor.covers(AREA_ROLES, grid_code=view.hazard.grid_code, industry=view.hazard.industry)


def show_place(view: View) -> Line:
    """Where it is: the grid, the enterprise, the words of whoever reported it."""
    named = {"path": view.path, "name": view.enterprise, "text": view.hazard.place}
    if view.enterprise and view.hazard.place:
        return _("{path} {name}（{text}）", **named)
    if view.enterprise:
        return _("{path} {name}", path=view.path, name=view.enterprise)
    if view.hazard.place and view.hazard.place != view.path:
        return _("{path}（{text}）", path=view.path, text=view.hazard.place)
    return view.path


def with_phone(view: View, person_id: int, reader: Actor) -> Line:
    """A person's name and phone: whole for people of the own chain, masked for everybody else."""
    name, phone = view.people[person_id]
    if person_id == reader.person_id or not phone:  # 群众 have none
        return name
    known = is_in_chain(reader, view.actors.get(person_id))
    return _("{name} {phone}", name=name, phone=phone if known else mask_phone(phone))


def category_name(rules: Rules, hazard: Hazard) -> Text:
    """The category's name, a message id of the catalogue; a code that left the rules stands for itself."""
    found = rules.hazards.category(hazard.category)
    return Text(found.name if found else hazard.category)


def level_name(rules: Rules, hazard: Hazard) -> Text:
    """The level's name, likewise."""
    found = rules.hazards.level(hazard.level)
    return Text(found.name if found else hazard.level)


def source_name(rules: Rules, source: Source) -> Text:
    """How it was found, with the county's word for visits (巡查 or 走访)."""
    if source is Source.PATROL and rules.visit_word == "走访":
        return _("网格走访")
    return Text(source.label)


def visible_events(session: Session, view: View, actor: Actor) -> list[tuple[HazardEvent, str]]:
    """The history with its notes, as far as this person may read it.

    That a like case was shown is kept from whoever may not see that case.
    """
    named = {number for event in view.events if event.action in _SHOWN for number in event.note.split("、")}
    if not named:
        return [(event, event.note) for event in view.events]
    seen = set(session.scalars(visible_hazards(actor).with_only_columns(Hazard.number).where(Hazard.number.in_(named))))
    rows = []
    for event in view.events:
        note = event.note
        if event.action in _SHOWN:
            note = "、".join(number for number in note.split("、") if number in seen)
            if not note:
                continue
        rows.append((event, note))
    return rows


def _history(view: View, events: Sequence[tuple[HazardEvent, str]], actor: Actor) -> list[Line]:
    lines: list[Line] = [_("经过：")] if events else []
    for event, note in events:
        known = {"at": When(event.at), "who": who_did(view, event, actor), "what": Text(action_label(event.action))}
        if note:
            lines.append(_("{at} {who}：{what}（{note}）", note=_note(event, note), **known))
        else:
            lines.append(_("{at} {who}：{what}", **known))
    return lines


def _note(event: HazardEvent, note: str) -> Line:
    """A note that only lists names or numbers is joined as the reader's language joins them."""
    return Joined(tuple(note.split("、"))) if event.action in _SHOWN | {"dispatch"} else note


def who_did(view: View, event: HazardEvent, actor: Actor) -> Line:
    """Whose act an event was, as far as this person may know it."""
    if event.person_id is None:
        return _("系统")
    # Everything but a move comes from whoever reports: words, photos, what they were shown.
    if (find_move(event.action) is None or event.role == Side.REPORTER) and not may_name(view, event.person_id, actor):
        return Text(Source.TIP.label)
    if event.on_behalf_of is not None:
        return _("{name}（代{absent}）", name=view.name(event.person_id), absent=view.name(event.on_behalf_of))
    return view.name(event.person_id)


def _blocking(view: View, actor: Actor) -> list[tuple[Button, ...]]:
    """拉黑, for the office, on what came from a chat that belongs to nobody: such a reporter has no phone."""
    is_public = view.people.get(view.hazard.reporter_id, ("", "-"))[1] == ""
    if not is_public or not actor.covers(BLOCKERS, grid_code=view.hazard.grid_code, industry=view.hazard.industry):
        return []
    return [(Button(_("拉黑上报人"), f"block:{view.hazard.id}:ask"),)]


def list_moves(
    session: Session, view: View, actor: Actor, rules: Rules, *, rare: bool = False
) -> list[tuple[Button, ...]]:
    """A button for each move this person may make now; the `rare` ones stand behind one of their own, 更多."""
    hazard, absent = view.hazard, view.absent_for(actor)
    free = [
        move
        for move in moves_from(hazard.state, is_major=hazard.is_major)
        if (hand := find_hand(actor, hazard, move, view.owners, absent)) and is_free(session, hazard, move, hand, rules)
    ]
    buttons = [
        Button(_label(move, view, rules), f"hazard:{hazard.id}:{move.action}", "primary" if move.duty else "plain")
        for move in free
        if rare or not move.rare
    ]
    if not rare and any(move.rare for move in free):
        buttons.append(Button(_("更多"), f"hazard:{hazard.id}:more"))
    return [tuple(buttons[i : i + MOVES_IN_ROW]) for i in range(0, len(buttons), MOVES_IN_ROW)]


def _label(move: Move, view: View, rules: Rules) -> Line:
    """What a button says: of 五落实 how far it has come."""
    if move.action != "measures":
        return Text(move.label)
    known = {"done": view.measures.count(rules.hazards), "all": len(rules.hazards.measures)}
    return _("{name} {done}/{all}", name=Text(rules.hazards.measures_name), **known)
