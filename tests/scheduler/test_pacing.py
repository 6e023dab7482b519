"""Turns come evenly spaced, the least patient first, and never too many in a second."""

import asyncio
import itertools

import pytest

from scheduler.pacing import Pacer


@pytest.fixture
async def seconds(monkeypatch):
    """A loop clock of our own: it jumps to whatever is due next, plus how late the loop is."""
    loop = asyncio.get_running_loop()
    real, late = loop._run_once, itertools.cycle([0.0])
    at = {"now": 100.0, "late": late}

    def run_once():
        if not loop._ready and loop._scheduled:
            at["now"] = max(at["now"], loop._scheduled[0]._when) + next(at["late"])
        real()

    monkeypatch.setattr(loop, "time", lambda: at["now"])
    monkeypatch.setattr(loop, "_run_once", run_once)
    return at


async def take(pacer, count, patience_s=1.0):
    times = []

    async def one():
        await pacer.turn(patience_s)
        times.append(asyncio.get_running_loop().time())

    await asyncio.gather(*(one() for _ in range(count)))
    return times


def most_in_a_second(times):
    return max(sum(start <= other < start + 1 for other in times) for start in times)


async def test_turns_are_evenly_spaced(seconds):
    times = await take(Pacer(10), 5)
    assert [round(later - earlier, 6) for earlier, later in itertools.pairwise(times)] == [0.1] * 4


async def test_rest_is_no_reason_for_a_burst(seconds):
    pacer = Pacer(10)
    await take(pacer, 2)
    seconds["now"] += 60
    times = await take(pacer, 3)
    assert [round(later - earlier, 6) for earlier, later in itertools.pairwise(times)] == [0.1] * 2


async def test_urgent_turn_overtakes_a_broadcast():
    pacer, order = Pacer(1000), []

    async def one(name, patience_s):
        await pacer.turn(patience_s)
        order.append(name)

    waiting = [asyncio.create_task(one(f"notice {n}", 5.0)) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(one("reply", 2.0), *waiting)
    assert order.index("reply") <= 1


async def test_notice_is_not_overtaken_for_ever(seconds):
    pacer, order = Pacer(10), []

    async def one(name, patience_s):
        await pacer.turn(patience_s)
        order.append(name)

    tasks = [asyncio.create_task(one(name, 5.0)) for name in ("first", "notice")]
    for number in range(80):  # as many replies as there are turns
        tasks.append(asyncio.create_task(one(number, 2.0)))
        await asyncio.sleep(0.1)
    await asyncio.gather(*tasks)
    assert 25 < order.index("notice") < 40


async def test_late_loop_makes_up_without_a_burst(seconds):
    seconds["late"] = itertools.cycle([0.0, 0.01, 0.05, 0.0, 0.3, 0.0, 0.0])
    times = await take(Pacer(29.4), 300)
    assert most_in_a_second(times) <= 30


async def test_small_delays_do_not_slow_the_pace(seconds):
    seconds["late"] = itertools.cycle([0.004, 0.05, 0.0, 0.09, 0.0, 0.0])
    times = await take(Pacer(29.4), 300)
    assert 299 / (times[-1] - times[0]) > 0.97 * 30


async def test_turn_of_somebody_who_left_is_not_lost():
    pacer = Pacer(1000)
    await pacer.turn(1)
    gone = asyncio.create_task(pacer.turn(1))
    await asyncio.sleep(0)
    gone.cancel()
    async with asyncio.timeout(1):
        await pacer.turn(1)
