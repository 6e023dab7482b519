"""Photos and files: kept once by content, the original sealed, a harmless copy for people.

Under the root: `original/ab/cd/<sha>` (as it came, readable by this program alone), `copy/` and `thumb/`
likewise (JPEG without metadata), `marked/` (copies with a watermark, made when they are asked for, cleared by
`sweep` when they have not been for long), `tmp/` (what a crash leaves; `sweep` clears it). A file appears under its
name only when it is whole and on the disk; of a photo the original appears last, so where it is, the copies are.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.access import COUNTY_ZONE
from models.base import Base
from models.content import Place
from models.darkroom import DARKROOM, WORKERS, Prepared
from models.errors import InvalidInput, NotFound, StorageFailed
from models.sniff import check_size, is_picture, sniff
from models.texts import Line, Reader
from models.upsert import insert_new, upsert

log = logging.getLogger(__name__)

T = TypeVar("T")
Variant = Literal["original", "copy", "thumb"]
Folder = Literal["original", "copy", "thumb", "marked"]
LEFTOVER = timedelta(hours=1)  # No write takes this long; what is older was cut off by a crash.
MARKED_LIFE = timedelta(days=30)  # A copy with a watermark is made anew in a moment.
STYLE = "1"  # Goes into the name of a marked copy: a band that looks different makes another file.
PROOF = "隐患塅①"  # What the watermark's font must be able to draw: everyday, rare and special characters.
THREADS = 4  # For the disk.


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a file that lies in the store.

    `sha`: lower-case hex SHA-256 of the original, its address. `size` in bytes; `width`, `height` in pixels
    of the original, upright; `taken_at` (aware UTC) and `place` as the camera wrote them; `dhash` and
    `mirror_hash`: signed 64-bit difference hashes of the picture and its mirror image. Only pictures have
    what follows `size`.
    """

    sha: str
    kind: Literal["picture", "file"]
    mime: str
    size: int
    width: int = 0
    height: int = 0
    taken_at: datetime | None = None
    place: Place | None = None
    dhash: int | None = None
    mirror_hash: int | None = None


class Media(Base):
    """A file of the store, found by its content; the columns are those of `Kept`."""

    __tablename__ = "media"

    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    mime: Mapped[str] = mapped_column(String(96))
    size: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    dhash: Mapped[int | None] = mapped_column(BigInteger)
    mirror_hash: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]

    @property
    def place(self) -> Place | None:
        """Where the camera says the picture was taken."""
        return None if self.lat is None or self.lon is None else Place(self.lat, self.lon)


def do_record(session: Session, kept: Kept, *, now: datetime) -> None:
    """Note a kept file in the database; what came before keeps its row."""
    seen = {
        "kind": kept.kind, "mime": kept.mime, "width": kept.width, "height": kept.height,
        "taken_at": kept.taken_at, "lat": kept.place and kept.place.lat, "lon": kept.place and kept.place.lon,
        "dhash": kept.dhash, "mirror_hash": kept.mirror_hash,
    }  # fmt: skip
    row = seen | {"sha": kept.sha, "size": kept.size, "created_at": now}
    if kept.kind == "picture":  # it may have come as a mere file before it was looked at
        upsert(session, Media, row, key=("sha",), change=seen)
    else:
        insert_new(session, Media, [row], key=("sha",))


def find_media(session: Session, shas: Iterable[str]) -> dict[str, Media]:
    """Give the recorded files among `shas`, by address."""
    wanted = list(dict.fromkeys(shas))
    if not wanted:
        return {}
    return {media.sha: media for media in session.scalars(_FOUND, {"shas": wanted})}


# Built once, as in models/access.py: photos are looked up with nearly every step.
_FOUND = select(Media).where(Media.sha.in_(bindparam("shas", expanding=True)))


def open_media(url: str | Path, *, zone: ZoneInfo = COUNTY_ZONE) -> MediaStore:
    """Open the store named by `MEDIA_URL`: a folder, or `file:` and a folder.

    Raises: ValueError: another kind of store.
    """
    scheme, colon, rest = str(url).partition(":")
    if colon and scheme != "file":
        raise ValueError(f"unknown kind of media store: {scheme}")
    return MediaStore(Path(rest.removeprefix("//") if colon else url), zone=zone)


