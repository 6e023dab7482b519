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
    REPORTER = "reporter"  # Never stored: whoever reported it stands in the hazard itself.

    @property
    def label(self) -> str:
        """The Chinese name, a message id of the catalogue."""
        return _SIDE_LABELS[self]


_SIDE_LABELS = {
    Side.RECTIFIER: N_("整改责任人"),
    Side.GRID: N_("属地"),
    Side.INDUSTRY: N_("行业"),
    Side.OFFICE: N_("办公室"),
    Side.REPORTER: N_("发现人"),
}


Audience = Literal["rectifier", "grid", "industry", "office", "reporter", "leader", "lister"]
Ask = Literal["note", "photos", "more", "days", "original", "owners", "colleague", "measures", "listing"]
Guard = Literal[
    "not-reporter", "not-rectifier", "six-items", "not-bounced", "not-objected", "not-appealed", "not-asker",
    "listed", "not-listed", "leader-if-listed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told of a move, and the sentence above the card; `{who}` is whoever made the move.

    Somebody who belongs to several audiences is told by the first notice only; whoever made the move never.
    `note`: what that person has said of it, once the move is made. `major`: only of a major hazard.
    """

    to: tuple[Audience, ...]
    says: str
    tone: Literal["", "good", "warn", "alarm"] = ""
    note: str = ""
    major: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One edge (or several of the same kind) of the loop.

    `roles` may make it where they cover the hazard's grid and industry (a manager: at the own enterprise),
    `sides` because the hazard is theirs. `target` None: it stays where it is, or goes (`back`) where it was before it
    was suspended. `level` limits the move to major or general hazards. `asks` names what the person is asked for, in
    this order, `question` is the sentence that asks for the words among it; `deadline` is a key of rules.toml for the
    time that begins on arrival; `then` is made by the system right afterwards.
    `duty`: whoever may make it has this to do while the hazard stands in a source state. `rare`: its button stands
    behind 更多, so that the others are few.
    """

    action: str
    label: str
    sources: frozenset[State]
    target: State | None
    roles: frozenset[Role] = frozenset()
    sides: frozenset[Side] = frozenset()
    asks: tuple[Ask, ...] = ()
    question: str = ""
    min_photos: int = 0
    deadline: str | None = None
    notices: tuple[Notice, ...] = ()
    guards: frozenset[Guard] = frozenset()
    level: Literal["", "general", "major"] = ""
    back: bool = False
    duty: bool = False
    rare: bool = False
    then: str = ""

    def leads(self, source: State, before: State | None = None) -> State:
        """Where it leads from a state; `before`: where a suspended hazard came from."""
        if self.target is not None:
            return self.target
        return (before or source) if self.back else source


_OFFICE = frozenset({Role.DISPATCHER, Role.DUTY, Role.ADMIN})
_CHECKERS = frozenset({Role.OFFICER, Role.GRID_HEAD, Role.SUPERVISOR, Role.INSPECTOR})
_VERIFIERS = _CHECKERS | {Role.DISPATCHER}
_DECIDERS = frozenset({Role.GRID_HEAD, Role.SUPERVISOR, Role.DISPATCHER})
_RECTIFIERS = frozenset({Side.RECTIFIER})
_MANAGER = frozenset({Role.MANAGER})
_REPORTER = frozenset({Side.REPORTER})
_WITH_OWNER = frozenset({State.ASSIGNED, State.RECTIFYING})  # Whoever puts it right has it in hand.


def _in(*states: State) -> frozenset[State]:
    return frozenset(states)


_IN_HAND = _WITH_OWNER | {State.EXTENSION}
_VERIFIED = _IN_HAND | {State.ACCEPTED, State.REVIEW}

# Leaders hear of a major hazard at once: as soon as it is registered, or as a tip about one has been verified.
MAJOR_NOTICES = (Notice(("leader",), N_("辖区新登记一条重大隐患，请关注。"), "alarm", major=True),)


MOVES: tuple[Move, ...] = (
    Move(
        "verify", N_("核实属实"), _in(State.REPORTED), State.ACCEPTED, roles=_VERIFIERS,
        guards=frozenset({"not-reporter"}), deadline="dispatch_hours", duty=True, then="dispatch",
        notices=(Notice(("reporter",), N_("{who}已核实您上报的隐患，情况属实。"), "good"), *MAJOR_NOTICES),
    ),
    Move(
        "dismiss", N_("不属实"), _in(State.REPORTED), State.DISMISSED, roles=_VERIFIERS,
        guards=frozenset({"not-reporter"}), asks=("note",),
        question=N_("为什么不属实？请写一句话，上报人会看到；群众只收到结论。"),
        notices=(
            Notice(("reporter",), N_("{who}核实后认为情况不属实，如有异议可以申诉。")),
            Notice(("rectifier",), N_("{who}核实后认为情况不属实，不用整改。"), "good"),
        ),
    ),
    Move(
        "merge", N_("并案"), _in(State.REPORTED), State.MERGED, roles=_VERIFIERS, asks=("original",),
        guards=frozenset({"not-reporter"}), question=N_("并入哪一条？请点选，或发送它的编号。"),
        notices=(Notice(("reporter",), N_("{who}已把这条并入此前上报的同一隐患。")),),
    ),
    Move(
        "appeal", N_("申诉"), _in(State.DISMISSED), None, sides=_REPORTER, asks=("more",),
        guards=frozenset({"not-appealed"}), question=N_("为什么认为情况属实？请写一句话，也可以发照片。"),
        notices=(Notice(("grid", "industry"), N_("上报人对“不属实”提出申诉，请决定是否重新核实。"), "warn"),),
    ),
    Move(
        "uphold", N_("申诉成立"), _in(State.DISMISSED), State.REPORTED, roles=_DECIDERS, asks=("note",),
        deadline="verify_hours", question=N_("为什么要重新核实？请写一句话。"),
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
        asks=("owners",), deadline="accept_working_days", question=N_("改派给谁？请点选，或发姓名。"),
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
        "submit", N_("提交整改"), _WITH_OWNER, State.REVIEW, roles=_MANAGER, sides=_RECTIFIERS,
        asks=("photos", "note"), min_photos=1, guards=frozenset({"six-items"}), deadline="review_working_days",
        duty=True, question=N_("怎么整改的？请写一句话。"),
        notices=(Notice(("reporter", "grid", "industry"), N_("{who}已提交整改结果，请复查。")),),
    ),
    Move(
        "fix", N_("现场已整改"), _in(State.ACCEPTED, State.ASSIGNED), State.REVIEW,
        roles=frozenset({Role.OFFICER, Role.GRID_HEAD, Role.INSPECTOR}), asks=("photos", "note"), min_photos=1,
        guards=frozenset({"six-items"}), deadline="review_working_days", question=N_("怎么整改的？请写一句话。"),
        notices=(
            Notice(("rectifier",), N_("{who}报告这条隐患已在现场整改，正在等待复查。"), "good"),
            Notice(("reporter", "grid", "industry"), N_("{who}报告已在现场整改，请复查。")),
        ),
    ),
    Move(
        "extend", N_("申请延期"), _WITH_OWNER, State.EXTENSION, roles=_MANAGER, sides=_RECTIFIERS,
        asks=("days", "note"), deadline="extension_working_days", question=N_("为什么要延期？请写一句话。"),
        notices=(Notice(("grid", "industry"), N_("{who}申请延长整改期限，请审批。")),),
    ),
    Move(
        "object", N_("有异议"), _WITH_OWNER, State.REPORTED, roles=_MANAGER, sides=_RECTIFIERS, asks=("more",),
        guards=frozenset({"not-objected"}), deadline="objection_working_days",
        question=N_("对哪一点有异议？请写一句话，也可以发照片。"),
        notices=(Notice(("reporter", "grid", "industry"), N_("{who}对这条隐患有异议，请再次核实。"), "warn"),),
    ),
    Move(
        "return", N_("退回"), _in(State.ASSIGNED), State.ACCEPTED, roles=_MANAGER, sides=_RECTIFIERS,
        asks=("note",), rare=True, deadline="dispatch_hours",
        question=N_("为什么退回？请写一句话，例如“这处场地不归本单位管”。"),
        notices=(Notice(("grid", "office"), N_("{who}退回了这条隐患，请重新派遣。"), "warn"),),
    ),
    Move(
        "delegate", N_("转交同事"), _WITH_OWNER, None, roles=_MANAGER, sides=_RECTIFIERS, asks=("colleague",),
        rare=True,        question=N_("转交给哪位同事？请点选，或发姓名。"),
        notices=(
            Notice(("rectifier",), N_("{who}把这条隐患转交给您办理，请按期整改。"), "warn"),
            Notice(("grid",), N_("{who}已把这条隐患转交给同事办理。")),
        ),
    ),
    Move(
        "approve", N_("同意延期"), _in(State.EXTENSION), State.RECTIFYING, roles=_DECIDERS,
        guards=frozenset({"not-rectifier", "not-asker"}), duty=True,
        notices=(Notice(("rectifier", "reporter"), N_("{who}同意延期，整改期限已更新。"), "good"),),
    ),
    Move(
        "refuse", N_("不同意延期"), _in(State.EXTENSION), State.RECTIFYING, roles=_DECIDERS,
        guards=frozenset({"not-rectifier", "not-asker"}), asks=("note",),
        question=N_("为什么不同意？请写一句话。"),
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
        notices=(
            Notice(("leader",), N_("{who}复查通过，请您签字销号。"), "warn"),
            Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}复查通过，等待领导签字销号。")),
        ),
    ),
    Move(
        "fail", N_("退回整改"), _in(State.REVIEW), State.RECTIFYING, roles=_CHECKERS,
        guards=frozenset({"not-rectifier"}), asks=("note", "days"),
        question=N_("哪里没有整改到位？请写一句话。"),
        notices=(Notice(("rectifier", "reporter"), N_("{who}复查没有通过，请继续整改。"), "warn"),),
    ),
    Move(
        "visit", N_("到现场复查"), _in(State.REVIEW), None, roles=_CHECKERS, guards=frozenset({"not-rectifier"}),
        asks=("photos",), min_photos=1,
    ),
    Move(
        "sign", N_("签字销号"), _in(State.DELISTING), State.CLOSED, roles=frozenset({Role.LEADER}),
        guards=frozenset({"not-rectifier"}), level="major", duty=True,
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}已签字，重大隐患销号。"), "good"),),
    ),
    Move(
        "reopen", N_("重新打开"), _in(State.CLOSED), State.RECTIFYING,
        roles=_DECIDERS | {Role.INSPECTOR, Role.LEADER}, asks=("note", "days"),
        question=N_("为什么重新打开？请写一句话。"),
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}重新打开了这条隐患。"), "warn"),),
    ),
    Move(
        "suspend", N_("挂起"), OPEN - {State.SUSPENDED}, State.SUSPENDED, roles=_DECIDERS | {Role.LEADER},
        asks=("days", "note"), rare=True, question=N_("为什么挂起？请写一句话。"),
        notices=(Notice(("rectifier", "reporter", "grid"), N_("{who}已把这条隐患挂起。")),),
    ),
    Move(
        "resume", N_("恢复办理"), _in(State.SUSPENDED), None, back=True, roles=_DECIDERS | {Role.LEADER},
        notices=(Notice(("rectifier", "reporter", "grid"), N_("这条隐患已恢复办理。")),),
    ),
    Move(
        "measures", N_("落实措施"), _IN_HAND, None, roles=_MANAGER | {Role.GRID_HEAD, Role.SUPERVISOR},
        sides=_RECTIFIERS, asks=("measures",), level="major",
    ),
    Move(
        "progress", N_("填报进展"), _IN_HAND, None, roles=_MANAGER, sides=_RECTIFIERS, asks=("more",), level="major",
        guards=frozenset({"listed"}), question=N_("整改进行到哪一步了？写一句话，可以附照片。"),
        notices=(Notice(("lister", "industry"), N_("{who}填报了挂牌督办隐患的整改进展。")),),
    ),
    Move(
        "list", N_("挂牌督办"), _VERIFIED | {State.DELISTING}, None, asks=("listing",), level="major",
        roles=frozenset({Role.SUPERVISOR, Role.LEADER, Role.DISPATCHER}), guards=frozenset({"not-listed"}),
        notices=(
            Notice(("rectifier",), N_("{who}已对这条重大隐患挂牌督办，请抓紧整改，每周填报进展。"), "alarm"),
            Notice(("grid", "industry", "leader"), N_("{who}已对这条重大隐患挂牌督办。"), "warn"),
        ),
    ),
    Move(
        "raise", N_("定为重大"), _VERIFIED, None, roles=frozenset({Role.SUPERVISOR, Role.GRID_HEAD}), rare=True,
        asks=("note", "days"), level="general", question=N_("依据什么定为重大隐患？点选依据，或写一句理由。"),
        notices=(
            Notice(("rectifier",), N_("{who}已将这条隐患定为重大隐患，请先逐项落实整改措施。"), "alarm"),
            Notice(("grid", "industry", "reporter", "leader"), N_("{who}已将这条隐患定为重大隐患。"), "alarm"),
        ),
    ),
    Move(
        "lower", N_("改为一般"), _VERIFIED, None, roles=frozenset({Role.SUPERVISOR, Role.LEADER}), rare=True,
        asks=("note",), guards=frozenset({"leader-if-listed"}), level="major",
        question=N_("为什么改为一般隐患？请写一句话，相关人员都会看到。"),
        notices=(
            Notice(("rectifier", "grid", "industry", "reporter", "leader"), N_("{who}已将这条隐患改为一般隐患。")),
        ),
    ),
    Move(
        "add", N_("补充"), OPEN, None, roles=_OFFICE | _CHECKERS | _MANAGER | {Role.LEADER},
        sides=_RECTIFIERS | _REPORTER, asks=("more",), rare=True, question=N_("请发要补充的照片或说明。"),
        notices=(Notice(("rectifier", "reporter", "grid", "industry"), N_("{who}补充了情况，请查看。")),),
    ),
)  # fmt: skip

