"""A server that is 50 ms away, as on a real link: 100 people write at once."""

from __future__ import annotations

from benchmarks.echo import CONTENDERS, OURS, PTB
from benchmarks.outcome import Outcome, Plan, Target, ratio, spread
from benchmarks.rig import Run, stage, texts

PEOPLE, ROUND_TRIP_S = 100, 0.05


def measure(contender: tuple[str, ...], each: int) -> Run:
    """One contender, once."""
    with stage(*contender, latency_s=ROUND_TRIP_S) as (server, process, _folder):
        server.measure(process, texts(PEOPLE // 4, 1), ahead=True)
        return server.measure(process, texts(PEOPLE, each), ahead=True)


def run(plan: Plan) -> Outcome:
    """Take turns; the one who is twenty times slower gets fewer messages."""
    rates: dict[str, list[float]] = {PTB: [], OURS: []}
    for _round in range(plan.pick(plan.rounds, 1)):
        rates[PTB].append(measure(CONTENDERS[PTB], 1).per_second)
        rates[OURS].append(measure(CONTENDERS[OURS], plan.pick(20, 10)).per_second)
    outcome = Outcome(
        f"latency: {PEOPLE} people, each call takes {ROUND_TRIP_S * 1000:.0f} ms",
        ("contender", "updates/s"),
        [(name, spread(found)) for name, found in rates.items()],
    )
    outcome.targets.append(Target(f"updates/s against {PTB}", ratio(rates[OURS], rates[PTB]), 10.0))
    return outcome
