"""What a confirmed report teaches: the words by which its reporter called the place, if nothing knew them."""

from __future__ import annotations

import re
from datetime import datetime

from models.access import Actor
from models.hazards.places import Spot
from models.hazards.unnamed import find_meant
from models.hazards.wording import find_words
from models.rules import HazardRules
from models.session import Session
from models.vocabulary.forms import plain_text
from models.vocabulary.nicknames import do_teach

_BREAK = re.compile(r"[\s,，。;；:：、!！]")
_LEAD = re.compile(r"^(?:在|去|到|今天|刚才|发现|检查|巡查|领导|报告|上报|隐患)+")
_TAIL = re.compile(r"(?:的|里面?|那边|这边|门口|院内|院子|旁边|附近)+$")


def do_learn(session: Session, actor: Actor, spot: Spot, text: str, *, rules: HazardRules, now: datetime) -> str:
    """Learn the words by which a caption names the spot, unless they are understood already; give them, or ""."""
    words = place_words(text, rules)
    if not words or words in spot.name:
        return ""
    found = find_meant(session, actor, text, rules)
    key = spot.enterprise_id or spot.grid_code
    if found.spot and (found.spot.enterprise_id or found.spot.grid_code) == key:
        return ""
    taught = do_teach(session, actor, words, enterprise_id=spot.enterprise_id, grid_code=spot.grid_code, now=now)
    return words if taught else ""


def place_words(text: str, rules: HazardRules) -> str:
    """The words before a caption says what is wrong: there people name the place, 老吴油站 in 老吴油站 漏油."""
    plain = plain_text(text)
    words = find_words(plain, rules)
    first = _BREAK.split(plain, maxsplit=1)[0]
    end = min((word.start for word in words), default=len(first))
    return _TAIL.sub("", _LEAD.sub("", first[:end]))
