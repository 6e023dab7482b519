"""The addresses of the chat page and of the demo page, and who answers each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.platforms.web.desk import Desk
from bot.platforms.web.doors import Demo, Door
from bot.platforms.web.files import give_file, give_picture, give_qr, take_upload
from bot.platforms.web.pages import Pages
from bot.platforms.web.sockets import serve_socket, show_news, show_older, take_post

Handler = Callable[[Desk, Door, web.Request], Awaitable[web.StreamResponse]]
FindDoor = Callable[[web.Request], Door]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "api/socket", serve_socket),
    ("GET", "api/news", show_news),
    ("GET", "api/older", show_older),
    ("POST", "api/send", take_post),
    ("POST", "api/upload", take_upload),
    ("GET", r"m/{message:\d+}/{sha:[0-9a-f]{64}}/{variant:thumb|copy}", give_picture),
    ("GET", r"m/{message:\d+}/{sha:[0-9a-f]{64}}/file", give_file),
    ("GET", r"m/{message:\d+}/qr/{number:\d{1,2}}", give_qr),
)


def mount_chat(app: web.Application, desk: Desk, pages: Pages) -> None:
    """Add the chat page at "/" and the static files."""
    door = Door()

    async def show_page(request: web.Request) -> web.Response:
        return _give_cookie(desk, door, request, pages.show_page(request))

    async def give_static(request: web.Request) -> web.Response:
        return pages.give_static(request)

    async def give_worker(request: web.Request) -> web.Response:
        return pages.give_worker(request)

    app.router.add_get("/", show_page)
    app.router.add_get("/sw.js", give_worker)
    app.router.add_get(r"/static/{version:[0-9a-f]+}/{name:[\w./-]+}", give_static)
    _mount_handlers(app, desk, "", lambda _request: door)


def mount_demo(app: web.Application, desk: Desk, pages: Pages, demo: Callable[[], Demo | None]) -> None:
    """Add the demo page and its phones; `demo` gives them once they are open."""

    def opened(request: web.Request) -> Demo:
        _check_local(request)
        found = demo()
        if found is None:
            raise web.HTTPServiceUnavailable
        return found

    def find_door(request: web.Request) -> Door:
        door = opened(request).doors.get(request.match_info["key"])
        if door is None:
            raise web.HTTPNotFound
        return door

    async def show_demo(request: web.Request) -> web.Response:
        return pages.show_demo(request, opened(request))

    async def show_phone(request: web.Request) -> web.Response:
        door = find_door(request)
        return _give_cookie(desk, door, request, pages.show_page(request, door, opened(request)))

    app.router.add_get("/demo", _add_slash)
    app.router.add_get("/demo/", show_demo)
    app.router.add_get(r"/demo/{key:\w+}", _add_slash)
    app.router.add_get(r"/demo/{key:\w+}/", show_phone)
    _mount_handlers(app, desk, r"/demo/{key:\w+}", find_door)


def _mount_handlers(app: web.Application, desk: Desk, prefix: str, find_door: FindDoor) -> None:
    def bound(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await handler(desk, find_door(request), request)

        return answer

    for method, path, handler in HANDLERS:
        app.router.add_route(method, f"{prefix}/{path}", bound(handler))


def _give_cookie(desk: Desk, door: Door, request: web.Request, response: web.Response) -> web.Response:
    if desk.sessions is None:
        raise web.HTTPServiceUnavailable
    desk.sessions.give(response, door, desk.sessions.read(request, door))
    return response


def _check_local(request: web.Request) -> None:
    # A page elsewhere may point its own name at this machine (DNS rebinding) and would then be let in.
    if request.host not in LOOPBACK and request.host.rpartition(":")[0] not in LOOPBACK:
        raise web.HTTPNotFound


async def _add_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"{request.path}/")
