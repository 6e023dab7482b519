"""The corpus of captions through the real handlers: how many are right, asked about, silently wrong."""

import pytest

from handlers import build_registry
from models.demo import do_load_demo
from models.hazards.access import may_see
from models.session import open_store
from tests.captions import Measure, read_captions
from tests.fakes import County

# Percent right without a question, and how many may be silently wrong: what has been reached; worse is a failure.
# All but held_out have been built on; docs/vocabulary.md says how each was understood at first sight.
GOALS = {
    "building": (95, 0),
    "earlier": (89, 1),
    "rural": (93, 0),
    "trades": (95, 0),
    "mixed_one": (88, 3),
    "mixed_two": (93, 1),
    "mixed_three": (91, 4),
    "held_out": (85, 5),
}


@pytest.fixture
async def demo(sqlite_database, clock, media):
    """Jing County as `make demo` has it; one kind of database, because what is measured are words."""
    store = open_store(sqlite_database)
    await store.write(lambda session: do_load_demo(session, clock()))
    county = County(store, media, clock, build_registry(), checks={"hazard": may_see})
    yield county
    await county.stop()
    await store.close()


@pytest.mark.parametrize("name", GOALS)
async def test_corpus_is_understood(demo, name, record_property, capsys):
    right, wrong = GOALS[name]
    measured = await Measure(demo).run(read_captions(name))
    with capsys.disabled():
        print(f"\n{measured.line(name)}")
    record_property(name, measured.line(name))
    assert measured.counts["wrong"] <= wrong, measured.line(name)
    assert 100 * measured.counts["right"] >= right * measured.counts.total(), measured.line(name)


def test_corpus_is_large_and_of_every_kind():
    entries = [entry for name in GOALS for entry in read_captions(name)]
    assert len(entries) >= 150
    assert {entry["kind"] for entry in entries} == {"report", "several", "chatter"}
