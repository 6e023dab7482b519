"""The darkroom: two worker processes in which pictures are opened, so that none of them can do harm.

A photo may be made to burn hours, to fill the memory or to crash its reader. A thread cannot be ended, a process
can: each task has a time limit, each worker a memory limit, and what goes wrong is one refused photo. Workers are
started when the first photo comes. See docs/decisions/0005-darkroom.md.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Literal

from models.content import Place
from models.errors import InvalidInput, StorageFailed
from models.texts import Text, _

WORKERS: Final = 2
TASK_S: Final = 30.0  # Source: reliability.md 2.3, "picture bomb".
START_S: Final = 20.0
ALONE_S: Final = 1.0  # By how much a worker outlives its task's time if nobody ends it.
# Address space. A photo of 48 megapixels, as phones take them, needs up to 0.8 GB (docs/decisions/0005-darkroom.md).
MEMORY_BYTES: Final = 1_200_000_000
# A worker that comes behind the event loop costs no chat its answer.
NICE: Final = 10
INHERITED: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TZ")
ROOT: Final = Path(__file__).resolve().parent.parent

Task = Literal["prepare", "qr", "mark", "pair", "case", "missing"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A photo that may be kept, as the task "prepare" gives it (models/pictures.py).

    `width`, `height`: pixels of the original, upright. `copy`, `thumb`: JPEG bytes without any metadata, at
    most 2,048 and 360 pixels on the long side. `dhash`, `mirror_hash`: 64-bit difference hashes of the
    picture and of its mirror image, as signed integers.
    """

    mime: str
    width: int
    height: int
    taken_at: datetime | None
    place: Place | None
    dhash: int
    mirror_hash: int
    copy: bytes
    thumb: bytes


class Darkroom:
    """The pool: at most `WORKERS` tasks at once. Everything here blocks, so it is called from threads."""

    def __init__(self, *, task_s: float = TASK_S) -> None:
        self._task_s = task_s
        self._slots = threading.BoundedSemaphore(WORKERS)
        self._idle: list[_Worker] = []

    def run(self, task: Task, *args: Any) -> Any:
        """Do one task in a worker.

        Raises: InvalidInput: what the task says of the picture, or the picture took a worker's time or life.
        StorageFailed: no worker can be started. RuntimeError: a fault of ours in the task.
        """
        with self._slots:
            worker = self._take()
            try:
                outcome, value = worker.ask((task, args), self._task_s)
            except (EOFError, OSError) as error:
                worker.end()
                raise InvalidInput(_("这张照片无法处理，请重新拍一张再发。")) from error
            self._idle.append(worker)
        if outcome == "refused":
            raise InvalidInput(value)
        if outcome == "failed":
            raise RuntimeError(value)
        return value

    def close(self) -> None:
        """End the workers that have nothing to do; the next task starts new ones."""
        with contextlib.suppress(IndexError):  # not asked before: another thread may take the last one
            while True:
                self._idle.pop().end()

    def _take(self) -> _Worker:
        with contextlib.suppress(IndexError):
            while True:
                worker = self._idle.pop()
                if worker.is_alive:
                    return worker
                worker.end()
        return _Worker(self._task_s)


class _Worker:
    """One process, and the pipe to it."""

    def __init__(self, task_s: float) -> None:
        self._pipe, theirs = Pipe()
        command = [sys.executable, "-m", "models.darkroom", str(theirs.fileno()), str(task_s)]
        with theirs:
            # Not in our process group: Ctrl-C is for the bot, which then ends its workers.
            self._process = subprocess.Popen(
                command, cwd=ROOT, pass_fds=[theirs.fileno()], start_new_session=True,
                env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        try:
            self.ask(None, START_S)
        except (EOFError, OSError) as error:
            self.end()
            raise StorageFailed("the worker for pictures does not start") from error

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: tuple[Task, tuple[Any, ...]] | None, limit_s: float) -> tuple[str, Any]:
        """Raises: EOFError, OSError: the worker ended. TimeoutError (an OSError): it took too long."""
        self._pipe.send(request)
        if not self._pipe.poll(limit_s):
            raise TimeoutError
        outcome: tuple[str, Any] = self._pipe.recv()
        return outcome

    def end(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.wait()


def _environment() -> dict[str, str]:
    """What a worker needs to start; the bot's tokens and passwords are none of its business."""
    given = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return given | {"MALLOC_ARENA_MAX": "1"}


DARKROOM: Final = Darkroom()
atexit.register(DARKROOM.close)


def serve(pipe: Connection, task_s: float) -> None:
    """Do tasks until the other end of the pipe is closed; what runs in the worker."""
    warnings.simplefilter("ignore")  # about broken EXIF and the like, which the photo's owner can do nothing about
    from models.pairs import draw_pairs
    from models.pictures import prepare, qr_png
    from models.watermark import find_missing, mark

    tasks = {
        "prepare": prepare,
        "qr": qr_png,
        "mark": mark,
        "pair": draw_pairs,
        "case": _draw_case,
        "missing": find_missing,
    }
    with contextlib.suppress(EOFError, OSError):  # the bot has ended
        while True:
            request = pipe.recv()
            if request is None:
                pipe.send(("ready", None))
                continue
            name, args = request
            # The bot ends a worker that takes too long; one that has lost its bot has to end by itself.
            signal.setitimer(signal.ITIMER_REAL, task_s + ALONE_S)
            pipe.send(_attempt(tasks[name], args))
            signal.setitimer(signal.ITIMER_REAL, 0)


def _draw_case(case: Any) -> Any:
    from models.papers.draw import draw_case  # brings a library along that nothing else needs

    return draw_case(case)


def _attempt(work: Any, args: tuple[Any, ...]) -> tuple[str, Text | str | Any]:
    try:
        return "done", work(*args)
    except InvalidInput as refusal:
        return "refused", refusal.text
    except Exception as error:  # noqa: BLE001 - said on the other side, where it can be logged
        return "failed", f"{type(error).__name__}: {error}"


def main(descriptor: int, task_s: float) -> None:
    """Run a worker on an open pipe."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.nice(NICE)
    serve(Connection(descriptor), task_s)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
