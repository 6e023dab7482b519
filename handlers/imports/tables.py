"""Spreadsheets in chat: a file that is sent is checked, shown, and written when the administrator says so."""

from __future__ import annotations

from typing import Final

from handlers.registry import Answer, Registry, Request
from models.content import Attachment, Button, Card, say
from models.errors import InvalidInput, NotFound, Stale
from models.imports import cards
from models.imports.jobs import (
    Asker,
    access_import,
    check_importer,
    check_undoable,
    do_ask_undo,
    do_cancel,
    do_confirm,
    do_open,
    find_last,
    state_text,
)
from models.imports.tables import Import, State
from models.people.tables import Role
from models.texts import N_, Line, When, _

IMPORTERS: Final = (Role.ADMIN,)
LONGEST_NAME: Final = 60
MOST_FILES: Final = 9
_ENDINGS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".csv", ".txt", ".et", ".ods")
_KINDS: Final = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/x-ole-storage",
        "application/zip",
        "text/csv",
        "text/plain",
    }
)


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    words = (N_("导入"), "导入表格", "表格导入")
    command = registry.command("import", words, _("导入网格、人员、企业表格"), roles=IMPORTERS, takes=is_table)
    command(import_tables)
    registry.press("import")(press_import)
    registry.fallback(refuse_file)


def is_table(file: Attachment) -> bool:
    """Tell whether a file is, or by its name is meant to be, a spreadsheet; what it is shows when it is read."""
    return file.kind == "file" and (file.mime in _KINDS or file.name.lower().endswith(_ENDINGS))


def _is_text(file: Attachment) -> bool:
    return file.name.lower().endswith(".txt")


def import_tables(request: Request) -> Answer:
    """Take the files of a message; without any, say how it is done and what was imported last."""
    if not request.incoming.attachments:
        return show_how(request)
    check_importer(request.session, request.person)
    files = request.incoming.attachments
    if missing := [file for file in files if not file.sha]:
        return say(_missing(missing[0]), tone="warn")
    if len(files) > MOST_FILES:
        raise InvalidInput(_("一次最多{limit}个文件，请分几次发。", limit=MOST_FILES))
    named = [{"name": _name(file), "sha": file.sha} for file in files]
    return cards.show_checking(
        do_open(request.session, State.CHECKING, _asker(request), now=request.now, files=named)
    )  # fmt: skip


def _missing(file: Attachment) -> Line:
    if file.reason:
        return file.reason
    if file.error == "too-big":
        return _("「{name}」超过20MB，请拆成几个文件再发。", name=_name(file))
    return _("「{name}」没有收到，请再发一次。", name=_name(file))


def _name(file: Attachment) -> str:
    """What to call a file: only its name, not endless."""
    name = file.name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-LONGEST_NAME:] or "表格"


def _asker(request: Request) -> Asker:
    incoming = request.incoming
    return Asker(request.person.person_id, incoming.platform, incoming.chat, request.lang)


def show_how(request: Request) -> Card:
    """How to import, and the last import with the way back."""
    check_importer(request.session, request.person)
    lines: list[Line] = [
        _("把网格、人员或企业表（.xlsx 或 .csv）发到这里，可以一次发几个。"),
        _("会先逐行检查并告诉您结果，您点“确认导入”后才写入。"),
    ]
    buttons = [(Button(_("导入模板"), "cmd:templates:"),)]
    last = find_last(request.session)
    if last is not None and last.finished_at:
        files = "、".join(str(file["name"]) for file in last.files) or "—"
        lines.append(_("最近一次：{files}，{time}。", files=files, time=When(last.finished_at)))
        if last.state is State.DONE:
            buttons.append((Button(_("撤销最近一次导入"), f"import:{last.id}:undo"),))
    return Card(title=_("导入表格"), lines=tuple(lines), buttons=tuple(buttons), key="import")


def press_import(request: Request, ident: str, action: str) -> Answer:
    """A button of an import's card.

    Raises: NotFound: made up, or the person may not import. Stale: it has moved on since.
    """
    row = access_import(request.session, request.person, ident)
    act = {"confirm": _confirm, "cancel": _cancel, "undo": _ask_undo, "really": _undo, "keep": _keep}.get(action)
    if act is None:
        raise NotFound
    return act(request, row)


def _confirm(request: Request, row: Import) -> Card:
    do_confirm(request.session, row, _asker(request), now=request.now)
    return cards.show_writing(row)


def _cancel(request: Request, row: Import) -> Card:
    do_cancel(request.session, row, now=request.now)
    return cards.show_cancelled(row)


def _ask_undo(request: Request, row: Import) -> Card:
    check_undoable(request.session, row)
    return cards.ask_undo(row)


def _undo(request: Request, row: Import) -> Card:
    do_ask_undo(request.session, row, _asker(request), now=request.now)
    return cards.show_undoing(row)


def _keep(request: Request, row: Import) -> Card:
    if row.state is not State.DONE:
        raise Stale(now_in=state_text(row.state))
    return cards.show_done(row)


def refuse_file(request: Request) -> Answer:
    """Say what becomes of files that nobody takes: no spreadsheet, or from somebody who imports none."""
    files = request.incoming.attachments
    if not files or any(file.kind != "file" for file in files):
        return None
    if not request.person.has(IMPORTERS):
        if any(is_table(file) and not _is_text(file) for file in files):
            return say(_("表格由系统管理员导入，请把文件交给系统管理员。要上报隐患，请发照片。"), tone="warn")
        return say(_("这不是能识别的照片，请发JPG、PNG、WebP或HEIC格式的照片。"), tone="warn")
    return say(_("这不是表格文件。要导入，请发送 .xlsx 或 .csv；要上报隐患，请发照片。"), tone="warn")
