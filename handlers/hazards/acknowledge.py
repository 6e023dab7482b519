"""What the reporter reads: who will answer for it, before; who was told and who could not be, afterwards."""

from __future__ import annotations

from dataclasses import replace

from handlers.registry import Request
from models.content import Card
from models.hazards.cards import View, load_view, show_hazard
from models.hazards.flow import State
from models.hazards.notices import Told
from models.hazards.places import access_spot
from models.hazards.register import Registered, Report, find_industry, find_standing, preview_owners
from models.hazards.supplement import Supplemented
from models.people.contacts import names_of
from models.texts import Joined, Line, _


def show_responsible(request: Request, report: Report) -> list[Line]:
    """Who would have to put it right, and whom a tip goes to first."""
    spot, enterprise_industry = access_spot(request.session, request.person, report.spot)
    industry = find_industry(request.rules, report.category, enterprise_industry)
    owners = preview_owners(request.session, spot, industry, now=request.now)
    trusted = find_standing(request.person, spot, industry).is_trusted
    people = owners.rectifiers if trusted else owners.grid_side
    names = names_of(request.session, people)
    if not names:
        return [_("这里还没有登记责任人，提交后由领导组办公室处理。")]
    shown = Joined(tuple(names.values()))
    if trusted:
        return [_("整改责任人：{names}", names=shown)]
    return [_("提交后先由{names}核实。", names=shown)]


def show_registered(request: Request, found: Registered) -> Card:
    """The acknowledgement: the new card, with who was told above it."""
    session, actor, hazard = request.session, request.person, found.hazard
    view = found.told.view if found.told else load_view(session, hazard, now=request.now)
    # The number stands in the title.
    head: list[Line] = [_("已登记。"), *_told(view, found.told, is_tip=hazard.state is State.REPORTED)]
    card = show_hazard(session, view, actor, rules=request.rules, now=request.now, head=head, history=False)
    return replace(card, tone="good")


def show_supplemented(request: Request, found: Supplemented) -> Card:
    """The acknowledgement of what was added to a case: its card, with who was told above it."""
    added = _("已并入{number}，办理结果会告诉您。", number=found.hazard.number)
    head: list[Line] = [added, *_told(found.told.view, found.told, is_tip=False)]
    view, actor = found.told.view, request.person
    card = show_hazard(request.session, view, actor, rules=request.rules, now=request.now, head=head, history=False)
    return replace(card, tone="good")


def _told(view: View, told: Told | None, *, is_tip: bool) -> list[Line]:
    if told is None:
        return [_("这里还没有登记责任人，请联系领导组办公室。")]
    people = [
        (view.name(person_id), audience, person_id in told.unreachable)
        for person_id, audience in told.people
        if audience != "leader"  # Whoever has to do with it is named, not whoever hears of it.
    ]
    reached = tuple(_described(name, audience) for name, audience, is_lost in people if not is_lost)
    lost = tuple(name for name, _audience, is_lost in people if is_lost)
    lines: list[Line] = []
    if reached:
        shown = Joined(reached)
        lines.append(_("已请{names}核实。", names=shown) if is_tip else _("已通知：{names}。", names=shown))
    if lost:
        lines.append(_("{names}还没有加入，收不到消息，请电话告知。", names=Joined(lost)))
    return lines


def _described(name: str, audience: str) -> Line:
    return _("{name}（整改责任人）", name=name) if audience == "rectifier" else name
