"""The cast with an inspector and a dispatcher, and a town in which hazards are reported and moved."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.access import load_actor
from models.content import Card
from models.hazards.evidence import Evidence
from models.hazards.majors import Listing, check_list
from models.hazards.moves import check_move
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.hazards.tables import Hazard, HazardEvent, ListingLevel
from models.outbox import OutboxRow
from models.people.tables import Role
from models.rules import Rules, read_rules
from models.session import Store
from models.texts import Reader
from tests import factories
from tests.clock import Clock

RULES = read_rules(Path("rules.toml"))
PHOTO = "a" * 64


@dataclass
class Town:
    """A store with the cast in it; what its people do, each time in a unit of its own."""

    store: Store
    clock: Clock
    ids: dict
    rules: Rules = RULES

    async def actor(self, name):
        return await self.store.read(lambda session: load_actor(session, self.ids[name], now=self.clock()))

    async def registers(self, name="lin", **fields):
        """Report something at 靠山加油站, or as `fields` say; what `check_register` gave."""
        actor, report = await self.actor(name), self.finding(**fields)
        return await self.store.write(
            lambda session: check_register(session, actor, report, rules=self.rules, now=self.clock())
        )

    async def reports(self, name="lin", **fields):
        return (await self.registers(name, **fields)).hazard.id

    def finding(self, **fields):
        station = Spot(factories.VILLAGE, "茂林镇·铜山村", self.ids["station"], "靠山加油站")
        report = Report(station, "卸油口静电接地线脱落", "electricity", "general", 7, (PHOTO,))
        return replace(report, **fields)

    async def moves(self, name, hazard_id, action, **evidence):
        actor = await self.actor(name)
        return await self.store.write(
            lambda session: check_move(
                session, actor, hazard_id, action, rules=self.rules, now=self.clock(), evidence=Evidence(**evidence)
            )
        )

    async def lists(self, hazard_id, name="zhou"):
        """Put a major hazard under supervision."""
        actor, until = await self.actor(name), self.clock().date() + timedelta(days=60)
        listing = Listing(ListingLevel.COUNTY, "泾县应急管理局", "泾安督〔2026〕12号", until)
        return await self.store.write(
            lambda session: check_list(session, actor, hazard_id, listing, rules=self.rules, now=self.clock())
        )

    async def puts(self, hazard_id, **columns):
        """Set columns directly: the state a story begins in."""
        await self.store.write(
            lambda session: session.execute(update(Hazard).where(Hazard.id == hazard_id).values(**columns))
        )

    async def hazard(self, hazard_id):
        return await self.store.read(lambda session: session.get_one(Hazard, hazard_id))

    async def events(self, hazard_id):
        rows = select(HazardEvent).where(HazardEvent.hazard_id == hazard_id).order_by(HazardEvent.id)
        return await self.store.read(lambda session: session.scalars(rows).all())

    async def told(self, name):
        """What was queued for a person, in Chinese, oldest first."""
        rows = select(OutboxRow.card).where(OutboxRow.person_id == self.ids[name]).order_by(OutboxRow.id)
        cards = await self.store.read(lambda session: session.scalars(rows).all())
        return [self.read(Card.from_json(card)) for card in cards]

    @staticmethod
    def read(card):
        return "\n".join(Reader().read(line) for line in (card.title, *card.lines))


@pytest.fixture
async def town(store, clock):
    def unit(session):
        ids, now = factories.cast(session, clock()), clock()
        inspector, dispatcher = (Role.INSPECTOR, factories.COUNTY), (Role.DISPATCHER, factories.COUNTY)
        ids["fang"] = factories.add_person(session, "方平", "19900000011", inspector, chat="fang", now=now)
        ids["ding"] = factories.add_person(session, "丁宁", "19900000012", dispatcher, chat="ding", now=now)
        return ids

    return Town(store, clock, await store.write(unit))
