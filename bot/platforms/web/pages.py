"""The page itself and its static files: read once, compressed once, named by a hash of all of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiohttp import web

from bot.platforms.web.doors import Demo, Door

STATIC = Path(__file__).resolve().parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"
TEXTS = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}
NOT_SHELL = ("demo", "index.html", "js/demo", "sample", "sw.js")  # Not part of what is kept for offline.
HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file as it is sent."""

    data: bytes
    zipped: bytes
    mime: str


class Pages:
    """Serves what is the same for everybody. Any change of any file changes the name of all: no stale mixture."""

    def __init__(self, folder: Path = STATIC) -> None:
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        digest = hashlib.sha256()
        for name, path in files.items():
            digest.update(name.encode() + b"\0" + path.read_bytes())
        self.base = f"/static/{digest.hexdigest()[:16]}"
        shell = [f"{self.base}/{name}" for name in files if not name.startswith(NOT_SHELL)]
        self._words = {"{{static}}": self.base, "{{shell}}": json.dumps(shell)}
        self._assets = {name: self._read(path) for name, path in files.items()}

    def show_page(self, request: web.Request, door: Door | None = None, demo: Demo | None = None) -> web.Response:
        """Give the chat page; on a demo phone it knows the sample's place and where that is."""
        data = ""
        if demo and door and door.phone:
            values = {
                "demo": door.phone.key, "lat": demo.place.lat, "lon": demo.place.lon, "enterprise": demo.enterprise,
            }  # fmt: skip
            data = "".join(f' data-{name}="{escape(str(value))}"' for name, value in values.items())
        return self._html(request, "index.html", data)

    def show_demo(self, request: web.Request, demo: Demo) -> web.Response:
        """Give the page that holds the demo's phones."""
        phones = [{"key": key, "title": door.phone.title if door.phone else key} for key, door in demo.doors.items()]
        return self._html(request, "demo.html", f' data-phones="{escape(json.dumps(phones, ensure_ascii=False))}"')

    def give_static(self, request: web.Request) -> web.Response:
        """Give a static file. Raises: HTTPNotFound: unknown, or of another version."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None or asset.mime == "text/html" or request.path != f"{self.base}/{request.match_info['name']}":
            raise web.HTTPNotFound
        return _give(request, asset, FOR_GOOD)

    def give_worker(self, request: web.Request) -> web.Response:
        """Give the service worker, whose name must stay the same for ever."""
        response = _give(request, self._assets["sw.js"], "no-cache")
        response.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"  # it fetches the page
        return response

    def _html(self, request: web.Request, name: str, data: str) -> web.Response:
        html = self._assets[name].data.decode().replace("{{data}}", data)
        response = web.Response(text=html, content_type="text/html")
        response.headers["Content-Security-Policy"] = show_policy(request.host)
        response.headers["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=()"
        response.headers["Cache-Control"] = "no-cache"
        response.enable_compression()
        return response

    def _read(self, path: Path) -> Asset:
        data = path.read_bytes()
        mime = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if path.suffix not in TEXTS:
            return Asset(data, b"", mime)
        for word, value in self._words.items():
            data = data.replace(word.encode(), value.encode())
        return Asset(data, gzip.compress(data, 9, mtime=0), mime)


def show_policy(host: str) -> str:
    """Give the Content-Security-Policy of a page: everything from here, nothing inline.

    The socket's address is spelt out because Safari before 15.4 does not count it as 'self'.
    """
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"connect-src 'self'{sockets}; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; "
        "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'"
    )


def _give(request: web.Request, asset: Asset, cache: str) -> web.Response:
    headers = {"Content-Type": f"{asset.mime}; charset=utf-8", "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if asset.zipped and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.zipped, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=asset.data, headers=headers)
