"""`check` finds what is wrong, says what is odd, and leaves everything as it was."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from bot import checking
from bot.checking import run_checks
from bot.settings import SETTINGS, Settings
from bot.translations import find_untranslated
from models.access import load_actor
from models.audit import do_audit, do_seal, read_head
from models.condition import Durability, read_durability
from models.content import Card, Incoming
from models.demo import do_load_demo
from models.grids.tables import Grid, Level
from models.hazards.places import Spot
from models.hazards.register import Report, check_register
from models.inbox import do_park, do_receive
from models.outbox import do_tell
from models.people.tables import Role
from models.rules import read_rules
from models.session import open_store
from tests.factories import COUNTY, TOWN, VILLAGE, add_grids, add_person, cast

ROOT = Path(__file__).parents[2]
RULES = read_rules(ROOT / "rules.toml")
TOKEN = "7000000004:AAHcAn4ryT0ken_0f-the-Check-Test-000000"
NOW = datetime.now(UTC) - timedelta(minutes=5)
UNCERTAIN = {"translations", "owners", "calendar"}  # What the catalogue, the demo's people and the date make of them.


class Usage(NamedTuple):
    total: int
    used: int
    free: int


async def test_careless_commits_are_a_problem(postgres_database):
    """The server of the tests is set to lose its last commits with the power; `check` sees it."""
    store = open_store(postgres_database)
    verdict, words = await checking._check_commits(store)
    await store.close()
    assert (verdict, "fsync=off" in words) == ("problem", True)


@pytest.fixture
def checked(tmp_path, monkeypatch):
    """Run the checks with some settings; give whether all is well, and what was said by name."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name.upper(), raising=False)

    def durability(session):
        found = read_durability(session)
        return Durability(is_firm=True, words=found.words) if "fsync" in found.words else found

    monkeypatch.setattr(checking, "read_durability", durability)

    async def run(url="sqlite+aiosqlite:///data/wangge.db", head="", **more):
        said = []
        settings = Settings(database_url=url, media_url=str(tmp_path / "media"), **more)
        fine = await run_checks(settings, RULES, say=said.append, head=head)
        return fine, {line.split(":")[0].split()[1]: line for line in said}

    return run


async def write(url, unit):
    store = open_store(url)
    try:
        return await store.write(unit)
    finally:
        await store.close()


async def test_sound_installation_is_fine(checked, database_url):
    await write(database_url, lambda session: do_load_demo(session, NOW))
    fine, said = await checked(database_url)
    assert fine
    assert {line.split()[0] for name, line in said.items() if name not in UNCERTAIN} == {"ok"}
    assert set(said) >= {"settings", "rules", "media", "disk", "database", "commits", "language", "audit", "clock"}
    assert "history" in said


@pytest.mark.parametrize(("year", "verdict"), [(2026, "ok"), (2003, "warning")])
def test_year_without_known_holidays_is_a_warning(year, verdict):
    house = checking._House(Settings(), RULES, datetime(year, 11, 23, tzinfo=UTC))
    said = checking._check_calendar(house)
    assert (said[0], "2003 counts Monday to Friday" in said[1]) == (verdict, verdict == "warning")


async def test_empty_installation_is_fine(checked, tmp_path):
    fine, said = await checked()
    assert fine
    assert said["database"].startswith("warning")
    assert not (tmp_path / "data").exists()


async def test_folder_that_is_not_there_yet_is_named(checked, tmp_path):
    fine, said = await checked("sqlite+aiosqlite:///misspelt/county.db")
    assert fine
    assert said["database"].endswith("its folder misspelt does not exist yet and is made then")


async def test_folder_that_cannot_be_made_is_a_problem(checked, tmp_path):
    (tmp_path / "taken").write_text("a file")
    fine, said = await checked("sqlite+aiosqlite:///taken/deep/county.db")
    assert (fine, said["database"].startswith("problem")) == (False, True)
    assert "taken" in said["database"]


async def test_county_without_grids_is_a_warning(checked, sqlite_database):
    fine, said = await checked(sqlite_database)
    assert (fine, said["owners"].startswith("warning")) == (True, True)


