"""疑似重复 at a hundred thousand hazards with two hundred thousand photos: the search alone, inside its unit."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from PIL import Image
from sqlalchemy import insert, text

from benchmarks.outcome import Outcome, Plan, Target, percentile
from benchmarks.statements import counted
from benchmarks.town import in_town
from models.access import load_actor
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid, Level
from models.hazards.duplicates import find_duplicates
from models.hazards.flow import State
from models.hazards.places import Spot
from models.hazards.prints import parts_of
from models.hazards.register import Report
from models.hazards.tables import Hazard, HazardPhoto, HazardPrint, OwnerKind, PhotoKind, Source
from models.media import Media
from models.pictures import dhash
from models.session import Session
from tests.factories import TOWN, VILLAGE
from tests.fakes import County

HAZARDS, VILLAGES, ENTERPRISES, PHOTOS_EACH = 100_000, 200, 2_000, 2
WANTED_MS = 20.0
WORDS = ("灭火器压力不足", "静电接地线脱落", "消防通道被杂物堵塞", "路面塌陷有坑", "配电箱没有门", "护栏断裂")
STATES = (State.ASSIGNED, State.RECTIFYING, State.CLOSED, State.CLOSED)
CASES = (("officer", "lin", 1), ("supervisor", "zhou", 0), ("supervisor", "zhou", 1), ("supervisor", "zhou", 9))


def smooth_hash(dice: random.Random) -> int:
    """The hash of a picture with large soft shapes and a little noise: less even than dice, as photos are."""
    small = Image.frombytes("L", (6, 5), dice.randbytes(30)).resize((9, 8), Image.Resampling.BICUBIC)
    noise = Image.frombytes("L", (9, 8), dice.randbytes(72))
    return dhash(Image.blend(small, noise, 0.15))


def do_fill(session: Session, county: County, people: dict[str, int]) -> None:
    """Hazards of four hundred days all over the county, two photos each."""
    now, dice, categories = county.clock(), random.Random(1), county.rules.hazards.categories
    villages = [VILLAGE] + [f"{TOWN}{300 + number}" for number in range(VILLAGES - 1)]
    session.execute(
        insert(Grid), [{"code": c, "name": c, "level": Level.VILLAGE, "parent_code": TOWN} for c in villages[1:]]
    )
    firms = [
        {
            "name": f"{number}号厂", "credit_code": f"{number:018}", "industry": "danger",
            "grid_code": villages[number % VILLAGES], "address": "", "standard": "", "created_at": now,
        }
        for number in range(ENTERPRISES)
    ]  # fmt: skip
    session.execute(insert(Enterprise), firms)
    hazards, photos, media, prints = [], [], [], []
    for number in range(1, HAZARDS + 1):
        at = now - timedelta(minutes=5.76 * (HAZARDS - number))
        hazards.append({
            "id": number, "number": f"YH{at:%Y%m%d}-{number:06}", "county": "341823",
            "grid_code": villages[number % VILLAGES],
            "enterprise_id": 1 + number // 2 % ENTERPRISES if number % 2 else None, "industry": "danger", "place": "",
            "lat": 30.4 + dice.random() * 0.6, "lon": 118.0 + dice.random() * 0.6,
            "description": f"{dice.choice(WORDS)}，{number}号", "category": dice.choice(categories).code,
            "level": "general", "source": Source.PATROL, "state": STATES[number % 4], "state_since": at,
            "owner_kind": OwnerKind.GRID, "reporter_id": people["lin"], "found_at": at, "reported_at": at,
            "remark": "", "is_major": False, "round": 1, "returned": 0, "extensions": 0,
        })  # fmt: skip
        for turn in range(PHOTOS_EACH):
            sha, look = f"{number:060}{turn:04}", smooth_hash(dice)
            photos.append({
                "hazard_id": number, "sha": sha, "kind": PhotoKind.BEFORE, "round": 1, "by_id": people["lin"], "at": at,
            })  # fmt: skip
            media.append({
                "sha": sha, "kind": "picture", "mime": "image/jpeg", "size": 1, "width": 1, "height": 1, "dhash": look,
                "mirror_hash": smooth_hash(dice), "created_at": at,
            })  # fmt: skip
            prints += [{"part": part, "hazard_id": number, "dhash": look} for part in parts_of(look)]
    for table, rows in ((Hazard, hazards), (HazardPhoto, photos), (Media, media)):
        session.execute(insert(table), rows)
    unique = {(row["part"], row["hazard_id"], row["dhash"]): row for row in prints}
    session.execute(insert(HazardPrint), list(unique.values()))


def search(session: Session, county: County, person_id: int, number: int, photos: int) -> float:
    """One search for a report that resembles hazard `number`; the CPU it took in milliseconds (one thread does all)."""
    now, hazard = county.clock(), session.get_one(Hazard, number)
    spot = Spot(hazard.grid_code, "茂林镇", hazard.enterprise_id, lat=hazard.lat, lon=hazard.lon)
    shas = tuple(f"{number + turn:060}0000" for turn in range(photos))
    report = Report(spot, hazard.description, hazard.category, "general", 7, shas)
    actor = load_actor(session, person_id, now=now)
    assert actor is not None
    started = time.thread_time()
    find_duplicates(session, actor, report, rules=county.rules.hazards, now=now)
    return (time.thread_time() - started) * 1000


def run(plan: Plan) -> Outcome:
    """Reports that resemble hazards of the last weeks, by an officer of one village and by a supervisor of all."""
    repeats = plan.pick(100, 20)
    outcome = Outcome(
        f"duplicates: {HAZARDS} hazards, {HAZARDS * PHOTOS_EACH} photos",
        ("who", "photos", "CPU p50 ms", "CPU p95 ms", "statements"),
    )

    async def work(county: County, people: dict[str, int]) -> None:
        await county.store.write(lambda session: do_fill(session, county, people))
        await county.store.write(lambda session: session.execute(text("ANALYZE")))
        dice = random.Random(2)
        for who, name, photos in CASES:
            times, statements = [], 0
            for _repeat in range(repeats):
                number = HAZARDS - 20 - dice.randrange(5000)
                with counted() as seen:
                    times.append(
                        await county.store.write(
                            lambda session, n=number: search(session, county, people[name], n, photos)  # noqa: B023
                        )
                    )
                statements = len(seen) - 3  # the bench's own: the hazard, and the person with the roles
            row = (who, str(photos), f"{percentile(times, 0.5):.1f}", f"{percentile(times, 0.95):.1f}", str(statements))
            outcome.rows.append(row)
            if photos < 2:
                what = f"{who}, {photos} photos, p95"
                outcome.targets.append(Target(what, percentile(times, 0.95), WANTED_MS, " ms", at_least=False))

    in_town(work)
    return outcome
