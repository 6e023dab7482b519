"""A county that lives: people report, accept, hand in, ask for time, go on leave; a clock that stands still between.

Seeded, so a year is the same every time. What is known here of each case (`Stay`) comes from what its people did,
never from the columns that the clock of the product reads; `foretold.py` says from it what must have been sent.
"""

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select

from models.access import load_actor
from models.enterprises.tables import Enterprise, EnterprisePerson, Industry
from models.grids.tables import Grid, Level
from models.hazards.evidence import Evidence
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardMeasure
from models.outbox import Lane, OutboxRow
from models.people.tables import Deputy, Leave, Person, Role
from scheduler.hazards import send_digests, wake_hazards
from scheduler.jobs import Services
from tests.factories import add_person
from tests.scheduler.stays import OVER, ZONE, Absence, Case, Stay, clash, due_in

COUNTY = "341823"
START = datetime(2025, 1, 1, tzinfo=ZONE)  # The calendar knows this year and the next.
PHOTO = "a" * 64


@dataclass(frozen=True)
class Scale:
    """How much happens. A town has ten villages, a village ten enterprises at most."""

    enterprises: int
    hazards: int
    days: int = 365
    seed: int = 1

    @property
    def villages(self):
        return max(2, -(-self.enterprises // 10))


@dataclass
class Sent:
    """A reminder or digest as it was queued."""

    who: str
    at: datetime
    what: str  # "12:before-3:1795395600000", or "digest"


@dataclass
class Year:
    """The county, and its year."""

    store: object
    media: object
    clock: object
    rules: object
    scale: Scale
    ids: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    cases: dict = field(default_factory=dict)
    absences: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    mornings: list = field(default_factory=list)  # (day, who must get a digest)
    ticks: int = 0
    acts: int = 0

    def __post_init__(self):
        self.dice = random.Random(self.scale.seed)
        self.end = START + timedelta(days=self.scale.days)
        self.services = Services(self.store, self.media, self.rules, self.clock, lambda _actor: None)
        self._plans, self._order = [], itertools.count()
        self._today = None

    # ---------------------------------------------------------------- the county

    async def begin(self):
        self.clock.now = START.astimezone(UTC)
        await self.store.write(self._found)
        for _hazard in range(self.scale.hazards):
            self._plan(START + timedelta(days=self.dice.uniform(0, self.scale.days - 1)), None)
        self._plan_absences()

    def _found(self, session):
        villages, towns = self.scale.villages, -(-self.scale.villages // 10)
        grids = [(COUNTY, Level.COUNTY, None)]
        grids += [(self.town_code(town), Level.TOWN, COUNTY) for town in range(towns)]
        grids += [
            (self.village_code(village), Level.VILLAGE, self.town_code(village // 10)) for village in range(villages)
        ]
        for code, level, parent in grids:
            session.add(Grid(code=code, name=code, level=level, parent_code=parent))
            session.flush()
        session.add_all([Industry(code=code, name=code) for code in ("danger", "fire")])
        self._add(session, "office", (Role.DISPATCHER, COUNTY))
        self._add(session, "leader", (Role.LEADER, COUNTY))
        for trade in ("danger", "fire"):
            self._add(session, f"supervisor-{trade}", (Role.SUPERVISOR, COUNTY, trade))
        for town in range(towns):
            self._add(session, f"head{town}", (Role.GRID_HEAD, self.town_code(town)))
            self._add(session, f"clerk{town}", (Role.INFORMANT, self.town_code(town)))
        for village in range(villages):
            self._add(session, f"officer{village}", (Role.OFFICER, self.village_code(village)))
            self._add(session, f"villager{village}", (Role.INFORMANT, self.village_code(village)), chat=None)
        for firm in range(self.scale.enterprises):
            self._found_firm(session, firm)

    def _found_firm(self, session, firm):
        code = self.village_code(firm % self.scale.villages)
        manager = self._add(session, f"manager{firm}", (Role.MANAGER, code))
        row = Enterprise(name=f"{firm}号厂", credit_code=f"{firm:018}", industry="danger", grid_code=code, address="",
                         standard="", created_at=self.clock())  # fmt: skip
        session.add(row)
        session.flush()
        self.ids[f"firm{firm}"] = row.id
        session.add(EnterprisePerson(enterprise_id=row.id, person_id=manager, duty="principal"))

    def _add(self, session, name, *posts, **fields):
        phone, fields = f"1990{len(self.ids):07}", {"chat": name, **fields}
        self.ids[name] = add_person(session, name, phone, *posts, **fields, now=self.clock())
        self.names[self.ids[name]] = name
        return self.ids[name]

    @staticmethod
    def town_code(town):
        return f"{COUNTY}{101 + town}"

    @classmethod
    def village_code(cls, village):
        return f"{cls.town_code(village // 10)}{201 + village % 10}"

    # ---------------------------------------------------------------- the year

    async def run(self):
        """Let the year pass: what people do, and a tick whenever something is due."""
        while True:
            due, plan = await self.store.read(self._next_due), self._plans[0][0] if self._plans else self.end
            at = min(due or self.end, plan)
            if at >= self.end:
                break
            if at.astimezone(ZONE).date() != self._today:
                self._today = at.astimezone(ZONE).date()
                await self.collect()
            self.clock.now = at.astimezone(UTC)
            if due is not None and due <= plan:
                await self._tick()
            else:
                await self._act(*heapq.heappop(self._plans)[2:])
        await self.collect()

    @staticmethod
    def _next_due(session):
        times = [session.scalar(select(func.min(Hazard.wake_at))), session.scalar(select(func.min(Person.digest_at)))]
        return min((time for time in times if time is not None), default=None)

    async def _tick(self):
        now = self.clock()
        local = now.astimezone(ZONE)
        if (local.hour, local.minute, local.second) == (8, 0, 0):
            self.mornings.append((local.date(), self._who_has_work(now)))
        self.ticks += 1
        await wake_hazards(self.services)
        await send_digests(self.services)
        for case in self.cases.values():
            if case.now.until is not None and case.now.until <= now:
                case.moves("resume", now)
                self._plan_next(case)

    async def collect(self):
        """Keep what tells of reminders and digests, and empty the outbox: nothing hides behind its unique keys."""

        def unit(session):
            rows = session.execute(
                select(
                    OutboxRow.person_id, OutboxRow.created_at, OutboxRow.lane, OutboxRow.subject, OutboxRow.dedupe_key
                )
                .where((OutboxRow.lane == int(Lane.DIGEST)) | OutboxRow.subject.startswith("reminder:"))
                .order_by(OutboxRow.id)
            ).all()
            session.execute(delete(OutboxRow))
            return rows

        for person_id, at, lane, _subject, key in await self.store.write(unit):
            what = "digest" if lane == int(Lane.DIGEST) else ":".join(key.split(":")[1:4])
            self.sent.append(Sent(self.names[person_id], at, what))

    # ---------------------------------------------------------------- what people do

    def _plan(self, at, case, *act):
        """Let something happen then, at an odd second of somebody's working hours."""
        day = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        at = day + timedelta(seconds=self.dice.randrange(31_000, 63_000) | 1)
        if case is not None and at <= self.clock():
            at += timedelta(days=1)
        version = len(case.stays) if case else 0
        heapq.heappush(self._plans, (at.astimezone(UTC), next(self._order), case, version, *act))

    def _plan_absences(self):
        managers = [f"manager{firm}" for firm in range(self.scale.enterprises)]
        officers = [f"officer{village}" for village in range(self.scale.villages)]
        for who in managers + officers:
            for _time in range(max(1, self.scale.days // 60)):
                first = (START + timedelta(days=self.dice.uniform(1, self.scale.days))).date()
                last = first + timedelta(days=self.dice.randrange(1, 15))
                deputy = self.dice.choice(["", self._deputy_of(who)])
                new = Absence(who, first, last, deputy, is_leave=not deputy or self.dice.random() < 0.6)
                if not any(clash(new, other) for other in self.absences):
                    self.absences.append(new)

    def _deputy_of(self, who):
        if who.startswith("manager"):
            return f"clerk{int(who.removeprefix('manager')) % self.scale.villages // 10}"
        village = int(who.removeprefix("officer"))
        return f"officer{village ^ 1}" if village ^ 1 < self.scale.villages else ""

    async def leave(self):
        """Write all absences down; they count on their days."""

        def unit(session):
            for absence in self.absences:
                days = {"starts_on": absence.first, "ends_on": absence.last}
                if absence.is_leave:
                    session.add(Leave(person_id=self.ids[absence.who], **days))
                if absence.deputy:
                    session.add(Deputy(person_id=self.ids[absence.who], deputy_id=self.ids[absence.deputy], **days))

        await self.store.write(unit)

    def away(self, who, day):
        return next((absence for absence in self.absences if absence.who == who and absence.holds(day)), None)

    async def _act(self, case, version, *act):
        if case is None:
            return await self._report()
        if version != len(case.stays):
            return None  # somebody, or the clock, has moved it meanwhile
        action, who, said = act
        absence = self.away(who, self._today)
        if absence and not absence.deputy:
            return self._plan(self.clock() + timedelta(days=(absence.last - self._today).days + 1), case, *act)
        await self._move(case, action, absence.deputy if absence else who, said)
        return self._plan_next(case)

    async def _report(self):
        dice, now = self.dice, self.clock()
        firm = dice.randrange(self.scale.enterprises) if dice.random() < 0.8 else None
        village = dice.randrange(self.scale.villages) if firm is None else firm % self.scale.villages
        by_firm, tip = firm is not None and dice.random() < 0.2, firm is None and dice.random() < 0.6
        who = f"manager{firm}" if by_firm else f"villager{village}" if tip else f"officer{village}"
        is_major = dice.random() < 0.12
        days = dice.choice((30, 90) if is_major else (7, 7, 3, 15, 30))
        category, level = "fire_passage" if firm is None else "electricity", "major" if is_major else "general"
        place = (self.ids.get(f"firm{firm}"), f"{firm}号厂", "") if firm is not None else (None, "", "路口")
        report = Report(Spot(self.village_code(village), "", *place), "线路老化", category, level, days, (PHOTO,))

        def unit(session):
            actor = load_actor(session, self.ids[who], now=now)
            hazard = check_register(session, actor, report, rules=self.rules, now=now).hazard
            rows = [{"hazard_id": hazard.id, "item": item.code, "text": "有"} for item in self.rules.hazards.measures]
            session.add_all([HazardMeasure(**row, by_id=actor.person_id, at=now) for row in rows if is_major])
            return hazard.id

        state = "rectifying" if by_firm else "reported" if tip else "assigned"
        first = Stay(state, now, now + timedelta(days=days), due_in(state, now))
        trade = "fire" if firm is None else "danger"
        case = Case(await self.store.write(unit), village, firm, is_major, who, trade, [first])
        self.cases[case.id] = case
        self._plan_next(case)

    async def _move(self, case, action, who, said):
        now = self.clock()
        days = next(iter(said.values()), None)
        said = {name: now + timedelta(days=count) for name, count in said.items()}
        if "deadline" in said and math.ceil((case.now.deadline - now) / timedelta(days=1)) == days:
            said["deadline"] = case.now.deadline  # as much time as is left: it is the same deadline
        if "asked" in said:
            said["asked"] = max(case.now.deadline, now) + timedelta(days=days)

        def unit(session):
            actor = load_actor(session, self.ids[who], now=now)
            evidence = Evidence("说明", (PHOTO,), days)
            return check_move(session, actor, case.id, action, rules=self.rules, now=now, evidence=evidence)

        hazard = await self.store.write(unit)
        case.moves(action, now, **said)
        case.asker = case.rectifier if action == "extend" else case.asker
        self.acts += 1
        stood = (hazard.state.value, hazard.state_since, hazard.deadline, hazard.state_due, hazard.suspended_until)
        assert stood == (case.now.state, case.now.since, case.now.deadline, case.now.due, case.now.until), action

    def _plan_next(self, case):
        """What its people will do about a case, and when: most in time, some late, some ask, some put it aside."""
        now, chance, dice = self.clock(), self.dice.random(), self.dice
        state, head = case.now.state, f"head{case.town}"
        if state == "closed" and chance < 0.02:
            self._plan(now + timedelta(days=dice.uniform(1, 30)), case, "reopen", head, {"deadline": 47})
        elif state in OVER or state == "suspended":
            return
        elif chance > 0.98:
            until = {"until": dice.randrange(5, 60)}
            self._plan(now + timedelta(days=dice.uniform(1, 6)), case, "suspend", head, until)
        elif state == "rectifying":
            self._plan_rectifying(case, chance)
        else:
            days = dice.expovariate(1.2 if state in ("reported", "accepted", "assigned") else 0.5)
            self._plan(now + timedelta(days=days), case, *self._decide(case, chance))

    def _decide(self, case, chance):
        """The next move of a case that somebody has in hand, and who makes it."""
        state, officer = case.now.state, f"officer{case.village}"
        if state == "reported":
            return "verify" if chance < 0.85 else "dismiss", officer, {}
        if state == "accepted":
            return "dispatch", "office", {}
        if state == "assigned":
            return "return" if chance < 0.05 and not case.returned else "accept", case.rectifier, {}
        if state == "extension":
            return "approve" if chance < 0.7 else "refuse", f"supervisor-{case.industry}", {}
        if state == "delisting":
            return "sign", "leader", {}
        if chance < 0.15:
            return "fail", officer, {"deadline": 11}
        return "propose" if case.is_major else "pass", officer, {}

    def _plan_rectifying(self, case, chance):
        now, deadline, dice = self.clock(), case.now.deadline, self.dice
        left = max(0.1, (deadline - now) / timedelta(days=1))
        if chance < 0.1:
            asked = {"asked": 15}
            self._plan(now + timedelta(days=left * dice.uniform(0.5, 1)), case, "extend", case.rectifier, asked)
        else:
            late = dice.expovariate(0.25) if chance < 0.3 else 0
            days = left * dice.uniform(0.2, 1.0) + late
            self._plan(now + timedelta(days=days), case, "submit", case.rectifier, {})

    # ---------------------------------------------------------------- who has something to do in the morning

    def _who_has_work(self, now):
        """Whoever must get a digest: managers, officers, clerks, supervisors, the leader; others are not foretold."""
        day, busy = now.astimezone(ZONE).date(), set()
        for case in self.cases.values():
            stay = case.now
            if stay.state in OVER:
                continue
            late = (now - stay.deadline) / timedelta(days=1)
            runs = stay.state not in ("review", "delisting", "suspended")
            if stay.state in ("assigned", "rectifying"):
                busy.add(case.rectifier)
            if stay.state in ("reported", "review"):
                busy.add(f"officer{case.village}")
            if stay.state in ("reported", "extension", "review") or (runs and late > 3):
                busy.add(f"supervisor-{case.industry}")
            if case.is_major or (runs and late > 7):
                busy.add("leader")
        absences = [absence for absence in self.absences if absence.holds(day)]
        deputies = {absence.deputy for absence in absences if absence.who in busy and absence.deputy}
        away = {absence.who for absence in absences if absence.is_leave}
        return frozenset(who for who in busy | deputies if who not in away and not who.startswith("head"))
