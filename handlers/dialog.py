"""Dialogs as values: a flow is data, a position is JSON, and one driver serves all of them.

`advance` is pure: it looks at the database but changes nothing. 上一步 跳过 修改 取消 提交 are handled here,
once, as buttons and as words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from handlers.registry import Answer, Request
from models.content import Button, Card
from models.drafts import Draft, do_open
from models.errors import InvalidInput, NotFound
from models.texts import Line, Text, _

Answers = Mapping[str, Any]
WORDS = {
    "上一步": "back", "back": "back",
    "跳过": "skip", "skip": "skip",
    "修改": "edit", "edit": "edit",
    "取消": "cancel", "cancel": "cancel", "/cancel": "cancel",
    "提交": "submit", "submit": "submit", "确认": "submit",
}  # fmt: skip
CHOICES_IN_ROW = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer offered as a button. `key`: `[A-Za-z0-9_-]`, short, stable; `value`: the JSON answer."""

    label: Line
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Taken:
    """More than a bare answer, from a parser, a choice or `absorb`.

    `hint` is said above what comes next (a photo that is missing). `also` are further answers, of other steps
    or hidden ones that no step asks for. Without `done` the question stays open, with what `also` now offers.
    """

    value: Any = None
    hint: Line = ""
    also: Mapping[str, Any] = field(default_factory=dict)
    done: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One question.

    `parse` turns the message into the JSON answer (or a `Taken`) or raises InvalidInput with what would fit.
    `choices` are offered as buttons. `when` decides from the answers so far whether it is asked, `still`
    whether an answer can stand beside the others (else it is asked, or guessed, anew). `show` gives the
    answer as people read it, for the summary and for 修改. `again` is the question while an answer is changed.
    """

    key: str
    label: Text
    question: Text
    parse: Callable[[Request, Answers], Any]
    choices: Callable[[Request, Answers], Sequence[Choice]] | None = None
    when: Callable[[Answers], bool] | None = None
    still: Callable[[Request, Answers], bool] | None = None
    optional: bool = False
    ask: Literal["", "contact", "place"] = ""
    show: Callable[[Request, Any], Line] | None = None
    again: Callable[[Any], Text] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a dialog stands. `step` "" is the summary; `edit` is the pseudo step of choosing what to change."""

    step: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    guesses: frozenset[str] = frozenset()
    trail: tuple[str, ...] = ()
    changing: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A dialog.

    `finish` writes and answers; it runs after 提交 (or after the last answer if `confirm` is False).
    `summary` shows what will be submitted. `guess` fills in what can be told from the answers so far; a guess
    is shown as one and is dropped when it no longer follows. `absorb` takes what arrives besides the answer to
    the open step ("" or `edit`: none is open) — more photos, a location —, or returns None if there is nothing.
    """

    name: str
    version: int
    title: Text
    steps: tuple[Step, ...]
    finish: Callable[[Request, Answers], Answer]
    summary: Callable[[Request, Position], Card] | None = None
    guess: Callable[[Request, Answers], Mapping[str, Any]] | None = None
    absorb: Callable[[Request, Answers, str], Taken | None] | None = None
    confirm: bool = True
    submit: Text = field(default_factory=lambda: _("提交"))

    def step(self, key: str) -> Step:
        """Raises: NotFound: this version of the flow has no such step."""
        for step in self.steps:
            if step.key == key:
                return step
        raise NotFound


Verdict = Literal["stay", "submit", "cancel"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `advance` found: the new position, a hint to show above the question, and what follows."""

    position: Position
    hint: Line = ""
    verdict: Verdict = "stay"


EDIT = "edit"  # The pseudo step "which field do you want to change?"


def begin(flow: Flow, request: Request, answers: Answers) -> Outcome:
    """Start a dialog with what is known already; asks the first question that is open."""
    return _settle(flow, request, Position(answers=dict(answers)))


