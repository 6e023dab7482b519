"""/help, /cancel, /lang: what everybody may do at any time."""

from __future__ import annotations

from handlers.dialog import continue_dialog
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card
from models.people.language import do_choose_language
from models.texts import N_, _


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
    """List the person's commands, each as a button; generated from the registry."""
    entries = request.registry.menu(request.person)
    commands = [request.registry.commands[entry.name] for entry in entries]
    lines = tuple(
        _("/{name} {words} — {help}", name=command.name, words=command.title, help=command.help) for command in commands
    )
    buttons = [Button(command.title, f"cmd:{command.name}:") for command in commands]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    return Card(
        title=_("您可以这样用"),
        lines=(_("随时发一张照片并写明地点和问题，就能上报隐患。"), *lines),
        buttons=rows,
    )


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
    """Set the person's language on all platforms."""
    do_choose_language(request.session, request.person, ident)
    return Card(lines=(_("好的，以后用中文和您说话。"),), menu=request.registry.menu(request.person), lang=ident)
