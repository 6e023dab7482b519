"""The command line: exit 0 done, 1 refused with the reason on stderr, 2 wrong usage; no token in its output."""

import json
import logging
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.database import find_problem
from bot.redact import REDACTOR
from bot.settings import SETTINGS
from models.condition import Condition, Found
from models.demo import FOLDER

ROOT = Path(__file__).parents[2]
TOKEN = "7000000003:AAGcAn4ryT0ken_0f-the-Command-Line-Tes"
COUNTY = [str(FOLDER / name) for name in ("divisions.csv", "people.csv", "enterprises.csv")]


@pytest.fixture(autouse=True)
def _house(monkeypatch, tmp_path):
    """An empty folder to run in, and nothing of the machine's own settings; logging as it was afterwards."""
    for name in SETTINGS:
        monkeypatch.delenv(name.upper(), raising=False)
    shutil.copyfile(ROOT / "rules.toml", tmp_path / "rules.toml")
    monkeypatch.chdir(tmp_path)
    before = logging.root.handlers[:], logging.root.level, sys.excepthook, threading.excepthook, sys.unraisablehook
    mask = os.umask(0o022)
    yield
    os.umask(mask)
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], level, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    logging.root.setLevel(level)
    REDACTOR._known.clear()


def call(*args, **environment):
    """Run a command in this process."""
    return CliRunner().invoke(cli, [str(arg) for arg in args], env=environment)


