"""The rig measures what it says: each contender answers everything it is sent."""

import io
import sqlite3
from contextlib import closing

import pytest

from benchmarks.conversations import TALKS
from benchmarks.reports import FIRST_CHAT, SMALL, fast_report, guided_report, picture, write_photos
from benchmarks.rig import stage, texts
from benchmarks.statements import count_statements
from benchmarks.town import in_town
from models.pictures import prepare


@pytest.mark.parametrize("contender", [("ptb", "--insert"), ("ours", "--echo")], ids=["ptb", "ours"])
def test_contender_answers_everybody(contender):
    with stage(*contender) as (server, process, _folder):
        run = server.measure(process, texts(5, 2), ahead=True)
    assert (run.count, run.calls["sendmessage"]) == (10, 10)
    assert run.cpu_s > 0


@pytest.mark.parametrize("way", [fast_report, guided_report], ids=["fast", "guided"])
def test_report_with_a_photo_is_registered(tmp_path, way):
    write_photos(tmp_path, SMALL, [0])
    with stage("ours", "--villages", "--people", 1, files=tmp_path) as (server, process, folder):
        run = server.measure(process, {FIRST_CHAT: way(0, 0, SMALL)})
        with closing(sqlite3.connect(folder / "wangge.db")) as database:
            hazards = database.execute("SELECT description FROM hazards").fetchall()
            photos = database.execute("SELECT count(*) FROM hazard_photos").fetchone()
    assert (len(hazards), photos) == (1, (1,))
    assert "灭火器压力不足" in hazards[0][0]
    assert run.calls["getfile"] == 1


def test_scenes_do_not_look_alike():
    prints = {prepare(write(picture(SMALL, seed))).dhash for seed in range(20)}
    assert len(prints) == 20


def write(image):
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def test_steps_of_a_report_stay_cheap():
    counts = count_statements()
    assert max(counts[words] for words in counts if words != "提交") <= 16
    assert counts["提交"] <= 45


@pytest.mark.parametrize(("name", "talk", "wanted"), TALKS, ids=[name for name, _talk, _wanted in TALKS])
def test_conversation_keeps_its_target(name, talk, wanted):
    assert in_town(talk) <= wanted
