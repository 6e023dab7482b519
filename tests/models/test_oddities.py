"""Rules that are sound one by one and odd together are named, and the rules that ship are not."""

from pathlib import Path

import attrs
import pytest

from models.enterprises.industries import INDUSTRY_SEED
from models.oddities import list_oddities
from models.rules import MeasureRule, read_rules

RULES = read_rules(Path("rules.toml"))
HAZARDS = RULES.hazards
GENERAL, MAJOR = HAZARDS.levels
FIRST, SECOND = HAZARDS.categories[:2]


def odd(**changes):
    return list_oddities(attrs.evolve(RULES, hazards=attrs.evolve(HAZARDS, **changes)))


def test_shipped_rules_go_together():
    assert list_oddities(RULES, [row["code"] for row in INDUSTRY_SEED]) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_soon_days": 7}, "hazards.due_soon_days: 7 days before the deadline"),
        ({"overdue_head_days": 4}, "reaches the supervisor before the grid head"),
        ({"description_min": 1001}, "no description fits"),
        ({"levels": (GENERAL,)}, "none is major"),
        ({"levels": (MAJOR,)}, "every level is major"),
        ({"levels": (GENERAL, GENERAL, MAJOR)}, "hazards.levels: the code general occurs 2 times"),
        ({"levels": (GENERAL, attrs.evolve(MAJOR, words=("一般",)))}, "一般 is a word of both general and major"),
        ({"levels": (attrs.evolve(GENERAL, deadline_days=(7, 7)), MAJOR)}, "deadline_days occurs twice"),
        ({"levels": (attrs.evolve(GENERAL, deadline_days=(-1,)), MAJOR)}, "lie in the past"),
        ({"categories": (FIRST, attrs.evolve(SECOND, words=FIRST.words[:1]))}, f"{FIRST.words[0]} is a word of both"),
        ({"categories": (FIRST, attrs.evolve(SECOND, code=FIRST.code))}, f"the code {FIRST.code} occurs 2 times"),
        ({"measures": ()}, "without a plan"),
        ({"measures": (MeasureRule(code="a", name="甲"),) * 2}, "hazards.measures: the code a occurs 2 times"),
        ({"extension_ahead_working_days": 365}, "more than the longest deadline of a major hazard"),
    ],
)
def test_odd_rules_are_named(changes, words):
    assert any(words in said for said in odd(**changes))


def test_unknown_trade_is_named_where_the_trades_are_known():
    category = attrs.evolve(FIRST, industry="shipbuilding")
    rules = attrs.evolve(RULES, hazards=attrs.evolve(HAZARDS, categories=(category,)))
    assert list_oddities(rules) == []
    assert list_oddities(rules, ["fire"]) == ["hazards.categories (fire_passage): there is no trade shipbuilding"]


def test_everything_odd_is_named_at_once():
    assert len(odd(due_soon_days=20, overdue_head_days=9, description_min=2000)) == 3
