"""Reports with photos for the canned server: pictures of different scenes, and what people send."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

FIRST_CHAT = 1001
PEOPLE = 100
# As Telegram's apps send a photo, and as a phone's camera makes it (what comes as a file).
SENT, TAKEN, SMALL = (1280, 960), (4032, 3024), (320, 240)
# 4,032 × 3,024; Pillow's decoder cannot write this format, so it was made elsewhere, from `picture(TAKEN, 1)`.
HEIC = Path(__file__).parent / "data" / "photo.heic"
NAMES = (
    "靠山", "青弋江", "云岭", "桃花潭", "榔桥", "琴溪", "汀溪", "黄田", "查济", "章渡", "茂林", "厚岸", "奎峰", "铜山",
    "乌溪", "小岭", "童疃", "赤滩", "安吴", "月亮湾",
)  # fmt: skip
TRADES = ("加油站", "便民超市", "木竹加工厂", "宣纸厂", "农家乐")
FAULTS = ("灭火器压力不足", "安全出口堵塞", "卸油口静电接地线脱落", "配电箱无盖", "围栏倒伏", "易燃物靠近热源")


def picture(size: tuple[int, int], seed: int) -> Image.Image:
    """A scene of soft colours with some grain; no two seeds look alike."""
    dice = random.Random(seed)
    coarse = Image.frombytes("RGB", (16, 12), dice.randbytes(16 * 12 * 3)).resize(size, Image.Resampling.BICUBIC)
    fine = (max(1, size[0] // 8), max(1, size[1] // 8))
    grain = Image.effect_noise(fine, 60).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    return Image.blend(coarse, grain, 0.25)


def write_photos(folder: Path, size: tuple[int, int], numbers: Iterable[int]) -> None:
    """Files 0.jpg, 1.jpg …, and photo.heic, for the server's `--files`."""
    for seed in numbers:
        out = io.BytesIO()
        picture(size, seed).save(out, "JPEG", quality=88)
        (folder / f"{seed}.jpg").write_bytes(out.getvalue())
    shutil.copy(HEIC, folder)


def photo(ident: str, size: tuple[int, int]) -> list[dict[str, Any]]:
    """A photo in a message, by the server's file id."""
    return [{"file_id": ident, "file_unique_id": ident, "width": size[0], "height": size[1], "file_size": 0}]


def document(name: str, mime: str) -> dict[str, Any]:
    """A file in a message."""
    return {"file_id": name, "file_unique_id": name, "file_name": name, "mime_type": mime, "file_size": 0}


def fast_report(person: int, number: int, size: tuple[int, int]) -> list[dict[str, Any]]:
    """A photo with a caption, then 提交."""
    fault = FAULTS[number % len(FAULTS)]
    caption = f"{shop(person)} {number}号{fault}"
    return [
        {"photo": photo(scene(person, number), size), "caption": caption, "kind": "photo"},
        {"press": "提交", "instead": "仍要新建", "kind": "press"},
    ]


def guided_report(person: int, number: int, size: tuple[int, int]) -> list[dict[str, Any]]:
    """Question by question: a photo, the place by its name, what is wrong; then 提交."""
    fault = FAULTS[number % len(FAULTS)]
    return [
        {"text": "/report", "kind": "text"},
        # The question for the place is two messages: Telegram has the button for one's position beside the input only.
        {"photo": photo(scene(person, number), size), "kind": "photo", "shows": 2},
        {"text": shop(person), "kind": "text"},
        {"text": f"{number}号{fault}", "kind": "text"},
        {"press": "提交", "instead": "仍要新建", "kind": "press"},
    ]


def scene(person: int, number: int) -> str:
    """The photo of a person's report: never the same twice, or it would be taken for the same hazard."""
    return f"{number * PEOPLE + person}.jpg"


def shop(person: int) -> str:
    """The one enterprise in a person's village, named as those of a county are: some of them much alike."""
    return NAMES[person % len(NAMES)] + TRADES[person // len(NAMES) % len(TRADES)]