def start(*args, **environment):
    """Start the real program."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "bot", *map(str, args)]
    return subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def load_county():
    done = call("import", *COUNTY, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "args",
    [(), ("frob",), ("import",), ("import", "--undo", "--frob"), ("export", "hazards"), ("invite",), ("run", "--fast")],
)
def test_wrong_usage_ends_with_2(args):
    assert call(*args).exit_code == 2


def test_import_is_taken_back_from_the_command_line():
    call("migrate")
    load_county()
    assert "已恢复到导入之前" in call("import", "--undo", "--yes").stdout
    again = call("import", "--undo")
    assert (again.exit_code, again.stderr.splitlines()[-1]) == (1, "这次导入已经撤销过了。")
    assert call("import", COUNTY[0], "--undo").exit_code == 2


def test_help_names_every_command():
    words = call("--help").stdout
    for name in ("run", "demo", "migrate", "import", "templates", "invite", "export", "backup", "restore", "check"):
        assert name in words


def test_wrong_settings_are_all_listed_with_2():
    done = call("check", WEB_LISTEN="x", TIMEZONE="Mars", TELEGRAM_TOKEN="1", DATABASE_URL="mysql://x", RULES_FILE="no")
    assert done.exit_code == 2
    assert done.stdout == ""
    for name in ("WEB_LISTEN", "TIMEZONE", "TELEGRAM_TOKEN", "DATABASE_URL"):
        assert done.stderr.count(name) == 1
    assert "no: does not exist" in done.stderr
    assert "did you mean TELEGRAM_BOT_TOKEN?" in done.stderr


def test_wrong_rules_are_listed_with_2(tmp_path):
    (tmp_path / "rules.toml").write_text("county = 1\n", "utf-8")
    done = call("migrate")
    assert done.exit_code == 2
    assert "rules.toml: county" in done.stderr
    assert "rules.toml: hazards" in done.stderr


def test_env_file_is_read(tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite+aiosqlite:///elsewhere/county.db\n", "utf-8")
    assert call("migrate").exit_code == 0
    assert (tmp_path / "elsewhere/county.db").exists()


def test_migrate_sets_up_once(tmp_path):
    first, second = call("migrate"), call("migrate")
    assert "was set up" in first.stdout
    assert "is up to date" in second.stdout
    assert (tmp_path / "data/wangge.db").stat().st_mode & 0o077 == 0


def test_database_of_another_program_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE album (id INTEGER)")
    for command in (("migrate",), ("export", "hazards", "x.xlsx"), ("invite", "林晓梅")):
        done = call(*command, DATABASE_URL="sqlite+aiosqlite:///other.db")
        assert (done.exit_code, "another program" in done.stderr) == (1, True)


def test_schema_of_a_newer_version_is_refused(tmp_path):
    call("migrate")
    with closing(sqlite3.connect(tmp_path / "data/wangge.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    for command in (("migrate",), ("invite", "林晓梅"), ("check",)):
        done = call(*command)
        assert (done.exit_code, "newer than this version" in done.output) == (1, True)


def test_older_schema_is_told_what_to_type():
    problem = find_problem("sqlite+aiosqlite:///data/wangge.db", Found(Condition.BEHIND, "0001", has_rows=True))
    assert "python -m bot backup FILE" in problem
    assert "python -m bot migrate" in problem


def test_import_writes_only_when_told():
    dry = call("import", *COUNTY)
    assert (dry.exit_code, "--yes" in dry.stdout) == (0, True)
    assert "请先导入人员" in call("invite", "林晓梅").stderr
    load_county()
    assert call("invite", "林晓梅").exit_code == 0


def test_import_of_a_missing_file_is_wrong_usage():
    assert call("import", "nowhere.csv").exit_code == 2


def test_invite_gives_code_and_links():
    load_county()
    done = call("invite", "林晓梅", "--json", WEB_BASE_URL="https://wangge.example")
    made = json.loads(done.stdout)
    assert sorted(made) == ["code", "expires", "links", "person"]
    assert made["person"] == "林晓梅"
    assert made["links"] == {"web": f"https://wangge.example/#join={made['code']}"}


def test_invite_of_nobody_is_refused():
    load_county()
    done = call("invite", "何生人")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "何生人" in done.stderr


def test_invite_of_one_of_several_asks_which(tmp_path):
    load_county()
    (tmp_path / "twins.csv").write_text(
        "姓名,手机号,单位,角色,网格编码\n王芳,19900008001,甲村,网格员,341823101201\n王芳,19900008002,乙村,网格长,341823102\n",
        "utf-8",
    )
    assert call("import", "twins.csv", "--yes").exit_code == 0
    several = call("invite", "王芳")
    assert several.exit_code == 1
    assert "甲村" in several.stderr
    assert "乙村" in several.stderr
    for choice in (("--grid", "341823101201"), ("--role", "officer"), ("--role", "网格长")):
        assert call("invite", "王芳", *choice).exit_code == 0


def test_invite_in_words_names_links_and_time():
    load_county()
    lines = call("invite", "林晓梅").stdout.splitlines()
    assert lines[0] == "林晓梅"
    assert lines[2] == f"web: http://127.0.0.1:8080/#join={lines[1]}"
    assert lines[-1].startswith("valid until ")


def test_export_writes_the_ledger(tmp_path):
    load_county()
    done = call("export", "hazards", "ledger.xlsx")
    assert (done.exit_code, done.stdout) == (0, "0 rows written to ledger.xlsx\n")
    sheet = openpyxl.load_workbook(tmp_path / "ledger.xlsx").active
    assert (sheet.title, sheet["B2"].value) == ("隐患排查治理台账", "隐患编号")
    assert (tmp_path / "ledger.xlsx").stat().st_mode & 0o077 == 0


def test_export_of_an_unknown_ledger_names_the_known(tmp_path):
    done = call("export", "visits", "ledger.xlsx")
    assert done.exit_code == 1
    assert "hazards (隐患排查治理台账)" in done.stderr
    assert not (tmp_path / "ledger.xlsx").exists()


def test_export_to_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert call("export", "hazards", "notes.txt").exit_code == 1
    assert call("export", "hazards", "missing/folder/x.xlsx").exit_code == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_export_replaces_a_file_only_when_told(tmp_path):
    load_county()
    (tmp_path / "ledger.xlsx").write_text("mine")
    refused = call("export", "hazards", "ledger.xlsx")
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (1, True)
    assert (tmp_path / "ledger.xlsx").read_text() == "mine"
    assert call("export", "hazards", "ledger.xlsx", "--overwrite").exit_code == 0


def test_files_that_cannot_be_used_are_named_without_numbers_of_errors(tmp_path):
    load_county()
    assert call("import", ".").exit_code == 2
    done = call("export", "hazards", "missing/ledger.xlsx")
    assert (done.exit_code, "missing/" in done.stderr, "Errno" in done.stderr) == (1, True, False)


def test_backup_comes_back(tmp_path):
    load_county()
    saved = call("backup", "nightly.bak")
    assert saved.exit_code == 0
    assert "audit trail" in saved.stdout
    assert call("restore", "nightly.bak").exit_code == 1
    assert "rules.toml is no backup" in call("restore", "rules.toml").stderr
    shutil.rmtree(tmp_path / "data")
    assert call("restore", "nightly.bak").exit_code == 0
    assert call("invite", "林晓梅").exit_code == 0


def test_backup_of_nothing_is_refused(tmp_path):
    done = call("backup", "nightly.bak")
    assert (done.exit_code, "no database" in done.stderr) == (1, True)
    assert not (tmp_path / "nightly.bak").exists()


def test_backup_says_where_it_cannot_write():
    call("migrate")
    done = call("backup", "missing/folder/nightly.bak")
    assert done.exit_code == 1
    assert "missing/folder" in done.stderr


def test_real_program_starts_answers_and_stops(tmp_path):
    address = free_address()
    bot = start("run", WEB_LISTEN=address, TELEGRAM_BOT_TOKEN="")
    try:
        assert "platforms: web" in bot.stdout.readline()
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok\n"
        second = start("run", WEB_LISTEN=free_address())
        _out, why = second.communicate(timeout=60)
        assert (second.returncode, f"pid {bot.pid}" in why) == (1, True)
        taken = start("restore", "rules.toml")
        assert taken.wait(60) == 1
        taken.communicate()
    finally:
        bot.send_signal(signal.SIGTERM)
        bot.communicate(timeout=60)
    assert bot.returncode == 0


def test_taken_address_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        bot = start("run", WEB_LISTEN=f"127.0.0.1:{server.getsockname()[1]}")
        _out, why = bot.communicate(timeout=60)
    assert bot.returncode == 1
    assert "address already in use" in why
    assert "Traceback" not in why


@pytest.mark.parametrize("command", [["check"], ["migrate"], ["invite", "林晓梅"]])
def test_real_program_says_no_token(command, tmp_path):
    environment = {
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": "http://127.0.0.1:9", "LOG_FORMAT": "json",
        "DATABASE_URL": "postgresql+asyncpg://bot:pg-canary-pass@127.0.0.1:9/wangge",
    }  # fmt: skip
    ended = start(*command, **environment)
    said = "".join(ended.communicate(timeout=60))
    assert ended.returncode == 1
    assert "Traceback" not in said
    assert TOKEN not in said
    assert "pg-canary-pass" not in said
