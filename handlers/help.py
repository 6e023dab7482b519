"""/help, /cancel, /lang: what everybody may do at any time."""

from __future__ import annotations

from handlers.drafts import continue_dialog
from handlers.registry import Answer, Command, Registry, Request
from models.content import Button, Card
from models.people.language import do_choose_language
from models.texts import N_, Joined, Line, _

UNNAMED = {"start", "export"}  # Whoever reads the help has begun; an export is done elsewhere.


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.command("help", (N_("帮助"), "菜单", "help", "?", "？"), _("查看我能做什么"), quiet=True, as_button=False)(
        show_help
    )
    registry.command("cancel", (N_("取消"),), _("取消正在填写的内容"), quiet=True, as_button=False)(cancel)
    registry.command("lang", (N_("语言"), "English", "中文"), _("切换语言 / Language"), quiet=True, as_button=False)(
        choose_language
    )
    registry.press("lang")(press_language)


def show_help(request: Request) -> Answer:
    """Say what the person may do and in which words, most of it as buttons; generated from the registry."""
    registry, actor = request.registry, request.person
    named = [item for item in registry.commands.values() if actor.has(item.roles) and item.name not in UNNAMED]
    buttons = [Button(item.title, f"cmd:{item.name}:") for item in named if item.in_menu]
    return Card(
        title=_("您可以这样用"),
        lines=(
            _("随时发一张照片并写明地点和问题，就能上报隐患。"),
            _("发编号（如 YH20261123-0001）打开那一条。"),
            _("发「重大」「逾期」「本月」、地名或单位名查台账，几个词可以一起发。"),
            _("也可以直接发送这些词：{words}。", words=Joined(tuple(_word(item, request.lang) for item in named))),
        ),
        # Our own page takes nothing out of a photo.
        ask_line=_("聊天软件会抹掉照片里的拍摄时间和位置；要保留，请用「文件」方式发照片。"),
        buttons=tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)),
    )


def _word(command: Command, lang: str) -> Line:
    """What may be sent instead of tapping the button; an English reader types no Chinese."""
    return command.words[0] if lang == "zh" else f"/{command.name}"


def cancel(request: Request) -> Answer:
    """Cancel the open draft, if there is one."""
    draft = request.find_draft()
    if draft is None:
        return Card(lines=(_("现在没有正在填写的内容。"),))
    return continue_dialog(request, draft, "cancel")


def choose_language(request: Request) -> Answer:
    """Ask for the language, or set it at once when it was named."""
    named = {"English": "en", "中文": "zh", "en": "en", "zh": "zh"}
    word = request.args or request.incoming.text.strip()
    if word in named:
        return press_language(request, named[word], "")
    return Card(
        lines=(_("请选择语言。Please choose a language."),),
        buttons=((Button("中文", "lang:zh:"), Button("English", "lang:en:")),),
    )


def press_language(request: Request, ident: str, action: str) -> Answer:
    """Set the person's language on all platforms; `action` "quiet": without an answer, as the demo page does it."""
    do_choose_language(request.session, request.person, ident, now=request.now)
    lines = () if action == "quiet" else (_("好的，以后用中文和您说话。"),)
    return Card(lines=lines, menu=request.registry.menu(request.person), lang=ident)
