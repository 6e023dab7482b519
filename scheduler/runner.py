"""The clock: APScheduler only ticks; it keeps no job store, drops nothing and never runs a job twice at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.jobs import JOBS, Job, Services

if TYPE_CHECKING:
    from apscheduler.schedulers.base import BaseScheduler

log = logging.getLogger(__name__)


class Runner:
    """Runs the jobs of the table while this process leads."""

    def __init__(self, services: Services, *, zone: ZoneInfo, jobs: Sequence[Job] = JOBS) -> None:
        self._services = services
        self._jobs = jobs
        self._zone = zone
        self._scheduler: BaseScheduler | None = None

    async def start(self) -> None:
        """Run the jobs once (what was due while the process was down), then on their beat."""
        # Loaded when people are being answered already: it brings a pool of processes along that nobody uses.
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._scheduler = AsyncIOScheduler(
            timezone=self._zone, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for job in self._jobs:
            if job.at_start:
                await self._run(job)
            self._scheduler.add_job(self._run, "interval", args=[job], seconds=job.every.total_seconds(), id=job.name)
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a job under way is cancelled with its loop."""
        if self._scheduler and self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _run(self, job: Job) -> None:
        try:
            await job.run(self._services)
        except Exception:
            # One job's fault must not stop the others; it is tried again at its next beat.
            log.exception("job failed", extra={"job": job.name})
