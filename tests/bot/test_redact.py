"""The log canary: unique secrets go through every way a line can be logged, and none comes out."""

import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import redact
from bot.redact import REDACTOR, Redactor, configure_logging

TOKEN = "7000000002:AAEcAn4ryB0tTok3n-Of_TheLogTest-000001"
PHONE = "13987654321"
IDENTITY = "341823199003071234"
CODE = "7KQ2-M0XD-9V4H-TE6B"
WEBHOOK_SECRET = "canary-webhook-secret-4711"
PASSWORD = "pg-canary-pass"
SECRETS = (TOKEN, PHONE, IDENTITY, CODE, WEBHOOK_SECRET, PASSWORD)
ROOT = Path(__file__).parents[2]


class Careless:
    """An object whose repr tells everything."""

    def __repr__(self):
        return f"Bot[token={TOKEN}, phone={PHONE}]"


@pytest.fixture(params=["text", "json"])
def lines(request, capsys):
    """Logging as the product configures it, at DEBUG; call it for all that was written to stderr."""
    written = io.StringIO()

    def read():
        written.write(capsys.readouterr().err)
        return written.getvalue()

    before = logging.root.handlers[:], logging.root.level, sys.excepthook, threading.excepthook, sys.unraisablehook
    configure_logging(request.param, secrets=(TOKEN, WEBHOOK_SECRET, PASSWORD))
    (handler,) = logging.root.handlers
    handler.setStream(written)  # pytest exchanges sys.stderr between setting up and running a test
    logging.root.setLevel(logging.DEBUG)
    yield read
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], level, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    logging.root.setLevel(level)
    REDACTOR._known.clear()


def leaks(text):
    """The secrets in a text, also as they look inside a URL or with the usual blanks."""
    spelt = {secret: (secret, quote(secret, safe=""), secret.lower()) for secret in SECRETS}
    spelt[PHONE] += ("+8613987654321", "139 8765 4321", "139-8765-4321")
    return sorted(secret for secret, forms in spelt.items() if any(form in text for form in forms))


LOG = logging.getLogger("bot.canary")
WAYS = {
    "message": lambda secret: LOG.info("got " + secret),  # noqa: G003 - as a careless hand might
    "argument": lambda secret: LOG.debug("got %s", secret),
    "several": lambda secret: LOG.info("%(a)s and %(b)r", {"a": secret, "b": [secret]}),
    "extra": lambda secret: LOG.warning("refused", extra={"chat": secret, "more": {"deep": [secret, (secret,)]}}),
    "extra-name": lambda secret: LOG.warning("refused", extra={secret: "x"}),
    "repr": lambda secret: LOG.info("%r %r", Careless(), {"phone": secret}),
    "object": lambda secret: LOG.info("bot", extra={"bot": Careless()}),
    "url-path": lambda secret: LOG.info("POST https://api.example/bot%s/sendMessage", secret),
    "url-quoted": lambda secret: LOG.info("GET /x?q=%s", quote(secret, safe="")),
    "url-account": lambda secret: LOG.info("postgresql+asyncpg://bot:%s@db.example/wangge", secret),
    "chinese": lambda secret: LOG.info("手机号%s，邀请码%s。", secret, secret),
    "other-logger": lambda secret: logging.getLogger("some.library").error("body: %s", secret),
    "warning": lambda secret: warnings.warn(f"deprecated: {secret}", UserWarning, stacklevel=1),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.filterwarnings("default")
def test_secret_is_not_logged(lines, way, secret):
    WAYS[way](secret)
    assert lines().strip()
    assert "could not be logged" not in lines()
    assert leaks(lines()) == []


def test_line_that_cannot_be_written_shows_no_arguments(lines):
    logging.root.handlers[:] = [item for item in logging.root.handlers if isinstance(item, redact._Handler)]
    LOG.info("%d", TOKEN)
    assert "could not be logged" in lines()
    assert leaks(lines()) == []


def fail(text):
    raise ValueError(text)


@pytest.mark.parametrize("secret", SECRETS)
def test_exception_is_logged_without_the_secret(lines, secret):
    try:
        try:
            fail(f"cannot reach https://api.example/bot{secret}/getMe")
        except ValueError as error:
            raise RuntimeError(f"again: {secret}") from error
    except RuntimeError:
        LOG.exception("failed", extra={"reference": "7K2Q"})
    assert "RuntimeError" in lines()
    assert "7K2Q" in lines()
    assert leaks(lines()) == []


def test_uncaught_exception_shows_no_secret(lines):
    sys.excepthook(ValueError, ValueError(f"{TOKEN} {PHONE}"), None)
    thread = threading.Thread(target=fail, args=[f"{TOKEN} {CODE}"])
    thread.start()
    thread.join()
    assert lines().count("ValueError: […] […]") == 2
    assert leaks(lines()) == []


@pytest.mark.parametrize("phone", [PHONE, "+8613987654321", "86-13987654321", "139 8765 4321", "139-8765-4321"])
@pytest.mark.parametrize("around", ["{}", "phone{}", "tel:{},", "电话{}转", "code{}x", '{{"phone": "{}"}}'])
def test_phone_is_hidden_however_it_stands(phone, around):
    assert "87654321" not in Redactor().clean(around.format(phone)).replace(" ", "").replace("-", "")


@pytest.mark.parametrize("secret", [PHONE, IDENTITY, "05635012345"])
def test_number_after_an_escaped_character_is_hidden(secret):
    """Stored JSON writes 证 as \\u8bc1: its last digit is none of the number's."""
    assert Redactor().clean(json.dumps(f"身份证{secret}")) == f'{json.dumps("身份证")[:-1]}[…]"'


def test_landline_is_hidden():
    assert Redactor().clean("0563-5012345 and 05635012345") == "[…] and […]"


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-11-23T01:00:00.123+00:00",
        "3c59dc048e8850243be8079a5c74d079139876543211398765432100aabbccdd",
        "update 700000123 of chat -1001234567890",
        "YH20261123-0001",
        "341823101201-01",
        "took 0.139876 s",
        "sqlite+aiosqlite:///data/wangge.db",
        "postgresql+asyncpg://db.example/wangge",
        "7K2Q",
    ],
)
def test_harmless_text_stays(harmless):
    assert Redactor().clean(harmless) == harmless


