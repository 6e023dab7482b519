"""Captions in English: whether one says anything, and whether that is chatter. What is wrong is told by the rules."""

from __future__ import annotations

import re

_HAN = re.compile(r"[㐀-鿿]")
_LETTER = re.compile(r"[a-z]")
_WORD = re.compile(r"[a-z'’-]{2,}")
_CODE = re.compile(r"\S*(?:\d|\w[._]\w)\S*")  # IMG_2031.jpg, YH20261123-0001

_PHRASES = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?|thank you|thx|hello|hi|hey|good (?:morning|afternoon|evening|night|job|work)|received|"
    r"got it|noted|understood|done|test(?:ing)?|yes|no|please|sorry|well|bye|see you|great|nice|no problem|fine|good|"
    r"fixed|everybody|everyone|all|so much|very much|again|there|boss|sir|team|today|tomorrow|later|this is|just|an?|"
    r"for|you)\b[\W_]*)+"
)
_DONE = re.compile(
    r"\b(?:(?:has|have) (?:now |already |all )?been|(?:is|are|was|were) (?:now |already |all )?)\s?"
    r"(?:fixed|repaired|replaced|resolved|rectified|corrected|done|finished|completed)\b"
)
_BUT = re.compile(r"\b(?:but|still|again|not|never|yet)\b")
_CLEAN = re.compile(
    r"(?:no (?:hazards?|problems?|issues?|defects?)|nothing wrong)(?: (?:was|were|found|seen|here|today|at all))*\W*"
    r"|.{0,40}\b(?:everything|all) (?:is |was )?(?:ok|okay|fine|normal|good|in order)\b\W*"
)
_QUESTION = re.compile(
    r"(?:how (?:do|can|to|does)|what (?:is|are|do|should)|who (?:is|are|should)|when (?:is|do|will)|"
    r"where (?:is|do|can)|can (?:i|you|we)|could you|may i|should i)\b"
)


def says_english(text: str, *, said: str = "") -> int:
    """How many English words a text (as `plain_text` gives it) is made of; 0 if it is mostly Chinese.

    `said`: the words that name the place, in whatever language.
    """
    rest = _CODE.sub(" ", text.replace(said, " ", 1) if said else text)
    return len(_WORD.findall(rest)) if len(_LETTER.findall(rest)) > 2 * len(_HAN.findall(rest)) else 0


def is_english_chatter(text: str) -> bool:
    """Tell whether English words report nothing: a greeting, an answer, a question, news of what is done."""
    said = text.strip()
    if _PHRASES.fullmatch(said) or _CLEAN.fullmatch(said) or _QUESTION.match(said):
        return True
    return bool(_DONE.search(said)) and not _BUT.search(said)
