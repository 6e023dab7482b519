"""Dialogs as values: a flow is data, a position is JSON, and one driver serves all of them.

`advance` is pure: it looks at the database but changes nothing. 上一步 跳过 修改 取消 提交 are handled here,
once, as buttons and as words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from handlers.registry import Answer, Request
from models.content import Card
from models.drafts import Draft
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


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer offered as a button. `key`: `[A-Za-z0-9_-]`, short, stable; `value`: the JSON answer."""

    label: Line
    key: str
    value: Any
    style: Literal["plain", "primary", "danger"] = "plain"


@dataclass(frozen=True, slots=True)
class Taken:
    """More than a bare answer, from a parser, a choice or `absorb`.

    `hint` is said above what comes next (a photo that is missing). `also` are further answers, of other steps
    or hidden ones that no step asks for. Without `done` the question stays open, with what `also` now offers.
    With `submit` nothing more is asked or shown: the dialog finishes.
    """

    value: Any = None
    hint: Line = ""
    also: Mapping[str, Any] = field(default_factory=dict)
    done: bool = True
    submit: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One question.

    `parse` turns the message into the JSON answer (or a `Taken`) or raises InvalidInput with what would fit.
    `choices` are offered as buttons. `when` decides from the answers so far whether it is asked, `still`
    whether an answer can stand beside the others (else it is asked, or guessed, anew). `show` gives the
    answer as people read it, for the summary and for 修改. `again` is the question while an answer is changed.
    `card` shows the question in its own way (title, texts, pictures); the buttons are added to it.

    A step with `check` is no field but a doubt about the answers as a whole, raised anew whenever they change: it
    comes last, offers 修改, and `guess` answers it where there is no doubt. `check` is said when 提交 meets it.

    With `takes_number` the number of a case is an answer; else it opens that case's card, and the dialog waits.

    `doubt` is said instead of a guess that is none; `swaps` are, of the `choices`, those offered on the summary card
    beside a guess, labelled as they stand there: one tap changes it.

    `name` is the label where it stands in the rules; with `edits` the question offers 修改, too.
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
    card: Callable[[Request, Answers], Card] | None = None
    check: Text | None = None
    takes_number: bool = False
    doubt: Callable[[Request, Answers], Line] | None = None
    swaps: Callable[[Request, Answers], Sequence[Choice]] | None = None
    name: Callable[[Request], Line] | None = None
    edits: bool = False

    def title(self, request: Request) -> Line:
        """What the step is called."""
        return self.name(request) if self.name else self.label


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
    is shown as one and is dropped when it no longer follows. `after` writes what follows from the answers of a draft
    while it is open. `absorb` takes what arrives besides the answer to
    the open step ("" or `edit`: none is open) — more photos, a location —, or returns None if there is nothing.
    `about` says above every question and the list of fields which thing the dialog is about.
    `recheck` names the guesses that are made once more at 提交 (None: all); the others are what the person has seen.
    `kept` is said when it is cancelled, where `after` has stored what was answered.
    """

    name: str
    version: int
    title: Text
    steps: tuple[Step, ...]
    finish: Callable[[Request, Answers], Answer]
    summary: Callable[[Request, Position], Card] | None = None
    guess: Callable[[Request, Answers], Mapping[str, Any]] | None = None
    absorb: Callable[[Request, Answers, str], Taken | None] | None = None
    after: Callable[[Request, Draft], None] | None = None
    recheck: frozenset[str] | None = None
    about: Callable[[Request, Answers], Sequence[Line]] | None = None
    confirm: bool = True
    kept: Text | None = None
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
        if flow.step(rest).check:
            raise NotFound
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
        if step.check:
            return replace(settled, hint=taken.hint)
        if step.key in settled.position.guesses:
            trail = tuple(dict.fromkeys((*position.trail, step.key)))
            return replace(settled, position=replace(settled.position, trail=trail), hint=taken.hint)
        return Outcome(replace(position, step=step.key, answers=answers, guesses=guesses), hint=taken.hint)
    if taken.submit:
        return Outcome(replace(position, answers={**answers, step.key: taken.value}), verdict="submit")
    moved = replace(
        position,
        answers={**answers, step.key: taken.value},
        guesses=guesses - {step.key},
        trail=position.trail if step.key in position.trail else (*position.trail, step.key),
        changing=False,
    )
    return replace(_settle(flow, request, moved), hint=taken.hint)


def _settle(flow: Flow, request: Request, position: Position, renewed: frozenset[str] | None = None) -> Outcome:
    """Renew the guesses (`renewed`: only these), then stand at the first question that is open, or at the summary."""
    kept = frozenset() if renewed is None else position.guesses - renewed
    known = {key: value for key, value in position.answers.items() if key not in position.guesses - kept}
    for step in flow.steps:
        if step.key in known and step.still and not step.still(request, known):
            del known[step.key]
    guessed = dict(flow.guess(request, known)) if flow.guess else {}
    guessed = {key: value for key, value in guessed.items() if key not in known and value is not None}
    answers = {**known, **guessed}
    position = replace(position, answers=answers, guesses=frozenset(guessed) | kept & answers.keys())
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
        return Outcome(position, hint=_("「{field}」是必填项，不能跳过。", field=step.title(request)))
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
    # With a question open, what was answered last may not be settled yet: 修改→地点, a location, 提交.
    is_settled = position.step == "" and not position.changing
    settled = _settle(flow, request, replace(position, step="", changing=False), flow.recheck if is_settled else None)
    if settled.position.step:
        missing = flow.step(settled.position.step)
        return replace(settled, hint=missing.check or _("还差一项：「{field}」。", field=missing.title(request)))
    return replace(settled, verdict="submit")


def _stay(flow: Flow, position: Position, request: Request) -> Outcome:
    """Stand where the dialog stood; a doubt may have been settled, or another one have come up, meanwhile."""
    if position.step not in ("", EDIT) and flow.step(position.step).check:
        return _settle(flow, request, position)
    return Outcome(position)