_BY_ACTION = {move.action: move for move in MOVES}


def find_move(action: str) -> Move | None:
    """Give the move with this key."""
    return _BY_ACTION.get(action)


def get_move(action: str) -> Move:
    """Give the move that the program itself makes. Raises: KeyError: it is not in the table."""
    return _BY_ACTION[action]


def time_in(state: State) -> str | None:
    """How long the next move may take in this state: a key of rules.toml; None if only the deadline runs."""
    return next((move.deadline for move in MOVES if move.target is state and move.deadline), None)


def moves_from(state: State, *, is_major: bool) -> Iterator[Move]:
    """The moves that a hazard of this state and kind can make, in the order of their buttons."""
    kind = "major" if is_major else "general"
    return (move for move in MOVES if state in move.sources and move.level in ("", kind))


def edges() -> Iterator[tuple[State, Move, State]]:
    """Every single edge of the loop; the way out of 挂起 leads to each state from which one can come."""
    backs = sorted(source for move in MOVES if move.target is State.SUSPENDED for source in move.sources)
    for move in MOVES:
        for source in sorted(move.sources):
            for target in backs if move.back else (move.leads(source),):
                yield source, move, target


def diagram() -> str:
    """The loop as a mermaid diagram, as it stands in docs/hazards.md."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state.label}" as {state.value}' for state in State]
    lines.append(f"    [*] --> {State.REPORTED.value}: 上报(待核实)")
    lines.append(f"    [*] --> {State.ACCEPTED.value}: 上报(可信)")
    # What changes no state (补充, 转交) would only draw circles.
    moving = [edge for edge in edges() if edge[1].target is not None or edge[1].back]
    lines += [f"    {source.value} --> {target.value}: {move.label}" for source, move, target in moving]
    lines += [f"    {state.value} --> [*]" for state in State if state in FINAL]
    return "\n".join(lines) + "\n"
