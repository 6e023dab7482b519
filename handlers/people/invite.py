"""/invite: the administrator, or a grid head in the own grid, makes invites and sees who has not joined yet."""

from __future__ import annotations

from handlers.people.people_list import QUERY_CHARS, people_buttons, read_id, read_page
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, Picture
from models.errors import NotFound
from models.grids.tree import find_grids, name_path
from models.people.invites import Invitation, check_invite, list_candidates
from models.people.tables import Role
from models.texts import N_, Line, Text, When, _

INVITERS = (Role.ADMIN, Role.GRID_HEAD)


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.command("invite", (N_("邀请"), "邀请加入"), _("邀请同事加入"), roles=INVITERS)(invite)
    registry.press("invite")(press_invite)


def invite(request: Request) -> Answer:
    """List who may be invited: everybody, by a part of the name, or who is still missing in a grid."""
    return show_candidates(request, request.args)


def show_candidates(request: Request, query: str, page: int = 0) -> Card:
    """A page of people to invite; a query that is nobody's name but a grid's lists who has not joined there."""
    actor, query, now = request.person, query.strip()[:QUERY_CHARS], request.now
    code, found = "", list_candidates(request.session, actor, name=query, page=page, now=now)
    grids = [] if found.total or not query else find_grids(request.session, query, prefixes=actor.grids(INVITERS))
    if grids:
        code = grids[0].code
        found = list_candidates(request.session, actor, grid_code=code, page=page, now=now)
    if not found.total:
        return Card(lines=(_nobody(request, query, code),))
    return Card(
        title=_title(request, query, code, found.total),
        lines=(_("点名字生成邀请。找别人：发送「邀请 姓名」或「邀请 村名」。"),),
        buttons=people_buttons(found, "invite", "make", query),
        key="invite",
    )


def _title(request: Request, query: str, code: str, total: int) -> Text:
    if code:
        return _("{grid}还有{count}人没有加入", grid=name_path(request.session, code), count=total)
    if query:
        return _("名字含「{name}」的有{count}人", name=query, count=total)
    return _("可以邀请的有{count}人，没有加入的在前，按网格排列", count=total)


def _nobody(request: Request, query: str, code: str) -> Text:
    if code:
        return _("{grid}的人员都已加入。", grid=name_path(request.session, code))
    if query:
        return _("您的网格里没有可以邀请的「{name}」。已加入的人要换聊天，请找系统管理员。", name=query)
    return _("您的网格里没有需要邀请的人。")


def press_invite(request: Request, ident: str, action: str) -> Answer:
    """A tapped name, or another page of the list."""
    if not request.person.has(INVITERS):
        raise NotFound
    verb, _dot, query = action.partition(".")
    if verb == "list":
        return show_candidates(request, query, read_page(ident))
    invitation = check_invite(
        request.session, request.person, read_id(ident, action, "make"), rules=request.rules.joining, now=request.now
    )
    return show_invitation(request, invitation)


def show_invitation(request: Request, invitation: Invitation) -> Card:
    """The code, the links and a QR picture of the link on the inviter's own platform; wiped once delivered."""
    links = invitation.links
    shown = links.get(request.incoming.platform) or next(iter(links.values()), "")
    lines: list[Line] = [
        _("邀请码：{code}", code=invitation.code),
        *links.values(),
        _("{time}前有效，只能用一次，请只发给本人。", time=When(invitation.expires)),
        _("重新生成后，之前没用过的就作废。"),
    ]
    return Card(
        title=_("{name}的邀请", name=invitation.person),
        lines=tuple(lines),
        pictures=(Picture(qr=shown),) if shown else (),
        buttons=((Button(_("继续邀请"), "cmd:invite:"),),),
        secret=True,
        fresh=True,
    )
