"""疑似重复: what a report may be about a second time, as far as the reporter may see it.

An open hazard of the same enterprise (similar words, or the same category); an open one of the same category nearby
(its radius and days) with similar words; and any hazard, also a closed one, with nearly the same photo.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, literal, select, union_all

from models.access import Actor
from models.content import Place
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.hazards.access import visible_hazards
from models.hazards.flow import OPEN
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
    """A hazard that a report may repeat. `words`: 0 to 1; `metres` where both points are known."""

    hazard: Hazard
    words: float
    metres: int | None = None
    photo: Alike | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether something can still be added to it."""
        return self.hazard.state in OPEN

    @property
    def _rank(self) -> tuple[int, bool, float, int]:
        return (-self.photo.bits if self.photo else -64, self.is_open, self.words, self.hazard.id)


def find_duplicates(
    session: Session, actor: Actor, report: Report, *, rules: HazardRules, now: datetime
) -> list[Duplicate]:
    """What a report may repeat among the hazards this person may see, the likeliest first, at most `MOST`.

    Two queries without photos, at most six with them.
    """
    here = session.get(Grid, report.spot.grid_code)
    point = _exact(report.spot.lat, report.spot.lon, here.lat, here.lon) if here else None
    alike = find_alike(session, report.photos, bits=rules.alike_bits)
    wanted = union_all(*_candidates(report, point, list(alike), rules, now)).subquery()
    rows = session.execute(
        visible_hazards(actor)
        .add_columns(Enterprise.name, Grid.lat, Grid.lon)
        .outerjoin(Enterprise, Enterprise.id == Hazard.enterprise_id)
        .join(Grid, Grid.code == Hazard.grid_code)
        .where(Hazard.id.in_(select(wanted.c.id)))
    )
    found = []
    for hazard, name, lat, lon in rows:
        there = _exact(hazard.lat, hazard.lon, lat, lon)
        names = [part for part in (report.spot.name, name, *report.spot.path.split("·")) if part]
        said, known = strip_places(report.description, names), strip_places(hazard.description, names)
        metres = round(metres_between(point, there)) if point and there else None
        found.append(Duplicate(hazard, likeness(said, known), metres, alike.get(hazard.id)))
    doubtful = [item for item in found if _is_doubtful(item, report, rules, now)]
    return sorted(doubtful, key=lambda item: item._rank, reverse=True)[:MOST]  # noqa: SLF001 - of this module


def _exact(lat: float | None, lon: float | None, grid_lat: float | None, grid_lon: float | None) -> Place | None:
    """A point, unless it is only the middle of the grid: that says no more than the grid does."""
    if lat is None or lon is None or (lat, lon) == (grid_lat, grid_lon):
        return None
    return Place(lat, lon)


def _candidates(
    report: Report, point: Place | None, alike: list[int], rules: HazardRules, now: datetime
) -> Iterator[Select[int]]:
    """The ids that an index gives, of each kind a bounded number, before anybody's right to see them."""
    is_open = Hazard.state.in_(OPEN)
    recent = and_(is_open, Hazard.category == report.category, Hazard.reported_at >= _since(rules, now))
    yield _newest(and_(recent, Hazard.grid_code == report.spot.grid_code))
    if report.spot.enterprise_id is not None:
        yield _newest(and_(is_open, Hazard.enterprise_id == report.spot.enterprise_id))
    if point is not None:
        tall = rules.alike_metres(report.category) / METRES_IN_DEGREE
        wide = tall / lon_shrink(point.lat)
        yield _newest(
            and_(
                recent,
                Hazard.lat.between(point.lat - tall, point.lat + tall),
                Hazard.lon.between(point.lon - wide, point.lon + wide),
            )
        )
    for hazard_id in alike[:LOOKED_AT]:
        yield select(literal(hazard_id).label("id"))


def _newest(condition: ColumnElement[bool]) -> Select[int]:
    found = select(Hazard.id).where(condition).order_by(Hazard.id.desc()).limit(LOOKED_AT).subquery()
    return select(found.c.id)


def _since(rules: HazardRules, now: datetime) -> datetime:
    return now - timedelta(days=rules.alike_days)


def _is_doubtful(found: Duplicate, report: Report, rules: HazardRules, now: datetime) -> bool:
    hazard = found.hazard
    if found.photo:
        return True
    if not found.is_open:
        return False
    similar = found.words * 100 >= rules.alike_words
    same = hazard.category == report.category
    if hazard.enterprise_id is not None and hazard.enterprise_id == report.spot.enterprise_id:
        # 其他 (the last one) is no kind of hazard: two of them have nothing in common but that.
        return similar or (same and report.category != rules.categories[-1].code)
    if not similar or not same or hazard.reported_at < _since(rules, now):
        return False
    if found.metres is None:
        return hazard.grid_code == report.spot.grid_code
    return found.metres <= rules.alike_metres(report.category)
