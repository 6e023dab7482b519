"""How 何 reports, and what 何 must never be shown."""

from pathlib import Path

import attrs
from sqlalchemy import select

from models.hazards.tables import Hazard
from models.rules import read_rules
from tests import photos

CAPTION = "铜山村村口电线杆歪了，电线快碰到树"
NUMBER = "YH20261123-0001"
CAST = ("林晓梅", "陈建国", "周敏", "吴志强", "郑国平", "孙立新", "钱文静", "沈佳", "199000000")
RULES = read_rules(Path("rules.toml"))


def switched_on(**limits):
    return attrs.evolve(RULES, public=attrs.evolve(RULES.public, enabled=True, **limits))


def everything_sent_to(phone):
    """All that a chat was ever shown, with the data of its buttons."""
    return [f"{outgoing.card.to_json()}" for outgoing in phone.county.platform.sent if outgoing.chat == phone.chat]


def learned_nothing(phone, *more):
    for text in everything_sent_to(phone):
        assert not [word for word in (*CAST, *more) if word in text], text


async def reports(phone, caption=CAPTION, seed=1):
    await phone.sends(photos.jpeg(photos.scene(seed=seed)), caption)
    await phone.taps("提交")


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())