@pytest.mark.parametrize("pattern", redact._SECRETS, ids=range(len(redact._SECRETS)))
@given(data=st.data())
def test_quick_look_misses_no_secret(pattern, data):
    secret = data.draw(st.from_regex(pattern))
    assert redact._SUSPECT.search(secret)


@given(st.text(alphabet="0123456789aZ- :+%/@uX\\."))
def test_line_that_passes_the_quick_look_holds_nothing(text):
    assert redact._SUSPECT.search(text) or redact._blank(text) == text


def test_known_secret_is_hidden_by_value():
    redactor = Redactor()
    redactor.add(WEBHOOK_SECRET)
    redactor.add("short")
    assert redactor.clean(f"header {WEBHOOK_SECRET}, short") == "header […], short"


FORGERIES = ["\n", "\r\n", "\r", "\x1b[2K", "\x1b]0;x\x07", "\u2028", "\u2029", "\x85", "\x9b31m", "\x0b", "\x00"]


@pytest.mark.parametrize("mark", FORGERIES)
def test_user_text_forges_no_line(lines, mark):
    forged = f"hello{mark}2026-11-23T01:00:00.000+00:00 critical bot.audit everything deleted"
    LOG.info("said %s", forged, extra={"chat": forged})
    assert len(lines().splitlines()) == 1
    assert mark not in lines().removesuffix("\n")


@pytest.mark.parametrize("mark", FORGERIES)
def test_exception_text_forges_no_line(lines, mark):
    try:
        fail(f"x{mark}2026-11-23T01:00:00.000+00:00 critical bot.audit everything deleted")
    except ValueError:
        LOG.exception("failed")
    head, *rest = lines().splitlines()
    assert "failed" in head
    assert all(line.startswith("  | ") for line in rest)


def test_turned_text_is_straightened(lines):
    LOG.info("name %s", "abc\u202etxt.exe\u2066")
    assert "\u202e" not in lines()
    assert "\u2066" not in lines()


def test_json_lines_are_json(lines):
    LOG.warning('a "quoted" %s', f"value\n{PHONE}", extra={"count": 3, "ok": True, "ratio": 0.5, "none": None})
    for line in lines().splitlines():
        if line.startswith("{"):
            values = json.loads(line)
            assert (values["count"], values["ok"], values["ratio"], values["none"]) == (3, True, 0.5, None)
            assert (values["level"], values["logger"]) == ("warning", "bot.canary")


def test_whole_process_says_no_secret():
    """From the interpreter's own last words, too: an error nobody caught, and a thread's."""
    program = (
        "import threading; from bot.redact import configure_logging\n"
        f"configure_logging('text', secrets=({WEBHOOK_SECRET!r},))\n"
        f"thread = threading.Thread(target=lambda: int({TOKEN!r})); thread.start(); thread.join()\n"
        f"raise RuntimeError({' '.join(SECRETS[:-1])!r})"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "RuntimeError" in ended.stderr
    last_words = [line for line in ended.stderr.splitlines() if "Error: " in line]
    assert len(last_words) == 2
    assert leaks("\n".join(last_words)) == []
