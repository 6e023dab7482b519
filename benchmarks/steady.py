"""A busy hour: a hundred people report hazards, thirty messages a second; how long each waits for its answer."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.outcome import Outcome, Plan, Target, percentile
from benchmarks.reports import FIRST_CHAT, PEOPLE, SENT, fast_report, guided_report, write_photos
from benchmarks.rig import Run, stage

PER_SECOND = 30
LONGEST = 7  # Turns of the two ways to report.
KINDS = {"all": (), "messages": ("text",), "photos": ("photo",), "taps": ("press",)}


def measure(seconds: int) -> Run:
    """Everybody reports, now by a photo with a caption, now question by question."""
    turns = seconds * PER_SECOND // PEOPLE
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        files = Path(name)
        write_photos(files, SENT, range(PEOPLE * (turns // 3 + 2)))
        with stage("ours", "--villages", "--people", PEOPLE, files=files) as (server, process, _folder):
            server.measure(process, {FIRST_CHAT + person: fast_report(person, 0, SENT) for person in range(PEOPLE)})
            scripts = {FIRST_CHAT + person: script(person, turns) for person in range(PEOPLE)}
            return server.measure(process, scripts, every_s=1 / PER_SECOND)


def script(person: int, turns: int) -> list[dict[str, Any]]:
    """So many turns of one person, who begins with one way or the other, and not all at once with the same step."""
    ways = (fast_report, guided_report)
    first: list[dict[str, Any]] = [{"text": "/todo", "kind": "text"}] * (person % LONGEST)
    reports = (ways[(person + number) % 2](person, number, SENT) for number in itertools.count(1))
    return list(itertools.islice(itertools.chain(first, itertools.chain.from_iterable(reports)), turns))


def run(plan: Plan) -> Outcome:
    """Once; the clock decides."""
    seconds = plan.pick(60, 10)
    found = measure(seconds)
    outcome = Outcome(
        f"steady: {PEOPLE} people, {PER_SECOND} messages a second for {seconds} s, reports with photos",
        ("what", "answers", "p50 ms", "p95 ms", "longest ms"),
    )
    for what, kinds in KINDS.items():
        waits = found.waits_ms(*kinds)
        if waits:
            cells = (f"{percentile(waits, 0.5):.0f}", f"{percentile(waits, 0.95):.0f}", f"{max(waits):.0f}")
            outcome.rows.append((what, str(len(waits)), *cells))
    outcome.notes += [f"CPU of the bot: {found.cpu_s / found.elapsed_s:.0%} of one core, without the darkroom's."]
    waits = found.waits_ms()
    outcome.targets.append(Target("p95 of all answers", percentile(waits, 0.95), 100, " ms", at_least=False))
    return outcome
