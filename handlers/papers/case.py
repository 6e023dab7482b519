"""导出档案: the whole case as one document, asked for from its card or by its number."""

from __future__ import annotations

import re

from handlers.registry import Answer, Registry, Request
from models.content import Card, say
from models.errors import NotFound
from models.hazards.access import access_hazard, read_hazard_id
from models.hazards.tables import Hazard
from models.papers.jobs import do_ask, show_waiting
from models.texts import N_, _

_NUMBER = re.compile(r"[A-Za-z]{2}\d{8}-\d{3,6}")
_SAID = re.compile(rf"(?:(?:导出)?(?:档案|案卷)[\s:：]*({_NUMBER.pattern})|({_NUMBER.pattern})\s*(?:的)?(?:档案|案卷))")


def register(registry: Registry) -> None:
    """Add the command, the words and the button of this module."""
    words = (N_("档案"), "案卷", "导出档案", "隐患档案")
    registry.command("case", words, _("导出一条隐患的档案"), quiet=True, as_button=False)(make_case)
    registry.press("case")(press_case)
    registry.fallbacks.insert(0, take_words)  # before the report, which answers what might be a caption


def make_case(request: Request) -> Answer:
    """Have the papers of a number made; without one, say how it is done."""
    if not (wanted := _NUMBER.fullmatch(request.args.strip())):
        return say(_("请打开隐患卡片点「导出档案」，或发送「档案」加隐患编号，例如：档案 YH20261123-0001。"))
    return _ask(request, access_hazard(request.session, request.person, wanted[0].upper()))


def take_words(request: Request) -> Answer:
    """档案 YH20261123-0001, in either order; None if it is something else."""
    found = _SAID.fullmatch(request.incoming.text.strip())
    if not found or request.incoming.attachments:
        return None
    return _ask(request, access_hazard(request.session, request.person, (found[1] or found[2]).upper()))


def press_case(request: Request, ident: str, action: str) -> Answer:
    """The button of a card. Raises: NotFound: made up, or not this person's."""
    if action != "make":
        raise NotFound
    return _ask(request, access_hazard(request.session, request.person, read_hazard_id(ident)))


def _ask(request: Request, hazard: Hazard) -> Card:
    """Note the wish; the card with the file comes in the place of this one."""
    incoming = request.incoming
    paper = do_ask(
        request.session, request.person, hazard, platform=incoming.platform, chat=incoming.chat, lang=request.lang,
        now=request.now,
    )  # fmt: skip
    return show_waiting(paper, hazard)
