"""Real steps of the hazard report on the whole path against stock python-telegram-bot with one insert."""

from __future__ import annotations

from typing import Any

from benchmarks.outcome import Outcome, Plan, Target, ratio, spread
from benchmarks.rig import Run, stage, texts
from benchmarks.statements import count_statements

FIRST_CHAT = 1001
OURS = "ours"
RIVALS = (("python-telegram-bot", "ptb"), ("aiogram, tasks", "aiogram"))
DEPTHS = {"16 at once": 16, "one at a time": 1}
# One at a time means that the bot has tidied up (old card away, marks written) before the next message: a person
# takes longer than this. Where sixteen press on, nobody waits.
PAUSES_S = {"16 at once": 0.0, "one at a time": 0.02}
WANTED = {"16 at once": 1.5, "one at a time": 2.5}
# The question for the place is two messages: Telegram has the button for one's position beside the input only.
STEPS: tuple[dict[str, Any], ...] = (
    {"text": "/report"},
    {"text": "跳过", "shows": 2},
    {"text": "靠山加油站"},
    {"text": "卸油口静电接地线脱落"},
    {"text": "取消"},
)


def talks(people: int, each: int) -> dict[int, list[dict[str, Any]]]:
    """A script: report by the name of the enterprise, up to the summary, and think better of it."""
    return {FIRST_CHAT + number: [*STEPS] * each for number in range(people)}


def measure(contender: tuple[str, ...], scripts: dict[int, list[dict[str, Any]]], pause_s: float) -> tuple[Run, int]:
    """One contender, once, each person waiting for the answer; and how many updates that were."""
    with stage(*contender) as (server, process, _folder):
        warm_up = {chat: turns[: len(STEPS)] for chat, turns in scripts.items()}
        server.measure(process, warm_up, ahead=False)
        return server.measure(process, scripts, ahead=False, pause_s=pause_s), sum(map(len, scripts.values()))


def run(plan: Plan) -> Outcome:
    """Take turns at each depth."""
    outcome = Outcome(
        "step: the hazard report, message by message; canned server",
        ("contender", "depth", "CPU µs/update", "updates/s", "calls/update"),
    )
    rivals = RIVALS if plan.has_aiogram else RIVALS[:1]
    for depth, people in DEPTHS.items():
        each = max(1, plan.pick(320, 80) // people)
        costs: dict[str, list[float]] = {f"{name} + insert": [] for name, _module in rivals} | {OURS: []}
        lasts: dict[str, tuple[Run, int]] = {}
        for _round in range(plan.rounds):
            for name, module in rivals:
                turns = texts(people, each * len(STEPS), FIRST_CHAT)
                lasts[f"{name} + insert"] = measure((module, "--insert"), turns, PAUSES_S[depth])
            lasts[OURS] = measure(("ours",), talks(people, each), PAUSES_S[depth])
            for name, (found, count) in lasts.items():
                costs[name].append(found.cpu_s / count * 1e6)
        for name, (found, count) in lasts.items():
            calls = (sum(found.calls.values()) - found.calls.get("getupdates", 0)) / count
            rate = f"{count / found.elapsed_s:.0f}"
            outcome.rows.append((name, depth, spread(costs[name]), rate, f"{calls:.1f}"))
        value = ratio(costs[OURS], costs[f"{RIVALS[0][0]} + insert"])
        outcome.targets.append(Target(f"CPU per update, {depth}", value, WANTED[depth], at_least=False))
    outcome.notes += ["The rival keeps each message with sqlite3 (WAL, FULL), one commit each, and sends one answer."]
    outcome.notes += ["", "SQL statements of one step, alone in its batch:"]
    outcome.notes += [f"- {name}: {count}" for name, count in count_statements().items()]
    return outcome
