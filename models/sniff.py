"""What a file is, judged by its first bytes (names and declared types prove nothing), and whether it may come in."""

from __future__ import annotations

from typing import Final

from models.errors import InvalidInput
from models.texts import _

MAX_BYTES: Final = 20 * 1024 * 1024  # Source: reliability.md 2.3; also what Telegram's getFile gives at most.
TOO_BIG: Final = _("文件超过{limit}MB，请压缩后再发。", limit=MAX_BYTES // 1024 // 1024)
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic"})
UNKNOWN: Final = "application/octet-stream"

_STARTS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
# Source: ISO/IEC 23008-12 (HEIF) and 14496-12, the `ftyp` box; a sequence ("hevc") is a film, not a photo.
_BRANDS: Final = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"mif1": "image/heic", b"hevc": "image/heic-sequence", b"hevx": "image/heic-sequence",
    b"msf1": "image/heic-sequence", b"avif": "image/avif", b"avis": "image/avif",
    b"M4A ": "audio/mp4", b"qt  ": "video/quicktime",
}  # fmt: skip
_OFFICE: Final = (
    (b"xl/workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"word/document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
)
_PLAIN: Final = {".csv": "text/csv", ".xml": "application/xml"}


def check_size(data: bytes) -> None:
    """Refuse what is empty or over `MAX_BYTES`.

    Raises: InvalidInput: it is.
    """
    if not data:
        raise InvalidInput(_("收到的文件是空的，请重新发送。"))
    if len(data) > MAX_BYTES:
        raise InvalidInput(TOO_BIG)


def sniff(data: bytes, name: str = "") -> str:
    """Give the MIME type of a file from its content; `name` only tells kinds of plain text apart."""
    for start, mime in _STARTS:
        if data.startswith(start):
            return mime
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], UNKNOWN)
    if data[4:8] == b"ftyp":
        return _film_or_photo(data)
    if data.startswith(b"PK\x03\x04"):
        return next((mime for mark, mime in _OFFICE if mark in data), "application/zip")
    return _text(data, name)


def is_picture(data: bytes) -> bool:
    """Tell whether `MediaStore.keep` would try to take this as a photo."""
    return sniff(data[:64]) in PICTURES


def _film_or_photo(data: bytes) -> str:
    major = _BRANDS.get(data[8:12])
    if major == "image/heic" or major is None:
        # "mif1" says only "a picture"; the compatible brands name the coding (an AVIF may be one).
        size = min(int.from_bytes(data[:4]), 64)
        others = {data[at : at + 4] for at in range(16, size, 4)}
        if b"avif" in others:
            return "image/avif"
        return major or "video/mp4"
    return major


def _text(data: bytes, name: str) -> str:
    if b"\x00" in data[:4096]:
        return UNKNOWN
    for coding in ("utf-8", "gb18030"):
        try:
            data.decode(coding)
        except UnicodeDecodeError:
            continue
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
            return "application/xml"
        return next((mime for end, mime in _PLAIN.items() if name.lower().endswith(end)), "text/plain")
    return UNKNOWN
