"""The composition root: the only place that knows all the parts and wires them together."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from aiohttp import web

from bot import metrics
from bot.dispatch import Dispatcher
from bot.platforms import build_platform
from bot.platforms.base import Context, DemoPage, Mounted, Outgoing, Platform
from bot.refusal import Refused
from bot.settings import Settings
from bot.web import Health, listen, make_app
from handlers import build_registry
from handlers.people.menu import menu_card
from models.access import Actor
from models.content import Attachment, Card
from models.darkroom import DARKROOM
from models.delivery import count_waiting
from models.errors import BadCredentials, StorageFailed
from models.facts import do_set_fact
from models.grids.ownership import list_unowned_pairs
from models.hazards.access import may_see
from models.hazards.reminders import SUBJECT, may_remind
from models.imports.jobs import may_see_import
from models.inbox import count_new
from models.leadership import Leadership, open_leadership
from models.media import MediaStore, open_media
from models.people.menus import is_menu_current
from models.rules import Rules
from models.session import Store, open_store
from scheduler.deliver import Deliverer
from scheduler.imports import Importer
from scheduler.jobs import Services
from scheduler.runner import Runner

log = logging.getLogger(__name__)

CHECKS = {"hazard": may_see, SUBJECT: may_remind, "import": may_see_import, "menu": is_menu_current}
SWEEP_S = 0.5  # How soon an event that another process stored is seen.
TAKEOVER_S = 1.0  # How often a follower asks whether the leader has gone.
# Objects made before the collector looks for garbage among the young; Python's 700 cost a tenth of each update.
YOUNG_OBJECTS = 5_000


def utc_now() -> datetime:
    """The wall clock; everything below gets the time as a parameter."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """All parts of one process."""

    settings: Settings
    rules: Rules
    store: Store
    media: MediaStore
    platforms: Mapping[str, Platform]
    dispatcher: Dispatcher
    deliverer: Deliverer
    runner: Runner
    importer: Importer
    leadership: Leadership
    role: str = "follower"


def build_app(
    settings: Settings,
    rules: Rules,
    *,
    demo: DemoPage | None = None,
    clock: Callable[[], datetime] = utc_now,
    store: Store | None = None,
) -> App:
    """Wire the parts together; nothing runs yet."""
    store = store or open_store(settings.database_url)
    media = open_media(settings.media_url, zone=settings.timezone)
    context = Context(settings, store, media, clock, demo)
    platforms = {name: build_platform(name, context) for name in settings.active_platforms}
    registry = build_registry()
    deliverer = Deliverer(
        store,
        platforms,
        make_outgoing=Outgoing,
        checks=CHECKS,
        clock=clock,
        zone=settings.timezone,
        on_result=metrics.count_message,
        is_quiet_hour=rules.quiet.has_hour,
    )
    dispatcher = Dispatcher(
        store, media=media, registry=registry, rules=rules, platforms=platforms, clock=clock, outbound=deliverer
    )

    def menu(actor: Actor | None) -> Card:
        return menu_card(registry, actor)

    async def fetch(platform: str, attachment: Attachment) -> bytes:
        return await platforms[platform].fetch(attachment)

    services = Services(store=store, media=media, rules=rules, clock=clock, menu_card=menu, fetch=fetch)
    runner = Runner(services, zone=settings.timezone)
    importer = Importer(store, media, clock, outbound=deliverer)
    leadership = open_leadership(settings.database_url)
    return App(settings, rules, store, media, platforms, dispatcher, deliverer, runner, importer, leadership)


async def run(settings: Settings, rules: Rules, *, started: Callable[[], None]) -> None:
    """Run the bot until it is told to stop."""
    await serve(build_app(settings, rules), started=started)


async def serve(app: App, *, started: Callable[[], None] = lambda: None) -> None:
    """Run until SIGINT or SIGTERM; `started` is called when the web server answers.

    Raises: OSError: the address to listen on is taken. AlreadyRunning: (SQLite) another process has the file.
    Refused: photos would go without their watermark.
    """
    _spare_collector()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(app.store.close)
        stack.push_async_callback(app.leadership.release)
        if app.store.is_sqlite:
            await app.leadership.try_lead()
        mounts = [_mount(app, platform) for platform in app.platforms.values() if hasattr(platform, "mount")]
        health = Health(app.store, tuple(app.platforms.values()), lambda: app.role)
        server = await listen(make_app(health, mounts), app.settings.web_listen)
        stack.push_async_callback(server.cleanup)
        work, proof = asyncio.create_task(_take_turns(app)), asyncio.create_task(_prove_font(app))
        stack.push_async_callback(_cancel, [work, proof])
        work.add_done_callback(lambda _task: stop.set())
        proof.add_done_callback(lambda task: stop.set() if not task.cancelled() and task.exception() else None)
        started()
        await stop.wait()
        for task in (work, proof):
            if task.done():
                task.result()  # the work ends by itself only if something is broken: say so


async def _prove_font(app: App) -> None:
    """Make sure that watermarks can be drawn, while everything else starts. Raises: Refused: they cannot."""
    if fault := await app.media.find_font_fault():
        raise Refused(fault)
    DARKROOM.close()  # started anew by the first photo; until then it need not take memory


def _spare_collector() -> None:
    """Keep the garbage collector from looking at what stays for good, and from looking too often."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


