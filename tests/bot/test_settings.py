"""Settings: defaults that work, everything wrong in one list, misspelt names found, values never shown."""

import traceback
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from bot.settings import SETTINGS, Settings, WrongSettings, read_settings

TOKEN = "7000000001:AAF4nAryTok3nTh4tMustNotBeSeenAnywhere0"
SECRET = "webhook-secret-of-the-test"
NAMES = [name.upper() for name in SETTINGS]


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch, tmp_path):
    """Nothing of the machine's own environment or `.env` reaches a test."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def problems_of(monkeypatch, **environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings) as caught:
        read_settings()
    return caught.value.problems


def test_defaults_need_nothing():
    settings = read_settings()
    assert settings.active_platforms == ("web",)
    assert settings.web_address == ("127.0.0.1", 8080)
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.timezone == ZoneInfo("Asia/Shanghai")


def test_example_file_is_the_defaults(monkeypatch, tmp_path):
    example = Path(__file__).parents[2] / ".env.example"
    (tmp_path / ".env").write_text(example.read_text("utf-8"), "utf-8")
    assert read_settings() == Settings()


def test_env_file_is_read(tmp_path):
    (tmp_path / ".env").write_text("WEB_LISTEN=127.0.0.1:9000\nWEB_BASE_URL=https://wangge.example/\n", "utf-8")
    settings = read_settings()
    assert (settings.web_listen, settings.base_url) == ("127.0.0.1:9000", "https://wangge.example")


def test_env_file_of_windows_is_read(tmp_path):
    (tmp_path / ".env").write_bytes("\ufeffWEB_LISTEN=127.0.0.1:9000\r\nLOG_FORMAT=json\r\n".encode())
    settings = read_settings()
    assert (settings.web_listen, settings.log_format) == ("127.0.0.1:9000", "json")


def test_env_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / ".env").write_bytes("# 网格\nWEB_LISTEN=1".encode("gbk"))
    with pytest.raises(WrongSettings, match=r"\.env: cannot be read"):
        read_settings()


def test_line_of_the_env_file_that_sets_nothing_is_named_but_not_repeated(tmp_path):
    (tmp_path / ".env").write_text("# a comment\n\nWEB_LISTEN=127.0.0.1:8099\nsecret-token\nTIMEZONE Asia/Shanghai\n")
    with pytest.raises(WrongSettings) as wrong:
        read_settings()
    assert wrong.value.problems == [
        ".env, line 4: no NAME=value",
        ".env, line 5: no NAME=value",
    ]


def test_environment_goes_before_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("LOG_FORMAT=json\n", "utf-8")
    monkeypatch.setenv("LOG_FORMAT", "text")
    assert read_settings().log_format == "text"


def test_empty_means_default(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "")
    monkeypatch.setenv("WEB_LISTEN", "")
    assert (read_settings().telegram_bot_token, read_settings().web_listen) == (None, "127.0.0.1:8080")


def test_token_brings_telegram(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    assert read_settings().active_platforms == ("web", "telegram")


def test_platforms_are_split(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("PLATFORMS", " telegram ,")
    assert read_settings().active_platforms == ("telegram",)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("DATABASE_URL", "mysql://root@localhost/wangge", "postgresql+asyncpg://"),
        ("DATABASE_URL", "sqlite+aiosqlite:///", "sqlite+aiosqlite:///FILE"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///FILE"),
        ("DATABASE_URL", "postgresql+asyncpg://bot:secret@localhost", "HOST/NAME"),
        ("TELEGRAM_BOT_TOKEN", "12345", "BotFather"),
        ("TELEGRAM_API_BASE", "api.telegram.org", "https://"),
        ("TELEGRAM_MODE", "push", "'polling' or 'webhook'"),
        ("TELEGRAM_WEBHOOK_URL", "wangge.example/hook", "https://"),
        ("WEB_LISTEN", "8080", "HOST:PORT"),
        ("WEB_LISTEN", "127.0.0.1:http", "HOST:PORT"),
        ("WEB_LISTEN", "127.0.0.1:²", "HOST:PORT"),
        ("WEB_LISTEN", "127.0.0.1:70000", "HOST:PORT"),
        ("WEB_BASE_URL", "wangge.example", "https://"),
        ("PLATFORMS", "web,qq", "unknown: qq"),
        ("TIMEZONE", "Peking", "Asia/Shanghai"),
        ("TIMEZONE", "Asia", "Asia/Shanghai"),
        ("LOG_FORMAT", "xml", "'text' or 'json'"),
    ],
)
def test_wrong_value_is_named_with_a_hint(monkeypatch, name, value, hint):
    problems = problems_of(monkeypatch, **{name: value})
    assert len(problems) == 1
    assert problems[0].startswith(f"{name}: ")
    assert hint in problems[0]


def test_everything_wrong_is_listed_at_once(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("TIMEZONE=Mars\nPLATFROMS=web\n", "utf-8")
    problems = problems_of(
        monkeypatch, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_MODE="webhook", WEB_LISTEN="x", WEB_BASE_ULR="https://a.example"
    )
    assert {problem.partition(":")[0] for problem in problems} == {
        "TIMEZONE", "WEB_LISTEN", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET", "WEB_BASE_ULR", "PLATFROMS",
    }  # fmt: skip


def test_named_platform_needs_its_token(monkeypatch):
    assert problems_of(monkeypatch, PLATFORMS="web,telegram") == [
        "TELEGRAM_BOT_TOKEN: PLATFORMS names telegram, so the bot's token is needed"
    ]


def test_named_platform_lacks_everything_at_once(monkeypatch):
    problems = problems_of(monkeypatch, PLATFORMS="telegram", TELEGRAM_MODE="webhook")
    assert [problem.partition(":")[0] for problem in problems] == [
        "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET",
    ]  # fmt: skip


def test_each_setting_is_named_once(monkeypatch):
    problems = problems_of(
        monkeypatch, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_MODE="webhook", TELEGRAM_WEBHOOK_URL="nonsense",
        TELEGRAM_WEBHOOK_SECRET=SECRET,
    )  # fmt: skip
    assert [problem.partition(":")[0] for problem in problems] == ["TELEGRAM_WEBHOOK_URL"]


def test_webhook_with_all_it_needs_passes(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://wangge.example/telegram")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", SECRET)
    assert read_settings().telegram_webhook_url == "https://wangge.example/telegram"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("WEB_LISTENS", "WEB_LISTEN"),
        ("LOG_FORMATS", "LOG_FORMAT"),
    ],
)
def test_misspelt_name_is_found(monkeypatch, name, meant):
    assert problems_of(monkeypatch, **{name: "x"}) == [f"{name}: no such setting; did you mean {meant}?"]


def test_names_of_others_are_left_alone(monkeypatch):
    monkeypatch.setenv("DATABASE_BACKUP_HOST", "elsewhere")
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert read_settings().active_platforms == ("web",)


def test_wrong_values_are_not_repeated(monkeypatch):
    wrong = TOKEN.replace(":", "_")
    problems = problems_of(
        monkeypatch, TELEGRAM_BOT_TOKEN=wrong, DATABASE_URL="postgres://bot:hidden-pass@db/x", WEB_LISTEN="x"
    )
    assert wrong not in str(problems)
    assert "hidden-pass" not in str(problems)


def test_settings_show_no_token(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", SECRET)
    settings = read_settings()
    shown = f"{settings!r} {settings} {attrs.asdict(settings)}"
    assert TOKEN not in shown
    assert SECRET not in shown


def test_secrets_stay_out_of_tracebacks():
    """Nor is an address repeated that cannot be read (to `urlsplit`, ℀ is a/c)."""
    wrong, unreadable = TOKEN.replace(":", "_"), "postgresql+asyncpg://bot:hidden-pass℀@db/x"
    with pytest.raises(WrongSettings) as caught:
        Settings(telegram_bot_token=wrong, database_url=unreadable)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["DATABASE_URL", "TELEGRAM_BOT_TOKEN"]
    shown = "".join(traceback.format_exception(caught.value))
    assert wrong not in shown
    assert "hidden-pass" not in shown


@pytest.mark.parametrize("name", sorted(SETTINGS - {"platforms", "rules_file", "timezone"}))
def test_value_that_is_no_text_is_refused(name):
    with pytest.raises(WrongSettings) as caught:
        Settings(**{name: 8080})
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [name.upper()]
