"""What holds for any caption: no name, no place; the exact name is always there; nobody gets another's enterprise."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.access import load_actor
from models.demo import do_load_demo
from models.hazards.recognise import find_place
from models.session import open_store
from tests import databases
from tests.clock import Clock
from tests.models.hazards.conftest import RULES

HAZARDS = RULES.hazards
# No character of these is in a name of the demo county, nor sounds like one with its neighbour.
NAMELESS = st.text("灭火器过期，。！？0123456789 abc们么呢吧啊哦呀", max_size=40)
LINS = ["靠山加油站", "溪口木竹加工厂", "溪口小学", "溪口农家乐", "溪口便民超市"]
ALL = [*LINS, "潘村采石场", "水西宾馆", "靠山茶叶加工厂", "厚岸水泥制品厂", "童疃涂料厂"]
AROUND = st.text("在的灭火器堵坏漏，。 村口路边山厂站", max_size=8)


@pytest.fixture(scope="module")
def demo(sqlite_template, tmp_path_factory):
    """The demo county on SQLite, once for all examples; gives `ask(who, caption)`."""
    loop = asyncio.new_event_loop()
    store = open_store(databases.sqlite_copy(sqlite_template, tmp_path_factory.mktemp("rules")))
    now = Clock()()
    cast = loop.run_until_complete(store.write(lambda session: do_load_demo(session, now)))

    def ask(who, caption):
        def unit(session):
            actor = load_actor(session, getattr(cast, who), now=now)
            return find_place(session, actor, caption, HAZARDS)

        found = loop.run_until_complete(store.write(unit))
        return found, [*([found.spot] if found.spot else []), *found.candidates, *found.others]

    yield ask
    loop.run_until_complete(store.close())
    loop.close()


@settings(deadline=None, max_examples=60)
@given(NAMELESS)
def test_text_without_any_name_never_gets_a_place(demo, text):
    for who in ("lin", "zhou", "wu"):
        found, offered = demo(who, text)
        assert (found.spot, offered) == (None, [])


@settings(deadline=None, max_examples=60)
@given(AROUND, st.sampled_from(ALL), AROUND)
def test_exact_name_is_always_among_what_is_offered(demo, before, name, after):
    _found, offered = demo("zhou", f"{before} {name} {after}")
    assert name in {spot.name for spot in offered}


@settings(deadline=None, max_examples=60)
@given(AROUND, st.sampled_from(LINS), st.integers(2, 8), AROUND)
def test_chen_never_gets_an_enterprise_of_lins_village(demo, before, name, length, after):
    _found, offered = demo("chen", f"{before}{name[:length]}{after}")
    assert all(spot.grid_code.startswith("341823101202") for spot in offered)
