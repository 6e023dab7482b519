"""A year of a county in hours: every reminder comes once, none comes twice, nobody has two digests on a day."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.outcome import Outcome, Plan, Target
from models.rules import read_rules
from models.session import open_store
from tests import databases
from tests.clock import Clock
from tests.scheduler.foretold import compare
from tests.scheduler.year import Scale, Year

SHARED = Path("/dev/shm")


def run(plan: Plan) -> Outcome:
    """Live a year on SQLite, and compare what was sent with what people's doings foretell."""
    scale = Scale(plan.pick(1_000, 20), plan.pick(20_000, 400), plan.pick(365, 60))
    # In memory: a year has half a million commits, and the disk is not what is measured.
    with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None) as folder:
        year, found, took_s = asyncio.run(_live(scale, Path(folder)))
    counts = {name: value if isinstance(value, int) else len(value) for name, value in found.items()}
    outcome = Outcome("A simulated year", ("what", "count"))
    lived = {"enterprises": scale.enterprises, "hazards": len(year.cases), "days": scale.days, "people": len(year.ids),
             "absences": len(year.absences), "moves": year.acts, "ticks": year.ticks}  # fmt: skip
    outcome.rows = [(name, f"{count:,}") for name, count in {**lived, **counts}.items()]
    outcome.notes = [f"{took_s:,.0f} s; ticks only when something is due; seed {scale.seed}."]
    outcome.notes += [f"{name}: {rows[:3]}" for name, rows in found.items() if isinstance(rows, list) and rows]
    wrong = [name for name in counts if not name.endswith(" sent")]
    outcome.targets = [Target(name, counts[name], 0, "", at_least=False) for name in wrong]
    return outcome


async def _live(scale: Scale, folder: Path) -> tuple[Year, dict, float]:
    template = databases.migrated_file(folder)
    (folder / "year").mkdir()
    store = open_store(databases.sqlite_copy(template, folder / "year"))
    year = Year(store, None, Clock(), read_rules(Path("rules.toml")), scale)
    started = time.monotonic()
    try:
        await year.begin()
        await year.leave()
        await year.run()
    finally:
        await store.close()
    return year, compare(year), time.monotonic() - started
