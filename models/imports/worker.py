"""The worker: reads files of strangers and compares them with the store, in a process of its own with limits.

`python -m models.imports.worker` takes a request (JSON) on its input and leaves what it found in a folder. It only
reads the store; what it finds is written by the bot (scheduler/imports.py), in steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.imports.batch import Batch, Spot, read_batch
from models.imports.corrections import NAME, write_wrong_rows
from models.imports.plan import Plan, plan_import
from models.imports.sheets import MAX_FILE_BYTES
from models.imports.steps import list_changes
from models.imports.summary import Summary, summarise
from models.imports.tables import Import, ImportChange, State
from models.imports.undo import list_obstacles
from models.session import open_store
from models.texts import Text, When, _

# 20,000 rows need 6 s and 160 MB (docs/benchmarks.md); a bomb gets no further than this.
CPU_S: Final = 120
MEMORY_BYTES: Final = 1 << 30  # Address space; about three times what is really used.
FILE_BYTES: Final = 256 << 20  # A file it writes: one cell merged over all rows is small only until it is written out.
NICENESS: Final = 10  # Answers to people come first.
SUMMARY, CHANGES = "summary.json", "changes.jsonl"


@dataclass(frozen=True, slots=True)
class Request:
    """What to do: check `files` ({name, path}), or (`undo`: an import's id) whether an import can be taken back.

    `folder`: where the results go; `media`: where the files of an import that is corrected lie (empty: nowhere).
    """

    url: str
    now: str
    folder: str
    files: Sequence[dict[str, Any]] = ()
    skip: Sequence[Sequence[Any]] = ()
    media: str = ""
    import_id: int | None = None
    undo: int | None = None


async def check(request: Request) -> None:
    """Do what is asked for; the results lie in the folder."""
    store = open_store(request.url)
    try:
        found = await store.read(lambda session: _work(session, request))
    finally:
        await store.close()
    (Path(request.folder) / SUMMARY).write_text(json.dumps(found.to_json(), ensure_ascii=False), "utf-8")


def _work(session: Session, request: Request) -> Summary:
    if request.undo is None:
        return _plan(session, request)
    return Summary(obstacles=list(_obstacles(session, request.undo)))


def _obstacles(session: Session, import_id: int) -> list[Text]:
    total = session.scalar(select(func.count()).where(ImportChange.import_id == import_id)) or 0
    return list_obstacles(session, list_changes(session, import_id, 0, total))


def _plan(session: Session, request: Request) -> Summary:
    files, skip = list(request.files), [tuple(place) for place in request.skip]
    batch = _read(files, skip)
    if batch.corrects is not None and request.media and (base := _find_base(session, request, batch.corrects)):
        # What is corrected comes first, so that the places of its rows stay what they were.
        files = [*({**file, "path": _media_path(request, file["sha"])} for file in base.files), *files]
        skip = [tuple(place) for place in (*base.skip, *base.wrong)]
        batch = _read(files, skip)
        batch.note(
            Spot(str(files[-1]["name"])),
            _("已和{time}发来的那份表格里没有问题的行一起检查。", time=When(base.created_at)),
        )
    plan = plan_import(session, batch, now=datetime.fromisoformat(request.now))
    folder = Path(request.folder)
    has_file = write_wrong_rows(folder / NAME, plan.report.wrong, import_id=request.import_id)
    _write_changes(folder / CHANGES, plan)
    found = summarise(plan, has_file=has_file)
    found.files = [{"name": file["name"], "sha": file["sha"]} for file in files if "sha" in file]
    found.skip = [list(place) for place in skip]
    return found


def _read(files: Sequence[dict[str, Any]], skip: Sequence[Any]) -> Batch:
    return read_batch(((str(file["name"]), _load(Path(file["path"]))) for file in files), skip=set(skip))


def _load(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)  # One byte too many tells that there is more.


def _find_base(session: Session, request: Request, ident: int) -> Import | None:
    """The import whose wrong rows are corrected, if it was refused for them and is not the one in hand."""
    base = session.get(Import, ident)
    if base is None or ident == request.import_id or base.state is not State.REFUSED or not base.wrong:
        return None
    return base


def _media_path(request: Request, sha: str) -> str:
    return str(Path(request.media) / "original" / sha[:2] / sha[2:4] / sha)


def _write_changes(file: Path, plan: Plan) -> None:
    with file.open("w", encoding="utf-8") as out:
        for change in plan.changes:
            out.write(json.dumps(change.to_json(), ensure_ascii=False) + "\n")


def limit_self() -> None:
    """Bound what this process may take; where a system has no such limit, the time limit of the parent holds."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python would go on with an error.
    with contextlib.suppress(OSError):
        os.nice(NICENESS)


def main() -> None:
    """Read a request, work on it, print the peak of memory (MB) and the seconds of CPU."""
    os.umask(0o077)
    request = Request(**json.load(sys.stdin))
    limit_self()
    asyncio.run(check(request))
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(json.dumps({"peak_mb": _peak_mb(), "cpu_s": round(used.ru_utime + used.ru_stime, 2)}))


def _peak_mb() -> int:
    """The most memory this process has held; `ru_maxrss` would begin with what its parent holds."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
