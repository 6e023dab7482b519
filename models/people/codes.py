"""Invite codes: readable, hard to guess, forgiving to type; only their hash is kept.

Source: Crockford's base 32 (no I, L, O, U, which look like other characters). Source: OWASP ASVS 5.0, 6.6.3
(at least 64 random bits) and 6.5.2 (kept as a hash).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARS = 16  # × 5 bits = 80 random bits
GROUP = 4

_LOOKS_LIKE = str.maketrans("OILU", "011V")
_LINK = re.compile(r"[?&#](?:join|start)=([\w-]+)")
_COMMAND = re.compile(r"^/\w+(?:@\w+)?\s+")
# Blanks, all kinds of dashes, dots, and the invisible marks that phones paste along.
_SEPARATORS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u2010-\u2015\u2212\u30fc_.·-]+")
_AROUND = re.compile(r"^[^0-9A-Z]+|[^0-9A-Z]+$")
_SHAPE = re.compile(rf"[0-9A-Z]{{{CODE_CHARS}}}")
# The numbers of hazards, orders … (two letters, the day, a running number) may be as long as a code.
_NUMBER = re.compile(r"[A-Z]{2}\d{8}-\d{3,6}")


def make_code() -> str:
    """Make a code, in groups of four: 7KQ2-M0XD-9V4H-TE6B."""
    chars = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))
    return "-".join(chars[i : i + GROUP] for i in range(0, CODE_CHARS, GROUP))


def read_code(text: str) -> str | None:
    """Find the one code that a message consists of, in the form that is hashed; None if it is no code.

    Any case, full-width characters, blanks and dashes anywhere, O for 0, I or L for 1 are fine; so are words
    without Latin letters around it (邀请码:…), `/start` before it, and a whole invite link.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    link = _LINK.search(folded)
    folded = (link[1] if link else _COMMAND.sub("", folded)).upper()
    if _NUMBER.fullmatch(folded):
        return None
    bare = _SEPARATORS.sub("", _AROUND.sub("", folded))
    return bare.translate(_LOOKS_LIKE) if _SHAPE.fullmatch(bare) else None


def hash_code(code: str) -> str:
    """Hash a code (as made or as read) for the table: SHA-256, lower-case hex."""
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()
