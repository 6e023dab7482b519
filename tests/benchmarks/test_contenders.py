"""The rig measures what it says: each contender answers everything it is sent."""

import pytest

from benchmarks.conversations import TALKS
from benchmarks.rig import stage, texts
from benchmarks.statements import count_statements
from benchmarks.town import in_town


@pytest.mark.parametrize("contender", [("ptb", "--insert"), ("ours", "--echo")], ids=["ptb", "ours"])
def test_contender_answers_everybody(contender):
    with stage(*contender) as (server, process, _folder):
        run = server.measure(process, texts(5, 2), ahead=True)
    assert (run.count, run.calls["sendmessage"]) == (10, 10)
    assert run.cpu_s > 0


def test_steps_of_a_report_stay_cheap():
    counts = count_statements()
    assert max(counts[words] for words in counts if words != "提交") <= 16
    assert counts["提交"] <= 45


@pytest.mark.parametrize(("name", "talk", "wanted"), TALKS, ids=[name for name, _talk, _wanted in TALKS])
def test_conversation_keeps_its_target(name, talk, wanted):
    assert in_town(talk) <= wanted
