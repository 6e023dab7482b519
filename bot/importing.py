"""`python -m bot import`: files from disk, the dry run in words, with --yes the writing, and the way back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bot.settings import Settings
from models.errors import DomainError
from models.imports.corrections import NAME
from models.imports.forms import render_forms
from models.imports.jobs import COMMAND_LINE, check_undoable, do_ask_undo, do_open, find_last
from models.imports.process import FAULT, Checked, Worker, checked, run_worker
from models.imports.summary import Summary
from models.imports.tables import Import, State
from models.imports.worker import Request
from models.session import Session, Store, open_store
from models.texts import Line, Reader, When, _
from scheduler.imports import Importer


class Say(Protocol):
    """Where a line goes: stdout, or with `err` stderr (`typer.echo`)."""

    def __call__(self, message: str, *, err: bool = False) -> object: ...


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did, or would do; `written` only with --yes and without a wrong row.

    `wrong_rows`: where the file of the wrong rows lies. `is_overtaken`: somebody else changed the same rows meanwhile.
    """

    summary: Summary
    written: bool = False
    wrong_rows: Path | None = None
    is_overtaken: bool = False

    @property
    def is_refused(self) -> bool:
        """Tell whether something is wrong in the files, or with writing them."""
        return bool(self.summary.wrong or self.summary.failed or self.is_overtaken)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


async def run_import(
    store: Store,
    paths: Sequence[Path],
    *,
    yes: bool,
    wrong_rows: Path | None = None,
    clock: Callable[[], datetime] = utc_now,
    worker: Worker = run_worker,
) -> ImportOutcome:
    """Import files together, in the order grids, people, enterprises; without `yes` a dry run.

    `wrong_rows`: where to write the file of the wrong rows, by default beside the first of the files.
    Raises: OSError: a file cannot be opened. InvalidInput: another import is under way.
    """
    await asyncio.to_thread(_check_readable, paths)
    # What a command line that was killed has left half-way comes to its end first.
    await Importer(store, None, clock, worker=worker, is_leader=False).drain()
    files = [{"name": path.name, "path": str(path.absolute())} for path in paths]
    async with checked(Request(store.url, clock().isoformat(), "", files), worker=worker) as found:
        summary = found.summary
        if found.wrong_file:
            kept = await asyncio.to_thread(_copy, found.wrong_file, wrong_rows or paths[0].with_name(NAME))
            return ImportOutcome(summary, wrong_rows=kept)
        if not yes or summary.wrong or summary.failed or not summary.total:
            return ImportOutcome(summary)
        state = await _write(store, found, [path.name for path in paths], clock)
    return ImportOutcome(summary, written=state is State.DONE, is_overtaken=state is not State.DONE)


def _check_readable(paths: Sequence[Path]) -> None:
    for path in paths:
        path.open("rb").close()


def _copy(source: Path, wanted: Path) -> Path | None:
    """Put a file where it is wanted, never in the place of another; None if the folder does not take it."""
    target, number = wanted, 2
    while target.exists():
        target, number = wanted.with_name(f"{wanted.stem}({number}){wanted.suffix}"), number + 1
    try:
        shutil.copyfile(source, target)
    except OSError:
        return None
    return target


async def _write(store: Store, found: Checked, names: Sequence[str], clock: Callable[[], datetime]) -> State:
    summary = found.summary
    known = {"counts": summary.plain_counts, "digest": summary.digest, "total": summary.total}

    def begin(session: Session) -> int:
        files = [{"name": name} for name in names]
        return do_open(session, State.CONFIRMED, COMMAND_LINE, now=clock(), files=files, **known).id

    ident = await store.write(begin)
    importer = Importer(store, None, clock, own=ident)
    await importer.stage(ident, found)
    await importer.drain()
    return await _state(store, ident)


async def _state(store: Store, ident: int) -> State:
    return await store.read(lambda session: session.get_one(Import, ident).state)


def print_outcome(outcome: ImportOutcome, say: Say, *, reader: Reader | None = None) -> None:
    """Say what an import did; what is wrong goes to stderr."""
    read, summary = (reader or Reader()).read, outcome.summary
    for line in summary.count_lines:
        say(read(line))
    for note in summary.notes:
        say(read(_("提示：{remark}", remark=note)))
    if summary.more_notes:
        say(read(_("还有{count}条提示。", count=summary.more_notes)))
    for line in summary.wrong:
        say(read(line), err=True)
    if summary.more_wrong:
        say(read(_("还有{count}处有误。", count=summary.more_wrong)), err=True)
    for line in _refusals(outcome):
        say(read(line), err=True)
    if not outcome.is_refused:
        say(read(_end(outcome)))


