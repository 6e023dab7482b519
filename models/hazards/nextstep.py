"""What happens next (下一步), in one line for one person: whose turn it is, until when, and what follows.

Derived from `MOVES`, like the buttons: a state's duty is its move with `duty`, whoever has a hand for it is asked,
everybody else reads who has it now. The sentences stand in `TURNS`, one row per duty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from models.access import AREA_ROLES, Actor
from models.hazards.deadlines import show_left
from models.hazards.flow import FINAL, RUNNING, Guard, Move, Side, State, get_move, moves_from
from models.hazards.hands import BOUNCED, Hand, find_hand, is_free
from models.hazards.tables import Hazard, HazardEvent
from models.rules import Rules
from models.session import Session
from models.texts import N_, Joined, Line, Text, When, _

NAMED = 3  # People named in a line; of more, the first and how many there are.
RECTIFICATIONS = frozenset({"submit", "fix"})


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said of a duty: to whoever has it, and to everybody else.

    `{left}` is the time that is left (some have none), `{who}` who has it now; where no owner has it, `office`.
    """

    mine: str
    theirs: str
    office: str
    mine_untimed: str = ""
    theirs_untimed: str = ""


TURNS: dict[str, Turn] = {
    "verify": Turn(
        N_("下一步：请您核实是否属实（{left}）。"),
        N_("下一步：{who}核实（{left}）；属实就派给整改责任人。"),
        N_("网格员"),
        N_("下一步：请您核实是否属实。"),
        N_("下一步：{who}核实；属实就派给整改责任人。"),
    ),
    "dispatch": Turn(
        N_("下一步：请您点「派遣」，通知整改责任人（{left}）。"),
        N_("下一步：{who}派遣给整改责任人（{left}）。"),
        N_("领导组办公室"),
        N_("下一步：请您点「派遣」，通知整改责任人。"),
        N_("下一步：{who}派遣给整改责任人。"),
    ),
    "reassign": Turn(
        N_("下一步：请您改派整改责任人（{left}）。"),
        N_("下一步：{who}改派整改责任人（{left}）。"),
        N_("领导组办公室"),
        N_("下一步：请您改派整改责任人。"),
        N_("下一步：{who}改派整改责任人。"),
    ),
    "accept": Turn(
        N_("下一步：请您点「确认收到」（{left}），然后整改。"),
        N_("下一步：{who}确认收到（{left}），然后整改。"),
        N_("责任人"),
        N_("下一步：请您点「确认收到」，然后整改。"),
        N_("下一步：{who}确认收到，然后整改。"),
    ),
    "submit": Turn(
        N_("下一步：请您整改，拍照后点「提交整改」（{left}）。"),
        N_("下一步：{who}整改（{left}）；提交后复查。"),
        N_("责任人"),
        N_("下一步：请您整改，拍照后点「提交整改」。"),
        N_("下一步：{who}整改；提交后复查。"),
    ),
    "approve": Turn(
        N_("下一步：请您审批延期（{left}）。"),
        N_("下一步：{who}审批延期（{left}）；批准之前按原期限整改。"),
        N_("网格长或主管部门"),
        N_("下一步：请您审批延期。"),
        N_("下一步：{who}审批延期；批准之前按原期限整改。"),
    ),
    "pass": Turn(
        N_("下一步：请您复查，整改到位就点「通过销号」（{left}）。"),
        N_("下一步：{who}复查（{left}）；通过就销号，不通过就继续整改。"),
        N_("网格员或主管部门"),
        N_("下一步：请您复查，整改到位就点「通过销号」。"),
        N_("下一步：{who}复查；通过就销号，不通过就继续整改。"),
    ),
    "propose": Turn(
        N_("下一步：请您复查，整改到位就报请领导签字销号（{left}）。"),
        N_("下一步：{who}复查（{left}）；通过就报请领导签字销号。"),
        N_("网格员或主管部门"),
        N_("下一步：请您复查，整改到位就报请领导签字销号。"),
        N_("下一步：{who}复查；通过就报请领导签字销号。"),
    ),
    "sign": Turn(
        N_("下一步：请您签字销号（{left}）。"),
        N_("下一步：{who}签字销号（{left}）。"),
        N_("领导"),
        N_("下一步：请您签字销号。"),
        N_("下一步：{who}签字销号。"),
    ),
}
# What has to be done first, where a guard keeps the button of a duty away from whoever has that duty.
LACKING = {
    "six-items": N_("下一步：请您先填好重大隐患的整改方案，再提交整改（{left}）。"),
}
# What takes the place of a duty that a guard keeps from everybody: what was returned twice is decided by the office.
INSTEAD = {"dispatch": "reassign"}


