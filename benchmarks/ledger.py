"""The ledger at ten thousand hazards: from the message to the committed answer."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import insert

from benchmarks.outcome import Outcome, Plan, Target, percentile
from benchmarks.statements import counted
from benchmarks.town import in_town
from models.hazards.flow import State
from models.hazards.tables import Hazard, OwnerKind, Source
from models.session import Session
from tests.factories import NEXT_VILLAGE, VILLAGE
from tests.fakes import County

HAZARDS = 10_000
QUESTIONS = (
    ("台账", "zhou"),
    ("全部隐患", "zhou"),
    ("茂林镇 重大 逾期", "zhou"),
    ("灭火器 本月", "zhou"),
    ("我的", "lin"),
    ("YH20261101-0042", "lin"),
)
STATES = (State.ASSIGNED, State.RECTIFYING, State.REVIEW, State.CLOSED)


def do_fill(session: Session, county: County, people: dict[str, int]) -> None:
    """Hazards of the last hundred days in two villages."""
    now = county.clock()
    rows = []
    for number in range(HAZARDS):
        at = now - timedelta(days=100) + timedelta(minutes=14 * number)
        state = STATES[number % len(STATES)]
        rows.append({
            "number": f"YH{at:%Y%m%d}-{number:05}" if number != 42 else "YH20261101-0042", "county": "341823",
            "grid_code": (VILLAGE, NEXT_VILLAGE)[number % 2], "enterprise_id": people["station"],
            "industry": "danger", "place": "", "lat": None, "lon": None,
            "description": f"灭火器压力不足 第{number}具" if number % 3 else f"安全出口堵塞 {number}号门",
            "remark": "", "category": county.rules.hazards.categories[0].code,
            "level": county.rules.hazards.levels[number % 7 == 0].code, "is_major": number % 7 == 0,
            "source": Source.PATROL, "state": state, "state_since": at, "owner_kind": OwnerKind.ENTERPRISE,
            "reporter_id": people["lin" if number % 2 == 0 else "chen"], "found_at": at, "reported_at": at,
            "deadline": at + timedelta(days=7), "round": 1, "returned": 0, "extensions": 0,
            "closed_at": at + timedelta(days=3) if state is State.CLOSED else None,
        })  # fmt: skip
    session.execute(insert(Hazard), rows)


def run(plan: Plan) -> Outcome:
    """Each question many times."""
    repeats = plan.pick(40, 10)
    outcome = Outcome(
        f"ledger: {HAZARDS} hazards, from the message to the committed answer",
        ("message", "who", "p50 ms", "p95 ms", "statements"),
    )

    async def work(county: County, people: dict[str, int]) -> None:
        await county.store.write(lambda session: do_fill(session, county, people))
        for words, who in QUESTIONS:
            phone, times, statements = county.phone(who), [], 0
            for _repeat in range(repeats):
                event = phone.message(words)
                started = time.perf_counter()
                with counted() as seen:
                    await county.dispatcher.receive([event])
                    await county.dispatcher.settle()
                times.append((time.perf_counter() - started) * 1000)
                statements = len(seen)
                await county.settle()
            row = (words, who, f"{percentile(times, 0.5):.1f}", f"{percentile(times, 0.95):.1f}", str(statements))
            outcome.rows.append(row)
            outcome.targets.append(Target(f"“{words}”, p95", percentile(times, 0.95), 300, " ms", at_least=False))

    in_town(work)
    return outcome
