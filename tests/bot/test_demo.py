"""The demo on the command line: only for this machine, on a database of its own, and afresh when told so."""

import sqlite3
from contextlib import closing

import pytest

from bot.demo import _phones, run_demo
from bot.refusal import Refused
from bot.settings import Settings
from models.demo import do_load_demo
from models.leadership import AlreadyRunning, open_leadership
from tests.factories import add_grids
from tests.journeys.running import RULES

OWN = "data/demo/wangge.db"


@pytest.fixture(autouse=True)
def served(monkeypatch, tmp_path):
    """An empty folder to run in; what would be served is collected instead of waiting for Ctrl+C."""
    pages = []

    async def serve(app, *, started):
        started()
        pages.append(app)
        await app.store.close()

    monkeypatch.setattr("bot.demo.serve", serve)
    monkeypatch.chdir(tmp_path)
    return pages


async def demo(*, fresh=False, **settings):
    said = []
    await run_demo(Settings(**settings), RULES, say=said.append, fresh=fresh)
    return said[0]


def change(*statements, path=OWN):
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


async def test_demo_for_others_is_refused():
    with pytest.raises(Refused, match=r"no login.*WEB_LISTEN"):
        await demo(web_listen="0.0.0.0:8099")


async def test_administrator_has_a_phone_as_well(store, clock):
    county = await store.write(lambda session: do_load_demo(session, clock()))
    keys = {key: person for key, person, _title in _phones(county)}
    assert list(keys) == ["officer", "manager", "supervisor", "leader", "admin", "public"]
    assert keys["admin"] == county.qian


async def test_demo_starts_again_on_what_it_left():
    assert "127.0.0.1:8080/demo" in await demo()
    assert "127.0.0.1:8080/demo" in await demo()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alembic_version SET version_num = '9999'",
        "DROP TABLE enterprises",
        "DROP TABLE alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
async def test_demo_of_another_version_says_how_to_start_afresh(statement):
    await demo()
    change("PRAGMA foreign_keys=OFF", statement)
    with pytest.raises(Refused, match="bot demo --fresh"):
        await demo()
    assert "/demo" in await demo(fresh=True)


async def test_file_that_is_no_database_says_how_to_start_afresh(tmp_path):
    await demo()
    (tmp_path / OWN).write_bytes(b"nonsense" * 999)
    with pytest.raises(Refused, match="bot demo --fresh"):
        await demo()


async def test_starting_afresh_forgets_the_photos(tmp_path):
    await demo()
    (tmp_path / "data/demo/media/ab").mkdir(parents=True)
    await demo(fresh=True)
    assert not (tmp_path / "data/demo/media/ab").exists()


async def test_starting_afresh_leaves_a_running_demo_alone():
    await demo()
    running = open_leadership(f"sqlite+aiosqlite:///{OWN}")
    await running.try_lead()
    with pytest.raises(AlreadyRunning):
        await demo(fresh=True)
    await running.release()


async def test_starting_afresh_never_touches_a_named_database(database_url):
    with pytest.raises(Refused, match="leave DATABASE_URL out"):
        await demo(fresh=True, database_url=database_url)
    assert "/demo" in await demo(database_url=database_url)


async def test_invented_people_never_go_into_a_county_at_work(database_url, store):
    await store.write(add_grids)
    with pytest.raises(Refused, match="county's own database"):
        await demo(database_url=database_url)


async def test_named_database_of_a_demo_is_taken_up_again(database_url):
    for _time in range(2):
        assert "/demo" in await demo(database_url=database_url)
