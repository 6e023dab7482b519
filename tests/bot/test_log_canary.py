"""Whole journeys at DEBUG, every library included: no token, code, phone or identity number in any line."""

import io
import logging

import pytest

from bot import redact
from bot.redact import REDACTOR, configure_logging
from models.people.invites import make_invite
from models.texts import _
from tests import photos

TOKEN = "7000000005:AAJcAn4ryT0ken_0f-Whole-Journeys-000000"
PHONE, IDENTITY = "13987650001", "341823199003075678"
LOGGERS = (*redact._QUIET, "sqlalchemy.engine", "sqlalchemy.pool", "bot", "handlers", "models", "scheduler")


@pytest.fixture(params=["text", "json"])
def written(request):
    """Everything that is logged from here on, as the product would write it."""
    stream = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    configure_logging(request.param, secrets=(TOKEN,))
    logging.captureWarnings(capture=False)
    for handler in logging.root.handlers:
        handler.setStream(stream)
    for name in ("", *LOGGERS):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    REDACTOR._known.clear()


@pytest.fixture
def registry(registry):
    """With a command that fails, and says in its error what it was given."""

    @registry.command("boom", ("坏掉",), _("坏掉"))
    def boom(request):
        raise RuntimeError(f"cannot handle {request.incoming.text!r} with bot{TOKEN}")

    return registry


async def test_journeys_are_logged_without_secrets(written, county, lin, wu, he, qian):
    made = await make_invite(county.store, "吴志强", rules=county.rules.joining, now=county.clock())
    await he.sends(f"你好，我的电话是{PHONE}，身份证{IDENTITY}")
    await he.opens_link("7KQ2-M0XD-9V4H-TE6B")
    await he.shares_contact(f"+86{PHONE}")
    await he.opens_link(made.code)
    await lin.sends(photos.jpeg(), f"靠山加油站 静电接地线脱落，联系人{PHONE}")
    await lin.taps("提交")
    await wu.taps("确认收到")
    await qian.sends("/invite")
    await lin.sends(f"/boom {PHONE} {IDENTITY} {made.code}")
    text = written.getvalue()
    assert "RuntimeError" in text
    assert "reference" in text
    secrets = (TOKEN, PHONE, IDENTITY, made.code, "7KQ2-M0XD-9V4H-TE6B", "19900000001")
    assert [secret for secret in secrets if secret.lower() in text.lower()] == []
