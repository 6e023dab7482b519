"""/templates: the spreadsheets to fill in, with this county's grids in their drop-downs."""

from __future__ import annotations

from handlers.imports.tables import IMPORTERS
from handlers.registry import Answer, Registry, Request
from models.content import Card
from models.imports.jobs import Asker, check_importer, do_open
from models.imports.tables import State
from models.texts import N_, _


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    words = (N_("导入模板"), "模板", "下载模板")
    registry.command("templates", words, _("下载导入模板"), roles=IMPORTERS, quiet=True)(send_templates)


def send_templates(request: Request) -> Answer:
    """Have the templates made; they come in the place of this card."""
    check_importer(request.session, request.person)
    incoming = request.incoming
    asker = Asker(request.person.person_id, incoming.platform, incoming.chat, request.lang)
    row = do_open(request.session, State.ASKED, asker, now=request.now)
    return Card(title=_("导入模板"), lines=(_("正在准备，马上发给您。"),), key=row.card_key)
