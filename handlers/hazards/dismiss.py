"""不属实: whoever looked into a tip says why it does not hold."""

from __future__ import annotations

from handlers.dialog import Answers, Flow, Step
from handlers.hazards.card import make_move
from handlers.registry import Answer, Registry, Request
from models.hazards.register import check_description
from models.texts import _


def register(registry: Registry) -> None:
    """Add the dialog of this module."""
    registry.flow(DISMISS)


def read_reason(request: Request, answers: Answers) -> str:
    """Read the reason. Raises: InvalidInput: too short or too long."""
    return check_description(request.incoming.text, request.rules)


def finish(request: Request, answers: Answers) -> Answer:
    """Make the move."""
    return make_move(request, answers["hazard"], "dismiss", note=answers["reason"])


DISMISS = Flow(
    "hazard-dismiss",
    version=1,
    title=_("核实为不属实"),
    steps=(Step("reason", _("理由"), _("为什么不属实？请写一句话，上报人会看到；群众只收到结论。"), read_reason),),
    finish=finish,
    confirm=False,
)
