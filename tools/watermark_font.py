"""Cut the font of the watermark out of Noto Sans CJK SC: the characters that a county writes, and no others.

The result, `models/fonts/NotoSansCJKsc-county.otf`, is committed with its licence (OFL-1.1). To cut it again, on
Debian 12 with its packages `fonts-noto-cjk` and `unicode-data`, and `fonttools==4.68.0` in an environment of its own:

    python -m tools.watermark_font

The same packages and fonttools give the same bytes.
"""

import bz2
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

NOTO = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
COUNTY = Path("data/jingxian")
TARGET = Path("models/fonts/NotoSansCJKsc-county.otf")
SIMPLIFIED = "Noto Sans CJK SC"
# What people write besides: numbers in circles, marks, units, and signs of the keyboards of phones.
SYMBOLS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⚠✓㎡㎥㎏㎜㎝㎞℃℉№℡…—–·•●○◎■□▲△▼▽◆◇★☆→←↑↓≤≥≈≠±×÷‰￥€°′″「」『』【】〔〕〓《》〈〉（）"


def gb2312() -> set[str]:
    """The 7,445 characters of GB 2312: 6,763 Chinese ones, and signs."""
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def standard() -> set[str]:
    """The 8,105 characters of 通用规范汉字表 (2013), rare ones of names and places among them: Unihan's kTGH."""
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as file:
        rows = [line.split("\t") for line in file if not line.startswith("#")]
    return {chr(int(row[0].removeprefix("U+"), base=16)) for row in rows if len(row) == 3 and row[1] == "kTGH"}


def county() -> set[str]:
    """Everything that the tables of the county hold."""
    return {char for path in COUNTY.glob("*.csv") for char in path.read_text("utf-8-sig") if char.isprintable()}


def main() -> None:
    """Cut the font."""
    number = next(
        number for number in range(10) if TTFont(NOTO, fontNumber=number)["name"].getDebugName(4) == SIMPLIFIED
    )
    font = TTFont(NOTO, fontNumber=number, lazy=True, recalcTimestamp=False)
    latin = {chr(code) for code in range(0x20, 0x7F)}
    wanted = {ord(char) for char in gb2312() | standard() | county() | latin | set(SYMBOLS)}
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, recalc_timestamp=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 13, 14],
    )  # fmt: skip
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    TARGET.parent.mkdir(exist_ok=True)
    font.save(TARGET, reorderTables=True)
    left_out = "".join(chr(code) for code in sorted(wanted - font.getBestCmap().keys()))
    sys.stdout.write(f"{len(wanted)} characters, {TARGET.stat().st_size} bytes; not in Noto: {left_out!r}\n")


if __name__ == "__main__":
    main()
