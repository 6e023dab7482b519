"""/nicknames: the names that were learned from reports, each with a button to take it out."""

from __future__ import annotations

from handlers.registry import Answer, Registry, Request
from models.content import Button, Card
from models.errors import NotFound
from models.texts import N_, Line, _
from models.vocabulary.nicknames import KEEPERS, check_remove, list_nicknames

LONGEST_ID = 18


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    words = (N_("俗称"), "别名", "俗称管理", "nicknames")
    registry.command("nicknames", words, _("查看、删除学到的地名俗称"), roles=KEEPERS, quiet=True, as_button=False)(
        show_nicknames
    )
    registry.press("nickname")(press_nickname)


def show_nicknames(request: Request) -> Card:
    """What was learned in the person's grids."""
    found = list_nicknames(request.session, request.person)
    if not found:
        return Card(title=_("俗称"), lines=(_("还没有从上报中学到俗称。"),), key="nicknames")
    lines: list[Line] = [_("大家上报时用过的叫法。删除后不再使用，也不再学。")]
    for item in found:
        known = {"text": item.text, "name": item.name}
        lines.append(
            _("“{text}”是{name}", **known) if item.is_known else _("“{text}”可能是{name}，再确认一次后使用", **known)
        )
    buttons = [Button(_("删除“{text}”", text=item.text), f"nickname:{item.id}:remove") for item in found]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    return Card(title=_("俗称"), lines=tuple(lines), buttons=rows, key="nicknames")


def press_nickname(request: Request, ident: str, action: str) -> Answer:
    """Take one out.

    Raises: NotFound: made up, of another's grids, or gone already.
    """
    if action != "remove" or not (ident.isascii() and ident.isdigit() and len(ident) <= LONGEST_ID):
        raise NotFound
    if not request.person.has(KEEPERS):
        raise NotFound
    gone = check_remove(request.session, request.person, int(ident), now=request.now)
    card = show_nicknames(request)
    head = _("已删除“{text}”。", text=gone.text)
    return Card(title=card.title, lines=(head, *card.lines), buttons=card.buttons, key=card.key)