class Known(Protocol):
    """What has to be known of a hazard to say what happens next: `cards.View`, or `Brief`."""

    @property
    def hazard(self) -> Hazard: ...
    @property
    def owners(self) -> Sequence[tuple[int, Side]]: ...
    @property
    def events(self) -> Sequence[HazardEvent]: ...
    @property
    def actors(self) -> dict[int, Actor]: ...
    @property
    def unnamed(self) -> frozenset[int]: ...

    def name(self, person_id: int | None) -> str: ...
    def absent_for(self, actor: Actor) -> list[Actor]: ...


def duties(hazard: Hazard) -> list[Move]:
    """What somebody has to do while a hazard stands where it stands; empty if nobody has anything to do."""
    found = [move for move in moves_from(hazard.state, is_major=hazard.is_major) if move.duty]
    if hazard.returned >= BOUNCED:
        return [get_move(INSTEAD.get(move.action, move.action)) for move in found]
    return found


def step_due(hazard: Hazard) -> datetime | None:
    """Until when the next move is due; None if no time runs."""
    if hazard.state in RUNNING:
        return hazard.state_due or hazard.deadline
    return hazard.suspended_until if hazard.state is State.SUSPENDED else hazard.state_due


def show_next(session: Session, known: Known, actor: Actor, *, rules: Rules, now: datetime) -> Text | None:
    """What happens next, as this person reads it; None for a case that has ended."""
    hazard = known.hazard
    if hazard.state in FINAL:
        return None
    if hazard.state is State.SUSPENDED:
        if hazard.suspended_until is None:
            return _("下一步：已挂起，等待恢复办理。")
        return _("下一步：已挂起，到{until}恢复办理。", until=When(hazard.suspended_until, "day"))
    moves = duties(hazard)
    due = step_due(hazard)
    left = {} if due is None else {"left": show_left(due, now)}
    for move in moves:
        hand = find_hand(actor, hazard, move, known.owners, known.absent_for(actor))
        if hand and not _is_kept_from(known, move, hand):
            return _say(_mine(session, hazard, move, hand, rules), left)
    if not moves:
        return None
    turn = TURNS[moves[0].action]
    who = _who(known, actor, list(_holders(known, moves))) or Text(turn.office)
    return _say((turn.theirs, turn.theirs_untimed), left, who=who)


def _say(sentences: tuple[str, str], left: dict[str, Text], **known: Line) -> Text:
    timed, untimed = sentences
    return Text(timed, {**known, **left}) if left else Text(untimed, known)


def _mine(session: Session, hazard: Hazard, move: Move, hand: Hand, rules: Rules) -> tuple[str, str]:
    lacking = [LACKING[guard] for guard in move.guards if guard in LACKING]
    if lacking and not is_free(session, hazard, move, hand, rules):
        return lacking[0], TURNS[move.action].mine_untimed
    return TURNS[move.action].mine, TURNS[move.action].mine_untimed


def _is_kept_from(known: Known, move: Move, hand: Hand) -> bool:
    """Tell whether the duty is somebody else's, because of what these people have done; as `hands` has it."""
    return any(not hand.people.isdisjoint(_PERSONAL[guard](known)) for guard in move.guards & _PERSONAL.keys())


def _people_of(events: Iterable[HazardEvent]) -> set[int]:
    return {person for event in events for person in (event.person_id, event.on_behalf_of) if person is not None}


def _rectified_by(known: Known) -> set[int]:
    return _people_of(event for event in known.events if event.action in RECTIFICATIONS)


def _asked_by(known: Known) -> set[int]:
    return _people_of([event for event in known.events if event.action == "extend"][-1:])


# The guards that look at people, told from what has been read already; `hands` has the same from the database.
_PERSONAL: Mapping[Guard, Callable[[Known], set[int]]] = {
    "not-reporter": lambda known: {known.hazard.reporter_id},
    "not-rectifier": _rectified_by,
    "not-asker": _asked_by,
}


def _holders(known: Known, moves: Collection[Move]) -> Iterator[int]:
    """The owners who may do what is to be done, in order."""
    for person_id in dict.fromkeys(person_id for person_id, _side in known.owners):
        other = known.actors.get(person_id)
        hands = [find_hand(other, known.hazard, move, known.owners) for move in moves] if other else []
        if any(hand and not _is_kept_from(known, move, hand) for move, hand in zip(moves, hands, strict=False)):
            yield person_id


def _who(known: Known, reader: Actor, people: Sequence[int]) -> Line:
    """Name those who have it now, as far as the reader may know them; "" for nobody."""
    may_all = reader.covers(AREA_ROLES, grid_code=known.hazard.grid_code, industry=known.hazard.industry)
    names = tuple(known.name(person) for person in people if may_all or person not in known.unnamed)
    if len(names) > NAMED:
        return _("{name}等{count}人", name=names[0], count=len(names))
    return Joined(names) if names else ""