class MediaStore:
    """The folder of photos and files. `zone`: where a camera's clock without an offset is read."""

    def __init__(self, root: Path, *, zone: ZoneInfo = COUNTY_ZONE) -> None:
        self.root = root
        self._zone = zone
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="media")
        # Those who wait for the darkroom have threads of their own, so that nobody who only reads waits behind them.
        self._dark = ThreadPoolExecutor(WORKERS, thread_name_prefix="darkroom")

    async def keep(self, data: bytes, *, name: str = "") -> Kept:
        """Keep a photo (JPEG, PNG, WebP, HEIC) and make its copies; keeping it again changes nothing.

        Raises: InvalidInput: too big, no photo, animated or damaged. StorageFailed: the disk did not take it.
        """
        return await self._develop(lambda: self._keep(data))

    async def keep_any(self, data: bytes, *, name: str = "") -> Kept:
        """Keep a photo as a photo, and what is none, or none that can be shown, as a file.

        Raises: InvalidInput: empty or too big. StorageFailed: see `keep`.
        """
        if is_picture(data):
            with contextlib.suppress(InvalidInput):
                return await self.keep(data, name=name)
        return await self.keep_file(data, name=name)

    async def keep_file(self, data: bytes, *, name: str = "") -> Kept:
        """Keep any other file as it is. Raises: InvalidInput: empty or too big. StorageFailed: see `keep`."""
        return await self._run(lambda: self._keep_file(data, name))

    async def read(self, sha: str, variant: Variant = "copy") -> bytes:
        """Give the bytes of a kept file. Raises: NotFound: there is none of this address and variant."""
        return await self._run(lambda: self._read(sha, variant))

    async def mark(self, sha: str, lines: Sequence[Line]) -> Path:
        """Give where the copy with these lines in a band under it lies; it is made if it does not lie there yet.

        If it cannot be made, the plain copy must do: a notice without its photo would be worse.
        Raises: NotFound: there is no such photo.
        """
        reader = Reader("zh", self._zone)
        words = [reader.read(line) for line in lines]
        marked = await self._run(lambda: self._find_marked(sha, words))
        if marked is not None:
            return marked
        return await self._develop(lambda: self._mark(sha, words))

    async def read_marked(self, sha: str, lines: Sequence[Line]) -> bytes:
        """Give the bytes of the same. Raises: NotFound: see `mark`."""
        path = await self.mark(sha, lines)
        return await self._run(path.read_bytes)

    async def find_font_fault(self) -> str:
        """Say what keeps watermarks from being drawn; empty if nothing does."""
        try:
            missing = await self._develop(lambda: str(DARKROOM.run("missing", PROOF)))
        except (RuntimeError, StorageFailed, InvalidInput) as error:
            return f"the font of the watermark cannot be used ({error})"
        return f"the font of the watermark has no glyph for {missing}" if missing else ""

    def path(self, sha: str, variant: Variant = "copy") -> Path:
        """Give where a kept file lies. Raises: NotFound: there is none of this address and variant."""
        path = self._place_of(sha, variant)
        if not path.is_file():
            raise NotFound
        return path

    async def render_qr(self, text: str) -> bytes:
        """Draw a QR code as PNG."""
        return await self._develop(lambda: bytes(DARKROOM.run("qr", text)))

    async def sweep(self, *, now: datetime) -> int:
        """Remove what crashes left half-written, and marked copies of long ago; return how many files.

        The workers of the darkroom go home as well: the next photo starts fresh ones.
        """
        await self._run(DARKROOM.close)
        return await self._run(
            lambda: self._sweep("tmp/*", now - LEFTOVER) + self._sweep("marked/*/*/*", now - MARKED_LIFE)
        )

    async def close(self) -> None:
        """Finish what has begun and end the pool's threads."""
        for pool in (self._dark, self._pool):
            await asyncio.get_running_loop().run_in_executor(None, pool.shutdown)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _develop(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._dark, work)

    def _keep(self, data: bytes) -> Kept:
        picture: Prepared = DARKROOM.run("prepare", data, self._zone)
        sha = hashlib.sha256(data).hexdigest()
        self._write(sha, {"thumb": picture.thumb, "copy": picture.copy, "original": data})
        return Kept(
            sha, "picture", picture.mime, len(data), picture.width, picture.height, picture.taken_at,
            picture.place, picture.dhash, picture.mirror_hash,
        )  # fmt: skip

    def _find_marked(self, sha: str, lines: list[str]) -> Path | None:
        self.path(sha)
        path = self._place_of(_name_marked(sha, lines), "marked")
        return path if path.is_file() else None

    def _mark(self, sha: str, lines: list[str]) -> Path:
        copy, name = self.path(sha), _name_marked(sha, lines)
        try:
            data, missing = DARKROOM.run("mark", copy.read_bytes(), lines)
            self._write(name, {"marked": data})
        except (InvalidInput, RuntimeError, StorageFailed):
            log.exception("a photo goes without its watermark")
            return copy
        if missing:
            log.warning("the watermark's font lacks %s", ", ".join(f"U+{ord(char):04X}" for char in missing))
        return self._place_of(name, "marked")

    def _keep_file(self, data: bytes, name: str) -> Kept:
        check_size(data)
        sha = hashlib.sha256(data).hexdigest()
        self._write(sha, {"original": data})
        return Kept(sha, "file", sniff(data, name), len(data))

    def _read(self, sha: str, variant: Variant) -> bytes:
        try:
            return self._place_of(sha, variant).read_bytes()
        except FileNotFoundError:
            raise NotFound from None

    def _place_of(self, sha: str, variant: Folder) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha):
            raise NotFound
        return self.root / variant / sha[:2] / sha[2:4] / sha

    def _write(self, sha: str, parts: Mapping[Folder, bytes]) -> None:
        try:
            for variant, data in parts.items():
                self._write_one(self._place_of(sha, variant), data)
        except OSError as error:
            raise StorageFailed(str(error)) from error

    def _write_one(self, path: Path, data: bytes) -> None:
        if path.exists():
            return  # a name appears only with its whole content behind it
        tmp = self.root / "tmp" / secrets.token_hex(16)
        _make_folder(tmp.parent)
        _make_folder(path.parent)
        try:
            _write_durably(tmp, data)
            tmp.rename(path)
        except OSError:
            tmp.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def _sweep(self, pattern: str, before: datetime) -> int:
        gone = 0
        for path in self.root.glob(pattern):
            with contextlib.suppress(FileNotFoundError):  # its writer has just given it its name
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    gone += 1
        return gone


def _name_marked(sha: str, lines: list[str]) -> str:
    return hashlib.sha256("\n".join((STYLE, sha, *lines)).encode()).hexdigest()


def _write_durably(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _make_folder(path: Path) -> None:
    """Make a folder and its parents, each of them on the disk before the next stands in it."""
    if path.is_dir():
        return
    _make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
