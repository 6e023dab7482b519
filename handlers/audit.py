"""/audit: who did what, for the administrator of the county; by name, number and days, eight rows a page."""

from __future__ import annotations

from handlers.registry import Answer, Registry, Request
from models.content import Button, Card
from models.errors import NotFound
from models.people.tables import Role
from models.texts import N_, Line, _
from models.trail import Asked, list_trail, read_asked, read_code


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    words = (N_("操作记录"), "审计", "审计记录")
    registry.command("audit", words, _("谁做了什么"), roles={Role.ADMIN}, quiet=True, as_button=False)(open_audit)
    registry.press("audit")(press_audit)


def open_audit(request: Request) -> Answer:
    """Show the newest rows, or those of the name, number or days that follow the command."""
    asked, unknown = read_asked(request.session, request.person, request.args, request.rules, now=request.now)
    hint = _("没有看懂“{word}”，请发姓名、隐患编号或日期，例如：/audit 本月。", word=unknown[0]) if unknown else ""
    return _show(request, asked, 0, hint)


def press_audit(request: Request, ident: str, action: str) -> Answer:
    """Turn a page. Raises: NotFound: made up, or nobody's who may not read it."""
    if not (ident.isascii() and ident.isdigit() and len(ident) < 9) or not request.person.has({Role.ADMIN}):
        raise NotFound
    return _show(request, read_code(action), int(ident))


def _show(request: Request, asked: Asked, number: int, hint: Line = "") -> Card:
    page = list_trail(request.session, request.person, asked, page=number, rules=request.rules)
    lines = [line for line in (hint, *page.lines) if line]
    steps = ((_("上一页"), page.number - 1), (_("下一页"), page.number + 1))
    turn = tuple(Button(label, f"audit:{to}:{asked.code}") for label, to in steps if 0 <= to < page.pages)
    known = {"count": page.total, "page": page.number + 1, "pages": page.pages}
    title = (
        _("操作记录：{count}条，第{page}/{pages}页", **known) if page.pages > 1 else _("操作记录：{count}条", **known)
    )
    return Card(title=title, lines=tuple(lines), buttons=(turn,) if turn else (), key="audit")