def advance(flow: Flow, position: Position, request: Request, action: str = "") -> Outcome:
    """Move a dialog by one message or one pressed button (`action`, e.g. "back", "pick.place.e12")."""
    if not action and not request.incoming.attachments:
        action = WORDS.get(request.incoming.text.strip().lower(), "")
    if not action:
        return _take_message(flow, position, request)
    verb, _dot, rest = action.partition(".")
    if verb == "pick":
        return _pick(flow, position, request, rest)
    if verb == "edit" and rest:
        flow.step(rest)
        return Outcome(replace(position, step=rest, changing=True))
    moves = {
        "back": _back, "skip": _skip, "clear": _clear, "edit": _edit, "cancel": _cancel, "submit": _submit,
        "resume": _stay,
    }  # fmt: skip
    if verb not in moves:
        raise NotFound
    return moves[verb](flow, position, request)


def _take_message(flow: Flow, position: Position, request: Request) -> Outcome:
    absorbed = flow.absorb(request, position.answers, position.step) if flow.absorb else None
    if absorbed:
        position = replace(position, answers={**position.answers, **absorbed.also})
    if not position.step or position.step == EDIT:
        if absorbed:
            return replace(_settle(flow, request, replace(position, step="")), hint=absorbed.hint)
        return Outcome(position, hint=_("请点下面的按钮，或发送「提交」「修改」「取消」。"))
    step = flow.step(position.step)
    try:
        outcome = _answered(flow, position, request, step, step.parse(request, position.answers))
    except InvalidInput as error:
        # Whoever only adds a photo has not answered wrongly.
        said_nothing = absorbed and not request.incoming.text.strip()
        return Outcome(position, hint=absorbed.hint if absorbed and said_nothing else error.text)
    return replace(outcome, hint=outcome.hint or (absorbed.hint if absorbed else ""))


def _pick(flow: Flow, position: Position, request: Request, rest: str) -> Outcome:
    key, _dot, choice_key = rest.partition(".")
    step = flow.step(key)
    for choice in step.choices(request, position.answers) if step.choices else ():
        if choice.key == choice_key:
            return _answered(flow, position, request, step, choice.value)
    return Outcome(position, hint=_("这个选项已经失效，请重新选择。"))


def _answered(flow: Flow, position: Position, request: Request, step: Step, value: Any) -> Outcome:
    taken = value if isinstance(value, Taken) else Taken(value)
    answers = {**position.answers, **taken.also}
    guesses = position.guesses - taken.also.keys()
    if not taken.done:
        # What was found may settle the question by itself; if not, it stays open with the new choices.
        open_ = {name: answer for name, answer in answers.items() if name != step.key}
        settled = _settle(flow, request, replace(position, answers=open_, guesses=guesses, changing=False))
        if step.key in settled.position.guesses:
            trail = tuple(dict.fromkeys((*position.trail, step.key)))
            return replace(settled, position=replace(settled.position, trail=trail), hint=taken.hint)
        return Outcome(replace(position, step=step.key, answers=answers, guesses=guesses), hint=taken.hint)
    moved = replace(
        position,
        answers={**answers, step.key: taken.value},
        guesses=guesses - {step.key},
        trail=position.trail if step.key in position.trail else (*position.trail, step.key),
        changing=False,
    )
    return replace(_settle(flow, request, moved), hint=taken.hint)


def _settle(flow: Flow, request: Request, position: Position) -> Outcome:
    """Renew the guesses, then stand at the first question that is open, or at the summary."""
    known = {key: value for key, value in position.answers.items() if key not in position.guesses}
    for step in flow.steps:
        if step.key in known and step.still and not step.still(request, known):
            del known[step.key]
    guessed = dict(flow.guess(request, known)) if flow.guess else {}
    guessed = {key: value for key, value in guessed.items() if key not in known and value is not None}
    answers = {**known, **guessed}
    position = replace(position, answers=answers, guesses=frozenset(guessed))
    for step in flow.steps:
        if step.key not in answers and (step.when is None or step.when(answers)):
            return Outcome(replace(position, step=step.key))
    return Outcome(replace(position, step=""), verdict="stay" if flow.confirm else "submit")


