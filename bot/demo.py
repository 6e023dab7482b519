"""`python -m bot demo`: the demo county in the browser, one phone per role, no login."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.app import build_app, serve, utc_now
from bot.platforms.base import DemoPage
from bot.settings import Settings
from models.content import Place
from models.demo import STATION, DemoCounty, do_load_demo, read_demo
from models.enterprises.tables import Enterprise
from models.migrate import upgrade
from models.rules import Rules
from models.session import Session, open_store

DATABASE, MEDIA = "sqlite+aiosqlite:///data/demo/wangge.db", "data/demo/media"


async def run_demo(settings: Settings, rules: Rules, *, say: Callable[[str], object]) -> None:
    """Load the demo county into a database of its own, and serve the demo page until told to stop.

    A database named in the settings is respected; else the demo keeps apart from the county's own data.
    Raises: ValueError: the database holds another county already.
    """
    own = {"database_url": DATABASE, "media_url": MEDIA}
    settings = settings.model_copy(update={name: own[name] for name in own if name not in settings.model_fields_set})
    await asyncio.to_thread(upgrade, settings.database_url)
    read_demo()  # from disk, before the unit
    store = open_store(settings.database_url)
    page = await store.write(_load)
    app = build_app(settings, rules, demo=page, store=store)

    def started() -> None:
        say(f"演示 demo: open http://{settings.web_listen}/demo  (Ctrl+C stops)")

    await serve(app, started=started)


def _load(session: Session) -> DemoPage:
    county = do_load_demo(session, utc_now())
    station = session.get_one(Enterprise, county.station)
    return DemoPage(_phones(county), Place(station.lat or 0, station.lon or 0), STATION)


def _phones(county: DemoCounty) -> tuple[tuple[str, int, str], ...]:
    return (
        ("officer", county.lin, "网格员 林晓梅"),
        ("manager", county.wu, "企业负责人 吴志强"),
        ("supervisor", county.zhou, "监管员 周敏"),
        ("leader", county.zheng, "领导 郑国平"),
    )
