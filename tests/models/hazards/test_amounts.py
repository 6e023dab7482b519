"""Amounts of money as people write them, and what is no amount."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.hazards.amounts import read_amount, show_amount


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("3.5", 35_000), ("3.5万", 35_000), ("３．５万元", 35_000), ("120", 1_200_000), ("0", 0), ("无", 0),
        ("不需要资金。", 0), ("8000元", 8_000), ("1,200元", 1_200), ("￥5000元", 5_000), ("300块钱", 300),
        ("3万5千", 35_000), ("3万5", 35_000), ("三万五千元", 35_000), ("十二万", 120_000), ("二十万元", 200_000),
        ("一百二十万", 1_200_000), ("1.2亿", 120_000_000), ("5千", 5_000), ("5千2", 5_200), ("二百五十元", 250),
        ("50w", 500_000), ("自筹5万元", 50_000), ("约2万元左右", 20_000), ("两万", 20_000), ("三", 30_000),
    ],
)  # fmt: skip
def test_amount_is_read(text, yuan):
    assert read_amount(text) == yuan


@pytest.mark.parametrize("text", ["", "不知道", "3万和5万", "8000", "百", "万", "一二", "1.2.3", "99999亿", "-3", "元"])
def test_what_is_no_amount_is_asked_again(text):
    with pytest.raises(InvalidInput):
        read_amount(text)


@given(st.integers(min_value=0, max_value=9_999_999))
def test_shown_amount_is_read_as_itself(yuan):
    assert read_amount(f"{show_amount(yuan)}万元") == yuan


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(InvalidInput):
        assert read_amount(text) >= 0
