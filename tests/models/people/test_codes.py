"""Codes: hard to guess, easy to type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.people.codes import ALPHABET, hash_code, make_code, read_code

CANONICAL = st.text(ALPHABET, min_size=16, max_size=16)
SLIPS = {"0": "0Oo", "1": "1IiLl", "V": "VvUu"}
BETWEEN = st.sampled_from(["", "-", " ", "－", "—", "\u3000", "\u200b", ". "])


def wide(char):
    return chr(ord(char) + 0xFEE0)


@st.composite
def typed(draw):
    """A code, and the same code as a hurried person types it."""
    code = draw(CANONICAL)
    chars = []
    for char in code:
        slip = draw(st.sampled_from(SLIPS.get(char, char + char.lower())))
        chars.append(draw(BETWEEN) + (wide(slip) if draw(st.booleans()) else slip))
    return code, "".join(chars)


@given(typed())
def test_code_is_read_however_it_is_typed(pair):
    code, text = pair
    assert read_code(text) == code


@given(CANONICAL, st.sampled_from(["/start {}", "/start@wangge_bot {}", "邀请码：{}。", "https://grid.example/#join={}",
                                   "https://t.me/wangge_bot?start={}", "我的邀请码 {}，谢谢"]))  # fmt: skip
def test_code_is_found_in_what_is_around_it(code, pattern):
    assert read_code(pattern.format(code)) == code


@given(st.text(max_size=40))
def test_any_text_is_read_or_is_no_code(text):
    code = read_code(text)
    assert code is None or (len(code) == 16 and set(code) <= set(ALPHABET))


@pytest.mark.parametrize(
    "text",
    ["", "/start", "帮助", "13800138000", "YH20261123-0001", "YH20261123-000001", "ABCD-EFGH-JKMN", "A" * 17,
     "靠山加油站 静电接地线脱落 重大", "ABCD-EFGH-JKMN-PQR地"],
)  # fmt: skip
def test_other_words_are_no_code(text):
    assert read_code(text) is None


def test_made_codes_are_read_and_never_alike():
    codes = {make_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(read_code(code) == code.replace("-", "") for code in codes)
    assert all(len(group) == 4 for code in codes for group in code.split("-"))


def test_hash_does_not_depend_on_dashes():
    assert hash_code("7KQ2-M0XD-9V4H-TE6B") == hash_code("7KQ2M0XD9V4HTE6B")
    assert len(hash_code("7KQ2M0XD9V4HTE6B")) == 64