async def test_rules_of_another_county_are_a_warning(checked, sqlite_database, monkeypatch):
    await write(sqlite_database, add_grids)
    monkeypatch.setattr("tests.bot.test_checking.RULES", attrs.evolve(RULES, county="341824"))
    fine, said = await checked(sqlite_database)
    assert (fine, said["county"].startswith("warning")) == (True, True)


async def test_rules_that_do_not_go_together_are_a_warning(checked, sqlite_database, monkeypatch):
    odd = attrs.evolve(RULES.hazards, overdue_head_days=5, overdue_supervisor_days=3, due_soon_days=10)
    monkeypatch.setattr("tests.bot.test_checking.RULES", attrs.evolve(RULES, hazards=odd))
    fine, said = await checked(sqlite_database)
    assert fine
    assert said["rules"].startswith("warning  rules: ")
    assert "before the grid head" in said["rules"]
    assert "hazards.due_soon_days: 10 days" in said["rules"]


async def test_trade_that_the_county_does_not_have_is_a_warning(checked, database_url, monkeypatch):
    await write(database_url, lambda session: do_load_demo(session, NOW))
    first = attrs.evolve(RULES.hazards.categories[0], industry="shipbuilding")
    odd = attrs.evolve(RULES.hazards, categories=(first, *RULES.hazards.categories[1:]))
    monkeypatch.setattr("tests.bot.test_checking.RULES", attrs.evolve(RULES, hazards=odd))
    fine, said = await checked(database_url)
    assert (fine, said["rules"].startswith("ok")) == (True, True)
    assert said["trades"].startswith("warning  trades: ")
    assert "there is no trade shipbuilding" in said["trades"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("TELEGRAM_BOT_TOKEN=", "ok"),
        (f"TELEGRAM_BOT_TOKEN={TOKEN}", "warning"),
        ("DATABASE_URL=postgresql+asyncpg://bot:pw@db/wangge", "warning"),
        ("DATABASE_URL=postgresql+asyncpg://bot@db/wangge", "ok"),
    ],
)
async def test_open_env_file_is_a_warning_only_with_a_secret(checked, tmp_path, line, verdict):
    (tmp_path / ".env").write_text(f"{line}\n")
    (tmp_path / ".env").chmod(0o644)
    _fine, said = await checked(telegram_bot_token=TOKEN, telegram_api_base="http://127.0.0.1:9")
    assert said["settings"].startswith(verdict)
    assert TOKEN not in str(said)


def test_patterns_without_chinese_need_no_english(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/card.py").write_text('_("{number} · {state}")\n_("“{name}”")\n_("没有英文的句子")\n', "utf-8")
    assert find_untranslated(tmp_path) == ["没有英文的句子"]


async def test_grid_without_officer_is_a_warning(checked, sqlite_database):
    def unit(session):
        add_grids(session)
        add_person(session, "孙立新", "19900000006", (Role.GRID_HEAD, TOWN), now=NOW)
        session.add(Grid(code="341823102", name="榔桥镇", level=Level.TOWN, parent_code=COUNTY))

    await write(sqlite_database, unit)
    fine, said = await checked(sqlite_database)
    assert (fine, "341823102 (grid)" in said["owners"]) == (True, True)
    assert "341823101" not in said["owners"]


async def test_silent_database_is_a_problem(checked):
    fine, said = await checked("postgresql+asyncpg://bot:pg-canary-pass@127.0.0.1:9/wangge")
    assert (fine, said["database"].split()[0]) == (False, "problem")
    assert "pg-canary-pass" not in str(said)


async def test_file_that_is_no_database_is_a_problem(checked, tmp_path):
    (tmp_path / "wangge.db").write_bytes(b"holiday pictures" * 100)
    fine, said = await checked(f"sqlite+aiosqlite:///{tmp_path}/wangge.db")
    assert (fine, said["database"].split()[0]) == (False, "problem")


async def test_tampered_audit_is_a_problem(checked, sqlite_database):
    def unit(session):
        for number in range(3):
            do_audit(session, action="people:invite", subject=f"person:{number}", person_id=None, now=NOW)
        do_seal(session)
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("UPDATE audit SET subject = 'person:9' WHERE id = 2"))

    await write(sqlite_database, unit)
    fine, said = await checked(sqlite_database)
    assert (fine, "row 2 does not fit" in said["audit"]) == (False, True)


