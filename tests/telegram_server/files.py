"""Files on Telegram's side: ids, sizes of photos, what a photo loses on its way."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from tests.telegram_server.errors import bad_request

# Source: core.telegram.org/bots/api#getfile (20 MB), #sending-files (10 MB photos), read 2026-11.
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
LINK_LIFE_S = 3600
# The sizes Telegram keeps of a photo, in px on the long side; 1,280 is all that is left of a bigger one.
_LADDER = (90, 320, 800, 1280)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file Telegram holds; `path` is the last part of its download link."""

    file_id: str
    unique_id: str
    path: str
    mime: str
    filename: str
    data: bytes
    width: int = 0
    height: int = 0

    def to_json(self) -> dict[str, Any]:
        """As PhotoSize (when it has a width) or Document."""
        body: dict[str, Any] = {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
        }
        if self.width:
            return body | {"width": self.width, "height": self.height}
        return body | {"file_name": self.filename, "mime_type": self.mime}


def photo_sizes(data: bytes) -> list[tuple[int, int, bytes]]:
    """Width, height and JPEG bytes of each size, smallest first; EXIF is gone, as with the real apps.

    Raises:
        ApiError: 400 `IMAGE_PROCESS_FAILED`, `PHOTO_INVALID_DIMENSIONS`, or too big.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise bad_request(f"file of size {len(data)} bytes is too big for a photo; the maximum size is 10485760 bytes")
    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    long, short = max(image.size), min(image.size)
    if sum(image.size) > 10_000 or long > 20 * short:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    sizes = [edge for edge in _LADDER if edge < long] or []
    if long <= _LADDER[-1]:
        sizes.append(long)
    return [_scaled(image, edge) for edge in sizes]


def _scaled(image: Image.Image, edge: int) -> tuple[int, int, bytes]:
    copy = image.copy()
    copy.thumbnail((edge, edge))
    out = io.BytesIO()
    copy.save(out, "JPEG", quality=87)
    return copy.width, copy.height, out.getvalue()


class FileStore:
    """All files by id, and the download links handed out."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._links: dict[str, tuple[str, float]] = {}

    def add(self, data: bytes, kind: str, filename: str, mime: str, size: tuple[int, int] = (0, 0)) -> StoredFile:
        """Keep a file under a new id; the unique id depends on the content only."""
        digest = hashlib.sha256(data).hexdigest()
        number = len(self._files) + 1
        suffix = filename.rpartition(".")[2] or "bin"
        file = StoredFile(
            file_id=f"AgAC{digest[:16]}AAI{number:06d}",
            unique_id=f"AQAD{digest[:12]}",
            path=f"{kind}s/file_{number}.{suffix}",
            mime=mime,
            filename=filename,
            data=data,
            width=size[0],
            height=size[1],
        )
        self._files[file.file_id] = file
        return file

    def add_photo(self, data: bytes) -> list[StoredFile]:
        """Keep a photo in its sizes, smallest first (raises as photo_sizes)."""
        return [
            self.add(body, "photo", "photo.jpg", "image/jpeg", (width, height))
            for width, height, body in photo_sizes(data)
        ]

    def get(self, file_id: str) -> StoredFile | None:
        """The file, or None."""
        return self._files.get(file_id)

    def link(self, file: StoredFile, now: float) -> str:
        """Hand out the download path; it works for an hour."""
        self._links[file.path] = (file.file_id, now + LINK_LIFE_S)
        return file.path

    def by_link(self, path: str, now: float) -> StoredFile | None:
        """The file behind a path that getFile gave less than an hour ago."""
        file_id, until = self._links.get(path, ("", 0.0))
        return self._files.get(file_id) if now < until else None
