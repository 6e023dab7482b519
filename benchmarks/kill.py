"""`kill -9` in the middle of a burst, and a new start: who is never answered, who twice, who in the wrong order."""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.echo import CONTENDERS, OURS, PEOPLE
from benchmarks.outcome import Outcome, Plan, Target, spread
from benchmarks.rig import PATIENCE_S, Process, Server, texts
from bot.platforms.telegram import TelegramPlatform

EACH = 10
KILLED_AT = 300  # Answers out of a thousand.
QUIET_S = 3.0
_NUMBER = re.compile("第([0-9]+)条")


@dataclass(frozen=True, slots=True)
class Damage:
    """What people saw of it; `swapped`: answers that came before the one to an earlier message of the same person."""

    lost: int
    twice: int
    swapped: int


def assess(said: list[tuple[int, str]], expected: int) -> Damage:
    """Compare the answers with what was asked."""
    answers = [(chat, int(found[1])) for chat, text in said if (found := _NUMBER.search(text))]
    counts, first = Counter(answers), dict.fromkeys(answers)
    orders: dict[int, list[int]] = {}
    for chat, number in first:
        orders.setdefault(chat, []).append(number)
    swapped = sum(later < earlier for order in orders.values() for earlier, later in pairwise(order))
    return Damage(expected - len(counts), sum(counts.values()) - len(counts), swapped)


def measure(contender: tuple[str, ...]) -> Damage:
    """Kill a contender once and let its successor finish."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        folder = Path(name)
        server = Server(folder)
        options = ("--api", server.url, "--folder", folder, *contender[1:])
        module = f"benchmarks.contenders.{contender[0]}"
        process = Process(module, *options, log=folder / "first.log")
        try:
            server.until(lambda state: state["calls"].get("getupdates"), process)
            server.until(lambda state: time.monotonic() - max(state["first_poll"], state["last_call"]) > 1, process)
            server.ask("load", {"scripts": texts(PEOPLE, EACH), "ahead": True})
            server.until(lambda state: state["left"] <= PEOPLE * EACH - KILLED_AT, process, every_s=0.002)
            process.kill()
            process = Process(module, *options, log=folder / "second.log")
            wait_until_quiet(server, process)
            return assess([tuple(pair) for pair in server.ask("said")], PEOPLE * EACH)
        finally:
            process.stop()
            server.process.stop()


def wait_until_quiet(server: Server, process: Process) -> None:
    """Nothing has been called for a while, after it began to poll."""
    before = server.ask("state")["calls"].get("getupdates", 0)
    server.until(lambda state: state["calls"].get("getupdates", 0) > before, process)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and time.monotonic() - server.ask("state")["last_call"] < QUIET_S:
        process.check()
        time.sleep(0.1)


def run(plan: Plan) -> Outcome:
    """Several times each."""
    names = [name for name, (module, *_options) in CONTENDERS.items() if module != "aiogram" or plan.has_aiogram]
    names = [name for name in names if "insert" not in name]
    damages = {name: [measure(CONTENDERS[name]) for _round in range(plan.rounds)] for name in names}
    outcome = Outcome(
        f"kill: kill -9 after {KILLED_AT} of {PEOPLE * EACH} answers, then a new start",
        ("contender", "never answered", "answered twice", "out of order"),
        [
            (name, *(spread([getattr(one, what) for one in damages[name]]) for what in ("lost", "twice", "swapped")))
            for name in names
        ],
        [f"Ours marks what it repeats; at most {TelegramPlatform.caps.in_flight} messages are in flight."],
    )
    ours = damages[OURS]
    outcome.targets += [
        Target("never answered", max(one.lost for one in ours), 0, "", at_least=False),
        Target(
            "answered twice", max(one.twice for one in ours), 2 * TelegramPlatform.caps.in_flight, "", at_least=False
        ),
        Target("out of order", max(one.swapped for one in ours), 0, "", at_least=False),
    ]
    return outcome
