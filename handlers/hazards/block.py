"""拉黑: the office decides, with a reason, that the chat behind a tip may report no more, or may again."""

from __future__ import annotations

from dataclasses import replace

from handlers.dialog import Answers, Flow, Step
from handlers.drafts import open_dialog
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, say
from models.errors import NotFound
from models.hazards.access import read_hazard_id
from models.hazards.public import Blocking, access_blocking, check_block, check_unblock
from models.hazards.register import check_description
from models.texts import When, _


def register(registry: Registry) -> None:
    """Add the button and the dialog of this module."""
    registry.flow(BLOCK)
    registry.press("block")(press_block)


def press_block(request: Request, ident: str, action: str) -> Answer:
    """Ask why, or say by whom it is done already; or lift it.

    Raises: NotFound: made up, or not this person's to decide.
    """
    hazard_id = read_hazard_id(ident)
    if action == "lift":
        found = check_unblock(request.session, request.person, hazard_id, now=request.now)
        return Card(lines=(_("已解除拉黑，{number}的上报人又可以使用随手拍了。", number=found.number),))
    if action != "ask":
        raise NotFound
    found = access_blocking(request.session, request.person, hazard_id)
    if found.block:
        return replace(_show(hazard_id, found), fresh=True)
    opened = open_dialog(request, BLOCK, {"hazard": hazard_id})
    return replace(opened, fresh=True) if isinstance(opened, Card) else opened


def read_reason(request: Request, answers: Answers) -> str:
    """Read the reason. Raises: InvalidInput: too short or too long."""
    return check_description(request.incoming.text, request.rules)


def finish(request: Request, answers: Answers) -> Answer:
    """Block the chat and say so."""
    hazard_id = answers["hazard"]
    found = check_block(request.session, request.person, hazard_id, answers["reason"], now=request.now)
    return _show(hazard_id, found)


def _show(hazard_id: int, found: Blocking) -> Card:
    if found.block is None:
        return say(_("没有拉黑。"))
    known = {"number": found.number, "by": found.by, "at": When(found.block.at), "reason": found.block.reason}
    line = _("{by}已于{at}拉黑{number}的上报人，其不能再使用随手拍。理由：{reason}", **known)
    return Card(lines=(line,), buttons=((Button(_("解除拉黑"), f"block:{hazard_id}:lift"),),))


BLOCK = Flow(
    "public-block",
    version=1,
    title=_("拉黑上报人"),
    steps=(Step("reason", _("理由"), _("为什么拉黑？请写一句话，上报人看不到。"), read_reason),),
    finish=finish,
    confirm=False,
)
