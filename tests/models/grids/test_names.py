import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demo import FOLDER
from models.grids.names import aliases, full_names, short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("靠山村村委会", "靠山村"),
        ("潘村村村委会", "潘村村"),
        ("靠山村委会", "靠山村"),
        ("靠山村民委员会", "靠山村"),
        ("靠山村村民委员会", "靠山村"),
        ("城南居委会", "城南"),
        ("官塘社区居委会", "官塘社区"),
        ("茂林镇", "茂林镇"),
        ("泾县", "泾县"),
    ],
)
def test_short_name_drops_the_committee(name, short):
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("茂林镇", ["茂林镇", "茂林"]),
        ("茂林村社区居委会", ["茂林村社区居委会", "茂林村社区", "茂林村", "茂林"]),
        ("高村村委会", ["高村村委会", "高村"]),  # one character is no name
        ("泾县", ["泾县"]),
        ("桃花潭镇", ["桃花潭镇", "桃花潭"]),
    ],
)
def test_aliases_run_from_the_full_name_to_the_stem(name, words):
    assert list(aliases(name)) == words


def test_every_alias_of_the_county_leads_back():
    with (FOLDER / "divisions.csv").open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert [(name, word) for name in names for word in aliases(name) if name not in full_names(word)] == []


@given(
    st.text(alphabet="靠山溪口云岭潘黄", min_size=2, max_size=4),
    st.sampled_from(["镇", "乡", "街道", "村", "社区", "村社区", "经济开发区"]),
    st.sampled_from(["", "村委会", "居委会", "村民委员会", "居民委员会"]),
)
def test_every_alias_of_any_grid_leads_back(stem, kind, committee):
    name = stem + kind + committee
    assert all(name in full_names(word) for word in aliases(name))
