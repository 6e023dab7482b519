"""Running the worker beside the event loop: started, waited for, and killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from models.errors import DomainError
from models.imports.corrections import NAME
from models.imports.summary import Summary
from models.imports.worker import CHANGES, SUMMARY, Request
from models.texts import _

log = logging.getLogger(__name__)

TIME_S: Final = 300  # For the whole check; the worker's own limit of CPU time ends a busy one sooner.
LINES: Final = 400
_ROOT: Final = str(Path(__file__).resolve().parent.parent.parent)
_KEPT: Final = frozenset({"PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONUTF8", "SYSTEMROOT"})


@dataclass(frozen=True, slots=True)
class Checked:
    """What the worker found: the summary, and the folder in which the rest of it lies. `usage`: what it took."""

    summary: Summary
    folder: Path
    usage: dict[str, Any]

    @property
    def wrong_file(self) -> Path | None:
        """The file of the wrong rows, if a row is to blame."""
        return self.folder / NAME if self.summary.has_file else None

    async def list_changes(self) -> AsyncIterator[tuple[int, list[Any]]]:
        """Give the changes as JSON values, a few at a time, each time with the number of the first."""
        with (self.folder / CHANGES).open(encoding="utf-8") as file:
            number = 0
            while changes := await asyncio.to_thread(lambda: [json.loads(line) for line in islice(file, LINES)]):
                yield number, changes
                number += len(changes)


FAULT: Final = _("系统出错，请稍后再试或联系维护人员。")


class WorkerFailed(DomainError):
    """The worker could not do its work, and the files are not to blame (the database was away)."""

    code = "worker-failed"


Worker = Callable[[Request], Awaitable[dict[str, Any]]]


async def run_worker(request: Request) -> dict[str, Any]:
    """Run the worker on a request; return what it took, empty if it ran into its limits.

    Raises: WorkerFailed: something else kept it from its end.
    """
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "models.imports.worker",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=_environment(),
    )  # fmt: skip
    try:
        said, complaint = await asyncio.wait_for(worker.communicate(json.dumps(asdict(request)).encode()), TIME_S)
    except TimeoutError:
        log.warning("the worker of an import took too long")
        return {}
    finally:
        if worker.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()
    if worker.returncode:
        # Its last line names the kind of error; the values in it may be of people and stay out of the log.
        kind = complaint.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        log.warning("the worker of an import failed", extra={"code": worker.returncode, "error": kind[:80]})
        if worker.returncode > 0 and kind != "MemoryError":
            raise WorkerFailed(FAULT)
        return {}
    return dict(json.loads(said))


def _environment() -> dict[str, str]:
    """What the worker needs to start, and none of our secrets: it opens files of strangers."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    return {**kept, "PYTHONPATH": os.pathsep.join([_ROOT, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)}


@contextlib.asynccontextmanager
async def checked(request: Request, *, worker: Worker = run_worker) -> AsyncIterator[Checked]:
    """Have a request worked on in a folder that lasts as long as the block; `request.folder` is filled in."""
    with tempfile.TemporaryDirectory(prefix="wangge-import-") as name:
        folder = Path(name)
        usage = await worker(Request(**{**asdict(request), "folder": name}))
        file = folder / SUMMARY
        if usage and file.exists():
            summary = Summary.from_json(json.loads(await asyncio.to_thread(file.read_text, "utf-8")))
        else:
            summary = Summary(failed=_("表格太大或太复杂，没能检查完。请拆成几个文件，或只留要导入的工作表再试。"))
        yield Checked(summary, folder, usage)
