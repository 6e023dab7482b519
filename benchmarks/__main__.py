"""`python -m benchmarks [NAME…] [--rounds N] [--quick]`: measure, and say which targets are met."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import platform
import time

from benchmarks.outcome import Outcome, Plan, Target

# Each is a module with `run(plan) -> Outcome`; what they measure is in docs/benchmarks.md.
BENCHMARKS = (
    "echo", "step", "sends", "latency", "kill", "steady", "broadcast", "idle", "photos", "memory", "conversations",
    "ledger", "captions", "imports", "duplicates", "tick",
)  # fmt: skip
HOURS = ("year",)  # Only if they are named.


def main() -> None:
    """Run the benchmarks that were named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(BENCHMARKS + HOURS)}; none: all but {', '.join(HOURS)}",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often contenders take turns (3)")
    parser.add_argument("--quick", action="store_true", help="fewer messages and people: minutes become seconds")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS + HOURS))
    if unknown or options.rounds < 1:
        parser.error(f"no such benchmark: {', '.join(unknown)}" if unknown else "--rounds has to be 1 or more")
    has_aiogram = importlib.util.find_spec("aiogram") is not None
    plan = Plan(rounds=options.rounds, is_quick=options.quick, has_aiogram=has_aiogram)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {plan.rounds} rounds", end="")
    print(f", load {os.getloadavg()[0]:.1f} before\n")
    targets: list[tuple[str, Target]] = []
    for name in options.names or BENCHMARKS:
        started = time.monotonic()
        outcome: Outcome = importlib.import_module(f"benchmarks.{name}").run(plan)
        print(outcome.show())
        print(f"({time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f})\n", flush=True)
        targets += [(name, target) for target in outcome.targets]
    missed = [f"{name}: {target.what}" for name, target in targets if not target.is_met]
    print(f"{len(targets) - len(missed)} of {len(targets)} targets met" + "".join(f"\n  missed: {m}" for m in missed))


if __name__ == "__main__":
    main()
