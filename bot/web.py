"""The HTTP server: health, readiness, metrics, and whatever the platforms mount (chat page, webhooks)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot import metrics
from bot.listen import read_address
from bot.platforms.base import Platform
from models.session import Store, ping

log = logging.getLogger(__name__)

Mount = Callable[[web.Application], None]

# What every answer says unless its handler says something else: nothing may be loaded, framed or guessed.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
SERVER = "wangge"  # In place of what aiohttp writes there: which version of what.


@dataclass(frozen=True, slots=True)
class Health:
    """Whom to ask how the program is. `role` gives "leader" or "follower"."""

    store: Store
    platforms: Sequence[Platform]
    role: Callable[[], str]


def make_app(health: Health, mounts: Iterable[Mount] = ()) -> web.Application:
    """Build the application; each of `mounts` adds its routes."""
    app = web.Application()
    app.on_response_prepare.append(_add_headers)

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        return await _show_readiness(health)

    async def show_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.show_metrics(), headers={"Content-Type": metrics.CONTENT_TYPE})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)
    for mount in mounts:
        mount(app)
    return app


async def listen(app: web.Application, address: str) -> web.AppRunner:
    """Serve `app` on `address` ("127.0.0.1:8080"); stop it with `cleanup()` of the runner.

    Paths are not logged: the path of a webhook may hold a secret. Raises: OSError: the address is taken.
    """
    host, port = read_address(address)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SERVER


async def _show_readiness(health: Health) -> web.Response:
    database = await _answers(health.store)
    platforms = {platform.name: platform.ready for platform in health.platforms}
    role = health.role()
    # A follower waits for its turn with its platforms silent; that is its way of being ready.
    ready = database and (role != "leader" or all(platforms.values()))
    body = {"ready": ready, "database": database, "role": role, "platforms": platforms}
    return web.json_response(body, status=200 if ready else 503)


async def _answers(store: Store) -> bool:
    try:
        await ping(store)
    except Exception:
        log.exception("the database does not answer")
        return False
    return True
