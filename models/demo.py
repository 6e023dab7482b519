"""The demo county: the real divisions of Jing County with invented people and enterprises.

Loaded through the same import as any county's own files; see data/jingxian/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.enterprises.tables import Enterprise
from models.imports.batch import Batch, read_batch
from models.imports.plan import do_import
from models.people.tables import Person

FOLDER = Path(__file__).resolve().parent.parent / "data" / "jingxian"
COUNTY = "341823"
LIN_VILLAGE = "341823101201"
CHEN_VILLAGE = "341823101202"
STATION = "靠山加油站"

# The middles come second, because they are a change to what the list of divisions has brought.
_ROUNDS = (("divisions.csv",), ("centres.csv", "people.csv", "enterprises.csv"))
_CAST = {
    "lin": "15400000001", "chen": "15400000002", "zhou": "15400000003", "wu": "15400000004",
    "zheng": "15400000005", "sun": "15400000006", "qian": "15400000007", "xu": "15400000008",
    "shen": "15400000009",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoCounty:
    """The cast, as person ids, and the enterprise of its stories.

    `lin` 林晓梅 officer of 茂林镇·溪口村 · `chen` 陈建国 officer of the next village · `zhou` 周敏 supervisor of all
    trades · `wu` 吴志强 manager of 靠山加油站 (`station`, an enterprise id, in 林's village) · `zheng` 郑国平 leader ·
    `sun` 孙立新 grid head of 茂林镇 · `qian` 钱文静 administrator · `xu` 许安平 duty officer · `shen` 沈佳 dispatcher.
    """

    lin: int
    chen: int
    zhou: int
    wu: int
    zheng: int
    sun: int
    qian: int
    xu: int
    shen: int
    station: int


@cache
def read_demo() -> tuple[Batch, ...]:
    """Read the demo's files, once per process; call it before the unit, because it reads from disk."""
    return tuple(read_batch((name, (FOLDER / name).read_bytes()) for name in names) for names in _ROUNDS)


def do_load_demo(session: Session, now: datetime) -> DemoCounty:
    """Load the demo county; a second time it finds everything there and changes nothing.

    Raises: ValueError: the files do not fit the store, which then already holds another county.
    """
    for batch in read_demo():
        report, written = do_import(session, batch, now=now)
        if not written:
            first = report.wrong[0]
            raise ValueError(f"{first.spot.file}, row {first.spot.row}: {first.reason.msgid}")
    found = session.execute(select(Person.phone, Person.id).where(Person.phone.in_(_CAST.values())))
    ids = {phone: person_id for phone, person_id in found}  # noqa: C416 - rows are no pairs to mypy
    station = session.scalars(
        select(Enterprise.id).where(Enterprise.name == STATION, Enterprise.grid_code == LIN_VILLAGE)
    ).one()
    return DemoCounty(**{name: ids[phone] for name, phone in _CAST.items()}, station=station)
