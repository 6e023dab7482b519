"""The driver of dialogs: their drafts in the database, and the cards that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from handlers.dialog import EDIT, Answers, Flow, Outcome, Position, advance, begin
from handlers.registry import Answer, Request
from models.content import Button, Card
from models.drafts import Draft, do_open, do_save
from models.texts import Line, _

CHOICES_IN_ROW = 2


def open_dialog(request: Request, flow: Flow, answers: Answers | None = None, hint: Line = "") -> Answer:
    """Open a draft of `flow` for this chat and show its first card, with `hint` above it.

    An open draft is never dropped silently: if there is one, the person is asked first.
    """
    unfinished = request.find_draft()
    if unfinished is not None:
        return ask_first(request, unfinished)
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


def ask_first(request: Request, draft: Draft) -> Card:
    """Keep what would begin something new until the person has said what becomes of the open draft."""
    draft.pending = {**draft.pending, "command": request.incoming.to_json()}
    draft.updated_at = request.now
    return ask_about(request, draft)


def ask_about(request: Request, draft: Draft) -> Card:
    """The question what becomes of an open draft."""
    flow = request.registry.flows.get(draft.flow)
    title = flow.title if flow else _("草稿")
    return Card(
        title=_("您有一份「{title}」还没有提交", title=title),
        lines=(_("要继续填写，还是放弃它、开始新的？"),),
        buttons=(
            (
                Button(_("继续填写"), f"draft:{draft.id}:resume", "primary"),
                Button(_("放弃并开始新的"), f"draft:{draft.id}:restart", "danger"),
            ),
        ),
        key=draft.card_key,
    )


def continue_dialog(request: Request, draft: Draft, action: str = "") -> Answer:
    """Take one message or one button into an open draft."""
    flow = request.registry.flows.get(draft.flow)
    if flow is None or flow.version != draft.version:
        do_close(draft, "expired", request)
        typed = [value for value in draft.answers.values() if isinstance(value, str) and value]
        return Card(lines=(_("程序已升级，这份草稿不能继续填写了，请重新开始。"), *typed), replaces=draft.card_key)
    return _apply(request, flow, draft, advance(flow, position_of(draft), request, action))


def takes_number(request: Request, draft: Draft) -> bool:
    """Tell whether the open question of a draft is answered by the number of a case."""
    flow = request.registry.flows.get(draft.flow)
    if flow is None or flow.version != draft.version or draft.pending.get("command"):
        return False
    return any(step.key == draft.step and step.takes_number for step in flow.steps)


def show_draft(request: Request, draft: Draft) -> Answer:
    """Show an open draft again as it stands."""
    return continue_dialog(request, draft, "resume")


def _apply(request: Request, flow: Flow, draft: Draft, outcome: Outcome) -> Answer:
    position = outcome.position
    if outcome.verdict == "cancel":
        do_close(draft, "cancelled", request)
        said = flow.kept or _("已取消「{title}」，没有提交任何内容。", title=flow.title)
        return Card(lines=(said,), replaces=draft.card_key)
    do_save(
        request.session, draft, now=request.now, status="done" if outcome.verdict == "submit" else "open",
        step=position.step, answers=dict(position.answers), guesses=sorted(position.guesses),
        trail=list(position.trail), pending={"changing": position.changing} if position.changing else {},
    )  # fmt: skip
    if outcome.verdict == "submit":
        answer = flow.finish(request, position.answers)
        cards = [answer] if isinstance(answer, Card) else list(answer or ())
        return [replace(card, replaces=draft.card_key) if not index else card for index, card in enumerate(cards)]
    if flow.after:
        flow.after(request, draft)
    return show_dialog(request, flow, draft, position, outcome.hint)


def do_close(draft: Draft, status: Literal["cancelled", "expired"], request: Request) -> None:
    """End a draft; its answers stay in the row."""
    do_save(request.session, draft, now=request.now, status=status)


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
    buttons = [_button(draft, choice.label, f"pick.{step.key}.{choice.key}", choice.style) for choice in choices]
    rows = [tuple(buttons[i : i + CHOICES_IN_ROW]) for i in range(0, len(buttons), CHOICES_IN_ROW)]
    nav = [_button(draft, _("取消"), "cancel")]
    if step.optional:
        nav.insert(0, _button(draft, _("跳过"), "skip"))
    if step.check or step.edits:
        nav.insert(0, _button(draft, _("修改"), "edit"))
    if not step.check and (position.trail or position.changing):
        nav.insert(0, _button(draft, _("上一步"), "back"))
    question, before = step.question, position.answers.get(step.key)
    if position.changing and step.optional and before:
        rows.append((_button(draft, _("清空{field}", field=step.label), "clear"),))
        question = step.again(before) if step.again else question
    lines = (*_about(request, flow, position), *field_lines(request, flow, position), question)
    card = step.card(request, position.answers) if step.card else Card(title=flow.title, lines=lines)
    return replace(card, buttons=(*card.buttons, *rows, tuple(nav)), ask=step.ask)


def _edit_card(request: Request, flow: Flow, draft: Draft, position: Position) -> Card:
    fields = [
        _button(draft, step.title(request), f"edit.{step.key}")
        for step in flow.steps
        if not step.check and (step.when is None or step.when(position.answers))
    ]
    rows = [tuple(fields[i : i + CHOICES_IN_ROW]) for i in range(0, len(fields), CHOICES_IN_ROW)]
    back = (_button(draft, _("上一步"), "back"), _button(draft, _("取消"), "cancel"))
    lines = (*_about(request, flow, position), _("要修改哪一项？"))
    return Card(title=flow.title, lines=lines, buttons=(*rows, back))


def _about(request: Request, flow: Flow, position: Position) -> Sequence[Line]:
    return flow.about(request, position.answers) if flow.about else ()


def _summary_card(request: Request, flow: Flow, draft: Draft, position: Position) -> Card:
    plain = Card(flow.title, (*_about(request, flow, position), *field_lines(request, flow, position)))
    card = flow.summary(request, position) if flow.summary else plain
    nav = (
        _button(draft, flow.submit, "submit", "primary"),
        _button(draft, _("修改"), "edit"),
        _button(draft, _("取消"), "cancel"),
    )
    return replace(card, buttons=(*card.buttons, nav, *_swap_rows(request, flow, draft, position)))


def _swap_rows(request: Request, flow: Flow, draft: Draft, position: Position) -> list[tuple[Button, ...]]:
    """What each guess could be instead, for one tap; a row per field."""
    rows = []
    for step in flow.steps:
        if step.swaps and step.key in position.guesses and (step.when is None or step.when(position.answers)):
            choices = step.swaps(request, position.answers)
            rows.append(tuple(_button(draft, choice.label, f"pick.{step.key}.{choice.key}") for choice in choices))
    return [row for row in rows if row]


def field_lines(request: Request, flow: Flow, position: Position) -> list[Line]:
    """One line per answered step: 「label:answer」, guesses marked 「推测」."""
    lines: list[Line] = []
    for step in flow.steps:
        value = position.answers.get(step.key)
        if value in (None, "", []) or (step.when is not None and not step.when(position.answers)):
            continue
        if step.key in position.guesses and step.doubt and (doubt := step.doubt(request, position.answers)):
            lines.append(doubt)
            continue
        shown = step.show(request, value) if step.show else str(value)
        pattern = (
            _("{label}：{value}「推测」", label=step.label, value=shown)
            if step.key in position.guesses
            else _("{label}：{value}", label=step.label, value=shown)
        )
        lines.append(pattern)
    return lines
