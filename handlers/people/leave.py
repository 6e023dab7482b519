"""/leave: a person is away from one day to another; reminders go to the deputy, else to the grid head above."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from handlers.dialog import Answers, Flow, Step
from handlers.drafts import open_dialog
from handlers.people.people_list import read_id
from handlers.people.spans import in_order, read_starts, read_until, show_day, starts_choices, until_choices
from handlers.registry import Answer, Registry, Request
from models.access import local_day
from models.content import Button, Card, say
from models.errors import InvalidInput
from models.people.contacts import names_of
from models.people.days import read_day, read_last_day
from models.people.deputies import check_span
from models.people.leaves import Away, check_end_leave, check_take_leave, list_leaves, list_stand_ins
from models.texts import N_, Joined, Line, _

# What stands between two days: 明天 3天, 11月30日至12月2日, 从明天到后天.
_BETWEEN = re.compile(r"[\s,，、~～—]+|[至到从起]|(?<=[日号天])-")


_WORD = re.compile(r"(?:我要)?(?:请假|休假)[\s：:,，]*(\S.*)")


def register(registry: Registry) -> None:
    """Add the command, the buttons and the dialog of this module."""
    registry.command("leave", (N_("请假"), "我要请假", "销假", "休假"), _("请假和销假"), as_button=False)(leave)
    registry.press("leave")(press_leave)
    registry.flow(FLOW)


def leave(request: Request) -> Answer:
    """Show the leaves there are, or ask from when to when; days that follow the word are taken."""
    if not request.args and (found := list_leaves(request.session, request.person.person_id, now=request.now)):
        return show_leaves(found)
    try:
        answers = {} if request.args in ("", "new") else _read_days(request.args, request)
    except InvalidInput as error:
        return open_dialog(request, FLOW, {}, error.text)
    return open_dialog(request, FLOW, answers)


def take_leave(request: Request) -> Answer:
    """Understand 请假 3天, 请假 11月30日至12月2日; other words with 请假 are left to others."""
    found = _WORD.fullmatch(request.incoming.text.strip())
    if found is None:
        return None
    try:
        answers = _read_days(found[1], request)
    except InvalidInput:
        return None
    return open_dialog(request, FLOW, answers)


def _read_days(text: str, request: Request) -> dict[str, str]:
    """Read `明天 3天`, `11月30日至12月2日`, `明天`, or how long from today on (`3天`).

    Raises: InvalidInput: no days, or none that a leave could have.
    """
    today = local_day(request.now)
    words = [word for word in _BETWEEN.split(text) if word]
    if not 1 <= len(words) <= 2:
        raise InvalidInput(_("没有看懂日期，请发「今天」「11月30日」或「2026-11-30」。"))
    first, last = today, None
    try:
        first = read_day(words[0], today=today)
    except InvalidInput:
        if len(words) > 1:
            raise
        last = read_last_day(words[0], starts_on=today, today=today)
    if len(words) > 1:
        last = read_last_day(words[1], starts_on=first, today=today)
    check_span(first, last or first, now=request.now)
    answers = {"starts": first.isoformat()}
    return answers if last is None else {**answers, "until": last.isoformat()}


def show_leaves(found: Sequence[Away]) -> Card:
    """The leaves there are, each with a button that ends it."""
    ends = [(Button(_("销假：{since}至{until}", **away.span), f"leave:{away.id}:end"),) for away in found]
    return Card(
        title=_("请假"),
        lines=tuple(_("{since}至{until}请假", **away.span) for away in found),
        buttons=(*ends, (Button(_("再请一次假"), "cmd:leave:new"),)),
        key="leave",
    )


def press_leave(request: Request, ident: str, action: str) -> Answer:
    """End a leave. Raises: NotFound: made up, over, or somebody else's."""
    check_end_leave(request.session, request.person, read_id(ident, action, "end"), now=request.now)
    return say(_("已销假，提醒从现在起又发给您。"), tone="good")


def _finish(request: Request, answers: Answers) -> Answer:
    days = date.fromisoformat(answers["starts"]), date.fromisoformat(answers["until"])
    away = check_take_leave(request.session, request.person, *days, now=request.now)
    others = list_stand_ins(request.session, request.person.person_id, away)
    lines: list[Line] = [_("{since}至{until}请假", **away.span)]
    if others:
        names = names_of(request.session, others)
        shown = Joined(tuple(names[one] for one in others if one in names))
        lines.append(_("这几天的催办提醒和每日提醒发给{names}。", names=shown))
    else:
        lines.append(_("这几天没有人可以代收提醒，请安排代班。"))
    return Card(
        title=_("已登记请假"),
        lines=tuple(lines),
        buttons=((Button(_("请人代班"), "cmd:deputy:"), Button(_("销假"), f"leave:{away.id}:end")),),
        tone="good",
    )


FLOW = Flow(
    "leave", 1, _("请假"),
    (
        Step("starts", _("开始日期"), _("从哪天开始？例如「今天」「11月30日」。"), read_starts, starts_choices,
             show=show_day),
        Step("until", _("结束日期"), _("到哪天为止（含当天）？例如「3天」「11月30日」。"), read_until, until_choices,
             still=in_order, show=show_day),
    ),
    finish=_finish,
    confirm=False,
)  # fmt: skip
