"""A county in which anything may be tried: its people, its cases, and the rules of the loop said a second time.

What is right is decided here from plain tables, without asking the product; `test_machine.py` compares.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, func, select

from models.access import AREA_ROLES, load_actor
from models.audit import AuditRow
from models.errors import DomainError
from models.grids.tables import Grid, Level
from models.hazards.evidence import Evidence
from models.hazards.flow import MOVES, OPEN, Side, edges, find_move, moves_from
from models.hazards.history import Standing
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardEvent, HazardMeasure, HazardOwner, HazardPhoto, OwnerKind
from models.outbox import OutboxRow
from models.people.tables import Deputy, Role
from models.workdays import after_working_days
from tests import factories
from tests.factories import COUNTY, NEXT_VILLAGE, TOWN, VILLAGE
from tests.models.hazards.conftest import PHOTO, RULES

ELSEWHERE, FAR_VILLAGE = "341824", "341824101201"  # Where nobody answers for anything, not even an office.

# name: (Chinese name, role, grid, industry) …
PEOPLE = {
    "lin": ("林晓梅", ("officer", VILLAGE, "")),
    "chen": ("陈建国", ("officer", NEXT_VILLAGE, "")),
    "zhou": ("周敏", ("supervisor", COUNTY, "")),
    "gao": ("高洁", ("supervisor", COUNTY, "gas")),
    "wu": ("吴志强", ("manager", VILLAGE, "")),
    "bai": ("白云", ("manager", TOWN, ""), ("grid_head", VILLAGE, "")),  # runs a village and two firms
    "zheng": ("郑国平", ("leader", COUNTY, "")),
    "sun": ("孙立新", ("grid_head", TOWN, "")),
    "qian": ("钱文静", ("admin", COUNTY, "")),
    "fang": ("方平", ("inspector", COUNTY, "")),
    "ding": ("丁宁", ("dispatcher", COUNTY, "")),
    "tian": ("田野", ("duty", COUNTY, "")),
    "he": ("何小满", ("informant", VILLAGE, "")),
    "lu": ("陆远", ("officer", FAR_VILLAGE, "")),
}
MANAGERS = {"station": ("wu", "bai"), "works": ("bai",)}
PLACES = {
    "station": (VILLAGE, "station", "electricity"),
    "works": (NEXT_VILLAGE, "works", "electricity"),
    "street": (VILLAGE, None, "fire_passage"),
    "next street": (NEXT_VILLAGE, None, "fire_passage"),
    "no man's land": (FAR_VILLAGE, None, "fire_passage"),
}
REPORTERS = {
    "station": ("lin", "sun", "wu", "bai", "fang", "zheng"),
    "works": ("chen", "bai", "sun", "zhou"),
    "street": ("he", "he", "lin", "bai", "sun"),
    "next street": ("chen", "sun", "zhou"),
    "no man's land": ("lu",),
}
STAND_INS = (("wu", "chen"), ("wu", "lin"), ("sun", "chen"), ("bai", "lin"), ("bai", "sun"), ("lin", "he"))
LEGAL = frozenset((source, move.action, target) for source, move, target in edges())


# How each question that takes more than words and photos is answered, as its dialog would: fields of the evidence.
# `case` is the case, `other` another one. A new question gets its line here.
COLLEAGUES = {("station", "wu"): "bai", ("station", "bai"): "wu"}  # Nobody else has one to hand it on to.
DAYS = 9
GIVEN = {
    "days": lambda world, who, case, other: {"days": DAYS},
    "original": lambda world, who, case, other: {"original": other.id},
    "owners": lambda world, who, case, other: {"people": (world.ids["sun"],)},
    "colleague": lambda world, who, case, other: {
        "people": tuple(world.ids[name] for name in [COLLEAGUES.get((case.place, who))] if name)
    },
}
# These have conversations and tests of their own: what they ask is more than one answer.
APART = frozenset({"measures", "list", "progress"})


@dataclass(frozen=True)
class Press:
    """One attempt: who tries which move, with a note and so many photos."""

    who: str
    action: str
    note: str = "说明"
    photos: int = 1


@dataclass(repr=False)
class Case:
    """A case as it is known from its history alone."""

    id: int
    place: str
    events: list = field(default_factory=list)
    owners: frozenset = frozenset()  # (person, side): those before the step and those after it
    owners_now: frozenset = frozenset()
    row: Hazard | None = None

    @property
    def state(self):
        return self.events[-1].to_state

    def did(self, *actions):
        """Who has done one of these things, or for whom it was done."""
        found = [event for event in self.events if event.action in actions]
        return {person for event in found for person in (event.person_id, event.on_behalf_of) if person}


@dataclass(repr=False)
class World:
    store: object
    clock: object
    ids: dict = field(default_factory=dict)
    enterprises: dict = field(default_factory=dict)
    absent: list = field(default_factory=list)  # (absent, deputy, first day, last day)
    cases: list = field(default_factory=list)
    filled: set = field(default_factory=set)
    marks: tuple = ()
    start: datetime | None = None
    walked: set = field(default_factory=set)  # the moves that succeeded in any story

    async def settle_down(self):
        """Put the people in their places."""
        self.start = self.clock()
        await self.store.write(self._found)
        return self

    def _found(self, session):
        now = self.clock()
        factories.add_grids(session)
        for code, name, level, parent in (
            (ELSEWHERE, "旌德县", Level.COUNTY, None),
            (FAR_VILLAGE, "无主村", Level.VILLAGE, ELSEWHERE),
        ):
            session.add(Grid(code=code, name=name, level=level, parent_code=parent))
            session.flush()
        for number, (key, (name, *posts)) in enumerate(PEOPLE.items()):
            phone = f"199000001{number:02}"
            self.ids[key] = factories.add_person(session, name, phone, *posts, chat=key, now=now)
        for number, (key, people) in enumerate(MANAGERS.items()):
            self.enterprises[key] = factories.add_enterprise(
                session, key, code=f"91341823MA2N00000{number}", grid=PLACES[key][0],
                managers=[self.ids[who] for who in people], now=now,
            )  # fmt: skip

    async def begin(self, absences, reports):
        """A new story: who is away from when for how long, and what is reported by whom, where, how grave."""
        self.clock.now = self.start
        self.cases, self.filled, today = [], set(), self.clock().date()
        self.absent = [
            (*pair, today + timedelta(days=first), today + timedelta(days=first + days))
            for pair, first, days in absences
        ]
        await self.store.write(self._send_away)
        for place, who, level in reports:
            ident = await self.store.write(partial(self._report, place=place, who=who, level=level))
            case = Case(ident, place)
            case.events = list(await self.look(case))
            case.owners = case.owners_now
            self.cases.append(case)

    def _send_away(self, session):
        session.execute(delete(Deputy))
        for absent, deputy, first, last in self.absent:
            row = Deputy(person_id=self.ids[absent], deputy_id=self.ids[deputy], starts_on=first, ends_on=last)
            session.add(row)

    def _report(self, session, place, who, level):
        grid, enterprise, category = PLACES[place]
        actor = load_actor(session, self.ids[who], now=self.clock())
        spot = Spot(grid, "", self.enterprises.get(enterprise), enterprise or "", "" if enterprise else "路口")
        report = Report(spot, "线路老化", category, level, 30, (PHOTO,))
        return check_register(session, actor, report, rules=RULES, now=self.clock()).hazard.id

    async def fill_items(self, case):
        """Lay down the six items of a case."""
        by = {"by_id": self.ids["wu"], "at": self.clock(), "text": "有"}
        rows = [{"hazard_id": case.id, "item": item.code, **by} for item in RULES.hazards.measures]
        await self.store.write(lambda session: session.add_all([HazardMeasure(**row) for row in rows]))
        self.filled.add(case.id)

    async def try_press(self, case, press):
        """Press; give what refused it, or None."""
        photos = tuple(f"{number:x}" * 64 for number in range(11, 11 + press.photos))
        given = {"note": press.note, "photos": photos}
        for ask in find_move(press.action).asks:
            if ask in GIVEN:
                given |= GIVEN[ask](self, press.who, case, self.other(case))

        def unit(session):
            now = self.clock()
            actor = load_actor(session, self.ids[press.who], now=now)
            check_move(session, actor, case.id, press.action, rules=RULES, now=now, evidence=Evidence(**given))

        try:
            await self.store.write(unit)
        except DomainError as refusal:
            return refusal
        return None

    def other(self, case):
        """The case that a merge is tried with."""
        return next(known for known in self.cases if known is not case)

    async def look(self, case):
        """Read how a case stands now; give the events that are new."""

        def unit(session):
            self.marks = tuple(
                session.scalar(select(func.max(table.id))) for table in (HazardEvent, HazardPhoto, OutboxRow, AuditRow)
            )
            seen = case.events[-1].id if case.events else 0
            fresh = select(HazardEvent).where(HazardEvent.hazard_id == case.id, HazardEvent.id > seen)
            owners = select(HazardOwner.person_id, HazardOwner.side).where(HazardOwner.hazard_id == case.id)
            return (
                session.get_one(Hazard, case.id),
                frozenset(tuple(row) for row in session.execute(owners)),
                session.scalars(fresh.order_by(HazardEvent.id)).all(),
            )

        case.row, case.owners_now, fresh = await self.store.read(unit)
        case.owners |= case.owners_now
        return fresh

    def written(self, case):
        """Everything that a refused press must leave as it is."""
        columns = tuple(getattr(case.row, column.name) for column in Hazard.__table__.columns)
        return self.marks, columns, case.owners_now

    async def unaudited(self):
        """The events of the cases that the audit trail does not have."""
        subjects = [f"hazard:{case.id}" for case in self.cases]
        rows = select(AuditRow.detail).where(AuditRow.subject.in_(subjects))
        details = await self.store.read(lambda session: session.scalars(rows).all())
        known = {detail.get("event") for detail in details}
        return [event.id for case in self.cases for event in case.events if event.id not in known]

    # ---------------------------------------------------------------- the rules, said a second time

    def name(self, person_id):
        return next(name for name, ident in self.ids.items() if ident == person_id)

    def has_right(self, who, move, case):
        """By a role that reaches to this place and trade, as a manager of the firm, or as an owner."""
        grid, enterprise, _category = PLACES[case.place]
        industry = {"electricity": "danger", "fire_passage": "fire"}[_category]
        for role, area, trade in PEOPLE[who][1:]:
            if role != "manager" and Role(role) in move.roles and grid.startswith(area) and trade in ("", industry):
                return True
        if Role.MANAGER in move.roles and enterprise and who in MANAGERS[enterprise]:
            return True
        if Side.REPORTER in move.sides and case.row.reporter_id == self.ids[who]:
            return True
        return any((self.ids[who], side) in case.owners for side in move.sides)

    def sees(self, who, case):
        """Whether somebody sees a case: as the area's, as an owner or the reporter, or as a deputy of one of these."""
        grid, _enterprise, category = PLACES[case.place]
        industry = {"electricity": "danger", "fire_passage": "fire"}[category]
        posts = PEOPLE[who][1:]
        if any(grid.startswith(area) and trade in ("", industry) and Role(role) in AREA_ROLES
               for role, area, trade in posts):  # fmt: skip
            return True
        concerned = {owner for owner, _side in case.owners_now} | {case.row.reporter_id}
        stood_for = {self.ids[absent] for absent in PEOPLE if self.stands_in(who, absent)}
        return bool(concerned & {self.ids[who], *stood_for})

    def stands_in(self, who, absent):
        today = (self.clock() + timedelta(hours=8)).date()
        return any((away, deputy) == (absent, who) and first <= today <= last
                   for away, deputy, first, last in self.absent)  # fmt: skip

    def hands(self, who, move, case):
        """As whom somebody may make a move: as oneself (None), or for an absent owner (the name)."""
        if self.has_right(who, move, case):
            return [None]
        owning = {owner for owner, _side in case.owners}
        return [absent for absent in PEOPLE if self.ids[absent] in owning and self.stands_in(who, absent)
                and self.has_right(absent, move, case)]  # fmt: skip

    def hindrance(self, who, absent, move, case):
        """What speaks against the move although the person may make it; "" for nothing."""
        acting = {self.ids[who], *([self.ids[absent]] if absent else [])}
        if "not-reporter" in move.guards and case.row.reporter_id in acting:
            return "own report"
        if "not-rectifier" in move.guards and acting & case.did("submit", "fix"):
            return "own rectification"
        if "not-asker" in move.guards and acting & case.did("extend"):
            return "own request"
        for guard, action in (("not-objected", "object"), ("not-appealed", "appeal")):
            if guard in move.guards and case.did(action):
                return "once only"
        if "not-bounced" in move.guards and sum(event.action == "return" for event in case.events) >= 2:
            return "returned twice"
        if "six-items" in move.guards and case.row.is_major and case.id not in self.filled:
            return "items are missing"
        if move.action == "dispatch" and case.place == "no man's land":
            return "nobody to dispatch to"
        return ""

    def has_somebody(self, case):
        """Somebody owns it; or nobody can be found, and it waits for a roster in which there is somebody."""
        if case.owners_now:
            return (case.row.owner_kind is OwnerKind.NOBODY) == (
                not any(side is Side.RECTIFIER for _, side in case.owners_now)
            )
        return case.row.owner_kind is OwnerKind.NOBODY and case.place == "no man's land"

    def may(self, press, case):
        """Whether this press has to succeed, alone and now."""
        move = find_move(press.action)
        if case.state not in move.sources or move.level == ("general" if case.row.is_major else "major"):
            return False
        if press.photos < move.min_photos or ("note" in move.asks and not press.note.strip()):
            return False
        if "more" in move.asks and not press.photos and not press.note.strip():
            return False
        if not self.has_answers(press.who, move, case):
            return False
        hands = self.hands(press.who, move, case)
        return bool(hands) and not self.hindrance(press.who, hands[0], move, case)

    def has_answers(self, who, move, case):
        """Whether what the questions are answered with (`GIVEN`) can be taken."""
        other = self.other(case)
        if "original" in move.asks and not (other.row.state in OPEN and self.sees(who, other)):
            return False
        if "colleague" in move.asks and (case.place, who) not in COLLEAGUES:
            return False
        if move.action == "extend" and case.row.is_major:
            return after_working_days(self.clock(), 20, RULES.calendar) <= case.row.deadline
        return True

    def promising(self, case):
        """The presses that have to succeed here and now."""
        moves = moves_from(case.state, is_major=case.row.is_major)
        presses = [Press(who, move.action) for move in moves if move.action not in APART for who in PEOPLE]
        return [press for press in presses if self.may(press, case)]


ACTIONS = tuple(move.action for move in MOVES if move.action not in APART)
COLUMNS = tuple(column.name for column in fields(Standing))
