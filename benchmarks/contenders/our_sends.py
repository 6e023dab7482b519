"""Our outbox, deliverer and Telegram platform sending many notices; prints what it cost as JSON.

The notices stand in the outbox already; claiming them, sending them and marking them (on disk) is what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.sink import TOKEN
from bot.platforms.base import Outgoing
from bot.platforms.telegram import TelegramConfig, TelegramPlatform
from models.content import Card
from models.media import open_media
from models.migrate import upgrade
from models.outbox import Lane, do_tell
from models.people.tables import Role
from models.session import Session, Store, open_store
from scheduler.deliver import Deliverer
from tests.factories import VILLAGE, add_grids, add_person

WARM_UP = 64
CARD = Card(lines=("【通知】今天下午三点全县防汛会商，请准时参加。",))


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def do_populate(session: Session, people: int) -> list[int]:
    """Make people with a chat each; their ids."""
    now = utc_now()
    add_grids(session)
    return [
        add_person(
            session, f"网格员{number}", f"198{number:08}", (Role.OFFICER, VILLAGE),
            chat=str(1001 + number), platform="telegram", now=now,
        )
        for number in range(people)
    ]  # fmt: skip


async def deliver(store: Store, deliverer: Deliverer, people: list[int]) -> None:
    """Tell them all, and wait until it is done."""
    await store.write(lambda session: do_tell(session, people, CARD, now=utc_now(), lane=Lane.NOTICE))
    await deliverer.drain()


async def run(folder: Path, url: str, api: str, count: int, in_flight: int) -> None:
    """Warm up, deliver, report."""
    store = open_store(url)
    people = await store.write(lambda session: do_populate(session, count))
    platform = TelegramPlatform(TelegramConfig(TOKEN, api), open_media(folder / "media"))
    platform.caps = replace(platform.caps, per_second=100_000.0, per_chat_s=0.0, in_flight=in_flight)
    deliverer = Deliverer(
        store, {"telegram": platform}, make_outgoing=Outgoing, checks={}, clock=utc_now, zone=ZoneInfo("Asia/Shanghai")
    )
    await deliver(store, deliverer, people[:WARM_UP])
    await store.write(lambda session: do_tell(session, people, CARD, now=utc_now(), lane=Lane.NOTICE))
    started, cpu = time.perf_counter(), time.process_time()
    await deliverer.drain()
    result = {"elapsed_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    await platform.stop()
    await store.close()
    print(json.dumps(result), flush=True)


def main() -> None:
    """Prepare a database and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        url = f"sqlite+aiosqlite:///{name}/wangge.db"
        upgrade(url)
        asyncio.run(run(Path(name), url, options.api, options.count, options.in_flight))


if __name__ == "__main__":
    main()
