"""Ten thousand reports with photos through the whole product: what stays in memory, and how many files are open."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.outcome import Outcome, Plan, Target
from benchmarks.reports import FIRST_CHAT, PEOPLE, SMALL, fast_report, write_photos
from benchmarks.rig import stage

STEPS = 10
# Files: 64 connections to Telegram at most, the database's, the web server's, pipes to workers.
MOST_GROWTH_MB, MOST_FILES = 20, 110


def run(plan: Plan) -> Outcome:
    """Everybody reports over and over, each waiting for the answer; a look after each tenth."""
    each = plan.pick(10_000, 1_000) // PEOPLE // STEPS
    outcome = Outcome(
        f"memory: {each * PEOPLE * STEPS} reports with photos", ("reports", "MB", "open files", "CPU ms/report")
    )
    sizes, files = [], []
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        options = ("ours", "--villages", "--people", PEOPLE)
        with stage(*options, files=Path(name)) as (server, process, _folder):
            for step in range(STEPS):
                numbers = range(step * each, (step + 1) * each)
                write_photos(Path(name), SMALL, range(numbers.start * PEOPLE, numbers.stop * PEOPLE))
                scripts = {
                    FIRST_CHAT + person: [turn for number in numbers for turn in fast_report(person, number, SMALL)]
                    for person in range(PEOPLE)
                }
                found = server.measure(process, scripts)
                sizes.append(process.rss_mb)
                files.append(process.open_files)
                cost = f"{found.cpu_s / each / PEOPLE * 1000:.0f}"
                outcome.rows.append((str((step + 1) * each * PEOPLE), f"{sizes[-1]:.0f}", str(files[-1]), cost))
    # The first tenth is the warm-up: caches fill, workers start, connections open.
    growth = max(sizes) - sizes[0]
    outcome.targets.append(Target("growth after the first tenth", growth, MOST_GROWTH_MB, " MB", at_least=False))
    outcome.targets.append(Target("open files", max(files), MOST_FILES, "", at_least=False))
    return outcome
