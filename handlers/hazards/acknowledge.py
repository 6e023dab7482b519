"""What the reporter reads: who will answer for it, before; who was told and who could not be, afterwards."""

from __future__ import annotations

from dataclasses import replace

from handlers.registry import Request
from models.content import Card
from models.hazards.access import access_hazard
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import State
from models.hazards.notices import Told
from models.hazards.places import access_spot
from models.hazards.register import Registered, Report, find_industry, find_standing, preview_owners
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
    session, actor = request.session, request.person
    hazard = access_hazard(session, actor, found.hazard.id)
    verb = _("已登记，编号{number}。", number=hazard.number)
    head: list[Line] = [verb, *_told(request, found.told, is_tip=hazard.state is State.REPORTED)]
    view = load_view(session, hazard, now=request.now)
    card = show_hazard(session, view, actor, rules=request.rules, now=request.now, head=head, history=False)
    return replace(card, tone="good")


def _told(request: Request, told: Told | None, *, is_tip: bool) -> list[Line]:
    if told is None:
        return [_("这里还没有登记责任人，请联系领导组办公室。")]
    names = names_of(request.session, [person_id for person_id, _audience in told.people])
    reached = [_described(names, person_id, audience) for person_id, audience in told.people
               if person_id not in told.unreachable]  # fmt: skip
    lines: list[Line] = []
    if reached:
        shown = Joined(tuple(reached))
        lines.append(_("已请{names}核实。", names=shown) if is_tip else _("已通知：{names}。", names=shown))
    missing = [name for person_id, name in names.items() if person_id in told.unreachable]
    if missing:
        lines.append(_("{names}还没有加入，收不到消息，请电话告知。", names=Joined(tuple(missing))))
    return lines


def _described(names: dict[int, str], person_id: int, audience: str) -> Line:
    name = names.get(person_id, "")
    if audience == "rectifier":
        return _("{name}（整改责任人）", name=name)
    return name
