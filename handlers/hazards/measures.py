"""五落实: the items of a major hazard, one after the other, each stored at once, by whoever knows the answer.

The flow `hazard-measures` goes through the items of the rules. What somebody else fills in meanwhile is not asked any
more; whoever answers what somebody else has just answered sees that answer and decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from handlers.dialog import Answers, Choice, Flow, Step, Taken
from handlers.hazards.card import show, tell_late
from handlers.registry import Answer, Registry, Request
from models.content import Card, say
from models.drafts import Draft
from models.errors import Stale
from models.hazards.access import access_hazard
from models.hazards.cards import show_title
from models.hazards.majors import check_measure, lock_hazard
from models.hazards.measures import Entry, Measures, list_rectifiers, load_measures, read_entry, show_items
from models.hazards.moves import access_move
from models.rules import MEASURES_MOST, MeasureRule
from models.texts import Joined, Line, Text, When, _

# Hidden answers: what is to be stored now; what was typed while somebody else was faster; that the case moved on.
SAVE, MINE, GONE = "save", "mine", "gone"
BEGUN = "begun"  # Hidden: an item was chosen, so that the list of all is not shown once more.


def register(registry: Registry) -> None:
    """Add the dialog of this module."""
    registry.flow(MEASURES)


def item_of(request: Request, number: int) -> MeasureRule:
    """The item of the rules behind a step."""
    return request.rules.hazards.measures[number]


def _key(number: int) -> str:
    return f"item{number}"


def _name(number: int, request: Request) -> Line:
    return Text(item_of(request, number).name)


def guess(request: Request, known: Answers) -> Mapping[str, Any]:
    """What is there already is not asked; `seen` remembers the versions that the card shows."""
    rules, found = request.rules.hazards, _load(request, known)
    being = {known.get("change"), (known.get(MINE) or {}).get("code")}
    filled = {
        _key(number): "" for number, item in enumerate(rules.measures)
        if item.code in found.filled and item.code not in being
    }  # fmt: skip
    seen = {code: item.version for code, item in found.filled.items()}
    is_full = not found.missing(rules) and not known.get(BEGUN)
    return {**filled, "seen": seen, "count": len(rules.measures), "full": is_full}


def _load(request: Request, answers: Answers) -> Measures:
    return load_measures(request.session, access_hazard(request.session, request.person, answers["hazard"]))


# -- one item ------------------------------------------------------------------------------------------------


def read_item(number: int, request: Request, answers: Answers) -> Taken:
    """Read an item; if somebody else has filled it in since it was asked, ask which of the two shall stand.

    Raises: InvalidInput: it does not fit the item.
    """
    item, ident = item_of(request, number), answers["hazard"]
    lock_hazard(request.session, ident)
    try:
        hazard, _move, _hand = access_move(request.session, request.person, ident, "measures", now=request.now)
    except Stale:
        return Taken("", also={GONE: True}, submit=True)
    rules = request.rules.hazards
    entry = read_entry(request.session, hazard, item, request.incoming.text, rules, now=request.now)
    return _take(request, answers, item, entry, load_measures(request.session, hazard))


def _take(request: Request, answers: Answers, item: MeasureRule, entry: Entry, found: Measures) -> Taken:
    mine, there = {"code": item.code, **entry.to_json()}, found.filled.get(item.code)
    known = {answers.get("seen", {}).get(item.code), (answers.get(MINE) or {}).get("over")}
    if there is None or there.by_id == request.person.person_id or there.version in known:
        return _stored(mine)
    return Taken(also={MINE: {**mine, "over": there.version}}, done=False)


def _stored(mine: Mapping[str, Any]) -> Taken:
    entry = {name: value for name, value in mine.items() if name != "over"}
    return Taken("", also={SAVE: entry, MINE: None, "change": "", BEGUN: True})


def choose_item(number: int, request: Request, answers: Answers) -> Sequence[Choice]:
    """Whose answer shall stand; or the people who may be meant."""
    item, mine = item_of(request, number), answers.get(MINE) or {}
    if mine.get("code") == item.code:
        kept = Taken("", also={MINE: None, "change": "", BEGUN: True})
        return (Choice(_("换成我写的"), "mine", _stored(mine)), Choice(_("保留原来的"), "keep", kept, "primary"))
    if item.kind != "person":
        return ()
    session, rules = request.session, request.rules.hazards
    hazard = access_hazard(session, request.person, answers["hazard"])
    found = load_measures(session, hazard)
    entries = [
        read_entry(session, hazard, item, name, rules, now=request.now) for name in list_rectifiers(session, hazard)
    ]
    return tuple(
        Choice(entry.text, f"n{index}", _take(request, answers, item, entry, found))
        for index, entry in enumerate(entries)
    )


def show_item(number: int, request: Request, answers: Answers) -> Card:
    """All items, and below them the question for one."""
    item, mine = item_of(request, number), answers.get(MINE) or {}
    hazard = access_hazard(request.session, request.person, answers["hazard"])
    found = load_measures(request.session, hazard)
    lines: list[Line] = [*show_items(found, request.rules.hazards)]
    there = found.filled.get(item.code)
    if there is not None and mine.get("code") == item.code:
        known = {"who": there.by, "at": When(there.at), "item": Text(item.name), "text": there.shown}
        lines.append(_("{who}已于{at}填写“{item}”：{text}", **known))
        lines.append(_("您写的是：{text}。要换成您写的吗？", text=Entry.from_json(_bare(mine)).shown))
    else:
        lines.append(_question(item))
    return Card(title=show_title(hazard, request.now), lines=tuple(lines))


def _bare(mine: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mine.items() if name not in ("code", "over")}


def _question(item: MeasureRule) -> Text:
    name = Text(item.name)
    if item.kind == "money":
        return _("请填写“{item}”：写一个数，例如“3.5”或“8000元”，不用花钱写“0”。不清楚可以先跳过。", item=name)
    if item.kind == "day":
        return _("请填写“{item}”：计划哪天完成？例如“12月20日”或“30天”。不清楚可以先跳过。", item=name)
    if item.kind == "person":
        return _("请填写“{item}”：由谁负责？写姓名，也可以点下面的按钮。不清楚可以先跳过。", item=name)
    return _("请填写“{item}”：一两句话即可，落实日期不是今天的写在前面（11月20日 …）。不清楚可以先跳过。", item=name)


def _is_asked(number: int, answers: Answers) -> bool:
    return number < int(answers.get("count", 0))


def _is_full(answers: Answers) -> bool:
    return bool(answers.get("full"))


# -- all of them ---------------------------------------------------------------------------------------------


def read_which(request: Request, answers: Answers) -> Taken:
    """Take the name of an item. Raises: InvalidInput: none is called so."""
    said = request.incoming.text.strip()
    for item in request.rules.hazards.measures:
        if said and (said == item.code or said in item.name):
            return _changing(item)
    return Taken(done=False, hint=_("请点下面的按钮。"))


def choose_which(request: Request, answers: Answers) -> Sequence[Choice]:
    """The items that are there."""
    return tuple(Choice(Text(item.name), item.code, _changing(item)) for item in request.rules.hazards.measures)


def _changing(item: MeasureRule) -> Taken:
    return Taken(item.code, also={"change": item.code, BEGUN: True})


def show_which(request: Request, answers: Answers) -> Card:
    """Everything is there: which of it is to be changed?"""
    hazard = access_hazard(request.session, request.person, answers["hazard"])
    items = show_items(load_measures(request.session, hazard), request.rules.hazards)
    return Card(title=show_title(hazard, request.now), lines=(*items, _("已全部落实，要修改哪一项？")))


# -- storing -------------------------------------------------------------------------------------------------


def store(request: Request, draft: Draft) -> None:
    """Store what has just been answered, and forget that it is to be stored."""
    if _save(request, draft.answers):
        draft.answers = {name: value for name, value in draft.answers.items() if name != SAVE}


def _save(request: Request, answers: Answers) -> bool:
    entry = answers.get(SAVE)
    if not entry:
        return False
    check_measure(
        request.session, request.person, answers["hazard"], entry["code"], Entry.from_json(_bare(entry)),
        rules=request.rules, now=request.now,
    )  # fmt: skip
    return True


def finish(request: Request, answers: Answers) -> Answer:
    """Store the last answer; the hazard's card says how far it is."""
    ident = answers["hazard"]
    if answers.get(GONE):
        return _tell_gone(request, ident)
    _save(request, answers)
    hazard = access_hazard(request.session, request.person, ident)
    missing = load_measures(request.session, hazard).missing(request.rules.hazards)
    if missing:
        names = Joined(tuple(Text(item.name) for item in missing))
        said = _("已保存。还差{missing}，随时可以接着填。", missing=names)
    else:
        said = _("已全部落实，整改完成后可以提交整改。")
    return [say(said, tone="good"), show(request, hazard)]


def _tell_gone(request: Request, ident: int) -> Answer:
    try:
        access_move(request.session, request.person, ident, "measures", now=request.now)
    except Stale as late:
        return tell_late(request, ident, late)
    return show(request, access_hazard(request.session, request.person, ident))


def _step(number: int) -> Step:
    def bound(function: Callable[..., Any]) -> Callable[..., Any]:
        return partial(function, number)

    return Step(
        _key(number), _("第{number}项", number=number + 1), _("请填写这一项。"), bound(read_item),
        choices=bound(choose_item), when=bound(_is_asked), optional=True, card=bound(show_item), name=bound(_name),
        edits=True,
    )  # fmt: skip


MEASURES = Flow(
    "hazard-measures",
    version=1,
    title=_("落实措施"),
    steps=(
        Step(
            "which", _("修改哪一项"), _("已全部落实，要修改哪一项？"), read_which, choices=choose_which,
            when=_is_full, card=show_which,
        ),
        *(_step(number) for number in range(MEASURES_MOST)),
    ),
    finish=finish,
    guess=guess,
    after=store,
    confirm=False,
    kept=_("先到这里，已填写的内容都已保存，随时可以接着填。"),
)  # fmt: skip
