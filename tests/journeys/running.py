"""The whole product in this process: the real composition, a demo county, ports of its own."""

import asyncio
import contextlib
import socket
from pathlib import Path

from bot.app import build_app, serve
from bot.settings import Settings
from models.demo import do_load_demo, read_demo
from models.people.invites import make_invite
from models.rules import read_rules, without_quiet

RULES = without_quiet(read_rules(Path("rules.toml")))  # Tests run at all hours.


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_settings(database_url, folder, **settings):
    """Settings of a product on a free port, with its media in a folder."""
    return Settings(
        database_url=database_url, media_url=str(folder / "media"),
        web_listen=f"127.0.0.1:{free_port()}", **settings,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def running(database_url, folder, clock, **settings):
    """Run the product until the block is left; yields the App and the people of the demo county."""
    app = build_app(make_settings(database_url, folder, **settings), RULES, clock=clock)
    read_demo()
    people = await app.store.write(lambda session: do_load_demo(session, clock()))
    started = asyncio.Event()
    task = asyncio.create_task(serve(app, started=started.set))
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield app, people
    finally:
        waiting.cancel()
        task.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)


async def invite(app, clock, name, grid=""):
    made = await make_invite(app.store, name, grid=grid, rules=RULES.joining, now=clock())
    return made.code
