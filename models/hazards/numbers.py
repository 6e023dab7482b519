"""Numbers of hazards: `YH20261123-0001`, per county and day, never twice."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, update

from models.access import local_day
from models.hazards.tables import HazardCounter
from models.session import Session
from models.upsert import insert_new

PREFIX = "YH"
_NUMBER = re.compile(rf"{PREFIX}\d{{8}}-\d{{3,6}}", re.IGNORECASE | re.ASCII)


def find_number(text: str) -> str:
    """The first number of a hazard in a text; "" if there is none."""
    found = _NUMBER.search(text)
    return found[0].upper() if found else ""


def do_number(session: Session, county: str, *, now: datetime) -> str:
    """Draw the next number of a county for today.

    The counter's row is locked until the caller's transaction ends, so that whoever draws at the same time
    waits; if the caller rolls back, the number is given to the next one.
    """
    day = f"{local_day(now):%Y%m%d}"
    key = {"county": county, "day": day}
    insert_new(session, HazardCounter, [{**key, "last": 0}], key=("county", "day"))
    last = session.execute(_DRAW, {"in_county": county, "on_day": day}).scalar_one()
    return f"{PREFIX}{day}-{last:04d}"


# Built once, on the table itself, as in models/access.py.
_COUNTERS = cast("Table", HazardCounter.__table__)
_DRAW = (
    update(_COUNTERS)
    .where(_COUNTERS.c.county == bindparam("in_county"), _COUNTERS.c.day == bindparam("on_day"))
    .values(last=_COUNTERS.c.last + 1)
    .returning(_COUNTERS.c.last)
)
