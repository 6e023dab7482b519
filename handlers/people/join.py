"""Joining: /start, invite codes, shared phone numbers, 是我 and 不是我; and the one answer to all strangers."""

from __future__ import annotations

from dataclasses import replace

from handlers.people.menu import chat_of, note_menu, shortcuts
from handlers.registry import Answer, Registry, Request
from handlers.todo import show_todo
from models.access import load_actor
from models.content import Button, Card, say
from models.drafts import Draft, do_open, do_save
from models.hazards.public import do_adopt
from models.people.codes import read_code
from models.people.entries import Entry, day_of, load_entry
from models.people.invites import find_invite
from models.people.joining import Claim, Joined, Refused, check_code, check_join, check_phone, do_decline
from models.texts import N_, Line, When, _

FLOW, VERSION = "join", 1
WORDS = {
    "是我": "yes", "是": "yes", "yes": "yes",
    "不是我": "no", "不是": "no", "no": "no",
}  # fmt: skip


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.stranger = answer_stranger
    registry.command("start", (N_("开始"), "加入"), _("开始使用"), in_menu=False, quiet=True)(start)
    registry.press("join", strangers=True)(press_join)


def answer_stranger(request: Request) -> Answer:
    """Answer whoever is not bound: codes, phone numbers and 是我 count, all else hears how to join.

    Where the county lets strangers report (随手拍), what is no answer to any of that may be a report.
    """
    incoming = request.incoming
    if incoming.kind == "press":
        return _door(request)
    if incoming.contact:
        return _take_contact(request)
    if code := read_code(incoming.text):
        return _claimed(request, check_code(request.session, code, chat_of(request), rules=request.rules.joining,
                                            now=request.now))  # fmt: skip
    draft = _find_draft(request)
    if draft is None:
        return _door(request)
    word = WORDS.get(incoming.text.strip().lower())
    return _decide(request, draft, word) if word else _ask(request, draft)


def _door(request: Request) -> Answer:
    answer = request.registry.public
    return (answer(request) if answer and request.rules.public.enabled else None) or show_door()


def show_door() -> Card:
    """The one answer to a stranger, whatever was sent; it says nothing about anybody."""
    return Card(
        title=_("您好，这里是网格工作平台，加入后才能使用"),
        lines=(
            _("输入邀请码：把收到的16位邀请码直接发给我，或打开邀请链接。"),
            _("还没有邀请码？请联系您所在乡镇、村的网格长。"),
        ),
        ask="contact",
        ask_line=_("也可以分享手机号：点一下「分享手机号」按钮就行。"),
        fresh=True,
    )


def show_refusal(refused: Refused) -> Card:
    """Why somebody was not let in, in one sentence."""
    if refused.reason == "locked" and refused.until:
        text = _("输错的次数太多，请在{time}以后再试。", time=When(refused.until))
    elif refused.reason == "unlisted":
        text = _("名册里没有您这个手机号，请联系所在乡镇、村的网格长核对。")
    elif refused.reason == "taken":
        text = _("本聊天已经绑定了别人，要换人使用，请先由对方发送「解绑」。")
    else:
        text = _("邀请码不对或已失效，请核对后再发；还是不行，请对方重新发一份邀请。")
    return Card(lines=(text,), fresh=True)


def _take_contact(request: Request) -> Answer:
    contact = request.incoming.contact
    if contact is None or not contact.verified:
        return Card(
            lines=(_("只能用您自己的手机号加入：请点「分享手机号」按钮，不要转发名片。"),), ask="contact", fresh=True
        )
    return _claimed(request, check_phone(request.session, contact.phone, chat_of(request), now=request.now))


def _claimed(request: Request, found: Claim | Refused) -> Answer:
    """Keep whom the chat may belong to in a draft, and ask."""
    if isinstance(found, Refused):
        return show_refusal(found)
    left = request.find_draft()
    draft = _find_draft(request) or _open(request)
    draft.answers = {"person": found.person_id, "invite": found.invite_id}
    draft.updated_at = request.now
    card = _ask(request, draft)
    if left is None or left.person_id is not None or left.flow == FLOW or not isinstance(card, Card):
        return card
    # A stranger's own: nothing that was filled in vanishes in silence.
    title = request.registry.flows[left.flow].title
    return replace(card, lines=(*card.lines, _("没有提交的「{title}」已取消。", title=title)))


