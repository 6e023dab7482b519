"""/hazards: the hazards of the own enterprises, and those one reported: what stands where, and what to do next."""

from __future__ import annotations

import re
from typing import Any

from handlers.drafts import open_dialog
from handlers.hazards.report import REPORT
from handlers.hazards.rows import excerpt, in_rows, open_buttons
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card
from models.enterprises.directory import access_enterprise
from models.errors import NotFound
from models.hazards.deadlines import current_due, show_left
from models.hazards.flow import FINAL
from models.hazards.own import OWN, REPORTED, Overview, OwnPage, OwnRow, View, list_own, overview, read_view
from models.hazards.places import spots_of
from models.texts import N_, Line, Text, _

SUBJECT = "hazards"
_ACTION = re.compile(r"(?P<what>open|closed)\.(?P<page>\d{1,6})")


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    words = (N_("我的隐患"), "本单位隐患", "我上报的", "整改", "hazards")
    registry.command(SUBJECT, words, _("本单位和我上报的隐患"), quiet=True)(open_own)
    registry.press(SUBJECT)(press_own)


def open_own(request: Request) -> Answer:
    """Show what the own enterprises have to put right; for whoever has none, what the person reported."""
    counts = overview(request.session, request.person)
    view = OWN if counts.own or request.person.enterprise_ids else REPORTED
    return _show(request, view, counts, is_closed=False, page=0)


def press_own(request: Request, ident: str, action: str) -> Answer:
    """Show another page or view, or report a hazard of the own enterprise.

    Raises: NotFound: made up, or not this person's.
    """
    view = read_view(request.person, ident)
    if action in ("report", "fixed"):
        return report_own(request, view, is_fixed=action == "fixed")
    wanted = _ACTION.fullmatch(action)
    if wanted is None:
        raise NotFound
    counts = overview(request.session, request.person)
    return _show(request, view, counts, is_closed=wanted["what"] == "closed", page=int(wanted["page"]))


def report_own(request: Request, view: View, *, is_fixed: bool) -> Answer:
    """Begin a report about the own enterprise (自查上报); of several it is asked which.

    With `is_fixed`, the photo of what it looks like now is asked for as soon as it is registered.
    """
    mine = request.person.enterprise_ids
    if not mine or view == REPORTED:
        raise NotFound
    answers: dict[str, Any] = {"fixed": True} if is_fixed else {}
    chosen = int(view[1:]) if view != OWN else mine[0]
    if view != OWN or len(mine) == 1:
        spot = spots_of(request.session, [access_enterprise(request.session, request.person, chosen)])[0]
        answers["place"] = spot.to_json()
    else:
        answers["search"] = {"ids": list(mine)}
    return open_dialog(request, REPORT, answers)


# -- the list ----------------------------------------------------------------------------------------------


def _show(request: Request, view: View, counts: Overview, *, is_closed: bool, page: int) -> Card:
    found = list_own(
        request.session, request.person, view, is_closed=is_closed, page=page, rules=request.rules, now=request.now
    )  # fmt: skip
    # Several enterprises are told apart by their names, and so are the places of what was reported.
    named = view == REPORTED or (view == OWN and len(request.person.enterprise_ids) != 1)
    lines: list[Line] = []
    for index, row in enumerate(found.rows, start=1):
        lines += _row_lines(request, index, row, named=named)
    if not found.rows:
        lines.append(_("没有已办结的隐患。") if is_closed else _("没有未办结的隐患。"))
    what = "closed" if is_closed else "open"
    buttons = [
        *open_buttons([row.hazard for row in found.rows]),
        *_turn_buttons(view, what, found),
        *in_rows(_view_buttons(request, view, found, counts, is_closed=is_closed), 2),
        *_report_buttons(request, view),
    ]
    title = _title(request, view, found, counts, is_closed=is_closed)
    return Card(title=title, lines=tuple(lines), buttons=tuple(buttons), key=SUBJECT)


def _title(request: Request, view: View, found: OwnPage, counts: Overview, *, is_closed: bool) -> Text:
    known: dict[str, Line | int] = {
        "name": _name(request, view, counts),
        "count": found.closed if is_closed else found.open,
    }
    if found.pages > 1:
        known |= {"page": found.number + 1, "pages": found.pages}
        if is_closed:
            return _("{name}：已办结{count}条，第{page}/{pages}页", **known)
        return _("{name}：未办结{count}条，第{page}/{pages}页", **known)
    return _("{name}：已办结{count}条", **known) if is_closed else _("{name}：未办结{count}条", **known)


def _name(request: Request, view: View, counts: Overview) -> Line:
    if view == OWN:
        return _("本单位隐患") if request.person.enterprise_ids else _("由我整改的隐患")
    if view == REPORTED:
        return _("我上报的隐患")
    return next((firm.name for firm in counts.firms if view == f"e{firm.id}"), _("本单位隐患"))


def _row_lines(request: Request, index: int, row: OwnRow, *, named: bool) -> list[Line]:
    hazard = row.hazard
    due = current_due(hazard) if hazard.state not in FINAL else None
    known = {"index": index, "number": hazard.number, "state": Text(hazard.state.label)}
    head = (
        _("{index}. {number} {state}", **known)
        if due is None
        else _("{index}. {number} {state} · {left}", left=show_left(due, request.now), **known)
    )
    said = excerpt(hazard, (row.place,))
    lines: list[Line] = [head, _("{place}：{said}", place=row.place, said=said) if named else said]
    return [*lines, row.step] if row.step else lines


def _turn_buttons(view: View, what: str, found: OwnPage) -> list[tuple[Button, ...]]:
    turn = []
    if found.number > 0:
        turn.append(Button(_("上一页"), f"{SUBJECT}:{view}:{what}.{found.number - 1}"))
    if found.number + 1 < found.pages:
        turn.append(Button(_("下一页"), f"{SUBJECT}:{view}:{what}.{found.number + 1}"))
    return [tuple(turn)] if turn else []


def _view_buttons(request: Request, view: View, found: OwnPage, counts: Overview, *, is_closed: bool) -> list[Button]:
    """What is closed (or open again), and the other views that hold something."""
    other = "open" if is_closed else "closed"
    label = _("未办结（{count}）", count=found.open) if is_closed else _("已办结（{count}）", count=found.closed)
    buttons = [Button(label, f"{SUBJECT}:{view}:{other}.0")] if is_closed or found.closed else []
    offers: list[tuple[str, Line, int, bool]] = [
        (OWN, _name(request, OWN, counts), counts.own_open, counts.own > 0),
        *((f"e{firm.id}", firm.name, firm.open, True) for firm in counts.firms),
        (REPORTED, _("我上报的隐患"), counts.reported_open, counts.reported > 0),
    ]
    return buttons + [
        Button(_("{name}（{count}）", name=name, count=count), f"{SUBJECT}:{key}:open.0")
        for key, name, count, is_there in offers
        if is_there and key != view
    ]


def _report_buttons(request: Request, view: View) -> list[tuple[Button, ...]]:
    """自查上报, and 现场已整改 for what has been put right already."""
    if not request.person.enterprise_ids or view == REPORTED:
        return []
    report = Button(_("自查上报"), f"{SUBJECT}:{view}:report", "primary")
    return [(report, Button(_("现场已整改"), f"{SUBJECT}:{view}:fixed"))]
