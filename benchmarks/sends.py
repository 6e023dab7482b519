"""What a sent message costs: our outbox, deliverer and platform against the stock `Bot`, 64 in flight."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.outcome import Outcome, Plan, Target, ratio, spread
from benchmarks.rig import Process, Server

IN_FLIGHT = 64
CONTENDERS = {"python-telegram-bot, Bot": "ptb_sends", "ours, outbox to mark": "our_sends"}


def measure(module: str, count: int) -> dict[str, float]:
    """One contender, once: elapsed and CPU seconds."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        server = Server(Path(name))
        options = ("--api", server.url, "--count", count, "--in-flight", IN_FLIGHT)
        process = Process(f"benchmarks.contenders.{module}", *options, log=Path(name) / "bot.log")
        try:
            found: dict[str, float] = json.loads(process.says('{"elapsed_s"'))
            return found
        finally:
            process.stop()
            server.process.stop()


def run(plan: Plan) -> Outcome:
    """Take turns."""
    count = plan.pick(1000, 300)
    costs: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _round in range(plan.rounds):
        for name, module in CONTENDERS.items():
            found = measure(module, count)
            costs[name].append(found["cpu_s"] / count * 1e6)
            rates[name].append(count / found["elapsed_s"])
    outcome = Outcome(
        f"sends: {count} messages, {IN_FLIGHT} in flight; canned server",
        ("contender", "CPU µs/message", "messages/s"),
        [(name, spread(costs[name]), spread(rates[name])) for name in CONTENDERS],
    )
    theirs, ours = (costs[name] for name in CONTENDERS)
    outcome.targets.append(Target("CPU per sent message", ratio(ours, theirs), 0.25, at_least=False))
    return outcome
