"""Photos for tests, made on the spot: with a camera's secrets in them, turned, animated, broken, huge."""

import io
import struct
import zlib
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

HEIC = Path(__file__).parent / "data" / "photo.heic"  # 120×80, turned by EXIF, N 30°41'24" E 118°24'36"
SECRETS = (b"SECRETMAKER", b"SECRETXMP", b"SECRETNOTE", b"SECRETTEXT", b"SECRETTAIL")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRETXMP 30.69N</x:xmpmeta>'


def scene(size=(800, 600), *, mode="RGB", seed=1):
    """A picture with something to see: red on the left, blue below, a bright disc that `seed` moves."""
    width, height = size
    image = Image.new("RGB", size, "#7a8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 4, height), fill="#c11")
    draw.rectangle((0, height * 3 // 4, width, height), fill="#11c")
    left = width // 3 + seed * width // 16
    draw.ellipse((left, height // 5, left + width // 4, height // 2), fill="#fe8")
    return image.convert(mode)


def exif(*, lat=(30.0, 41.0, 24.0), lon=(118.0, 24.0, 36.0), taken="2026:11:20 09:30:00", offset="", turned=1):
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "SECRETMAKER"
    tags[ExifTags.Base.Orientation] = turned
    camera = tags.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        camera[ExifTags.Base.OffsetTimeOriginal] = offset
    if lat is not None:
        gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", lat
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", lon
    return tags.tobytes()


def jpeg(image=None, **options):
    return saved(image or scene(), "JPEG", quality=88, **options)


def png(image=None, **options):
    return saved(image or scene(), "PNG", **options)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def telltale(kind):
    """A photo that carries a place, a maker and words in every pocket its format has."""
    if kind == "jpeg":
        return jpeg(exif=exif(), xmp=XMP, comment=b"SECRETNOTE") + b"SECRETTAIL"
    if kind == "webp":
        return saved(scene(), "WEBP", exif=exif(), xmp=XMP)
    if kind == "heic":
        return HEIC.read_bytes()
    notes = PngInfo()
    notes.add_text("Comment", "SECRETTEXT 30.69N")
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return png(exif=exif(), pnginfo=notes) + b"SECRETTAIL"


def animated(kind):
    frames = [scene((64, 48), seed=seed) for seed in (1, 4, 8)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=80)


def bomb(width, height):
    """A tiny PNG that unpacks to width × height black points."""
    packer = zlib.compressobj(9)
    row = b"\x00" + bytes(width // 8 + 1)
    data = b"".join([packer.compress(row * 100) for _ in range(height // 100)]) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            (b"IDAT", data),
            (b"IEND", b""),
        )
    )


def scan_bomb(times, side=7000):
    """A progressive JPEG of a few kilobytes that keeps its reader busy: each of its scans passes over the whole."""
    data = saved(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    scan = data[data.rfind(b"\xff\xda") : -2]
    return data[:-2] + scan * times + data[-2:]
