"""Photos for tests, made on the spot: with a camera's secrets in them, turned, animated, broken, huge."""

import io
import struct
import zipfile
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


def mpo():
    """A JPEG of two frames, as phones write portrait and 3D photos."""
    return saved(scene(), "MPO", save_all=True, append_images=[scene(seed=5)])


def deep_png():
    """Sixteen bits of grey."""
    return png(Image.linear_gradient("L").resize((320, 240)).convert("I;16").point(lambda value: value * 257))


def clear_png():
    image = scene((320, 240), mode="RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return png(image)


def wild_exif():
    """EXIF as no camera writes it: a place off the earth, a day that never was, words without end."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "SECRETMAKER" * 2000
    tags[ExifTags.Base.Orientation] = 77
    tags[ExifTags.Base.DateTime] = "9999:99:99 99:99:99"
    tags[ExifTags.Base.ImageDescription] = "\u202eSECRETNOTE\x00\x1b[31m"
    gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "Q", (999.0, 999.0, 999.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "", (1e9, 0.0, 0.0)
    return jpeg(exif=tags.tobytes())


def looping_exif():
    """EXIF whose first directory names itself as the next one, and as its camera's and its place's."""
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, 8) for tag in (0x8769, 0x8825, 0xA005))
    body = b"MM\x00*" + struct.pack(">I", 8) + struct.pack(">H", 3) + entries + struct.pack(">I", 8)
    return jpeg(exif=b"Exif\x00\x00" + body)


def thick_exif():
    """As much EXIF as a JPEG takes: 64 KB of maker's notes."""
    tags = Image.Exif()
    tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = b"SECRETNOTE" * 6300
    return jpeg(exif=tags.tobytes())


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def packed_png(kind, unpacked_mb):
    """A PNG with a colour profile or a note of few bytes that unpacks to megabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(unpacked_mb)) + packer.flush()
    data = png(scene((320, 240)))
    return data[:33] + chunk(kind, b"name\x00\x00" + packed) + data[33:]


def zipped_tail():
    """A photo that is an archive as well, with a page inside."""
    out = io.BytesIO(jpeg())
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("SECRETTAIL.html", "<script>alert(1)</script>")
    return out.getvalue()


def document(name):
    """The first bytes of files that are sent as photos by mistake."""
    return {
        "pdf": b"%PDF-1.7\n1 0 obj\n",
        "docx": b"PK\x03\x04" + bytes(26) + b"word/document.xml",
        "mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + bytes(64),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "html": b"<html><img src=x onerror=alert(1)>",
        "exe": b"MZ\x90\x00" + bytes(60),
    }[name]
