"""Our whole product on Telegram, as `python -m bot run` starts it, with invented people bound to chats.

`--echo` puts trivial handlers in front of all others; with `--villages` each person has a village and an enterprise,
so that nobody hears of the others' reports. The pace of Telegram (28 messages a second) is lifted
unless `--paced`, as the rivals know none.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from benchmarks.sink import TOKEN
from handlers import build_registry
from handlers.registry import Answer, Registry, Request
from models.content import say
from models.grids.tables import Grid, Level
from models.outbox import do_tell
from models.people.tables import Account, Role
from models.session import Session, open_store

PEOPLE = 100
FIRST_CHAT = 1001
UNPACED = 100_000.0
BROADCAST = "全县广播"


def do_populate(session: Session, people: int, *, has_villages: bool) -> None:
    """Bind grid officers to Telegram chats: all of 林's village, or each of one of their own; once."""
    from bot.app import utc_now
    from tests.factories import VILLAGE, add_person, cast

    if session.scalar(select(Account.id).limit(1)):
        return  # it was killed and started again
    now = utc_now()
    cast(session, now)
    for number in range(people):
        village = do_found(session, number, now) if has_villages else VILLAGE
        add_person(
            session, f"网格员{number}", f"198{number:08}", (Role.OFFICER, village),
            chat=str(FIRST_CHAT + number), platform="telegram", now=now,
        )  # fmt: skip


def do_found(session: Session, number: int, now: datetime) -> str:
    """A village and its enterprise; the village's code."""
    from benchmarks.reports import shop
    from tests.factories import TOWN, add_enterprise

    code = f"{TOWN}{400 + number}"
    session.add(Grid(code=code, name=f"第{number}村村委会", level=Level.VILLAGE, parent_code=TOWN))
    session.flush()
    add_enterprise(session, shop(number), code=f"91341823MA{number:08}", grid=code, now=now)
    return code


def echo(request: Request) -> Answer:
    """The trivial handler."""
    return say(request.incoming.text)


def broadcast(request: Request) -> Answer:
    """A notice to everybody but the one who asks for it."""
    if request.incoming.text != BROADCAST:
        return None
    everybody = request.session.scalars(select(Account.person_id).where(Account.platform == "telegram"))
    others = [person for person in everybody if person != request.person.person_id]
    do_tell(request.session, others, say(BROADCAST), now=request.now)
    return say("好的")


def build_echo_registry() -> Registry:
    """Everything, and in front of it the two trivial handlers."""
    registry = build_registry()
    registry.fallbacks[:0] = [broadcast, echo]
    return registry


async def run(people: int, *, is_echo: bool, has_villages: bool, in_flight: int, pace: float) -> None:
    """Serve until SIGTERM."""
    from bot import app as parts
    from bot.platforms.telegram import TelegramPlatform
    from bot.redact import configure_logging
    from bot.settings import read_settings
    from models.rules import read_rules, without_quiet

    settings = read_settings()
    configure_logging(settings.log_format, secrets=(TOKEN,))  # a line per event, as in operation
    store = open_store(settings.database_url)
    await store.write(lambda session: do_populate(session, people, has_villages=has_villages))
    if pace:
        TelegramPlatform.caps = replace(TelegramPlatform.caps, per_second=pace, per_chat_s=0.0)
    if in_flight:
        TelegramPlatform.caps = replace(TelegramPlatform.caps, in_flight=in_flight)
    if is_echo:
        parts.build_registry = build_echo_registry
    app = parts.build_app(settings, without_quiet(read_rules(settings.rules_file)), store=store)
    await parts.serve(app, started=lambda: print("serving", flush=True))


def main() -> None:
    """Prepare a database and serve."""
    from models.migrate import upgrade

    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--villages", action="store_true")
    parser.add_argument("--in-flight", type=int, default=0)
    parser.add_argument("--paced", action="store_true")
    options = parser.parse_args()
    url = f"sqlite+aiosqlite:///{options.folder}/wangge.db"
    os.environ.update(environment(options.folder, options.api))
    upgrade(url)
    pace = 0.0 if options.paced else UNPACED
    work = run(
        options.people, is_echo=options.echo, has_villages=options.villages, in_flight=options.in_flight, pace=pace
    )
    asyncio.run(work)


def environment(folder: Path, api: str) -> dict[str, str]:
    """The settings of `python -m bot run` against a local server."""
    return {
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/wangge.db", "MEDIA_URL": f"{folder}/media",
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": api, "PLATFORMS": "telegram",
        "WEB_LISTEN": "127.0.0.1:0",
    }  # fmt: skip


if __name__ == "__main__":
    main()
