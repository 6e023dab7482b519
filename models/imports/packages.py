"""What a spreadsheet's package must not hold, looked at before anything is unpacked for good.

Runs on bytes of strangers: sizes are checked by the package's own list, then while unpacking.
"""

from __future__ import annotations

import io
import zipfile
from typing import Final

from models.errors import InvalidInput
from models.texts import Text, _

# Source: reliability.md 2.3, "xlsx bomb"; the unpacked size holds 30,000 rows of 60 columns.
MAX_UNPACKED_BYTES: Final = 50 * 1024 * 1024
MAX_RATIO: Final = 100
MAX_SHEETS: Final = 20

_WORKSHEETS = "xl/worksheets/"
# Members of other kinds of files that are packages, too, and what to do about each.
_STRANGERS: Final = (
    ("xl/workbook.bin", _("这是 .xlsb 格式的表格，请另存为 .xlsx 再导入。")),
    ("word/document.xml", _("这是 Word 文档，不是表格。请把表格另存为 .xlsx 再导入。")),
    ("ppt/presentation.xml", _("这是演示文稿，不是表格。请发送 .xlsx 或 .csv。")),
    ("content.xml", _("这是 .ods 格式的表格，请另存为 .xlsx 再导入。")),
)


def unreadable() -> InvalidInput:
    """The refusal of what is no spreadsheet, or a broken one."""
    return InvalidInput(_("无法读取这个文件。请发送 .xlsx，或 UTF-8、GBK 编码的 .csv。"))


def check_package(data: bytes) -> bool:
    """Look into the package; return whether it has links to other files (they are not followed).

    Raises: InvalidInput: a bomb, with macros, objects or data links, or no workbook at all.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            names = {entry.filename.lower() for entry in entries}
            _check_size(entries)
            _check_contents(names, _read(package, "[Content_Types].xml"))
            links = [entry for entry in entries if entry.filename.lower().startswith("xl/externallinks/externallink")]
            if any(b"ddelink" in package.read(entry).lower() for entry in links):
                raise InvalidInput(_has_objects())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise unreadable() from error
    return bool(links)


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > MAX_UNPACKED_BYTES or size > MAX_RATIO * max(packed, 1):
        raise InvalidInput(_("文件解压后过大，已拒绝。请把需要的内容复制到新表格里再导入。"))


def _check_contents(names: set[str], kinds: bytes) -> None:
    if any(name.endswith("vbaproject.bin") for name in names) or b"macroenabled" in kinds.lower():
        raise InvalidInput(_("文件带有宏，已拒绝。请另存为不带宏的 .xlsx 再导入。"))
    if "xl/workbook.xml" not in names:
        raise _stranger(names)
    if any(name.startswith(("xl/embeddings/", "xl/activex/")) for name in names):
        raise InvalidInput(_has_objects())
    if sum(name.startswith(_WORKSHEETS) and name.endswith(".xml") for name in names) > MAX_SHEETS:
        raise InvalidInput(_("工作表超过{limit}张，请只保留需要导入的。", limit=MAX_SHEETS))


def _stranger(names: set[str]) -> InvalidInput:
    for member, reason in _STRANGERS:
        if member in names:
            return InvalidInput(reason)
    if any(name.endswith((".xlsx", ".xls", ".csv", ".et", ".zip", ".rar")) for name in names):
        return InvalidInput(_("这是压缩包，请解压后发送里面的 .xlsx 或 .csv。"))
    return unreadable()


def _has_objects() -> Text:
    return _("文件里嵌有其他程序的对象或数据链接，已拒绝。请把内容复制为数值，另存后再导入。")


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    try:
        return package.read(name)
    except KeyError:
        return b""
