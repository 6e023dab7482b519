"""Pillow's work: photos are checked before they are decoded, and people see copies that tell no secrets.

Everything here burns CPU on what strangers made, so it runs in the darkroom's worker processes alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from PIL import ExifTags, Image, ImageCms, ImageOps

from models.content import Place
from models.darkroom import Prepared
from models.errors import InvalidInput
from models.sniff import PICTURES, check_size, sniff
from models.texts import _

MAX_PIXELS: Final = 50_000_000  # Source: reliability.md 2.3, "picture bomb".
COPY_PX: Final = 2048
THUMB_PX: Final = 360
LEAST_PX: Final = 1600  # A JPEG is decoded at 1/2, 1/4, 1/8 as long as its long side stays above this.
COUNTY: Final = ZoneInfo("Asia/Shanghai")
BIG_PIXELS: Final = 16_000_000

# Source: Exif 2.32, tag 0x0112 Orientation.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = frozenset(_TURNS[turn] for turn in (5, 6, 7, 8))

# Pillow only warns between one and two times its limit; `_open` measures by itself, this is the second lock.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def prepare(data: bytes, zone: tzinfo = COUNTY) -> Prepared:
    """Check a photo and make what people may see of it.

    `zone` is where a camera's clock without an offset is read.

    Raises: InvalidInput: too big, no photo of a known kind, animated, or damaged; nothing of a picture over
    `MAX_PIXELS` is decoded.
    """
    check_size(data)
    mime = sniff(data)
    if mime not in PICTURES:
        raise InvalidInput(_("这不是能识别的照片，请发JPG、PNG、WebP或HEIC格式的照片。"))
    try:
        return _prepare(data, mime, zone)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except MemoryError as error:
        raise _too_many_pixels() from error
    except InvalidInput:
        raise
    except Exception as error:  # Pillow's readers raise almost anything on hostile bytes
        raise InvalidInput(_("照片已损坏或不完整，请重新拍一张或重新发送。")) from error


def qr_png(text: str) -> bytes:
    """Draw a QR code as PNG: 8 pixels a module, with the quiet zone of four modules that scanners need."""
    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def _prepare(data: bytes, mime: str, zone: tzinfo) -> Prepared:
    with _open(data, mime) as image:
        width, height = image.size
        exif = _exif(image)
        turn = _TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
        if turn in _SIDEWAYS:
            width, height = height, width
        _shrink_while_decoding(image)
        with _alone() if image.width * image.height > BIG_PIXELS else contextlib.nullcontext():
            seen = _decode(image, turn)
    thumb = seen.copy()
    # A gap of 1.5 lets most photos be halved first, which is half the time; no eye sees it at this size.
    thumb.thumbnail((THUMB_PX, THUMB_PX), Image.Resampling.LANCZOS, reducing_gap=1.5)
    return Prepared(
        mime=mime,
        width=width,
        height=height,
        taken_at=_taken_at(exif, zone),
        place=_place(exif),
        dhash=dhash(thumb),
        mirror_hash=dhash(ImageOps.mirror(thumb)),
        copy=_jpeg(seen, 85),
        thumb=_jpeg(thumb, 80),
    )


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait for the other worker: decoded, a picture of 50 million pixels takes 200 MB, so these go one at a time."""
    with open(__file__, "rb") as own:  # noqa: PTH123 - any file will do that both workers can lock
        fcntl.flock(own, fcntl.LOCK_EX)
        yield


def _decode(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    profile = image.info.get("icc_profile")
    image.load()
    upright = image if turn is None else image.transpose(turn)
    upright.thumbnail((COPY_PX, COPY_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _to_srgb(upright, profile)


def _open(data: bytes, mime: str) -> Image.Image:
    if mime == "image/heic":
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)  # registering twice changes nothing
        image = Image.open(io.BytesIO(data), formats=["HEIF"])
    else:
        image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    # A JPEG of several frames is a phone's portrait or 3D photo, a HEIC a burst: the first one is the photo.
    if mime in {"image/png", "image/webp"} and getattr(image, "n_frames", 1) > 1:
        raise InvalidInput(_("这是动图，请发静态照片。"))
    return image


def _too_many_pixels() -> InvalidInput:
    return InvalidInput(_("照片太大（最多{limit}万像素），请调低相机的分辨率再拍。", limit=MAX_PIXELS // 10_000))


def _shrink_while_decoding(image: Image.Image) -> None:
    if image.format not in {"JPEG", "MPO"}:
        return
    scale = next((s for s in (8, 4, 2) if max(image.size) // s >= LEAST_PX), 1)
    if scale > 1:
        image.draft(image.mode, (image.width // scale, max(1, image.height // scale)))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Turn any mode into plain RGB on white; phones' wide colours are converted, not just relabelled."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey: Pillow's own conversion would cut everything bright to white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        profile = None
    if image.has_transparency_data:
        image = _on_white(image.convert("RGBA"))
    if profile and image.mode in {"RGB", "CMYK"}:
        image = _through_profile(image, profile)
    image = image.convert("RGB")
    image.info.clear()  # comments and XMP ride along in `info` and would be written again
    return image


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken profile costs some colour, never the photo
    return converted or image


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def dhash(image: Image.Image) -> int:
    """Give the 64-bit difference hash: is each of 8×8 points brighter than its left neighbour?"""
    small = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    grey = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (grey[at + 1] > grey[at])
    return bits - (1 << 64) if bits >> 63 else bits


def _exif(image: Image.Image) -> Mapping[int, Any]:
    """Give the tags of the photo and, under `GPSInfo`, of its place; broken EXIF is no EXIF."""
    try:
        exif = image.getexif()
        tags = dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif))
        tags[ExifTags.IFD.GPSInfo] = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:  # noqa: BLE001 - the reader raises almost anything on hostile bytes, and a photo needs no EXIF
        return {}
    return tags


def _taken_at(exif: Mapping[int, Any], zone: tzinfo) -> datetime | None:
    written = exif.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = exif.get(ExifTags.Base.OffsetTimeOriginal) or exif.get(ExifTags.Base.OffsetTime)
    try:
        local = datetime.strptime(str(written).strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
        moment = local.replace(tzinfo=_offset(str(offset)) or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= 1990 else None  # a camera whose clock was never set


def _offset(written: str) -> timezone | None:
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", written.strip("\x00 "))
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def _place(exif: Mapping[int, Any]) -> Place | None:
    gps = exif.get(ExifTags.IFD.GPSInfo) or {}
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], str(gps[ExifTags.GPS.GPSLatitudeRef]), "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], str(gps[ExifTags.GPS.GPSLongitudeRef]), "W")
        # Cameras without a fix write zeros, and no county lies at 0° 0°.
        return Place(lat, lon) if (lat, lon) != (0.0, 0.0) else None
    except (KeyError, ValueError, TypeError, ZeroDivisionError):
        return None


def _degrees(parts: Any, reference: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or value < 0:
        raise ValueError("not an angle")
    return -value if reference.strip("\x00 ").upper() == negative else value
