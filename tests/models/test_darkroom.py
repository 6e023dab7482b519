"""The darkroom: whatever a picture does to its worker, the bot goes on and says one sentence."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.darkroom import DARKROOM, WORKERS, Darkroom
from models.errors import InvalidInput, StorageFailed
from models.media import COUNTY_ZONE
from tests import photos


@pytest.fixture
def darkroom():
    room = Darkroom(task_s=1.0)
    yield room
    room.close()


def pids(room):
    return [worker._process.pid for worker in room._idle]


def test_photo_that_burns_time_is_given_up(darkroom):
    darkroom.run("prepare", photos.jpeg(), COUNTY_ZONE)
    before = time.monotonic()
    with pytest.raises(InvalidInput, match="无法处理"):
        darkroom.run("prepare", photos.scan_bomb(2000), COUNTY_ZONE)
    assert time.monotonic() - before < 5
    assert darkroom.run("prepare", photos.jpeg(), COUNTY_ZONE).width == 800


def test_worker_that_died_in_between_is_replaced(darkroom):
    darkroom.run("prepare", photos.jpeg(), COUNTY_ZONE)
    (old,) = pids(darkroom)
    os.kill(old, signal.SIGKILL)
    darkroom._idle[0]._process.wait()
    assert darkroom.run("prepare", photos.jpeg(), COUNTY_ZONE).width == 800
    assert pids(darkroom) != [old]


def test_photo_that_kills_its_worker_is_refused(darkroom):
    darkroom.run("missing", "隐")
    doomed = pids(darkroom)[0]
    timer = threading.Timer(0.1, os.kill, (doomed, signal.SIGSEGV))
    timer.start()
    with pytest.raises(InvalidInput, match="无法处理"):
        darkroom.run("prepare", photos.scan_bomb(2000), COUNTY_ZONE)
    timer.join()
    assert pids(darkroom) == []


def test_refusal_and_fault_come_back_as_what_they_are(darkroom):
    with pytest.raises(InvalidInput, match="损坏"):
        darkroom.run("prepare", photos.jpeg()[:2000], COUNTY_ZONE)
    with pytest.raises(RuntimeError, match="TypeError"):
        darkroom.run("mark", 1)


def test_no_more_workers_than_two(darkroom):
    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(lambda _n: darkroom.run("missing", "龘"), range(12)))
    assert set(taken) == {"龘"}
    assert len(darkroom._idle) <= WORKERS


class _JustEmptied(list):
    """What another thread has emptied after it was asked whether there is something in it."""

    def __bool__(self):
        return True


def test_last_worker_may_be_taken_by_another_thread(darkroom):
    darkroom._idle = _JustEmptied()
    assert darkroom.run("missing", "隐") == ""
    darkroom.close()
    assert list(darkroom._idle) == []


def test_worker_that_does_not_start_is_no_photos_fault(darkroom, monkeypatch):
    monkeypatch.setattr("models.darkroom.sys.executable", "/bin/false")
    with pytest.raises(StorageFailed):
        darkroom.run("missing", "隐")


def test_worker_has_limits_and_stands_back():
    DARKROOM.run("missing", "隐")
    pid = pids(DARKROOM)[0]
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert "Max address space         1200000000" in limits
    assert os.getpriority(os.PRIO_PROCESS, pid) == 10


async def test_workers_go_home_with_the_sweep(media):
    await media.keep(photos.jpeg())
    workers = list(DARKROOM._idle)
    await media.sweep(now=datetime(2026, 11, 23, tzinfo=UTC))
    assert [worker.is_alive for worker in workers] == [False] * len(workers)
    assert (await media.keep(photos.jpeg())).width == 800


def test_worker_knows_no_secrets(darkroom, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:canary")
    darkroom.run("missing", "隐")
    assert b"canary" not in Path(f"/proc/{pids(darkroom)[0]}/environ").read_bytes()


# Memory and time at the start: pictures belong to the workers, the rest is loaded where it is needed.
@pytest.mark.parametrize(
    "name", ["PIL", "pi_heif", "sqlalchemy.dialects.postgresql", "apscheduler", "alembic", "telegram"]
)
def test_bot_itself_never_loads(name):
    code = f"import sys, bot.app; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_other_work_goes_on_while_photos_are_worked_on(media):
    taken = [photos.jpeg(photos.scene((4000, 3000), seed=seed)) for seed in range(6)]
    await media.keep(taken[0])
    work = asyncio.gather(*(media.keep(data) for data in taken[1:]))
    delays = []
    while not work.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        delays.append(time.perf_counter() - before - 0.001)
    await work
    assert sorted(delays)[len(delays) * 9 // 10] < 0.05


BOT = """
import os, sys
from models.darkroom import DARKROOM
DARKROOM.run("missing", "隐")
print(DARKROOM._idle[0]._process.pid, flush=True)
sys.stdin.read()
"""


BUSY_BOT = """
import sys
from models.darkroom import Darkroom
from models.media import COUNTY_ZONE
from tests import photos
worker = Darkroom(task_s=1.0)._take()
worker._pipe.send(("prepare", (photos.scan_bomb(4000), COUNTY_ZONE)))
print(worker._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("code", [BOT, BUSY_BOT], ids=["idle", "busy"])
def test_workers_end_with_a_killed_bot(code):
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bot:
        worker = os.pidfd_open(int(bot.stdout.readline()))
        bot.kill()
    assert select.select([worker], [], [], 10)[0] == [worker]
    os.close(worker)