async def test_head_that_was_written_down_has_to_be_there(checked, database_url):
    def unit(session):
        for number in range(3):
            do_audit(session, action="people:invite", subject=f"person:{number}", person_id=None, now=NOW)
        do_seal(session)
        return read_head(session).head

    store = open_store(database_url)
    head = await store.write(unit)
    await store.close()
    _fine, said = await checked(database_url, head=head[:16])
    assert said["audit"] == f"ok       audit: 3 rows, each fits the one before; head {head}"
    fine, said = await checked(database_url, head="0badc0de")
    assert (fine, said["audit"].startswith("problem  audit: 3 rows"), "0badc0de" in said["audit"]) == (
        False,
        True,
        True,
    )


async def test_hazard_that_its_history_does_not_lead_to_is_a_problem(checked, database_url):
    def unit(session):
        ids = cast(session, NOW)
        actor, station = load_actor(session, ids["lin"], now=NOW), Spot(VILLAGE, "", ids["station"], "靠山加油站")
        report = Report(station, "卸油口静电接地线脱落", "electricity", "general", 7)
        first, _second = (check_register(session, actor, report, rules=RULES, now=NOW).hazard for _time in "12")
        first.round = 3
        return first.number

    number = await write(database_url, unit)
    fine, said = await checked(database_url)
    words = f"1 of 2 hazards do not stand where their history ends: {number} (round)"
    assert (fine, said["history"]) == (False, f"problem  history: {words}")


@pytest.mark.parametrize(
    ("wake_at", "fine", "words"),
    [
        (None, False, "problem  reminders: 1 open hazards have no time at which they are looked at"),
        (NOW - timedelta(hours=2), True, "warning  reminders: 1 open hazards wait for the bot to look at them"),
    ],
)
async def test_case_that_nobody_is_reminded_of_is_named(checked, database_url, wake_at, fine, words):
    def unit(session):
        ids = cast(session, NOW)
        actor, station = load_actor(session, ids["lin"], now=NOW), Spot(VILLAGE, "", ids["station"], "靠山加油站")
        report = Report(station, "卸油口静电接地线脱落", "electricity", "general", 7)
        hazard = check_register(session, actor, report, rules=RULES, now=NOW).hazard
        hazard.wake_at = wake_at
        return hazard.number

    number = await write(database_url, unit)
    found = await checked(database_url)
    assert (found[0], found[1]["reminders"]) == (fine, f"{words}: {number}")


async def test_missing_guard_is_a_problem(checked, database_url):
    off = {"sqlite": "DROP TRIGGER audit_no_delete", "postgresql": "ALTER TABLE audit DISABLE TRIGGER USER"}
    await write(database_url, lambda session: session.execute(text(off[session.get_bind().dialect.name])))
    fine, said = await checked(database_url)
    assert (fine, "triggers" in said["audit"]) == (False, True)


async def test_parked_event_is_a_warning(checked, database_url):
    def unit(session):
        came = do_receive(session, [Incoming("web", "lin", "1", text="上报")], now=NOW)
        do_park(session, [came[0][0]], reference="7K2Q", now=NOW)

    await write(database_url, unit)
    fine, said = await checked(database_url)
    assert (fine, said["inbox"].startswith("warning  inbox: 1 events failed")) == (True, True)


async def test_given_up_message_is_a_warning(checked, database_url):
    def unit(session):
        people = [add_person(session, name, phone, chat=chat, now=NOW) for name, phone, chat in CHATS]
        do_tell(session, people, Card(title="通知"), now=NOW)
        session.execute(text("UPDATE outbox SET status = 'dead', error = 'rejected' WHERE chat = 'lin'"))

    await write(database_url, unit)
    fine, said = await checked(database_url)
    assert (fine, said["outbox"]) == (True, "warning  outbox: given up: 1 rejected")


CHATS = [("林晓梅", "19900000001", "lin"), ("陈建国", "19900000002", None)]


