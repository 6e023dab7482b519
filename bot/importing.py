"""`python -m bot import`: files from disk, the dry run in words, and with --yes the writing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bot.settings import Settings
from models.imports.batch import Batch, read_batch
from models.imports.plan import do_import, plan_import
from models.imports.report import Report, count_lines, remark_line
from models.imports.sheets import MAX_FILE_BYTES
from models.session import Store, open_store
from models.texts import Reader, _


class Say(Protocol):
    """Where a line goes: stdout, or with `err` stderr (`typer.echo`)."""

    def __call__(self, message: str, *, err: bool = False) -> object: ...


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did, or would do; `written` only with --yes and without a wrong row."""

    report: Report
    written: bool

    @property
    def is_refused(self) -> bool:
        """Tell whether something is wrong in the files."""
        return bool(self.report.wrong)


async def run_import(store: Store, paths: Sequence[Path], *, yes: bool, now: datetime) -> ImportOutcome:
    """Import files together, in the order grids, people, enterprises; without `yes` a dry run.

    Raises: OSError: a file cannot be opened.
    """
    batch = await asyncio.to_thread(_read_files, paths)
    if yes:
        report, written = await store.write(lambda session: do_import(session, batch, now=now))
        return ImportOutcome(report, written)
    plan = await store.read(lambda session: plan_import(session, batch, now=now))
    return ImportOutcome(plan.report, written=False)


def _read_files(paths: Sequence[Path]) -> Batch:
    return read_batch((path.name, _read_file(path)) for path in paths)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)  # One byte too many tells that there is more.


def print_outcome(outcome: ImportOutcome, say: Say, *, reader: Reader | None = None) -> None:
    """Say what an import did; what is wrong goes to stderr."""
    read = (reader or Reader()).read
    report = outcome.report
    for line in count_lines(report):
        say(read(line))
    for remark in report.notes:
        say(read(_("提示：{remark}", remark=remark_line(remark))))
    for wrong in report.wrong:
        say(read(remark_line(wrong)), err=True)
    if outcome.is_refused:
        count = len(report.wrong)
        say(read(_("有{count}处需要改正，什么都没有写入。改好后请重新导入。", count=count)), err=True)
    elif not report.has_changes:
        say(read(_("表格与现有数据一致，没有需要写入的内容。")))
    elif outcome.written:
        say(read(_("已导入。")))
    else:
        say(read(_("以上是试算，还没有写入。确认无误后，加上 --yes 再执行一次。")))


async def run_import_command(settings: Settings, files: Sequence[Path], *, yes: bool, say: Say) -> bool:
    """Import files into the configured database and say what happened; False if something is wrong in them."""
    store = open_store(settings.database_url)
    try:
        outcome = await run_import(store, files, yes=yes, now=datetime.now(UTC))
    finally:
        await store.close()
    print_outcome(outcome, say)
    return not outcome.is_refused
