"""The papers as a PDF: whatever people wrote, no crash, nothing lost, and small enough for a phone."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.papers.content import Beside, Dossier, Photo, Table
from models.papers.draw import draw_case, wrap
from models.pictures import prepare
from tests import photos

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
NASTY = [
    "静电接地线脱落" * 900, "👨‍👩‍👧🔴🚨", "x" * 4000, "\u202e反\u2066转\u200f עברית العربية", "\x00\x07\x1b[31m\ufffe",
    "**粗** <b>粗</b> __下__ {nb} %s \\n (cell) Tj ET", "塅①⚠✓㎡ 𠮷 \U0001f9ef", "\n\n\n", "", " ", "（" * 300,
    "。" * 300,
]  # fmt: skip


def case(**fields):
    facts = Table("基本情况", (), (16, 84), [("隐患编号", "YH20261123-0001"), ("隐患描述", "静电接地线脱落")])
    plain = {
        "number": "YH20261123-0001", "state": "已销号", "made_at": NOW, "foot": "由 周敏 导出", "facts": facts,
        "pairs": (), "photos": (), "left_out": 0, "tables": (), "seal": "以上环节均由本人账号办理。",
    }  # fmt: skip
    return Dossier(**(plain | fields))


def history(*notes):
    head = ("序号", "时间", "办理人", "身份", "环节", "说明")
    rows = [(str(n), "2026年11月23日 09:00", "林晓梅", "网格员", "上报", note) for n, note in enumerate(notes, start=1)]
    return Table("办理经过", head, (7, 19, 15, 13, 19, 27), rows)


@pytest.fixture
def shot(tmp_path):
    def make(name, size=(800, 600), seed=1):
        path = tmp_path / name
        path.write_bytes(prepare(photos.jpeg(photos.scene(size, seed=seed))).copy)
        return Photo("a" * 64, ("YH20261123-0001 · 整改前", "茂林镇·铜山村", "上传 2026年11月23日 09:00"), str(path))

    return make


def images_in(data):
    return len(re.findall(rb"/Subtype\s*/Image", data))


def test_a_small_case_is_one_page():
    data, pages, missing = draw_case(case())
    assert (data[:5], pages, missing) == (b"%PDF-", 1, "")


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_whatever_people_write_is_drawn(text):
    facts = Table("基本情况", (), (16, 84), [("隐患描述", text), (text[:40], "值")])
    data, pages, _missing = draw_case(case(facts=facts, tables=[history(text, text)], foot=text[:60], seal=text))
    assert data.startswith(b"%PDF-")
    assert 1 <= pages < 60


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=1, max_size=4))
def test_any_text_is_drawn(texts):
    assert draw_case(case(tables=[history(*texts)]))[0].startswith(b"%PDF-")


def test_eighteen_photos_and_three_pairs_go_through_a_villages_network(shot):
    some = [shot(f"{n}", (2048, 1536) if n % 2 else (1536, 2048), seed=n // 2) for n in range(18)]
    pairs = [Beside(("YH20261123-0001",), some[n], some[n + 9]) for n in range(3)]
    data, pages, _missing = draw_case(case(photos=some, pairs=pairs))
    assert images_in(data) == 21
    assert (len(data) < 8_000_000, pages < 15) == (True, True)


def test_photo_that_is_gone_or_broken_leaves_the_others(shot, tmp_path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    some = [shot("a"), Photo("b" * 64, ("整改后",)), Photo("c" * 64, ("整改后",), str(broken))]
    data, _pages, _missing = draw_case(case(photos=some, pairs=[Beside(("YH",), some[0], some[1])]))
    assert images_in(data) == 1


def test_same_case_gives_the_same_bytes(shot):
    some = [shot("a")]
    assert draw_case(case(photos=some)) == draw_case(case(photos=some))


def test_document_carries_nothing_of_the_camera(shot, tmp_path):
    path = tmp_path / "telltale"
    path.write_bytes(prepare(photos.telltale("jpeg")).copy)
    data, _pages, _missing = draw_case(case(photos=[Photo("a" * 64, ("整改前",), str(path))]))
    assert not [secret for secret in (*photos.SECRETS, b"Exif") if secret in data]


WRAPPED = [
    ("卸油口静电接地线脱落", 4, ["卸油口静", "电接地线", "脱落"]),
    ("卸油口静，电接", 4, ["卸油口", "静，电接"]),
    ("他说了「已换」", 4, ["他说了", "「已换」"]),
    ("done by 10 people", 8, ["done by", "10", "people"]),
    ("于2026年11月23日办", 11, ["于", "2026年11月23日", "办"]),
    ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ("", 4, [""]),
]


@pytest.mark.parametrize(("text", "width", "lines"), WRAPPED)
def test_lines_break_where_chinese_breaks(text, width, lines):
    assert wrap(text, width, lambda _char: 1) == lines


@given(st.text("中文，。（）ab 12", max_size=80), st.integers(1, 9))
def test_wrapping_loses_nothing_but_blanks(text, width):
    lines = wrap(text, width, lambda _char: 1)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