async def test_clock_behind_the_records_is_a_problem(checked, database_url):
    ahead = datetime.now(UTC) + timedelta(hours=3)
    await write(database_url, lambda session: do_receive(session, [Incoming("web", "lin", "1")], now=ahead))
    fine, said = await checked(database_url)
    assert (fine, said["clock"].split()[0]) == (False, "problem")


async def test_full_disk_is_a_problem(checked, sqlite_database, monkeypatch):
    monkeypatch.setattr(checking.shutil, "disk_usage", lambda _folder: Usage(100, 97, 3))
    fine, said = await checked(sqlite_database)
    assert (fine, "3% free" in said["disk"]) == (False, True)


async def test_font_without_its_glyphs_is_a_problem(checked, sqlite_database, monkeypatch):
    monkeypatch.setattr("models.media.PROOF", "隐患塅①龘")
    fine, said = await checked(sqlite_database)
    assert (fine, "no glyph for 龘" in said["watermark"]) == (False, True)


async def test_media_that_cannot_be_written_are_a_problem(checked, sqlite_database, tmp_path):
    (tmp_path / "media").write_text("a file where the folder should be")
    fine, said = await checked(sqlite_database)
    assert (fine, said["media"].split()[0]) == (False, "problem")


async def test_readable_token_is_a_warning(checked, sqlite_database, tmp_path):
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\n")
    for mode, verdict in ((0o644, "warning"), (0o600, "ok")):
        (tmp_path / ".env").chmod(mode)
        _fine, said = await checked(sqlite_database, telegram_bot_token=TOKEN, telegram_api_base="http://127.0.0.1:9")
        assert said["settings"].split()[0] == verdict


@pytest.fixture
async def telegram():
    """A server that answers getMe with what a test puts into `answers`."""
    answers = {"status": 200, "body": {"ok": True, "result": {"username": "wangge_bot"}}, "date": datetime.now(UTC)}

    async def get_me(request):
        assert request.match_info["token"] == TOKEN
        headers = {"Date": format_datetime(answers["date"], usegmt=True)}
        return web.json_response(answers["body"], status=answers["status"], headers=headers)

    app = web.Application()
    app.router.add_get("/bot{token}/getMe", get_me)
    async with TestServer(app) as server:
        answers["base"] = str(server.make_url("")).rstrip("/")
        yield answers


@pytest.mark.parametrize(
    ("change", "fine", "words"),
    [
        ({}, True, "@wangge_bot answers"),
        ({"status": 401, "body": {"ok": False, "error_code": 401}}, False, "refuses the token (401)"),
        ({"body": "not what was expected"}, False, "refuses the token"),
        ({"date": datetime.now(UTC) - timedelta(minutes=2)}, False, "clock of this machine is off"),
    ],
)
async def test_telegram_is_asked(checked, sqlite_database, telegram, change, fine, words):
    telegram.update(change)
    found, said = await checked(sqlite_database, telegram_bot_token=TOKEN, telegram_api_base=telegram["base"])
    assert (found, words in said["telegram"]) == (fine, True)
    assert TOKEN not in str(said)


async def test_telegram_that_is_silent_is_a_problem(checked, sqlite_database):
    fine, said = await checked(sqlite_database, telegram_bot_token=TOKEN, telegram_api_base="http://127.0.0.1:9")
    assert (fine, "does not answer" in said["telegram"]) == (False, True)
    assert TOKEN not in str(said)


def test_sentence_without_english_is_found(tmp_path):
    (tmp_path / "handlers").mkdir()
    source = 'a = _("没有人\\n" "说过的话{x}", x=1); b = N_("网格员"); c = print("别的")\n'
    (tmp_path / "handlers/x.py").write_text(source, "utf-8")
    assert "没有人\n说过的话{x}" in find_untranslated(tmp_path)
    assert "别的" not in find_untranslated(tmp_path)


def test_sentence_in_both_languages_is_its_own_english():
    missing = find_untranslated()
    assert not [sentence for sentence in missing if "Language" in sentence]


def test_lost_catalogue_is_an_error(tmp_path):
    with pytest.raises(OSError, match="wangge"):
        find_untranslated(locales=tmp_path)
