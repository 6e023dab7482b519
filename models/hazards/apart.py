"""The place of one hazard among several of a caption: its own words name it, or they name none."""

from __future__ import annotations

import re

from models.access import Actor
from models.content import Place
from models.hazards.lessons import place_words
from models.hazards.naming import look
from models.hazards.places import Spot
from models.hazards.recognise import Found, find_named
from models.hazards.trades import hear
from models.hazards.unnamed import find_meant, is_away
from models.rules import HazardRules
from models.session import Session

# A name that no register knows: 为民茶厂, 云岭镇政府, 老吴家; but not 二楼, 仓库 or 本厂.
_NAME = re.compile(
    r"(?!(?:我们?|咱们?|本|全|整个|该|这个?|大|厂|人|店|商|工|公)(?:厂|店|家|村|镇|乡|公司|矿)$)[一-龥A-Za-z]{1,10}"
    r"(?:加油站|加油点|客运站|车站|厂|店|村|镇|乡|社区|小区|公司|学校|小学|中学|幼儿园|医院|卫生院|宾馆|酒店|客栈|民宿|旅社|"
    r"农家乐|超市|作坊|坊|矿|工地|市场|政府|村委会|居委会|合作社|养老院|敬老院|祠堂|庙|码头|渡口|家)"
)


def find_apart(
    session: Session, actor: Actor, text: str, rules: HazardRules, *, near: Place | None, beside: Spot | None
) -> Found | None:
    """Find the place of one hazard as if its words were a caption of their own; None if they name no place.

    Then it is where the hazard before it is (`beside`). What is named without being known finds nothing: a person has
    to say where it is.
    """
    scene = look(session, actor, text, rules, near)
    named = find_named(session, actor, scene)
    if named.spot or named.candidates or is_away(scene, hear(scene.text)) or _names_unknown(text, rules, beside):
        return find_meant(session, actor, text, rules, near=near)
    return None


def _names_unknown(text: str, rules: HazardRules, beside: Spot | None) -> bool:
    words = place_words(text, rules)
    is_same = beside is not None and words in f"{beside.path} {beside.name} {beside.text}"
    return bool(_NAME.fullmatch(words)) and not is_same
