"""A photo of twelve megapixels as JPEG and as HEIC: what it costs, and how long another chat waits meanwhile."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.outcome import Outcome, Plan, Target, percentile
from benchmarks.reports import FIRST_CHAT, TAKEN, document, write_photos
from benchmarks.rig import Process, Run, Server, stage
from models.darkroom import DARKROOM
from models.media import MediaStore

SENDERS = 20
ASKING = FIRST_CHAT + SENDERS
ASK_EVERY_S = 0.05
MOST_DELAY_MS = 50  # Source: the task "Real input": another chat's answer is delayed by less than 50 ms.
KINDS = {"JPEG": ("0.jpg", "image/jpeg"), "HEIC": ("photo.heic", "image/heic")}


def children_s() -> float:
    """CPU seconds of the workers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def keep(files: Path, name: str, count: int) -> tuple[float, float, float]:
    """Keep that many photos one after the other: elapsed, CPU of the workers, CPU of this process, in ms each."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        media, data = MediaStore(Path(folder)), (files / name).read_bytes()
        await media.keep(data)  # starts a worker
        DARKROOM.close()
        before, started, own = children_s(), time.perf_counter(), time.process_time()
        for number in range(count):
            await media.keep(data + str(number).encode())
        elapsed_s, own_s = time.perf_counter() - started, time.process_time() - own
        DARKROOM.close()
        await media.close()
    return elapsed_s / count * 1000, (children_s() - before) / count * 1000, own_s / count * 1000


def ask(server: Server, process: Process, seconds: float, others: dict[int, Any]) -> Run:
    """Somebody asks for help again and again, while others do something else."""
    questions = [{"text": "/help", "kind": "asked"}] * round(seconds / ASK_EVERY_S)
    return server.measure(process, {ASKING: questions, **others}, pause_s=ASK_EVERY_S)


def delays(files: Path, name: str, mime: str, seconds: float) -> tuple[list[float], list[float]]:
    """What the one who asks waits (ms), at rest and while twenty photos are worked on."""
    with stage("ours", "--villages", "--people", SENDERS + 1, files=files) as (server, process, _folder):
        first = [{"document": document(f"1.jpg#{number}", mime)} for number in range(2)]
        server.measure(process, {FIRST_CHAT + number: [turn] for number, turn in enumerate(first)})  # starts workers
        calm = ask(server, process, seconds, {})
        photos = {
            FIRST_CHAT + number: [{"document": document(f"{name}#{number}", mime), "kind": "photo"}]
            for number in range(SENDERS)
        }
        busy = ask(server, process, seconds, photos)
    return calm.waits_ms("asked"), busy.waits_ms("asked")


def run(plan: Plan) -> Outcome:
    """Each kind alone, then beside somebody who asks."""
    outcome = Outcome(
        "photos: 4,032 × 3,024 pixels, from the bytes to the kept copies",
        ("kind", "elapsed ms", "CPU ms, darkroom", "CPU ms, bot", "answer at rest p50 / p95 ms", "beside 20 of them"),
    )
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        files = Path(name)
        write_photos(files, TAKEN, range(2))
        for kind, (file, mime) in KINDS.items():
            costs = asyncio.run(keep(files, file, plan.pick(20, 5)))
            calm, busy = delays(files, file, mime, plan.pick(10, 5))
            shown = [f"{percentile(waits, 0.5):.0f} / {percentile(waits, 0.95):.0f}" for waits in (calm, busy)]
            outcome.rows.append((kind, *(f"{cost:.0f}" for cost in costs), *shown))
            late = percentile(busy, 0.95) - percentile(calm, 0.95)
            outcome.targets.append(Target(f"another chat's delay, {kind}", late, MOST_DELAY_MS, " ms", at_least=False))
    outcome.notes.append("The darkroom: two processes with lower priority; twenty people send a photo each at once.")
    return outcome