def _refusals(outcome: ImportOutcome) -> list[Line]:
    summary = outcome.summary
    if summary.failed:
        return [summary.failed]
    if outcome.is_overtaken:
        return [_("导入时有人同时改动了其中的数据，已全部退回，什么都没有写入。请重新执行一次。")]
    if not summary.wrong:
        return []
    count = len(summary.wrong) + summary.more_wrong
    lines: list[Line] = [_("有{count}处需要改正，什么都没有写入。改好后请重新导入。", count=count)]
    if outcome.wrong_rows:
        lines.append(_("有误的行和原因见 {file}。", file=str(outcome.wrong_rows)))
    return lines


def _end(outcome: ImportOutcome) -> Line:
    if not outcome.summary.total:
        return _("表格与现有数据一致，没有需要写入的内容。")
    if outcome.written:
        return _("已导入。要撤销，请执行 import --undo --yes。")
    return _("以上是试算，还没有写入。确认无误后，加上 --yes 再执行一次。")


async def run_import_command(
    settings: Settings, files: Sequence[Path], *, yes: bool, say: Say, wrong_rows: Path | None = None
) -> bool:
    """Import files into the configured database and say what happened; False if something is wrong in them."""
    store = open_store(settings.database_url)
    try:
        outcome = await run_import(store, files, yes=yes, wrong_rows=wrong_rows)
    finally:
        await store.close()
    print_outcome(outcome, say)
    return not outcome.is_refused


# -- the way back ------------------------------------------------------------------------------------------


async def run_undo(
    store: Store,
    *,
    yes: bool,
    say: Say,
    clock: Callable[[], datetime] = utc_now,
    worker: Worker = run_worker,
) -> bool:
    """Take back the last import, or without `yes` say whether that is possible; False if it is not."""
    read = Reader().read
    await Importer(store, None, clock, worker=worker, is_leader=False).drain()
    row = await store.read(find_last)
    if row is None:
        say(read(_("还没有导入过。")), err=True)
        return False
    files = "、".join(str(file["name"]) for file in row.files)
    say(read(_("最近一次：{files}，{time}。", files=files, time=When(row.finished_at or row.created_at))))
    if row.state is State.UNDONE:
        say(read(_("这次导入已经撤销过了。")), err=True)
        return False
    try:
        await store.read(lambda session: check_undoable(session, row))
    except DomainError as refusal:
        say(read(refusal.text), err=True)
        return False
    async with checked(Request(store.url, clock().isoformat(), "", undo=row.id), worker=worker) as found:
        obstacles, failed = found.summary.obstacles, found.summary.failed
    if failed:
        say(read(FAULT), err=True)
        return False
    for line in obstacles:
        say(read(line), err=True)
    if obstacles:
        say(read(_("这次导入的内容之后又用过或改过，不能整体撤销，现在什么都没有变。")), err=True)
        return False
    if not yes:
        say(read(_("可以撤销，共{count}处。加上 --yes 再执行一次。", count=row.total)))
        return True
    return await _undo(store, row.id, say=say, clock=clock, worker=worker)


async def _undo(store: Store, ident: int, *, say: Say, clock: Callable[[], datetime], worker: Worker) -> bool:
    await store.write(lambda session: do_ask_undo(session, session.get_one(Import, ident), COMMAND_LINE, now=clock()))
    await Importer(store, None, clock, own=ident, worker=worker).drain()
    is_undone = await _state(store, ident) is State.UNDONE
    line = _("已撤销，数据已恢复到导入之前。") if is_undone else _("没有撤销：有人同时改动了其中的数据。")
    say(Reader().read(line), err=not is_undone)
    return is_undone


async def run_undo_command(settings: Settings, *, yes: bool, say: Say) -> bool:
    """Take back the last import into the configured database; False if it cannot be."""
    store = open_store(settings.database_url)
    try:
        return await run_undo(store, yes=yes, say=say)
    finally:
        await store.close()


async def write_templates(settings: Settings, folder: Path) -> list[Path]:
    """Write the templates into a folder; return the files. Raises: OSError: the folder does not take them."""
    store = open_store(settings.database_url)
    try:
        forms = await render_forms(store)
    finally:
        await store.close()
    return await asyncio.to_thread(lambda: [_write_form(folder / form.name, form.data) for form in forms])


def _write_form(file: Path, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file
