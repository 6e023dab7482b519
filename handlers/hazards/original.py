"""疑似重复: before 提交, the case that the report may be about a second time: 并入该隐患, or 仍要新建."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from handlers.dialog import Answers, Choice, Step, Taken
from handlers.hazards.several import count_parts, for_part, has_part, key_of, part_of
from handlers.registry import Request
from models.content import Card, Picture
from models.errors import InvalidInput, NotFound
from models.hazards.access import access_hazard
from models.hazards.besides import DISTINCT, SAME_PHOTO
from models.hazards.captions import MANY
from models.hazards.cards import load_view, show_facts, show_title
from models.hazards.duplicates import Duplicate, find_duplicates
from models.hazards.places import Spot
from models.hazards.register import Report
from models.hazards.tables import Hazard
from models.texts import Line, _

# The hidden answers: `like` is what was found, the likeliest first, `at` which of it is shown, `unlike` what the
# reporter was shown and took for something else, each with the action that the history will have for it. Of several
# hazards each has its own; `join` is to what one of them will be added, and as what it was compared with it.
# The words on the buttons, and with what the key of their choice begins.
_WORDS = {
    "并入该隐患": "j", "并入": "j", "merge": "j",
    "仍要新建": "n", "新建": "n", "new": "n",
    "看下一个": "v", "下一个": "v", "next": "v",
}  # fmt: skip


def guess_original(request: Request, report: Report, known: Answers) -> dict[str, Any]:
    """There is no doubt, or what there is to look at; what the reporter has seen is not shown again.

    One of several that is to be added to what is there stays so until it says something else, or that is closed.
    """
    seen = {ident for ident, _action in known.get("unlike") or ()}
    rules = request.rules.hazards
    found = find_duplicates(request.session, request.person, report, rules=rules, now=request.now)
    fresh = [_dump(item) for item in found if item.hazard_id not in seen]
    join = known.get("join") or {}
    if join.get("on") == _subject(report) and any(item["id"] == join["id"] and item["open"] for item in fresh):
        return {"like": fresh, ORIGINAL.key: join["id"]}
    return {"like": fresh} if fresh else {ORIGINAL.key: ""}


def _subject(report: Report) -> list[Any]:
    """What a report is about, as JSON."""
    return [report.description, report.spot.enterprise_id, report.spot.grid_code]


def _dump(item: Duplicate) -> dict[str, Any]:
    """What the card will say of it: JSON, because the draft holds it."""
    values: dict[str, Any] = {"id": item.hazard_id, "open": item.is_open}
    if item.photo:
        values |= {"photo": item.photo.sha, "mine": item.photo.mine}
    if item.metres is not None:
        values["metres"] = item.metres
    return values


def _shown(answers: Answers) -> dict[str, Any]:
    """The one that is shown. Raises: NotFound: there is none."""
    like = answers.get("like") or []
    if not like:
        raise NotFound
    shown: dict[str, Any] = like[answers.get("at", 0) % len(like)]
    return shown


def choose_original(request: Request, answers: Answers) -> list[Choice]:
    """并入该隐患 if it was open when it was shown, 仍要新建, and the next one if there are several."""
    like = answers.get("like") or []
    if not like:
        return []
    shown, at = _shown(answers), answers.get("at", 0) % len(like)
    taken = Taken(shown["id"], submit=True)
    if count_parts(answers) > 1:  # the others are still to be looked at, and nothing is submitted
        spot = Spot.from_json(answers["place"])
        on = [answers["description"], spot.enterprise_id, spot.grid_code]
        taken = Taken(also={"join": {"id": shown["id"], "on": on}, "at": 0}, done=False)
    join = [Choice(_("并入该隐患"), f"j{shown['id']}", taken, "primary")]
    unlike = [[item["id"], SAME_PHOTO if "photo" in item else DISTINCT] for item in like]
    refused = Taken(also={"unlike": [*(answers.get("unlike") or ()), *unlike], "join": {}, "at": 0}, done=False)
    following = _("看下一个（{number}/{count}）", number=(at + 1) % len(like) + 1, count=len(like))
    turn = Choice(following, f"v{at + 1}", Taken(also={"at": at + 1}, done=False))
    return [*(join if shown["open"] else []), Choice(_("仍要新建"), "new", refused), *([turn] if len(like) > 1 else [])]


def swap_original(request: Request, answers: Answers) -> list[Choice]:
    """On the summary, of one of several that will be added to what is there: to register it after all."""
    if not answers.get(ORIGINAL.key):
        return []
    label = _("第{number}条改为新建", number=answers["part"])
    return [replace(choice, label=label) for choice in choose_original(request, answers) if choice.key == "new"]


def read_original(request: Request, answers: Answers) -> Any:
    """Take one of the words on the buttons; photos and a location that come now change what is looked for.

    Raises: InvalidInput: something else was written.
    """
    if request.incoming.photos or request.incoming.place:
        return Taken(done=False)
    wanted = _WORDS.get(request.incoming.text.strip().lower(), "")
    for choice in choose_original(request, answers):
        if wanted and choice.key.startswith(wanted):
            return choice.value
    raise InvalidInput(_("请点下面的按钮，或发送「并入」「仍要新建」「修改」「取消」。"))


def show_original(request: Request, answers: Answers) -> Card:
    """The other case in full, its photo large, the reporter's own beside it."""
    shown = _shown(answers)
    hazard = access_hazard(request.session, request.person, int(shown["id"]))
    view = load_view(request.session, hazard, now=request.now)
    mine = shown.get("mine") or next(iter(answers.get("photos") or ()), "")
    alike = [picture for picture in view.photos if picture.sha == shown.get("photo")]
    theirs = next(iter([*alike, *view.photos]), None)
    pictures = [
        *([theirs] if theirs else []),
        *([Picture(mine)] if mine and not (theirs and theirs.sha == mine) else []),
    ]
    lines: list[Line] = [*_reasons(hazard, shown, mine), *show_facts(view, request.person, request.rules)]
    said = {"said": answers.get("description", ""), "number": answers["part"]}
    is_one = count_parts(answers) == 1
    lines.append(_("您写的是：{said}", **said) if is_one else _("第{number}条您写的是：{said}", **said))
    if len(pictures) > 1:
        lines.append(_("第一张是{number}的照片，第二张是您的照片。", number=hazard.number))
    question = _("如果是同一个隐患，请并入；照片和说明会补充进去。")
    lines.append(question if shown["open"] else _("这条隐患已经办结，不能并入。"))
    return Card(
        title=_("疑似重复 {hazard}", hazard=show_title(hazard, request.now)),
        lines=tuple(lines),
        pictures=tuple(pictures),
        tone="warn",
    )


def _reasons(hazard: Hazard, shown: dict[str, Any], mine: str) -> list[Line]:
    if shown.get("photo"):
        if shown["photo"] == mine:
            return [_("这张照片{number}里已经有了。", number=hazard.number)]
        return [_("这张照片与{number}的照片几乎相同。", number=hazard.number)]
    if shown.get("metres") is not None and hazard.enterprise_id is None:
        return [_("相距{metres}米，已有相似的隐患：", metres=shown["metres"])]
    return [_("这里已有相似的隐患：")]


def _step_of(number: int) -> Step:
    def show(request: Request, answers: Answers) -> Card:
        return show_original(request, part_of(answers, number))

    return Step(
        key_of("original", number), _("疑似重复"), _("疑似重复"), for_part(read_original, number),
        choices=for_part(choose_original, number), swaps=for_part(swap_original, number), card=show,
        check=_("提交前请先看一看：这条可能已经有人上报。"), when=partial(has_part, number) if number > 1 else None,
    )  # fmt: skip


# Of an ordinary report, and of each of several hazards, one after the other.
ORIGINALS: Sequence[Step] = tuple(_step_of(number + 1) for number in range(MANY))
ORIGINAL = ORIGINALS[0]
