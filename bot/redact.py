"""Logging: one line per event, with a reference, and without tokens, codes and phone numbers."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

# A bot token, also inside a URL path; a mainland mobile number; an invite code; an identity-card number.
_SECRETS = (
    re.compile(r"\d{5,}:[A-Za-z0-9_-]{30,}"),
    re.compile(r"(?<![\dA-Fa-f])(?:\+?86[- ]?)?1[3-9]\d{9}(?![\dA-Fa-f])"),
    re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"),
    re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b", re.IGNORECASE),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)
_HIDDEN = "[…]"
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Takes secrets out of a text; `add` makes it know further ones by value."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def add(self, secret: str) -> None:
        """Hide this very text from now on."""
        if len(secret) >= 8 and secret not in self._known:
            self._known.append(secret)

    def clean(self, text: str) -> str:
        """The text without what must not be logged."""
        for secret in self._known:
            text = text.replace(secret, _HIDDEN)
        for pattern in _SECRETS:
            text = pattern.sub(_HIDDEN, text)
        return text


REDACTOR = Redactor()


class _Formatter(logging.Formatter):
    def __init__(self, style: Literal["text", "json"]) -> None:
        super().__init__()
        self._json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        values = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        values |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            values["error"] = self.formatException(record.exc_info)
        if self._json:
            return REDACTOR.clean(json.dumps(values, ensure_ascii=False, default=str))
        error = values.pop("error", "")
        head = " ".join(str(values.pop(name)) for name in ("at", "level", "logger", "message"))
        tail = "".join(f" {name}={value}" for name, value in values.items())
        # A line break in user text must not forge a line of its own.
        line = (head + tail).replace("\n", "⏎").replace("\r", "⏎").replace("\x1b", "⎋")
        return REDACTOR.clean(f"{line}\n{error}" if error else line)


def configure_logging(style: Literal["text", "json"], *, secrets: tuple[str, ...] = ()) -> None:
    """Send all logs to stderr, redacted; libraries that would log bodies or tokens are kept quiet."""
    for secret in secrets:
        REDACTOR.add(secret)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(style))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "telegram", "aiohttp.access", "apscheduler", "aiosqlite", "PIL"):
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _report


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(REDACTOR.clean(text))
