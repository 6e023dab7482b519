"""疑似重复: what a report may be about a second time, as far as the reporter may see it.

An open hazard of the same enterprise (similar words, or the same category); an open one of the same category nearby
(its radius and days) with similar words; and any hazard, also a closed one, with nearly the same photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, union

from models.access import Actor
from models.content import Place
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.hazards.access import visible_hazards
from models.hazards.flow import OPEN, State
from models.hazards.likeness import likeness, strip_places
from models.hazards.prints import Alike, find_alike
from models.hazards.register import Report
from models.hazards.tables import Hazard
from models.places import lon_shrink, metres_between
from models.rules import HazardRules
from models.session import Session

MOST = 3  # Shown; whoever has looked at three knows what there is.
LOOKED_AT = 200  # Of each kind, the newest first: bounds the work where a thousand lie in one street.
METRES_IN_DEGREE = 111_195  # Of latitude, on the sphere of models/places.py.


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A hazard that a report may repeat.

    `words`: 0 to 1; `metres` where both points are known; `is_here`: near enough, or in the grid where no point is
    known; `is_same`: at the same enterprise.
    """

    hazard_id: int
    state: State
    category: str
    reported_at: datetime
    words: float
    metres: int | None
    photo: Alike | None
    is_here: bool
    is_same: bool

    @property
    def is_open(self) -> bool:
        """Tell whether something can still be added to it."""
        return self.state in OPEN


def find_duplicates(
    session: Session, actor: Actor, report: Report, *, rules: HazardRules, now: datetime
) -> list[Duplicate]:
    """What a report may repeat among the hazards this person may see, the likeliest first, at most `MOST`.

    Two queries, up to four more with photos; one more if anything was found.
    """
    here = session.get(Grid, report.spot.grid_code)
    point = _exact(report.spot.lat, report.spot.lon, here.lat, here.lon) if here else None
    alike = find_alike(session, report.photos, bits=rules.alike_bits)
    asked = _asked(report, point, rules, now) | {"alike": list(alike)[:LOOKED_AT]}
    found: dict[int, Duplicate] = {}
    for row in session.execute(_CANDIDATES, asked):
        item = _weigh(row, report, point, alike.get(row.id), rules)
        if _is_doubtful(item, report, rules, now):
            found[row.id] = item
    if not found:
        return []
    # What was found may be anybody's: from here on only what this person may see.
    visible = session.scalars(visible_hazards(actor).with_only_columns(Hazard.id).where(Hazard.id.in_(found)))
    mine = sorted((found[hazard_id] for hazard_id in visible), key=_rank, reverse=True)
    return mine[:MOST]


def _rank(item: Duplicate) -> tuple[int, bool, float, int]:
    return (-item.photo.bits if item.photo else -64, item.is_open, item.words, item.hazard_id)


def _newest(*conditions: ColumnElement[bool]) -> Select[int]:
    found = select(Hazard.id).where(*conditions).order_by(Hazard.id.desc()).limit(LOOKED_AT).subquery()
    return select(found.c.id)


# Built once, because a report asks with each of its messages; each part has an index and a bounded number of rows.
_OPEN = Hazard.state.in_(sorted(OPEN))
_RECENT = (_OPEN, Hazard.category == bindparam("category"), Hazard.reported_at >= bindparam("since"))
_IDS = union(
    _newest(_OPEN, Hazard.enterprise_id == bindparam("enterprise")),
    _newest(*_RECENT, Hazard.grid_code == bindparam("grid")),
    _newest(
        *_RECENT,
        Hazard.lat.between(bindparam("south"), bindparam("north")),
        Hazard.lon.between(bindparam("west"), bindparam("east")),
    ),
    select(Hazard.id).where(Hazard.id.in_(bindparam("alike", expanding=True))),
).subquery()
_CANDIDATES = (
    select(
        Hazard.id, Hazard.state, Hazard.category, Hazard.enterprise_id, Hazard.grid_code, Hazard.reported_at,
        Hazard.description, Hazard.lat, Hazard.lon, Enterprise.name, Grid.lat.label("grid_lat"),
        Grid.lon.label("grid_lon"),
    )
    .select_from(_IDS)
    .join(Hazard, Hazard.id == _IDS.c.id)
    .join(Grid, Grid.code == Hazard.grid_code)
    .outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
)  # fmt: skip


def _asked(report: Report, point: Place | None, rules: HazardRules, now: datetime) -> dict[str, Any]:
    """The fields of the query; where there is no point or enterprise, NULL matches nothing."""
    asked: dict[str, Any] = {
        "category": report.category, "since": _since(rules, now), "enterprise": report.spot.enterprise_id,
        "grid": report.spot.grid_code, "south": None, "north": None, "west": None, "east": None,
    }  # fmt: skip
    if point is None:
        return asked
    tall = rules.alike_metres(report.category) / METRES_IN_DEGREE
    wide = tall / lon_shrink(point.lat)
    box = {"south": point.lat - tall, "north": point.lat + tall, "west": point.lon - wide, "east": point.lon + wide}
    return asked | box


def _exact(lat: float | None, lon: float | None, grid_lat: float | None, grid_lon: float | None) -> Place | None:
    """A point, unless it is only the middle of the grid: that says no more than the grid does."""
    if lat is None or lon is None or (lat, lon) == (grid_lat, grid_lon):
        return None
    return Place(lat, lon)


def _weigh(row: Any, report: Report, point: Place | None, photo: Alike | None, rules: HazardRules) -> Duplicate:
    """Compare one candidate; words, which cost most, only where the place leaves a doubt."""
    there = _exact(row.lat, row.lon, row.grid_lat, row.grid_lon)
    metres = round(metres_between(point, there)) if point and there else None
    is_here = row.grid_code == report.spot.grid_code if metres is None else metres <= rules.alike_metres(row.category)
    is_same = row.enterprise_id is not None and row.enterprise_id == report.spot.enterprise_id
    words = 0.0
    if is_here or is_same:
        names = tuple(name for name in (report.spot.name, row.name, *report.spot.path.split("·")) if name)
        words = likeness(strip_places(report.description, names), strip_places(row.description, names))
    return Duplicate(
        row.id, row.state, row.category, row.reported_at, words, metres, photo, is_here=is_here, is_same=is_same
    )


def _since(rules: HazardRules, now: datetime) -> datetime:
    return now - timedelta(days=rules.alike_days)


def _is_doubtful(found: Duplicate, report: Report, rules: HazardRules, now: datetime) -> bool:
    if found.photo:
        return True
    if not found.is_open:
        return False
    similar = found.words * 100 >= rules.alike_words
    same = found.category == report.category
    if found.is_same:
        # 其他 (the last one) is no kind of hazard: two of them have nothing in common but that.
        return similar or (same and report.category != rules.categories[-1].code)
    return similar and same and found.is_here and found.reported_at >= _since(rules, now)
