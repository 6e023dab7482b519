"""What it costs to read a caption in a large county: statements and milliseconds, for an officer and a supervisor."""

from __future__ import annotations

import statistics
import time

from benchmarks.outcome import Outcome, Plan, Target
from benchmarks.statements import counted
from benchmarks.town import in_town
from models.access import Actor, load_actor
from models.enterprises.tables import Enterprise
from models.hazards.unnamed import find_meant
from models.session import Session
from models.vocabulary.index import do_index_names
from tests.fakes import County

ENTERPRISES = 5_000
MOST_MS = 20.0  # Source (P): one caption must not be felt by anybody else's chat.
CAPTIONS = (
    "靠山加油站 卸油口静电接地线脱落 重大", "考山加油战灭火器过期", "茂林镇铜山村路面塌陷，有裂缝",
    "加油站 灭火器压力不足",
    "消防通道被杂物堵塞", "那个机械厂门口堆了木料", "华兴三百号超市和永胜机械厂消防通道堵塞 3天内整改",
)  # fmt: skip
_FIRST = "华永宏兴鼎恒盛瑞金福泰和顺祥安昌隆裕丰源"
_KINDS = ("超市", "加油站", "机械厂", "木业有限公司", "宾馆", "农家乐", "茶叶加工厂", "养殖场", "建材经营部", "小学")


def fill(session: Session, county: County, village: str) -> int:
    """A county of `ENTERPRISES` with names as they are: many alike, each its own; gives the milliseconds to index."""
    now = county.clock()
    rows = [
        Enterprise(
            name=f"泾县{_FIRST[n % 20]}{_FIRST[n // 20 % 20]}{_FIRST[n // 400 % 20]}{_KINDS[n % 10]}",
            credit_code=f"9134{n:014}", industry="danger", grid_code=village if n % 125 == 0 else f"{village[:6]}999",
            address="", lat=None, lon=None, standard="", headcount=None, created_at=now,
        )
        for n in range(ENTERPRISES)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    began = time.perf_counter()
    while do_index_names(session):
        pass
    return round(1000 * (time.perf_counter() - began))


def read_all(session: Session, county: County, actor: Actor) -> tuple[float, float, int]:
    """The median and the slowest caption in milliseconds, and the statements of one."""
    took = []
    for caption in CAPTIONS * 10:
        began = time.perf_counter()
        find_meant(session, actor, caption, county.rules.hazards)
        took.append(1000 * (time.perf_counter() - began))
    with counted() as seen:
        find_meant(session, actor, CAPTIONS[0], county.rules.hazards)
    return statistics.median(took), max(took[len(CAPTIONS) :]), len(seen)


async def _work(county: County, people: dict[str, int]) -> tuple[int, dict[str, tuple[float, float, int]]]:
    from models.grids.tables import Grid, Level
    from tests.factories import COUNTY, VILLAGE

    def unit(session: Session) -> tuple[int, dict[str, tuple[float, float, int]]]:
        session.add(Grid(code=f"{COUNTY}999", name="大镇", level=Level.TOWN, parent_code=COUNTY))
        session.flush()
        index_ms = fill(session, county, VILLAGE)
        found = {}
        for name in ("lin", "zhou"):
            actor = load_actor(session, people[name], now=county.clock())
            if actor is not None:
                found[name] = read_all(session, county, actor)
        return index_ms, found

    return await county.store.write(unit)


def run(_plan: Plan) -> Outcome:
    """Read the captions as an officer of 41 enterprises and as a supervisor of all of them."""
    outcome = Outcome(
        f"captions: reading one among {ENTERPRISES:,} enterprises", ("who", "median ms", "slowest ms", "statements")
    )
    index_ms, found = in_town(_work)
    for name, (median, slowest, statements) in found.items():
        outcome.rows.append((name, f"{median:.1f}", f"{slowest:.1f}", str(statements)))
        outcome.targets.append(Target(f"caption read by {name}", median, MOST_MS, unit=" ms", at_least=False))
    outcome.rows.append(("taking up all names", str(index_ms), "", ""))
    return outcome
