"""Many people press at the same moment: one moves the case, everybody else is told who it was and when."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select, update

from handlers import build_registry
from models.enterprises.tables import EnterprisePerson
from models.hazards.flow import MOVES, State
from models.hazards.history import find_mismatches
from models.hazards.tables import Hazard, HazardEvent
from models.inbox import InboxRow
from models.people.tables import Role
from models.session import open_store
from tests import factories
from tests.fakes import County
from tests.models.hazards.conftest import Town

CASES, PEOPLE = 20, 10
AT = "2026年11月23日 09:00"

# Two who may make a move, and what the conversation of one that asks something wants to be told.
PAIRS = {"accept": ("wu", "zhao"), "return": ("wu", "zhao"), "sign": ("zheng", "li"), "dispatch": ("sun", "qian")}
CHECKERS = ("sun", "zhou")
SAID = "现场查看接地线完好"
OFFERED = [move for move in MOVES if not move.asks or (move.asks == ("note",) and move.target)]


@dataclass
class Square:
    """The cast at their phones, a crowd beside them, and cases that stand wherever a story wants."""

    county: County
    town: Town
    crowd: dict = field(default_factory=dict)  # chat → name

    def phone(self, chat):
        return self.county.phone(chat)

    async def stands(self, state, *, level="general"):
        """A new case that stands there; nobody has a card of it on the screen."""
        hazard_id = await self.town.reports("fang", level=level, days=30)
        values = {"state": state, "state_before": State.RECTIFYING if state is State.SUSPENDED else None}
        change = update(Hazard).where(Hazard.id == hazard_id).values(**values)
        await self.town.store.write(lambda session: session.execute(change))
        await self.county.settle()
        return hazard_id

    async def winners(self, action):
        """Who made a move, by case."""
        rows = select(HazardEvent.hazard_id, HazardEvent.person_id).where(HazardEvent.action == action)
        return await self.town.store.read(lambda session: session.execute(rows.order_by(HazardEvent.id)).all())


@pytest.fixture
async def square(store, clock, media):
    def unit(session):
        now = clock()
        ids = factories.cast(session, now)
        posts = {
            "fang": ("方平", (Role.INSPECTOR, factories.COUNTY)),
            "zhao": ("赵强", (Role.MANAGER, factories.VILLAGE)),
            "li": ("李清", (Role.LEADER, factories.COUNTY)),
        }
        for number, (chat, (name, post)) in enumerate(posts.items()):
            ids[chat] = factories.add_person(session, name, f"1990000003{number}", post, chat=chat, now=now)
        session.add(EnterprisePerson(enterprise_id=ids["station"], person_id=ids["zhao"], duty="safety"))
        return ids

    ids = await store.write(unit)
    county = County(store, media, clock, build_registry())
    yield Square(county, Town(store, clock, ids))
    await county.stop()


async def prepare(square, move, names, hazard_id):
    """Bring each to the last thing to be done: the press, or what the conversation still wants to hear."""
    press = f"hazard:{hazard_id}:{move.action}"
    if not move.asks:
        return [square.phone(name).press(press) for name in names]
    for name in names:
        await square.phone(name).presses(press)
    return [square.phone(name).message(SAID) for name in names]


@pytest.mark.parametrize("move", OFFERED, ids=lambda move: move.action)
async def test_of_two_at_once_one_moves_and_the_other_is_told_who_and_when(square, move):
    hazard_id = await square.stands(min(move.sources), level=move.level or "general")
    names = PAIRS.get(move.action, CHECKERS)
    events = await prepare(square, move, names, hazard_id)
    await square.county.happens(*events)
    (winner,) = [person for ident, person in await square.winners(move.action) if (ident, person) != (hazard_id, None)]
    (first,) = [name for name in names if square.town.ids[name] == winner]
    (second,) = set(names) - {first}
    who = {
        "sun": "孙立新",
        "zhou": "周敏",
        "wu": "吴志强",
        "zhao": "赵强",
        "zheng": "郑国平",
        "li": "李清",
        "qian": "钱文静",
    }
    now_in = (await square.town.hazard(hazard_id)).state.label
    square.phone(second).sees(f"{who[first]}已于{AT}处理，现在是「{now_in}」")
    square.phone(first).sees_nothing_of("现在是「")


@pytest.fixture
async def crowded(square):
    """Ten managers answer for the station: each finds twenty notices, and all press at once."""

    def unit(session):
        role = (Role.MANAGER, factories.VILLAGE)
        for number in range(PEOPLE):
            chat, name = f"manager{number}", f"经理{number}号"
            ident = factories.add_person(
                session, name, f"199000002{number:02}", role, chat=chat, now=square.town.clock()
            )
            session.add(EnterprisePerson(enterprise_id=square.town.ids["station"], person_id=ident, duty="safety"))
            square.crowd[chat], square.town.ids[chat] = name, ident

    await square.town.store.write(unit)
    for _case in range(CASES):
        await square.town.reports("fang", description=f"卸油口静电接地线脱落{_case}")
    await square.county.settle()
    for chat in square.crowd:
        square.phone(chat).clears()
    return square


def presses(square, cases):
    """Two hundred presses in a random order that is the same every time, in batches as platforms bring them."""
    events = [square.phone(chat).press(f"hazard:{case}:accept") for chat in square.crowd for case in cases]
    random.Random(1).shuffle(events)
    assert len(events) == 200
    return [events[start : start + 5] for start in range(0, len(events), 5)]


async def hold(square, cases, caplog):
    """One winner for each case, an answer for every press, and nothing in the log that anybody should worry about."""
    store, by_id = square.town.store, {ident: chat for chat, ident in square.town.ids.items()}
    winners = [(case, by_id[person]) for case, person in await square.winners("accept")]
    assert sorted(case for case, _chat in winners) == sorted(cases)
    assert await store.read(lambda session: [one for one in find_mismatches(session) if one]) == []
    waiting = select(func.count()).where(InboxRow.status != "done")
    assert await store.read(lambda session: session.scalar(waiting)) == 0
    names = {square.crowd[chat] for _case, chat in winners}
    for chat in square.crowd:
        told = [message.text for message in square.phone(chat).screen if "处理，现在是「" in message.text]
        won = sum(winner == chat for _case, winner in winners)
        assert len(told) == CASES - won, f"{chat} pressed {CASES} times, won {won} and was told {len(told)} times"
        others = names - {square.crowd[chat]}
        assert all(any(f"{name}已于{AT}处理，现在是「整改中」" in text for name in others) for text in told)
        square.phone(chat).sees_nothing_of("系统出错")
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
    assert "database is locked" not in caplog.text
    return {chat for _case, chat in winners}


async def cases_of(square):
    rows = select(Hazard.id).order_by(Hazard.id)
    return await square.town.store.read(lambda session: session.scalars(rows).all())


@pytest.mark.timeout(300)
async def test_two_hundred_presses_on_twenty_cases_make_twenty_moves(crowded, caplog):
    cases = await cases_of(crowded)
    await asyncio.gather(*(crowded.county.dispatcher.receive(batch) for batch in presses(crowded, cases)))
    await crowded.county.settle()
    await hold(crowded, cases, caplog)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # one process owns a SQLite file
async def test_two_replicas_take_two_hundred_presses_between_them(crowded, caplog):
    """As in the moment in which another process takes over: both handle what both have stored."""
    first, store = crowded.county, open_store(crowded.town.store.url)
    second = County(store, first.media, first.clock, first.registry, platform=first.platform)
    replicas, cases = (first, second), await cases_of(crowded)
    await asyncio.gather(
        *(replicas[n % 2].dispatcher.receive(batch) for n, batch in enumerate(presses(crowded, cases)))
    )
    await asyncio.gather(*(replica.dispatcher.sweep() for replica in replicas))
    await asyncio.gather(*(replica.settle() for replica in replicas))
    await hold(crowded, cases, caplog)
    await second.stop()
    await store.close()
