"""/unbind: take this chat away from oneself; the administrator takes people out of service (离岗解绑)."""

from __future__ import annotations

from handlers.people.menu import chat_of
from handlers.people.people_list import QUERY_CHARS, people_buttons, read_id, read_page
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, say
from models.errors import NotFound
from models.people.leaving import access_leaver, check_leave, do_unbind_chat, list_leavers
from models.people.tables import Role
from models.texts import N_, _

ADMINS = (Role.ADMIN,)


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.command("unbind", (N_("解绑"), "解除绑定", "离岗解绑"), _("解除本聊天的绑定"), in_menu=False)(unbind)
    registry.press("unbind")(press_unbind)


def unbind(request: Request) -> Answer:
    """Ask before taking this chat away; an administrator may name somebody else."""
    if request.args and request.person.has(ADMINS):
        return show_leavers(request, request.args)
    rows: list[tuple[Button, ...]] = [
        (Button(_("确定解绑"), "unbind:me:yes", "danger"), Button(_("不解绑"), "unbind:me:no")),
    ]
    if request.person.has(ADMINS):
        rows.append((Button(_("别人离岗解绑"), "unbind:0:list."),))
    return Card(
        title=_("要解除本聊天和您的绑定吗？"),
        lines=(_("解绑后这里收不到通知；要再加入，需要新的邀请码或分享手机号。"),),
        buttons=tuple(rows),
        key="unbind",
    )


def show_leavers(request: Request, query: str, page: int = 0) -> Card:
    """A page of people who may be taken out of service."""
    query = query.strip()[:QUERY_CHARS]
    found = list_leavers(request.session, request.person, name=query, page=page, now=request.now)
    if not found.total:
        return Card(lines=(_("您的网格里没有名字含「{name}」的人。", name=query),))
    return Card(
        title=_("谁离岗了？"),
        lines=(_("点名字办理离岗解绑。找别人：发送「解绑 姓名」。"),),
        buttons=people_buttons(found, "unbind", "ask", query),
        key="unbind",
    )


def press_unbind(request: Request, ident: str, action: str) -> Answer:
    """The answer to either question, a tapped name, or another page of the list."""
    if ident == "me":
        return _own(request, action)
    if not request.person.has(ADMINS):
        raise NotFound
    verb, _dot, query = action.partition(".")
    if verb == "list":
        return show_leavers(request, query, read_page(ident))
    if action == "ask":
        return _ask(request, read_id(ident, action, "ask"))
    if action == "no":
        return say(_("好的，没有变化。"))
    entry = check_leave(request.session, request.person, read_id(ident, action, "leave"), now=request.now)
    return say(_("{name}已离岗：角色到昨天为止，所有聊天都已解绑，未用的邀请码已作废。", name=entry.name), tone="good")


def _own(request: Request, action: str) -> Answer:
    if action == "no":
        return say(_("好的，没有变化。"))
    if action != "yes":
        raise NotFound
    do_unbind_chat(request.session, request.person, chat_of(request), now=request.now)
    return Card(lines=(_("本聊天已解除绑定。"),), menu=())


def _ask(request: Request, person_id: int) -> Card:
    entry = access_leaver(request.session, request.person, person_id, now=request.now)
    return Card(
        title=_("为{name}办理离岗解绑？", name=entry.name),
        lines=(
            *entry.lines,
            _("所有角色立即结束，所有聊天立即解绑。名下没办完的事项请另行交接。"),
        ),
        buttons=(
            (
                Button(_("确定离岗"), f"unbind:{person_id}:leave", "danger"),
                Button(_("不办理"), f"unbind:{person_id}:no"),
            ),
        ),
        key="unbind",
    )
