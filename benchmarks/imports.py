"""A table of 20,000 rows is imported and taken back: how long that takes, and how long another chat waits meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from benchmarks.outcome import Outcome, Plan, Target, percentile
from bot.app import CHECKS
from handlers import build_registry
from models.imports.cells import credit_check
from models.imports.process import run_worker
from models.imports.worker import Request
from models.media import MediaStore
from models.migrate import upgrade
from models.session import open_store
from scheduler.imports import Importer
from tests import databases
from tests.clock import Clock
from tests.factories import NEXT_VILLAGE, VILLAGE, cast
from tests.fakes import County
from tests.postgres import is_postgres_there
from tests.spreadsheets import ENTERPRISES, PEOPLE

ROWS = 20_000
ASK_EVERY_S = 0.04
MOST_DELAY_MS = 50  # Source: the task "Real input": another chat's answer is delayed by less than 50 ms.
MOST_MEMORY_MB = 250


def make_table(rows: int) -> bytes:
    """A workbook with as many people as enterprises, each enterprise with a manager of its own."""
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        people, firms = book.add_worksheet("人员"), book.add_worksheet("企业")
        people.write_row(0, 0, PEOPLE)
        firms.write_row(0, 0, ENTERPRISES)
        for n in range(1, rows // 2 + 1):
            grid = (VILLAGE, NEXT_VILLAGE)[n % 2]
            people.write_row(n, 0, [f"网格员{n}", f"137{n:08}", "村委会", "网格员", grid, "", "2026-01-01", ""])
            code = f"91341823MA{n:07}"
            firms.write_row(n, 0, [
                f"第{n}加工厂", code + credit_check(code), "danger", grid, f"公路旁{n}号", 118.2 + n / 1e6, 30.5,
                f"经理{n}", f"138{n:08}", f"安全员{n}", f"139{n:08}", "三级", n % 90,
            ])  # fmt: skip
    return data.getvalue()


@contextlib.contextmanager
def urls() -> Iterator[dict[str, str]]:
    """An empty, migrated database of each kind that is there."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wangge-bench-"))
        found = {"SQLite": f"sqlite+aiosqlite:///{folder}/wangge.db"}
        if is_postgres_there():
            found["PostgreSQL"] = stack.enter_context(databases.postgres_server())
        for url in found.values():
            upgrade(url)
        yield found


class Measured:
    """One import on one database, with 林 asking for her card all the while."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.usage: list[dict[str, float]] = []
        self.waits: list[float] = []

    async def worker(self, request: Request) -> dict[str, float]:
        found = await run_worker(request)
        self.usage.append(found)
        return found

    async def ask(self) -> None:
        """One message of another chat, from its arrival to the committed answer."""
        event = self.county.phone("lin").message("/me")
        started = time.perf_counter()
        await self.county.dispatcher.receive([event])
        await self.county.dispatcher.settle()
        self.waits.append((time.perf_counter() - started) * 1000)

    async def during(self, work: Callable[[], Awaitable[object]]) -> tuple[float, list[float]]:
        """Seconds that some work took, and how long 林 waited meanwhile (ms)."""
        self.waits, started = [], time.perf_counter()
        task = asyncio.ensure_future(work())
        while not task.done():
            await self.ask()
            await asyncio.sleep(ASK_EVERY_S)
        await task
        seconds = time.perf_counter() - started
        await self.county.settle()
        return seconds, self.waits


async def measure(url: str, table: bytes) -> dict[str, object]:
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        store, media = open_store(url), MediaStore(Path(folder) / "media")
        await store.write(lambda session: cast(session, clock()))
        county = County(store, media, clock, build_registry(), checks=CHECKS)
        here = Measured(county)
        county.importer = Importer(store, media, clock, worker=here.worker)
        qian = county.phone("qian")
        try:
            found: dict[str, object] = {"idle": await here.during(lambda: asyncio.sleep(10))}
            await qian.sends(("企业.xlsx", table))
            before = rss_mb()
            found["check"] = await here.during(county.importer.drain)
            await qian.taps("确认导入")
            found["write"] = await here.during(county.importer.drain)
            await qian.taps("撤销本次导入")
            await qian.taps("确认撤销")
            found["undo"] = await here.during(county.importer.drain)
            qian.sees("数据已恢复到导入之前")
            return {**found, "grown": rss_mb() - before, "usage": here.usage}
        finally:
            await county.stop()
            await media.close()
            await store.close()


def rss_mb() -> float:
    """What this process keeps in memory now."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def run(plan: Plan) -> Outcome:
    """One import on each database."""
    rows = plan.pick(ROWS, 2000)
    table = make_table(rows)
    outcome = Outcome(
        f"imports: {rows} rows of people and enterprises, {len(table) / 1e6:.1f} MB .xlsx; another chat asks meanwhile",
        ("database", "phase", "s", "rows/s", "other chat p50 ms", "p95", "p99", "max"),
    )
    with urls() as found:
        for name, url in found.items():
            measured = asyncio.run(measure(url, table))
            calm = percentile(measured["idle"][1], 0.95)
            for phase in ("idle", "check", "write", "undo"):
                seconds, waits = measured[phase]
                cells = [f"{percentile(waits, part):.1f}" for part in (0.5, 0.95, 0.99)]
                rate = "" if phase == "idle" else f"{rows / seconds:.0f}"
                outcome.rows.append((name, phase, f"{seconds:.1f}", rate, *cells, f"{max(waits):.1f}"))
                if phase != "idle":
                    late = percentile(waits, 0.95) - calm
                    what = f"{name}, {phase}: p95 of another chat against idle"
                    outcome.targets.append(Target(what, late, MOST_DELAY_MS, " ms", at_least=False))
            peak = max(one["peak_mb"] for one in measured["usage"])
            outcome.targets.append(Target(f"{name}: worker's peak", peak, MOST_MEMORY_MB, " MB", at_least=False))
            outcome.notes.append(f"{name}: the bot grew by {measured['grown']:.0f} MB; worker: {measured['usage']}")
    return outcome