def _back(flow: Flow, position: Position, request: Request) -> Outcome:
    if position.changing or position.step == EDIT:
        return _settle(flow, request, replace(position, step="", changing=False))
    if not position.trail:
        return Outcome(position, hint=_("已经是第一步了。"))
    *trail, last = position.trail
    answers = {key: value for key, value in position.answers.items() if key != last}
    return Outcome(replace(position, step=last, answers=answers, trail=tuple(trail)))


def _skip(flow: Flow, position: Position, request: Request) -> Outcome:
    if not position.step or position.step == EDIT:
        return Outcome(position, hint=_("现在没有可以跳过的问题。"))
    step = flow.step(position.step)
    if not step.optional:
        return Outcome(position, hint=_("「{field}」是必填项，不能跳过。", field=step.label))
    if position.changing:
        return _back(flow, position, request)  # What was answered stays; emptying it is a button of its own.
    return _answered(flow, position, request, step, "")


def _clear(flow: Flow, position: Position, request: Request) -> Outcome:
    return _skip(flow, replace(position, changing=False), request)


def _edit(flow: Flow, position: Position, request: Request) -> Outcome:
    if not position.trail and not position.guesses and not position.answers:
        return Outcome(position, hint=_("还没有可以修改的内容。"))
    return Outcome(replace(position, step=EDIT, changing=False))


def _cancel(flow: Flow, position: Position, request: Request) -> Outcome:
    return Outcome(position, verdict="cancel")


def _submit(flow: Flow, position: Position, request: Request) -> Outcome:
    settled = _settle(flow, request, replace(position, step=""))
    if settled.position.step:
        return replace(settled, hint=_("还差一项：「{field}」。", field=flow.step(settled.position.step).label))
    return replace(settled, verdict="submit")


def _stay(flow: Flow, position: Position, request: Request) -> Outcome:
    return Outcome(position)


# -- the driver: drafts in the database ------------------------------------------------------------------


def open_dialog(request: Request, flow: Flow, answers: Answers | None = None, hint: Line = "") -> Answer:
    """Open a draft of `flow` for this chat and show its first card, with `hint` above it."""
    draft = do_open(
        request.session,
        platform=request.incoming.platform,
        chat=request.incoming.chat,
        person_id=request.actor.person_id if request.actor else None,
        flow=flow.name,
        version=flow.version,
        now=request.now,
    )
    return _apply(request, flow, draft, replace(begin(flow, request, answers or {}), hint=hint))


def continue_dialog(request: Request, draft: Draft, action: str = "") -> Answer:
    """Take one message or one button into an open draft."""
    flow = request.registry.flows.get(draft.flow)
    if flow is None or flow.version != draft.version:
        do_close(draft, "expired", request)
        typed = [value for value in draft.answers.values() if isinstance(value, str) and value]
        return Card(lines=(_("程序已升级，这份草稿不能继续填写了，请重新开始。"), *typed), replaces=draft.card_key)
    return _apply(request, flow, draft, advance(flow, position_of(draft), request, action))


def show_draft(request: Request, draft: Draft) -> Answer:
    """Show an open draft again as it stands."""
    return continue_dialog(request, draft, "resume")


def _apply(request: Request, flow: Flow, draft: Draft, outcome: Outcome) -> Answer:
    position = outcome.position
    if outcome.verdict == "cancel":
        do_close(draft, "cancelled", request)
        return Card(lines=(_("已取消「{title}」，没有提交任何内容。", title=flow.title),), replaces=draft.card_key)
    draft.step, draft.answers = position.step, dict(position.answers)
    draft.guesses, draft.trail = sorted(position.guesses), list(position.trail)
    draft.pending = {"changing": position.changing} if position.changing else {}
    draft.updated_at = request.now
    if outcome.verdict == "submit":
        do_close(draft, "done", request)
        answer = flow.finish(request, position.answers)
        cards = [answer] if isinstance(answer, Card) else list(answer or ())
        return [replace(card, replaces=draft.card_key) if not index else card for index, card in enumerate(cards)]
    return show_dialog(request, flow, draft, position, outcome.hint)