def _mount(app: App, platform: Platform) -> Callable[[web.Application], None]:
    mounted = cast("Mounted", platform)
    return lambda server: mounted.mount(server, app.dispatcher.receive)


async def _take_turns(app: App) -> None:
    """Lead when nobody else does; step down when the lead is lost, and wait for the next turn."""
    while True:
        while not await app.leadership.try_lead():  # noqa: ASYNC110 - the lock has no event to wait for
            await asyncio.sleep(TAKEOVER_S)
        app.role = "leader"
        try:
            await _lead(app)
        except StorageFailed:
            log.exception("the database is away; trying again")
            await app.leadership.release()
            await asyncio.sleep(TAKEOVER_S)
        finally:
            app.role = "follower"
        log.warning("lost the lead, waiting for the next turn")


async def _lead(app: App) -> None:
    """Receive, handle, deliver and tick until the lead is lost."""
    async with contextlib.AsyncExitStack() as stack:
        app.dispatcher.leading = True
        stack.push_async_callback(app.dispatcher.stop)
        await app.dispatcher.sweep()
        for platform in app.platforms.values():
            stack.push_async_callback(platform.stop)  # also one that refused: it holds connections by then
            try:
                await platform.start(app.dispatcher.receive)
            except BadCredentials:
                log.critical("platform refuses our credentials", extra={"platform": platform.name})
        await _note_links(app)
        await app.runner.start()
        stack.callback(app.runner.stop)
        await _report_unowned(app)
        # Left first, while the platforms still work: what is being sent is sent to its end.
        parts = (app.leadership.hold(), app.deliverer.run(), app.importer.run(), _watch(app))
        tasks = [asyncio.create_task(part) for part in parts]
        stack.push_async_callback(_cancel, tasks)
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(app: App) -> None:
    """See what other processes stored or what a fault left behind, and keep the gauges."""
    while True:
        try:
            await app.dispatcher.sweep()
            metrics.inbox_waiting.set(await app.store.read(count_new))
            metrics.outbox_queued.set(await app.store.read(count_waiting))
        except StorageFailed:
            log.exception("the database is away; looking again soon")
        await asyncio.sleep(SWEEP_S if not app.store.is_sqlite else 5)


async def _note_links(app: App) -> None:
    """Note where people join, for invites made in any process or on the command line."""
    for platform in app.platforms.values():
        pattern = await platform.link("{code}")
        if pattern:
            name, value = f"join_link_{platform.name}", pattern
            await app.store.write(lambda session, name=name, value=value: do_set_fact(session, name, value))  # type: ignore[misc]


async def _report_unowned(app: App) -> None:
    now = utc_now()
    pairs = await app.store.read(lambda session: list_unowned_pairs(session, now=now))
    if pairs:
        shown = "; ".join(str(pair) for pair in pairs[:10])
        log.warning("%d pairs of grid and industry have no owner and fall to the office: %s", len(pairs), shown)
