"""Pictures as a camera makes them, for phones in tests."""

import io

from PIL import Image

_GPS_IFD = 0x8825
_TAKEN_AT = 0x0132


def jpeg(width: int = 64, height: int = 48, *, gps: bool = False, colour: str = "seagreen") -> bytes:
    """JPEG bytes of one colour; with `gps` it carries a place and a time in its EXIF."""
    out = io.BytesIO()
    exif = Image.Exif()
    if gps:
        exif[_TAKEN_AT] = "2026:11:23 08:30:00"
        exif[_GPS_IFD] = {1: "N", 2: (30.0, 41.0, 20.0), 3: "E", 4: (118.0, 24.0, 40.0)}
    Image.new("RGB", (width, height), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


def has_exif(data: bytes) -> bool:
    """Whether anything is left of a picture's EXIF."""
    return bool(Image.open(io.BytesIO(data)).getexif())


def long_side(data: bytes) -> int:
    """Pixels on the longer side."""
    return max(Image.open(io.BytesIO(data)).size)
