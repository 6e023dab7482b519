"""Memory at rest, and the time from the start of the process to its first getUpdates."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contenders.ours import environment
from benchmarks.outcome import Outcome, Plan, Target, ratio, spread
from benchmarks.rig import ROOT, Process, Server

REST_S = 3.0
CONTENDERS = ("python-telegram-bot", "ours, everything on")


def start(name: str, folder: Path, api: str) -> Process:
    """The rival bare; ours as people run it: `python -m bot run`, with the web chat."""
    if name == CONTENDERS[0]:
        return Process("benchmarks.contenders.ptb", "--api", api, "--folder", folder, log=folder / "bot.log")
    settings = environment(folder, api) | {"PLATFORMS": "web,telegram"}
    return Process("bot", "run", log=folder / "bot.log", **settings)


def measure(name: str) -> tuple[float, float]:
    """Seconds to the first poll, and resident megabytes after a rest."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as text:
        folder = Path(text)
        server = Server(folder)
        if name != CONTENDERS[0]:
            migrate(folder, server.url)
        process = start(name, folder, server.url)
        try:
            state = server.until(lambda state: state["first_poll"], process)
            time.sleep(REST_S)
            return state["first_poll"] - process.started_at, process.rss_mb
        finally:
            process.stop()
            server.process.stop()


def migrate(folder: Path, api: str) -> None:
    """The tables are there before, as on any day but the first."""
    process = Process("bot", "migrate", log=folder / "migrate.log", **environment(folder, api))
    process.wait()


def imports() -> str:
    """What importing our parts costs alone, for the note."""
    code = "import time; t = time.perf_counter(); import bot.app; print(time.perf_counter() - t)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return f"{float(found.stdout) * 1000:.0f} ms"


def run(plan: Plan) -> Outcome:
    """Take turns."""
    starts: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    sizes: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _round in range(plan.rounds):
        for name in CONTENDERS:
            start_s, rss_mb = measure(name)
            starts[name].append(start_s)
            sizes[name].append(rss_mb)
    theirs, ours = CONTENDERS
    outcome = Outcome(
        "idle: memory at rest, start to the first getUpdates",
        ("contender", "MB", "s"),
        [(name, spread(sizes[name]), spread(starts[name])) for name in CONTENDERS],
        [f"Importing bot.app alone: {imports()}."],
    )
    outcome.targets.append(Target("memory", ratio(sizes[ours], sizes[theirs]), 2.0, at_least=False))
    outcome.targets.append(Target("start", ratio(starts[ours], starts[theirs]), 3.0, at_least=False))
    return outcome
