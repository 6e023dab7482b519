"""/deputy: who stands in for a person, from which day to which; a grid head arranges it for others too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.dialog import Answers, Choice, Flow, Step, Taken
from handlers.drafts import open_dialog
from handlers.people.people_list import read_id
from handlers.people.spans import in_order, read_starts, read_until, show_day, starts_choices, until_choices
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, say
from models.errors import InvalidInput
from models.people.contacts import names_of
from models.people.deputies import (
    Absence,
    access_absence,
    access_absent,
    check_depute,
    check_return,
    find_named,
    list_absences,
    list_first,
    visible_absent,
    visible_deputies,
)
from models.people.tables import Person, Role
from models.texts import N_, Line, _

HEADS = (Role.ADMIN, Role.GRID_HEAD)
MYSELF = frozenset({"我", "我自己", "自己", "本人", "me"})


def register(registry: Registry) -> None:
    """Add the command, the buttons and the dialog of this module."""
    registry.command("deputy", (N_("代班"), "请人代班"), _("请人代班"), as_button=False)(deputy)
    registry.press("deputy")(press_deputy)
    registry.flow(FLOW)


def deputy(request: Request) -> Answer:
    """Show what is arranged, or ask for what is to be arranged; with a name: who shall stand in for oneself."""
    if not request.args and (found := list_absences(request.session, request.person, now=request.now)):
        return show_absences(found)
    return start_deputy(request, "" if request.args == "new" else request.args)


def start_deputy(request: Request, name: str = "") -> Answer:
    """Open the dialog; `name`: who shall stand in for oneself."""
    answers: dict[str, Any] = {"runs": True} if request.person.has(HEADS) else {}
    if name or not answers:
        answers["absent"] = request.person.person_id
    if not name:
        return open_dialog(request, FLOW, answers)
    try:
        taken = _take(_may_stand_in(request, answers), request, name, "who")
    except InvalidInput as error:
        return open_dialog(request, FLOW, answers, error.text)
    if isinstance(taken, Taken):
        return open_dialog(request, FLOW, {**answers, **taken.also}, taken.hint)
    return open_dialog(request, FLOW, {**answers, "who": taken})


def show_absences(found: Sequence[Absence]) -> Card:
    """What is arranged, with a button to end each of it."""
    ends = [(Button(_("结束{deputy}代{name}", **_names(row)), f"deputy:{row.id}:end"),) for row in found]
    return Card(
        title=_("代班安排"),
        lines=tuple(_("{deputy}代{name}，{since}至{until}", **_names(row), **row.span) for row in found),
        buttons=(*ends, (Button(_("再安排一次代班"), "cmd:deputy:new"),)),
        key="deputy",
    )


def _names(row: Absence) -> dict[str, str]:
    return {"name": row.person, "deputy": row.deputy}


def press_deputy(request: Request, ident: str, action: str) -> Answer:
    """Ask before an arrangement ends early; end it.

    Raises: NotFound: made up, over, or not this person's.
    """
    if action == "no":
        return say(_("好的，没有变化。"))
    if action == "yes":
        row = check_return(request.session, request.person, read_id(ident, action, "yes"), now=request.now)
        return say(_("{deputy}代{name}的班已结束。", **_names(row)), tone="good")
    row = access_absence(request.session, request.person, read_id(ident, action, "end"), now=request.now)
    return Card(
        title=_("现在就结束{deputy}代{name}的班吗？", **_names(row)),
        buttons=(
            (
                Button(_("确定结束"), f"deputy:{row.id}:yes", "danger"),
                Button(_("不结束"), f"deputy:{row.id}:no"),
            ),
        ),
        key="deputy",
    )


# -- the questions ---------------------------------------------------------------------------------------


def _take(people: Any, request: Request, name: str, key: str) -> Any:
    found = find_named(request.session, people, name[:64]) if name else []
    if not found:
        raise InvalidInput(_("没有找到「{name}」，请发同网格、同单位或您辖区内同事的姓名。", name=name[:20]))
    if len(found) == 1:
        return found[0].id
    text = _("名字含「{name}」的不止一位，请点选。", name=name[:20])
    return Taken(hint=text, also={f"{key}_found": [person.id for person in found]}, done=False)


def _read_absent(request: Request, _answers: Answers) -> Any:
    name = request.incoming.text.strip()
    if name in MYSELF:
        return request.person.person_id
    return _take(visible_absent(request.person, now=request.now), request, name, "absent")


def _absent_choices(request: Request, answers: Answers) -> Sequence[Choice]:
    people = visible_absent(request.person, now=request.now)
    found = answers.get("absent_found")
    others = people.where(Person.id.in_(found)) if found else people.where(Person.id != request.person.person_id)
    mine = [] if found else [Choice(_("我自己"), "me", request.person.person_id)]
    return [*mine, *_choices(list_first(request.session, others))]


def _choices(people: Sequence[Person]) -> list[Choice]:
    return [
        Choice(_("{name} · {unit}", name=one.name, unit=one.unit) if one.unit else one.name, f"p{one.id}", one.id)
        for one in people
    ]


def _may_stand_in(request: Request, answers: Answers, *, colleagues: bool = False) -> Any:
    absent = access_absent(request.session, request.person, answers["absent"], now=request.now)
    return visible_deputies(request.person, absent, now=request.now, colleagues=colleagues)


def _read_who(request: Request, answers: Answers) -> Any:
    return _take(_may_stand_in(request, answers), request, request.incoming.text.strip(), "who")


def _who_choices(request: Request, answers: Answers) -> Sequence[Choice]:
    found = answers.get("who_found")
    people = _may_stand_in(request, answers, colleagues=not found)
    return _choices(list_first(request.session, people.where(Person.id.in_(found)) if found else people))


def _fits(request: Request, answers: Answers) -> bool:
    """Whoever was named for somebody else may not be able to stand in for this one."""
    if "absent" not in answers:
        return True
    people = _may_stand_in(request, answers).where(Person.id == answers["who"])
    return request.session.scalars(people).first() is not None


def _show_person(request: Request, person_id: int) -> Line:
    return names_of(request.session, [person_id]).get(person_id, "")


def _finish(request: Request, answers: Answers) -> Answer:
    days = date.fromisoformat(answers["starts"]), date.fromisoformat(answers["until"])
    row = check_depute(request.session, request.person, answers["absent"], answers["who"], *days, now=request.now)
    return Card(
        title=_("代班已安排"),
        lines=(
            _("{deputy}代{name}，{since}至{until}", **_names(row), **row.span),
            _("已通知{deputy}。通知两边都会收到。", deputy=row.deputy),
        ),
        buttons=((Button(_("提前结束"), f"deputy:{row.id}:end"),),),
        tone="good",
    )


FLOW = Flow(
    "deputy", 1, _("请人代班"),
    (
        Step("absent", _("谁不在岗"), _("谁需要别人代班？请点选，或发姓名。"), _read_absent, _absent_choices,
             when=lambda answers: bool(answers.get("runs")), show=_show_person),
        Step("who", _("谁来代班"), _("请谁代班？请点选，或发姓名。"), _read_who, _who_choices, still=_fits,
             show=_show_person),
        Step("starts", _("开始日期"), _("从哪天开始？例如「今天」「11月30日」。"), read_starts, starts_choices,
             show=show_day),
        Step("until", _("结束日期"), _("到哪天为止（含当天）？例如「3天」「11月30日」。"), read_until, until_choices,
             still=in_order, show=show_day),
    ),
    finish=_finish,
)  # fmt: skip
