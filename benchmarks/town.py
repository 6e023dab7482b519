"""The product without its edges in this process: dispatcher and deliverer over SQLite, people with phones.

The same stand-ins as in the tests, so a benchmark drives what the tests prove.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from bot.app import CHECKS
from handlers import build_registry
from models.media import MediaStore
from models.migrate import upgrade
from models.session import open_store
from tests.clock import Clock
from tests.factories import cast
from tests.fakes import County

T = TypeVar("T")


def in_town(work: Callable[[County, dict[str, int]], Awaitable[T]]) -> T:
    """Run `work(county, ids of the cast)` over a database of its own."""

    async def run(folder: Path, url: str) -> T:
        clock = Clock()
        store, media = open_store(url), MediaStore(folder / "media")
        people: dict[str, Any] = await store.write(lambda session: cast(session, clock()))
        county = County(store, media, clock, build_registry(), checks=CHECKS)
        try:
            return await work(county, people)
        finally:
            await county.stop()
            await media.close()
            await store.close()

    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        url = f"sqlite+aiosqlite:///{name}/wangge.db"
        upgrade(url)
        return asyncio.run(run(Path(name), url))
