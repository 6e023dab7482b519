"""What every benchmark needs: servers and contenders as processes of their own, clocks for them, medians.

Figures of one machine wander by 40 % from minute to minute; only ratios of contenders that took turns in one run
are worth a thought, and only from 1.5 on.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETTLE_S = 0.3  # What a bot still does after its last answer (marks, clean-up) counts as its work.
QUIET_S = 0.7  # A bot that has called nothing for so long has finished what it does at its start.
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: `count` answers in `elapsed_s`, for which the contender used `cpu_s`.

    `waits`: for each answer the kind of what it answers, and the seconds it took.
    """

    count: int
    elapsed_s: float
    cpu_s: float
    calls: dict[str, int]
    waits: tuple[tuple[str, float], ...] = ()

    @property
    def per_second(self) -> float:
        return self.count / self.elapsed_s

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.count * 1e6

    def waits_ms(self, *kinds: str) -> list[float]:
        """Milliseconds from a message to its answer, of these kinds or of all."""
        return [seconds * 1000 for kind, seconds in self.waits if not kinds or kind in kinds]


class Process:
    """A Python process of ours; its output goes to a file, shown when something goes wrong."""

    def __init__(self, module: str, *arguments: object, log: Path, **environment: str) -> None:
        self._log = log
        self.started_at = time.monotonic()
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, arguments)],
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env=os.environ | environment,
            )  # fmt: skip

    @property
    def cpu_s(self) -> float:
        """CPU seconds so far, all threads, to the nanosecond (Linux: the clock of another process)."""
        return time.clock_gettime((~self._popen.pid << 3) | 2)

    @property
    def rss_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self._popen.pid}/status").read_text("utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    @property
    def open_files(self) -> int:
        """File descriptors."""
        return sum(1 for _fd in Path(f"/proc/{self._popen.pid}/fd").iterdir())

    def says(self, word: str) -> str:
        """Wait for the line with this word. Raises: RuntimeError: it ended, or was silent for too long."""
        for _second in range(int(PATIENCE_S * 50)):
            self.check()
            found = [line for line in self._log.read_text("utf-8", "replace").splitlines() if word in line]
            if found:
                return found[0]
            time.sleep(0.02)
        raise RuntimeError(f"did not say {word!r}:\n{self._log.read_text('utf-8', 'replace')[-3000:]}")

    def wait(self) -> None:
        """Wait until it has ended well. Raises: RuntimeError: it has not."""
        if self._popen.wait(PATIENCE_S):
            self.check()

    def check(self) -> None:
        """Raises: RuntimeError: it has ended."""
        if self._popen.poll() is not None:
            raise RuntimeError(f"ended with {self._popen.returncode}:\n{self._log.read_text('utf-8')[-3000:]}")

    def kill(self) -> None:
        """`kill -9`: no handler runs, nothing is flushed."""
        self._popen.kill()
        self._popen.wait()

    def stop(self) -> None:
        """Ask it to end; kill it if it does not."""
        self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(10)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


class Server:
    """A local Bot API server in a process of its own: `sink` (canned) or tests.telegram_server (strict)."""

    def __init__(self, folder: Path, *, module: str = "benchmarks.sink", arguments: Sequence[object] = ()) -> None:
        self.process = Process(module, *arguments, log=folder / "server.log")
        self.url = self.process.says("listening").split()[1]

    def ask(self, what: str, body: Any = None) -> Any:
        """Call a control endpoint."""
        data = None if body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            method = "GET" if body is None else "POST"
            connection.request(method, f"/control/{what}", data, {"Content-Type": "application/json"})
            return json.load(connection.getresponse())
        finally:
            connection.close()

    def until(
        self, ready: Any, process: Process, *, every_s: float = 0.02, patience_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """Ask for the state until `ready(state)`. Raises: RuntimeError: the process ended, or too late."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            process.check()
            state: dict[str, Any] = self.ask("state")
            if ready(state):
                return state
            time.sleep(every_s)
        raise RuntimeError(f"not done after {patience_s:.0f} s: {state}")

    def measure(
        self,
        process: Process,
        scripts: dict[int, list[dict[str, Any]]],
        *,
        ahead: bool = False,
        pause_s: float = 0.0,
        every_s: float = 0.0,
    ) -> Run:
        """Let people act as scripted (see `sink`), and the process answer."""
        before = process.cpu_s
        self.ask("load", {"scripts": scripts, "ahead": ahead, "pause_s": pause_s, "every_s": every_s})
        patience_s = PATIENCE_S + max(every_s, 0.2) * sum(map(len, scripts.values()))
        state = self.until(lambda state: state["left"] <= 0, process, every_s=0.1, patience_s=patience_s)
        time.sleep(SETTLE_S)
        calls, waits = self.ask("state")["calls"], tuple((kind, seconds) for kind, seconds in self.ask("waits"))
        return Run(len(waits), state["elapsed_s"], process.cpu_s - before, calls, waits)


@contextmanager
def stage(
    contender: str, *arguments: object, latency_s: float = 0.0, files: Path | None = None
) -> Iterator[tuple[Server, Process, Path]]:
    """A sink (with `files` to download) and a contender that polls it; both end with the block."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        folder = Path(name)
        server = Server(folder, arguments=("--latency-s", latency_s, *(("--files", files) if files else ())))
        process = None
        try:
            module = f"benchmarks.contenders.{contender}"
            process = Process(module, "--api", server.url, "--folder", folder, *arguments, log=folder / "bot.log")
            server.until(lambda state: state["calls"].get("getupdates"), process)
            server.until(
                lambda state: time.monotonic() - max(state["first_poll"], state["last_call"]) > QUIET_S, process
            )
            yield server, process, folder
        finally:
            if process:
                process.stop()
            server.process.stop()


def texts(chats: int, each: int, first_chat: int = 1001) -> dict[int, list[dict[str, Any]]]:
    """A script: `chats` people send `each` short messages."""
    return {
        first_chat + chat: [{"text": f"第{turn}条 {chat} 靠山加油站"} for turn in range(each)] for chat in range(chats)
    }
