"""Cards about imports: what would happen, what happened, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from models.content import Button, Card, File
from models.imports.report import Counts, Report, count_lines
from models.imports.summary import Summary
from models.imports.tables import Import
from models.imports.templates import Kind
from models.texts import Joined, Line, _

SHOWN: Final = 5  # Remarks and wrong cells on a card; the file has them all.
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _names(row: Import) -> Joined:
    return Joined(tuple(str(file["name"]) for file in row.files))


def _button(row: Import, label: Line, action: str, *, is_main: bool = False) -> Button:
    return Button(label, f"import:{row.id}:{action}", "primary" if is_main else "plain")


def _card(
    row: Import, title: Line, *lines: Line, buttons: Sequence[Button] = (), tone: Literal["", "good", "warn"] = ""
) -> Card:
    shown = (tuple(buttons),) if buttons else ()
    return Card(title=title, lines=lines, buttons=shown, key=row.card_key, tone=tone)


def show_checking(row: Import) -> Card:
    """The files have come; they are checked beside everything else."""
    lines = _("正在逐行检查，稍后告诉您结果。这期间可以照常办别的事。")
    return _card(row, _("已收到：{files}", files=_names(row)), lines, buttons=[_button(row, _("取消"), "cancel")])


def show_plan(row: Import, found: Summary, file: File | None, *, has_changed: bool = False) -> Card:
    """The dry run: counts, remarks, what is wrong, and what can be done now."""
    lines: list[Line] = [_("刚才的情况有了变化，请重新核对。")] if has_changed else []
    lines += found.count_lines
    lines += [_("提示：{remark}", remark=note) for note in found.notes[:SHOWN]]
    if more := len(found.notes) + found.more_notes - SHOWN:
        lines += [_("还有{count}条提示。", count=more)] if more > 0 else []
    if found.wrong:
        return _show_wrong(row, found, file, lines)
    if not found.total:
        return _card(
            row,
            _("检查完毕：{files}", files=_names(row)),
            *lines,
            _("表格与现有数据一致，没有需要写入的内容。"),
            tone="good",
        )
    buttons = [_button(row, _("确认导入"), "confirm", is_main=True), _button(row, _("取消"), "cancel")]
    lines.append(_("现在还没有写入。核对无误后请点“确认导入”。"))
    return _card(row, _("检查完毕：{files}", files=_names(row)), *lines, buttons=buttons)


def _show_wrong(row: Import, found: Summary, file: File | None, lines: list[Line]) -> Card:
    lines += found.wrong[:SHOWN]
    if (more := len(found.wrong) + found.more_wrong - SHOWN) > 0:
        lines.append(_("还有{count}处有误。", count=more))
    lines.append(_("有误的表格不会写入，现有数据没有变化。"))
    if file and found.wrong_places:
        lines.append(_("请在附件里改好标红的内容，直接把附件发回来；其余的行不用重发。"))
    elif file:
        lines.append(_("附件里有全部有误的行和原因。请改好原表后重新发送。"))
    title = _("有{count}处需要改正", count=len(found.wrong) + found.more_wrong)
    card = _card(row, title, *lines, tone="warn")
    return replace(card, files=(file,) if file else ())


def show_failed(row: Import, reason: Line) -> Card:
    """The check did not come to its end."""
    return _card(row, _("没有检查完：{files}", files=_names(row)), reason, tone="warn")


def show_writing(row: Import) -> Card:
    """It was confirmed and is being written."""
    return _card(row, _("正在导入：{files}", files=_names(row)), _("写完后告诉您。这期间可以照常办别的事。"))


def show_done(row: Import) -> Card:
    """It is written; as long as it is the last import, it can be taken back."""
    buttons = [_button(row, _("撤销本次导入"), "undo")]
    return _card(row, _("已导入：{files}", files=_names(row)), *_counts(row), buttons=buttons, tone="good")


def _counts(row: Import) -> list[Line]:
    return count_lines(Report({Kind(kind): Counts(**found) for kind, found in row.counts.items()}))


def show_cancelled(row: Import) -> Card:
    """It was given up."""
    return _card(row, _("已取消：{files}", files=_names(row)), _("没有写入任何内容。"))


def ask_undo(row: Import) -> Card:
    """Whether everything that an import wrote is really to be taken back."""
    buttons = [_button(row, _("确认撤销"), "really", is_main=True), _button(row, _("不撤销"), "keep")]
    line = _("导入时新增的会删去，改动的会改回原样。这次导入写入了：")
    return _card(row, _("撤销这次导入？{files}", files=_names(row)), line, *_counts(row), buttons=buttons)


def show_undoing(row: Import) -> Card:
    """It is being taken back."""
    return _card(row, _("正在撤销：{files}", files=_names(row)), _("完成后告诉您。这期间可以照常办别的事。"))


def show_undone(row: Import) -> Card:
    """Everything is as it was before the import."""
    return _card(row, _("已撤销：{files}", files=_names(row)), _("数据已恢复到导入之前。"), tone="good")


def show_kept(row: Import, obstacles: Sequence[Line]) -> Card:
    """It cannot be taken back."""
    lines: list[Line] = [_("这次导入的内容之后又用过或改过，不能整体撤销，现在什么都没有变。"), *obstacles[:SHOWN]]
    if (more := len(obstacles) - SHOWN) > 0:
        lines.append(_("还有{count}处。", count=more))
    lines.append(_("需要改正的，请改好表格重新导入。"))
    return _card(row, _("不能撤销：{files}", files=_names(row)), *lines, tone="warn")


def show_templates(row: Import, files: Sequence[File]) -> Card:
    """The templates to fill in."""
    lines = (
        _("带 * 的列必填；下拉列表里可以直接选。“示例”开头的行导入时会跳过。"),
        _("填好后把文件发到这里，会先检查，确认后才写入。"),
    )
    return Card(title=_("导入模板"), lines=lines, files=tuple(files), key=row.card_key)
