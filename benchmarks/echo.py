"""A trivial handler on the whole path against stock libraries that keep nothing, or one row a message; one burst."""

from __future__ import annotations

from benchmarks.outcome import Outcome, Plan, Target, number, ratio, spread
from benchmarks.rig import Run, stage, texts

PEOPLE = 100
OURS, PTB, AIOGRAM = "ours, whole path", "python-telegram-bot", "aiogram, tasks"
CONTENDERS = {
    PTB: ("ptb",), OURS: ("ours", "--echo"), AIOGRAM: ("aiogram",),
    f"{PTB} + insert": ("ptb", "--insert"), f"{AIOGRAM} + insert": ("aiogram", "--insert"),
}  # fmt: skip


def measure(contender: tuple[str, ...], each: int) -> Run:
    """One contender, once: everybody sends `each` messages, all at once."""
    with stage(*contender) as (server, process, _folder):
        server.measure(process, texts(PEOPLE, 1), ahead=True)  # connections, caches
        return server.measure(process, texts(PEOPLE, each), ahead=True)


def run(plan: Plan) -> Outcome:
    """Take turns, round by round."""
    names = [name for name, (module, *_options) in CONTENDERS.items() if module != "aiogram" or plan.has_aiogram]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _round in range(plan.rounds):
        for name in names:
            runs[name].append(measure(CONTENDERS[name], plan.pick(20, 5)))
    rates = {name: [run.per_second for run in found] for name, found in runs.items()}
    costs = {name: [run.cpu_us for run in found] for name, found in runs.items()}
    outcome = Outcome(
        f"echo: {PEOPLE} people, {plan.pick(20, 5)} messages each, queued at once; canned server",
        ("contender", "updates/s", "CPU µs/update", "ours: times its updates/s", "times its CPU"),
        [
            (name, spread(rates[name]), spread(costs[name]), number(ratio(rates[OURS], rates[name])),
             number(ratio(costs[OURS], costs[name])))
            for name in names
        ],
        ["Ours has every message in the inbox and every answer in the outbox on disk (synchronous=FULL)."],
    )  # fmt: skip
    outcome.targets.append(Target(f"updates/s against {PTB}", ratio(rates[OURS], rates[PTB]), 2.0))
    if plan.has_aiogram:
        outcome.targets.append(Target(f"updates/s against {AIOGRAM}", ratio(rates[OURS], rates[AIOGRAM]), 1.2))
    return outcome
