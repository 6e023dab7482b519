"""`python -m bot demo`: the demo county in the browser, one phone per role, no login."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import attrs

from bot.app import build_app, serve, utc_now
from bot.database import find_problem
from bot.listen import is_loopback
from bot.platforms.base import DemoPage
from bot.redact import REDACTOR
from bot.refusal import Refused
from bot.settings import Settings
from models.condition import Condition, Unusable, examine, shown
from models.content import Place
from models.demo import STATION, DemoCounty, do_load_demo, read_demo
from models.enterprises.tables import Enterprise
from models.errors import StorageFailed
from models.facts import do_set_fact, find_fact
from models.grids.tree import list_roots
from models.leadership import open_leadership
from models.migrate import upgrade
from models.rules import Rules, without_quiet
from models.session import Session, Store, open_store

log = logging.getLogger(__name__)

FOLDER = Path("data/demo")
DATABASE, MEDIA = f"sqlite+aiosqlite:///{FOLDER}/wangge.db", f"{FOLDER}/media"
MARK = "demo-county"  # The fact that tells a demo from a county at work.
FRESH = "python -m bot demo --fresh"


async def run_demo(settings: Settings, rules: Rules, *, say: Callable[[str], object], fresh: bool = False) -> None:
    """Load the demo county into a database of its own, and serve the demo page until told to stop.

    A database named in the settings is respected; else the demo keeps apart from the county's own data, and
    `fresh` begins by deleting what was tried out before.
    Raises: Refused: others could reach it, or the database does not fit. AlreadyRunning: it runs already.
    """
    if not is_loopback(settings.web_address[0]):
        raise Refused("The demo has no login, so nobody else may reach it: set WEB_LISTEN to 127.0.0.1:8080.")
    own = {"database_url": DATABASE, "media_url": MEDIA}
    named = [name for name in own if name in settings.given]
    settings = attrs.evolve(settings, **{name: own[name] for name in own if name not in named})
    if fresh:
        if named:
            names = " and ".join(name.upper() for name in named)
            raise Refused(f"--fresh deletes only the demo's own data in {FOLDER}; leave {names} out.")
        await _start_afresh()
    store = await _open(settings.database_url, is_own="database_url" not in named)
    try:
        page = await _fill(store, settings.database_url, is_own="database_url" not in named)
    except BaseException:
        await store.close()
        raise
    # Whoever tries it out in the evening wants to see what everybody gets.
    app = build_app(settings, without_quiet(rules), demo=page, store=store)

    def started() -> None:
        say(f"演示 demo: open http://{settings.web_listen}/demo  (Ctrl+C stops)")

    await serve(app, started=started)


async def _start_afresh() -> None:
    """Delete the demo's database and photos, unless a demo runs on them."""
    leadership = open_leadership(DATABASE)
    await leadership.try_lead()
    try:
        await asyncio.to_thread(_delete)
    finally:
        await leadership.release()


def _delete() -> None:
    for ending in ("", "-wal", "-shm", "-journal"):  # the lock stays, see models/leadership.py
        (FOLDER / f"wangge.db{ending}").unlink(missing_ok=True)
    if Path(MEDIA).exists():
        shutil.rmtree(MEDIA)


async def _open(url: str, *, is_own: bool) -> Store:
    """Bring the database up to this version, if it can be. What is named in the settings is not changed on the way."""
    try:
        found = await examine(url)
    except Unusable as error:
        raise Refused(_unfit(REDACTOR.clean(str(error)), is_own=is_own)) from error
    problem = find_problem(url, found)
    if problem and not (is_own and found.condition is Condition.BEHIND):
        raise Refused(_unfit(f"{shown(url)} is of another version.", is_own=True) if is_own else problem)
    if found.condition is not Condition.CURRENT:
        try:
            await asyncio.to_thread(upgrade, url)
        except Exception as error:
            log.debug("the demo's database cannot be brought up", exc_info=True)
            raise Refused(_unfit(f"{shown(url)} cannot be brought up to this version.", is_own=is_own)) from error
    return open_store(url)


async def _fill(store: Store, url: str, *, is_own: bool) -> DemoPage:
    await asyncio.to_thread(read_demo)  # from disk, before the unit
    try:
        return await store.write(lambda session: _load(session, is_own=is_own))
    except (StorageFailed, Refused):
        raise
    except Exception as error:
        # Its tables or rows may be those of any earlier state; whatever it was that did not fit, the way out is one.
        log.debug("the demo county does not go in", exc_info=True)
        raise Refused(_unfit(f"{shown(url)} holds something else than this demo county.", is_own=is_own)) from error


def _unfit(reason: str, *, is_own: bool) -> str:
    way = f"Start afresh with '{FRESH}'." if is_own else "Name an empty database in DATABASE_URL, or none."
    return f"{reason} {way}"


def _load(session: Session, *, is_own: bool) -> DemoPage:
    if not is_own and list_roots(session) and not find_fact(session, MARK):
        raise Refused(_unfit("DATABASE_URL names a county's own database; invented people do not go in.", is_own=False))
    county = do_load_demo(session, utc_now())
    do_set_fact(session, MARK, "loaded")
    station = session.get_one(Enterprise, county.station)
    return DemoPage(_phones(county), Place(station.lat or 0, station.lon or 0), STATION)


def _phones(county: DemoCounty) -> tuple[tuple[str, int, str], ...]:
    return (
        ("officer", county.lin, "网格员 林晓梅"),
        ("manager", county.wu, "企业负责人 吴志强"),
        ("supervisor", county.zhou, "监管员 周敏"),
        ("leader", county.zheng, "领导 郑国平"),
    )
