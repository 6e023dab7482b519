"""Phone numbers, the key of the roster."""

from __future__ import annotations

import re
import unicodedata

from models.errors import InvalidInput
from models.texts import _

# Source: MIIT telephone numbering plan: mobiles are 1[3-9] and nine digits; landlines an area code (010, 02x, or
# four digits from 03xx on), then seven or eight digits.
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d)\d{8}|0[3-9]\d{9,10}")
# Phone books paste invisible direction marks (U+202A–U+202E) and zero-width blanks around a number.
_SEPARATORS = re.compile(r"[\s()/.‐-―−_\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff-]")


def read_phone(text: str) -> str:
    """Bring a phone number into the roster's form: digits only, mainland numbers without +86.

    Full-width digits, blanks, dashes and brackets are fine.
    Raises: InvalidInput: neither a mainland mobile number nor a landline with its area code.
    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    abroad = re.fullmatch(r"(?:\+|00)?86(0?\d+)", digits)
    if abroad:
        national = abroad.group(1)
        # Abroad the 0 of an area code is left out.
        digits = national if national.startswith("0") or _MOBILE.fullmatch(national) else f"0{national}"
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    raise InvalidInput(_("手机号应为11位数字，座机请带区号，例如 0563-1234567。"))
