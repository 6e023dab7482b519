"""The closed loop 排查 → 登记 → 流转 → 整改 → 监督 → 销号 as one table; no I/O.

Buttons, permission checks, notices, the diagram in docs/hazards.md and a test for each edge are derived from
`MOVES`. Source: domain.md, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from models.people.tables import Role
from models.texts import N_


class State(StrEnum):
    """Where a hazard stands; `label` is a message id of the catalogue."""

    REPORTED = "reported"
    DISMISSED = "dismissed"
    MERGED = "merged"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    RECTIFYING = "rectifying"
    EXTENSION = "extension"
    REVIEW = "review"
    DELISTING = "delisting"
    CLOSED = "closed"
    SUSPENDED = "suspended"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    State.REPORTED: N_("待核实"),
    State.DISMISSED: N_("不属实"),
    State.MERGED: N_("已并案"),
    State.ACCEPTED: N_("待派遣"),
    State.ASSIGNED: N_("待接收"),
    State.RECTIFYING: N_("整改中"),
    State.EXTENSION: N_("延期审批中"),
    State.REVIEW: N_("待复查"),
    State.DELISTING: N_("待销号"),
    State.CLOSED: N_("已销号"),
    State.SUSPENDED: N_("挂起"),
}

FINAL = frozenset({State.DISMISSED, State.MERGED, State.CLOSED})
OPEN = frozenset(State) - FINAL
# The deadline runs against whoever must put it right; once the work is handed in, the reviewer's time runs.
RUNNING = frozenset({State.REPORTED, State.ACCEPTED, State.ASSIGNED, State.RECTIFYING, State.EXTENSION})


class Side(StrEnum):
    """In what quality somebody owns a hazard."""

    RECTIFIER = "rectifier"
    GRID = "grid"
    INDUSTRY = "industry"
    OFFICE = "office"

    @property
    def label(self) -> str:
        """The Chinese name, a message id of the catalogue."""
        labels = {"rectifier": N_("整改责任人"), "grid": N_("属地"), "industry": N_("行业"), "office": N_("办公室")}
        return labels[self.value]


Audience = Literal["rectifier", "grid", "industry", "office", "reporter"]
Ask = Literal["note", "photos", "deadline", "original", "owners", "until"]
Guard = Literal["not-reporter", "not-rectifier", "six-items", "not-bounced"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told of a move, and the sentence above the card; `{who}` is whoever made the move.

    Somebody who belongs to several audiences is told by the first notice only; whoever made the move never.
    """

    to: tuple[Audience, ...]
    says: str
    tone: Literal["", "good", "warn", "alarm"] = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One edge (or several of the same kind) of the loop.

    `roles` may make it where they cover the hazard's grid and industry (a manager: at the own enterprise),
    `sides` because the hazard is theirs. `target` None leads back to where the hazard came from. `level`
    limits the move to major or general hazards. `asks` names what the person is asked for; `deadline` is a
    key of rules.toml for the time that begins on arrival; `then` is made by the system right afterwards.
    `duty`: whoever may make it has this to do while the hazard stands in a source state.
    """

    action: str
    label: str
    sources: frozenset[State]
    target: State | None
    roles: frozenset[Role] = frozenset()
    sides: frozenset[Side] = frozenset()
    asks: tuple[Ask, ...] = ()
    min_photos: int = 0
    deadline: str | None = None
    notices: tuple[Notice, ...] = ()
    guards: frozenset[Guard] = frozenset()
    level: Literal["", "general", "major"] = ""
    duty: bool = False
    then: str = ""

    @property
    def is_offered(self) -> bool:
        """Tell whether cards may show a button for it: it asks nothing, or its conversation exists."""
        return not self.asks or self.action in CONVERSATIONS


# The moves that ask something and whose conversation exists (handlers/hazards/<action>.py); the others have no
# button yet.
CONVERSATIONS: frozenset[str] = frozenset({"dismiss"})

_OFFICE = frozenset({Role.DISPATCHER, Role.DUTY, Role.ADMIN})
_CHECKERS = frozenset({Role.OFFICER, Role.GRID_HEAD, Role.SUPERVISOR, Role.INSPECTOR})
_VERIFIERS = _CHECKERS | {Role.DISPATCHER}
_DECIDERS = frozenset({Role.GRID_HEAD, Role.SUPERVISOR, Role.DISPATCHER})
_RECTIFIERS = frozenset({Side.RECTIFIER})
_MANAGER = frozenset({Role.MANAGER})


def _in(*states: State) -> frozenset[State]:
    return frozenset(states)


MOVES: tuple[Move, ...] = (
    Move(
        "verify", N_("核实属实"), _in(State.REPORTED), State.ACCEPTED, roles=_VERIFIERS,
        guards=frozenset({"not-reporter"}), deadline="dispatch_hours", duty=True, then="dispatch",
        notices=(Notice(("reporter",), N_("{who}已核实您上报的隐患，情况属实。"), "good"),),
    ),
    Move(
        "dismiss", N_("不属实"), _in(State.REPORTED), State.DISMISSED, roles=_VERIFIERS,
        guards=frozenset({"not-reporter"}), asks=("note",),
        notices=(Notice(("reporter",), N_("{who}核实后认为情况不属实，如有异议可以申诉。")),),
    ),
    Move(
        "merge", N_("并案"), _in(State.REPORTED), State.MERGED, roles=_VERIFIERS, asks=("original",),
        notices=(Notice(("reporter",), N_("{who}已把这条并入此前上报的同一隐患。")),),
    ),
    Move(
        "uphold", N_("申诉成立"), _in(State.DISMISSED), State.REPORTED, roles=_DECIDERS, asks=("note",),
        deadline="verify_hours",
        notices=(Notice(("reporter", "grid"), N_("申诉成立，{who}已要求重新核实。")),),
    ),
    Move(
        "dispatch", N_("派遣"), _in(State.ACCEPTED), State.ASSIGNED, roles=_OFFICE | {Role.GRID_HEAD},
        guards=frozenset({"not-bounced"}), deadline="accept_working_days", duty=True,
        notices=(
            Notice(("rectifier",), N_("隐患整改通知：请按期整改，并先点“确认收到”。"), "warn"),
            Notice(("grid", "industry"), N_("您负责的范围有新隐患，已通知整改责任人。")),
        ),
    ),
    Move(
        "reassign", N_("改派"), _in(State.ACCEPTED, State.ASSIGNED), State.ASSIGNED, roles=_OFFICE,
        asks=("owners",), deadline="accept_working_days",
        notices=(
            Notice(("rectifier",), N_("隐患整改通知：{who}已把这条隐患改派给您，请先点“确认收到”。"), "warn"),
            Notice(("reporter", "grid"), N_("{who}已改派整改责任人。")),
        ),
    ),
    Move(
        "accept", N_("确认收到"), _in(State.ASSIGNED), State.RECTIFYING, roles=_MANAGER, sides=_RECTIFIERS,
        duty=True,
        notices=(
            Notice(("reporter",), N_("{who}已确认收到您上报的隐患，开始整改。"), "good"),
            Notice(("grid",), N_("{who}已确认收到整改通知，开始整改。"), "good"),
        ),
    ),
    Move(
        "return", N_("退回"), _in(State.ASSIGNED), State.ACCEPTED, roles=_MANAGER, sides=_RECTIFIERS,
        asks=("note",), deadline="dispatch_hours",
        notices=(Notice(("grid", "office"), N_("{who}退回了这条隐患，请重新派遣。"), "warn"),),
    ),
    Move(
        "fix", N_("现场已整改"), _in(State.ACCEPTED, State.ASSIGNED), State.REVIEW,
        roles=frozenset({Role.OFFICER, Role.INSPECTOR, Role.MANAGER}), sides=_RECTIFIERS,
        asks=("photos", "note"), min_photos=1, guards=frozenset({"six-items"}), deadline="review_working_days",
        notices=(Notice(("reporter", "grid"), N_("{who}报告已在现场整改，请复查。")),),
    ),
    Move(
        "submit", N_("提交整改"), _in(State.RECTIFYING), State.REVIEW, roles=_MANAGER, sides=_RECTIFIERS,
        asks=("photos", "note"), min_photos=1, guards=frozenset({"six-items"}), deadline="review_working_days",
        duty=True,
        notices=(Notice(("reporter", "grid", "industry"), N_("{who}已提交整改结果，请复查。")),),
    ),
    Move(
        "extend", N_("申请延期"), _in(State.RECTIFYING), State.EXTENSION, roles=_MANAGER, sides=_RECTIFIERS,
        asks=("deadline", "note"), deadline="extension_working_days",
        notices=(Notice(("grid", "industry"), N_("{who}申请延长整改期限，请审批。")),),
    ),
    Move(
        "approve", N_("同意延期"), _in(State.EXTENSION), State.RECTIFYING, roles=_DECIDERS,
        guards=frozenset({"not-rectifier"}), duty=True,
        notices=(Notice(("rectifier", "reporter"), N_("{who}同意延期，整改期限已更新。"), "good"),),
    ),
    Move(
        "refuse", N_("不同意延期"), _in(State.EXTENSION), State.RECTIFYING, roles=_DECIDERS,
        guards=frozenset({"not-rectifier"}), asks=("note",),
        notices=(Notice(("rectifier", "reporter"), N_("{who}没有同意延期，请按原期限整改。"), "warn"),),
    ),
    Move(
        "pass", N_("通过销号"), _in(State.REVIEW), State.CLOSED, roles=_CHECKERS,
        guards=frozenset({"not-rectifier"}), level="general", duty=True,
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}复查通过，隐患已销号。"), "good"),),
    ),
    Move(
        "propose", N_("复查通过，报请销号"), _in(State.REVIEW), State.DELISTING, roles=_CHECKERS,
        guards=frozenset({"not-rectifier"}), level="major", duty=True, deadline="sign_working_days",
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}复查通过，等待领导签字销号。")),),
    ),
    Move(
        "fail", N_("退回整改"), _in(State.REVIEW), State.RECTIFYING, roles=_CHECKERS,
        guards=frozenset({"not-rectifier"}), asks=("note", "deadline"),
        notices=(Notice(("rectifier", "reporter"), N_("{who}复查没有通过，请继续整改。"), "warn"),),
    ),
    Move(
        "sign", N_("签字销号"), _in(State.DELISTING), State.CLOSED, roles=frozenset({Role.LEADER}),
        guards=frozenset({"not-rectifier"}), level="major", duty=True,
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}已签字，重大隐患销号。"), "good"),),
    ),
    Move(
        "reopen", N_("重新打开"), _in(State.CLOSED), State.RECTIFYING,
        roles=_DECIDERS | {Role.INSPECTOR, Role.LEADER}, asks=("note", "deadline"),
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}重新打开了这条隐患。"), "warn"),),
    ),
    Move(
        "suspend", N_("挂起"), OPEN - {State.SUSPENDED}, State.SUSPENDED, roles=_DECIDERS | {Role.LEADER},
        asks=("note", "until"), notices=(Notice(("rectifier", "reporter", "grid"), N_("{who}已把这条隐患挂起。")),),
    ),
    Move(
        "resume", N_("恢复办理"), _in(State.SUSPENDED), None, roles=_DECIDERS | {Role.LEADER},
        notices=(Notice(("rectifier", "reporter", "grid"), N_("这条隐患已恢复办理。")),),
    ),
)  # fmt: skip

# What is said of a report that somebody has to look into first.
REPORT_NOTICES = (Notice(("grid", "industry"), N_("收到一条待核实的隐患线索，请核实。"), "warn"),)

# What is said of a self-check: whoever reports the own hazard need not be told of it and confirm that.
SELF_NOTICES = (
    Notice(("rectifier",), N_("{who}已上报本单位的隐患，请按期整改。"), "warn"),
    Notice(("grid", "industry"), N_("{who}自查上报了本单位的隐患，正在整改。")),
)

# What is written into the history besides the moves: something was added by somebody who reported the same
# (and took it for a major one); the reporter was shown a like case, or one with nearly the same photo, and said no.
SUPPLEMENT, SUPPLEMENT_MAJOR, DISTINCT, SAME_PHOTO = "supplement", "supplement-major", "distinct", "same-photo"
SUPPLEMENTS = frozenset({SUPPLEMENT, SUPPLEMENT_MAJOR})
BESIDES = SUPPLEMENTS | {DISTINCT, SAME_PHOTO, "photo"}  # What moves nothing, so nobody was faster by it.
_CONCERNED: tuple[Audience, ...] = ("rectifier", "grid", "industry", "reporter")
# Not by whom: a tip's author is kept from those it is about.
SUPPLEMENT_NOTICES = {
    SUPPLEMENT: (Notice(_CONCERNED, N_("这条隐患有新的补充情况，请查看。")),),
    SUPPLEMENT_MAJOR: (Notice(_CONCERNED, N_("这条隐患有新的补充情况，补充人认为是重大隐患，请核实。"), "warn"),),
}

_BY_ACTION = {move.action: move for move in MOVES}
# The time that begins when a hazard comes into a state, also when it comes back to it (恢复办理).
STATE_TIMES = {move.target: move.deadline for move in MOVES if move.target and move.deadline}

_OTHER_LABELS = {
    "report": N_("上报"),
    "photo": N_("补充照片"),
    SUPPLEMENT: N_("补充情况"),
    SUPPLEMENT_MAJOR: N_("补充情况，认为是重大隐患"),
    DISTINCT: N_("已提示疑似重复，报告人选择新建"),
    SAME_PHOTO: N_("已提示照片几乎相同，报告人选择新建"),
}


def find_move(action: str) -> Move | None:
    """Give the move with this key."""
    return _BY_ACTION.get(action)


def get_move(action: str) -> Move:
    """Give the move that the program itself makes. Raises: KeyError: it is not in the table."""
    return _BY_ACTION[action]


def action_label(action: str) -> str:
    """The Chinese name of an action of the history, a message id of the catalogue."""
    move = _BY_ACTION.get(action)
    return move.label if move else _OTHER_LABELS.get(action, action)


def moves_from(state: State, *, is_major: bool) -> Iterator[Move]:
    """The moves that a hazard of this state and kind can make, in the order of their buttons."""
    kind = "major" if is_major else "general"
    return (move for move in MOVES if state in move.sources and move.level in ("", kind))


def edges() -> Iterator[tuple[State, Move, State]]:
    """Every single edge of the loop; a way back leads to each state from which one can come."""
    backs = sorted(source for move in MOVES if move.target is State.SUSPENDED for source in move.sources)
    for move in MOVES:
        for source in sorted(move.sources):
            for target in backs if move.target is None else (move.target,):
                yield source, move, target


def diagram() -> str:
    """The loop as a mermaid diagram, as it stands in docs/hazards.md."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state.label}" as {state.value}' for state in State]
    lines.append(f"    [*] --> {State.REPORTED.value}: 上报(待核实)")
    lines.append(f"    [*] --> {State.ACCEPTED.value}: 上报(可信)")
    lines += [f"    {source.value} --> {target.value}: {move.label}" for source, move, target in edges()]
    lines += [f"    {state.value} --> [*]" for state in State if state in FINAL]
    return "\n".join(lines) + "\n"
