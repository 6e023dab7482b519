"""The tick of the cases: what it costs is decided by how many are due, not by how many there are."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

from sqlalchemy import delete, func, insert, select, text, update

from benchmarks.outcome import Outcome, Plan, Target, number, ratio, spread
from models.access import load_actor
from models.grids.tables import Grid, Level
from models.hazards.flow import Side, State
from models.hazards.tables import Hazard, HazardReminder, OwnerKind, Source
from models.hazards.todo import list_todo, list_watched
from models.migrate import upgrade
from models.outbox import OutboxRow
from models.people.tables import Role
from models.rules import Rules, read_rules
from models.session import Session, Store, open_store
from scheduler.hazards import wake_hazards
from scheduler.jobs import Services
from tests.clock import Clock
from tests.databases import create_database, finish, postgres_server
from tests.factories import COUNTY, TOWN, VILLAGE, add_person, cast
from tests.postgres import is_postgres_there

BASE, DUE, VILLAGES, WANTED = 10_000, 500, 200, 1.5
# One in five is open: more than a county has, so that there is something to step over.
STATES = (State.RECTIFYING, *[State.CLOSED] * 4, State.ASSIGNED, *[State.CLOSED] * 4, State.REVIEW, *[State.CLOSED] * 4)
READERS = ("wu", "lin", "sun", "zhou", "ding", "zheng")


def do_fill(session: Session, people: dict[str, int], clock: Clock, times: int) -> None:
    """`BASE` hazards of all villages with owners and a first event, then so many times as many."""
    now = clock()
    villages = [VILLAGE] + [f"{TOWN}{300 + number}" for number in range(VILLAGES - 1)]
    session.execute(
        insert(Grid), [{"code": c, "name": c, "level": Level.VILLAGE, "parent_code": TOWN} for c in villages[1:]]
    )
    rows = []
    for count in range(1, BASE + 1):
        state, at = STATES[count % len(STATES)], now - timedelta(minutes=30 * (BASE - count) + 1)
        is_open = state is not State.CLOSED
        rows.append({
            "number": f"YH{at:%Y%m%d}-{count:06}", "county": COUNTY, "grid_code": villages[count % VILLAGES],
            "enterprise_id": None, "industry": "danger", "place": f"{count}号院", "description": "灭火器压力不足",
            "remark": "", "category": "fire_equipment", "level": "general", "is_major": count % 500 == 0,
            "source": Source.PATROL, "state": state, "state_since": at, "owner_kind": OwnerKind.GRID,
            "state_due": now + timedelta(days=2) if state is State.REVIEW else None, "reporter_id": people["chen"],
            "found_at": at, "reported_at": at, "deadline": now + timedelta(days=3 if count <= 1_000 else count % 60),
            "round": 1, "returned": 0, "extensions": 0, "closed_at": None if is_open else at,
            "wake_at": now + timedelta(hours=1 + count % 900) if is_open else None,
        })  # fmt: skip
    session.execute(insert(Hazard), rows)
    names = [column.name for column in Hazard.__table__.columns if column.name not in ("id", "number")]
    columns = ", ".join(names)
    for turn in range(1, times):
        session.execute(
            text(
                f"INSERT INTO hazards (number, {columns}) "  # noqa: S608 - our own columns
                f"SELECT number || '-{turn}', {columns} FROM hazards WHERE id <= {BASE}"
            )
        )
    sides = ((people["qian"], Side.RECTIFIER), (people["lin"], Side.GRID), (people["sun"], Side.GRID))
    for person_id, side in sides:
        owned = f"SELECT id, {person_id}, '{side}' FROM hazards"  # noqa: S608 - our own values, as below
        session.execute(text(f"INSERT INTO hazard_owners (hazard_id, person_id, side) {owned}"))
    empty = "'[]'" if session.get_bind().dialect.name == "sqlite" else "'[]'::jsonb"
    first = f"SELECT id, reporter_id, '', 'report', state, reported_at, '', {empty} FROM hazards"  # noqa: S608
    kept = "hazard_id, person_id, role, action, to_state, at, note, photos"
    session.execute(text(f"INSERT INTO hazard_events ({kept}) {first}"))


def do_make_due(session: Session, clock: Clock) -> list[int]:
    """Let the first of those in work be due: three days are left, and nothing has been said."""
    now = clock()
    ids = list(
        session.scalars(select(Hazard.id).where(Hazard.state == State.RECTIFYING).order_by(Hazard.id).limit(DUE))
    )
    session.execute(delete(HazardReminder).where(HazardReminder.hazard_id.in_(ids)))
    session.execute(delete(OutboxRow))
    session.execute(
        update(Hazard)
        .where(Hazard.id.in_(ids))
        .values(wake_at=now, state_since=now - timedelta(days=9), deadline=now + timedelta(days=3))
        .execution_options(synchronize_session=False)
    )
    return ids


class Town:
    """One database with so many hazards."""

    def __init__(self, url: str, rules: Rules) -> None:
        self.clock = Clock()
        self.rules = rules
        self.store: Store = open_store(url)
        self.services = Services(self.store, None, rules, self.clock, lambda _actor: None)  # type: ignore[arg-type, return-value]
        self.people: dict[str, int] = {}

    async def fill(self, times: int) -> None:
        def unit(session: Session) -> dict[str, int]:
            people = cast(session, self.clock())
            ding = add_person(session, "丁宁", "19900000012", (Role.DISPATCHER, COUNTY), chat="ding", now=self.clock())
            do_fill(session, people, self.clock, times)
            return {**people, "ding": ding}

        self.people = await self.store.write(unit)
        await self.store.write(lambda session: session.execute(text("ANALYZE")))

    async def tick(self) -> float:
        """One tick; how long it took in seconds."""
        ids = await self.store.write(lambda session: do_make_due(session, self.clock))
        started = time.perf_counter()
        await wake_hazards(self.services)
        took = time.perf_counter() - started
        rows = select(func.count()).select_from(HazardReminder).where(HazardReminder.hazard_id.in_(ids))
        assert await self.store.read(lambda session: session.scalar(rows)) == DUE
        return took

    async def reads(self, name: str) -> float:
        """What waits for a person, as the digest asks for it; in milliseconds."""
        now = self.clock().astimezone(UTC)

        def unit(session: Session) -> float:
            actor = load_actor(session, self.people[name], now=now)
            assert actor is not None
            started = time.perf_counter()
            list_todo(session, actor, now, self.rules.hazards)
            list_watched(session, actor, now, self.rules)
            return (time.perf_counter() - started) * 1000

        return statistics.median([await self.store.read(unit) for _turn in range(5)])


@contextlib.contextmanager
def databases() -> Iterator[dict[str, tuple[str, str]]]:
    """For each kind, the URLs of two empty databases."""
    with tempfile.TemporaryDirectory(prefix="wangge-tick-") as folder, contextlib.ExitStack() as stack:
        found = {"SQLite": tuple(f"sqlite+aiosqlite:///{Path(folder)}/{name}.db" for name in ("small", "large"))}
        if is_postgres_there():
            server = stack.enter_context(postgres_server())
            found["PostgreSQL"] = tuple(finish(create_database(server, name)) for name in ("small", "large"))
        for urls in found.values():
            for url in urls:
                upgrade(url)
        yield found  # type: ignore[misc]


def run(plan: Plan) -> Outcome:
    """Ticks in turns at both sizes."""
    times = plan.pick(100, 5)
    rules = read_rules(Path("rules.toml"))
    outcome = Outcome(
        f"tick: {DUE} cases due of {BASE:,} and of {BASE * times:,}",
        ("database", f"{BASE:,}: s", f"{BASE * times:,}: s", "per case ms", "what waits, ms: " + ", ".join(READERS)),
    )

    async def measure(kind: str, urls: tuple[str, str]) -> None:
        towns = [Town(url, rules) for url in urls]
        try:
            for town, size in zip(towns, (1, times), strict=True):
                await town.fill(size)
                await town.tick()  # warm
            rounds = [[await town.tick() for town in towns] for _round in range(plan.rounds)]
            small, large = ([one[at] for one in rounds] for at in (0, 1))
            waits = [f"{number(await towns[0].reads(name))} → {number(await towns[1].reads(name))}" for name in READERS]
        finally:
            for town in towns:
                await town.store.close()
        each = number(statistics.median(large) / DUE * 1000)
        outcome.rows.append((kind, spread(small), spread(large), each, ", ".join(waits)))
        outcome.targets.append(
            Target(f"{kind}: the large one against the small", ratio(large, small), WANTED, at_least=False)
        )

    with databases() as found:
        for kind, urls in found.items():
            asyncio.run(measure(kind, urls))
    return outcome