def do_close(draft: Draft, status: Literal["done", "cancelled", "expired"], request: Request) -> None:
    """End a draft; its answers stay in the row."""
    draft.status = status
    draft.updated_at = request.now


def position_of(draft: Draft) -> Position:
    """The stored position of a draft."""
    return Position(
        draft.step, dict(draft.answers), frozenset(draft.guesses), tuple(draft.trail),
        bool(draft.pending.get("changing")),
    )  # fmt: skip


def show_dialog(request: Request, flow: Flow, draft: Draft, position: Position, hint: Line = "") -> Card:
    """The card of a draft: the open question, the list of fields to change, or the summary."""
    if position.step == EDIT:
        card = _edit_card(request, flow, draft, position)
    elif position.step:
        card = _question_card(request, flow, draft, position)
    else:
        card = _summary_card(request, flow, draft, position)
    return replace(card, key=draft.card_key, lines=(hint, *card.lines) if hint else card.lines)


def _button(draft: Draft, label: Line, action: str, style: Literal["plain", "primary", "danger"] = "plain") -> Button:
    return Button(label, f"draft:{draft.id}:{action}", style)


def _question_card(request: Request, flow: Flow, draft: Draft, position: Position) -> Card:
    step = flow.step(position.step)
    choices = step.choices(request, position.answers) if step.choices else ()
    buttons = [_button(draft, choice.label, f"pick.{step.key}.{choice.key}") for choice in choices]
    rows = [tuple(buttons[i : i + CHOICES_IN_ROW]) for i in range(0, len(buttons), CHOICES_IN_ROW)]
    nav = [_button(draft, _("取消"), "cancel")]
    if step.optional:
        nav.insert(0, _button(draft, _("跳过"), "skip"))
    if position.trail or position.changing:
        nav.insert(0, _button(draft, _("上一步"), "back"))
    question, before = step.question, position.answers.get(step.key)
    if position.changing and step.optional and before:
        rows.append((_button(draft, _("清空{field}", field=step.label), "clear"),))
        question = step.again(before) if step.again else question
    lines = (*field_lines(request, flow, position), question)
    return Card(title=flow.title, lines=lines, buttons=(*rows, tuple(nav)), ask=step.ask)


def _edit_card(request: Request, flow: Flow, draft: Draft, position: Position) -> Card:
    fields = [
        _button(draft, step.label, f"edit.{step.key}")
        for step in flow.steps
        if step.when is None or step.when(position.answers)
    ]
    rows = [tuple(fields[i : i + CHOICES_IN_ROW]) for i in range(0, len(fields), CHOICES_IN_ROW)]
    back = (_button(draft, _("上一步"), "back"), _button(draft, _("取消"), "cancel"))
    return Card(title=flow.title, lines=(_("要修改哪一项？"),), buttons=(*rows, back))


def _summary_card(request: Request, flow: Flow, draft: Draft, position: Position) -> Card:
    plain = Card(flow.title, tuple(field_lines(request, flow, position)))
    card = flow.summary(request, position) if flow.summary else plain
    nav = (
        _button(draft, flow.submit, "submit", "primary"),
        _button(draft, _("修改"), "edit"),
        _button(draft, _("取消"), "cancel"),
    )
    return replace(card, buttons=(*card.buttons, nav))


def field_lines(request: Request, flow: Flow, position: Position) -> list[Line]:
    """One line per answered step: 「label:answer」, guesses marked 「推测」."""
    lines: list[Line] = []
    for step in flow.steps:
        value = position.answers.get(step.key)
        if value in (None, "", []):
            continue
        shown = step.show(request, value) if step.show else str(value)
        pattern = (
            _("{label}：{value}「推测」", label=step.label, value=shown)
            if step.key in position.guesses
            else _("{label}：{value}", label=step.label, value=shown)
        )
        lines.append(pattern)
    return lines