def _open(request: Request) -> Draft:
    """Begin to ask; what somebody whose roles have ended left open in this chat is cancelled."""
    if left := request.find_draft():
        _close(request, left, "cancelled")
    return do_open(
        request.session, platform=request.incoming.platform, chat=request.incoming.chat, person_id=None,
        flow=FLOW, version=VERSION, now=request.now,
    )  # fmt: skip


def _find_draft(request: Request) -> Draft | None:
    draft = request.find_draft()
    return draft if draft and draft.flow == FLOW else None


def _claim_of(draft: Draft) -> Claim:
    return Claim(draft.answers["person"], draft.answers["invite"])


def _ask(request: Request, draft: Draft) -> Answer:
    entry = load_entry(request.session, _claim_of(draft).person_id, now=request.now)
    if entry is None:
        _close(request, draft, "cancelled")
        return show_door()
    return Card(
        title=_("请核对：是本人吗？"),
        lines=(_("姓名：{name}", name=entry.name), *_unit(entry), *(post.line for post in entry.posts)),
        buttons=(
            (
                Button(_("是我"), f"join:{draft.id}:yes", "primary"),
                Button(_("不是我"), f"join:{draft.id}:no"),
            ),
        ),
        key=draft.card_key,
    )


def _unit(entry: Entry) -> tuple[Line, ...]:
    return (_("单位：{unit}", unit=entry.unit),) if entry.unit else ()


def _close(request: Request, draft: Draft, status: str) -> None:
    do_save(request.session, draft, now=request.now, status=status)


def press_join(request: Request, ident: str, action: str) -> Answer:
    """是我 or 不是我; the draft says of whom."""
    if request.actor:
        return show_member(request)  # pressed twice: the first press has done it
    if action == "show":
        return show_door()
    draft = _find_draft(request)
    if draft is None or str(draft.id) != ident or action not in WORDS.values():
        return _door(request)
    return _decide(request, draft, action)


def _decide(request: Request, draft: Draft, word: str) -> Answer:
    claim = _claim_of(draft)
    if word == "no":
        _close(request, draft, "cancelled")
        do_decline(request.session, claim, now=request.now)
        text = _("好的，没有绑定任何人。请联系给您发邀请的人，核对姓名和手机号后重新发一份。")
        return Card(lines=(text,), replaces=draft.card_key)
    joined = check_join(request.session, claim, chat_of(request), lang=request.lang, now=request.now)
    if isinstance(joined, Refused):
        _close(request, draft, "cancelled")
        return replace(show_refusal(joined), fresh=False, replaces=draft.card_key)
    _close(request, draft, "done")
    do_adopt(request.session, chat_of(request), joined.entry.person_id)
    return _welcome(request, joined, draft.card_key)


def _welcome(request: Request, joined: Joined, key: str) -> Answer:
    entry = joined.entry
    actor = load_actor(request.session, entry.person_id, now=request.now)
    if actor is None:  # the first role begins later
        day = entry.first_day()
        text = _(
            "加入成功。您的岗位从{day}起生效，到时会把功能菜单发给您。",
            day=When(day_of(day or request.now.date()), "day"),
        )
        return Card(lines=(text,), replaces=key, tone="good")
    inside = replace(request, actor=actor, lang=actor.lang)
    return [replace(show_member(inside), replaces=key), replace(show_todo(inside), fresh=True, lang=actor.lang)]


def show_member(request: Request) -> Card:
    """Greet a bound person: real name, roles, what can be done, and the menu."""
    actor = request.person
    entry = load_entry(request.session, actor.person_id, now=request.now)
    note_menu(request, actor)
    return Card(
        title=_("{name}，您已加入", name=actor.name),
        lines=(*(entry.lines if entry else ()), _("可以点下面的按钮，也可以随时发送「帮助」。")),
        buttons=shortcuts(request.registry, actor),
        menu=request.registry.menu(actor),
        key="member",
        lang=actor.lang,
        tone="good",
    )


def start(request: Request) -> Answer:
    """Answer /start of a bound person; with a code: whose invite that is."""
    code = read_code(request.args)
    return own_or_other(request, code) if code else show_member(request)


def own_or_other(request: Request, code: str) -> Answer:
    """Answer a bound person's code: already joined, or meant for somebody else; a wrong one counts."""
    invite = find_invite(request.session, code)
    if invite and invite.person_id == request.person.person_id:
        return show_member(request)
    found = check_code(request.session, code, chat_of(request), rules=request.rules.joining, now=request.now)
    if isinstance(found, Refused):
        return show_refusal(found)
    return say(
        _("这份邀请是发给别人的，本聊天已经绑定{name}。要换人使用，请先发送「解绑」。", name=request.person.name),
        tone="warn",
    )
