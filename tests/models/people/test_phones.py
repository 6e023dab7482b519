import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.people.phones import read_phone


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("19900000001", "19900000001"),
        ("+86 199 0000 0001", "19900000001"),
        ("0086-19900000001", "19900000001"),
        ("8619900000001", "19900000001"),
        ("\uff0b\uff18\uff161990000000\uff11", "19900000001"),  # full-width
        (" 199-0000-0001 ", "19900000001"),
        ("\u202d19900000001\u202c", "19900000001"),  # as copied from a phone book
        ("0563-5020000", "05635020000"),
        ("(0563)5020000", "05635020000"),
        ("+86 563 5020000", "05635020000"),
        ("010 12345678", "01012345678"),
    ],
)
def test_phone_becomes_bare_digits(text, phone):
    assert read_phone(text) == phone


@pytest.mark.parametrize(
    "text",
    ["", "12345678901", "1990000000", "199000000012", "19900000001张", "5020000", "00563502", "电话", "8612345678901"],
)
def test_no_phone_is_refused(text):
    with pytest.raises(InvalidInput):
        read_phone(text)


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.sampled_from(["", "+86", "86", "0086", "+86 "]))
def test_every_mobile_number_is_read(number, prefix):
    assert read_phone(prefix + number) == number
    assert read_phone(read_phone(number)) == number


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        phone = read_phone(text)
    except InvalidInput:
        return
    assert phone.isascii()
    assert 10 <= len(phone) <= 12
