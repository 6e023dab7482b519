"""Logging: one line per event, with a reference, and without tokens, codes and phone numbers."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
import unicodedata
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

# A content hash is kept: an eleven-digit run inside one is no phone number.
_KEPT = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32,64}(?![0-9A-Za-z])")
# Where a number may begin: not within another one, but after an escaped character (\u8bc1, in stored JSON) it may.
_START = r"(?:(?<!\d)|(?<=\\u[0-9A-Fa-f]{4}))"
_SECRETS = (
    # A bot token, also inside a URL path.
    re.compile(r"\d{5,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE),
    # An identity-card number, a mainland mobile, a landline with its area code.
    re.compile(_START + r"\d{17}[\dXx](?!\d)"),
    re.compile(_START + r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"),
    re.compile(_START + r"(?<!\.)0[1-9]\d{1,2}-?\d{7,8}(?!\d)"),
    # An invite code, wherever it stands.
    re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}(?!-?[0-9A-Z])", re.IGNORECASE),
    # Name and password inside a URL.
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
)
# What each of them has in it: seven digits in a row or parted ones, a parted code, a token's or a URL's colon. One
# look tells that a usual line has nothing of the kind; every event writes one.
# What begins alike stands together and no flag is set: that halves the time of the look.
_SUSPECT = re.compile(r"\d(?:\d{6}|[- ]\d{4}|(?::|%3[Aa])[A-Za-z0-9_-]{30})|[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-|://")
_HIDDEN = "[…]"
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_QUIET = (
    "httpx",
    "httpcore",
    "alembic",
    "telegram",
    "aiohttp.access",
    "apscheduler",
    "asyncio",
    "PIL",
    "sqlalchemy",
)
# What could forge a line, colour a terminal or turn its text around: control and direction marks, line separators.
_MARKS = {code: "�" for code in range(0x2100) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp")}
_MARKS |= {code: chr(0x2400 + code) for code in range(32)} | {ord("\n"): "⏎", ord("\r"): "⏎", ord("\x1b"): "⎋"}


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
        if not _SUSPECT.search(text):
            return text
        hashes = _KEPT.findall(text)
        parts = [_blank(part) for part in _KEPT.split(text)]
        return "".join(part + kept for part, kept in zip(parts, [*hashes, ""], strict=True))


def _blank(text: str) -> str:
    for pattern in _SECRETS:
        text = pattern.sub(_HIDDEN, text)
    return text


REDACTOR = Redactor()


class _Formatter(logging.Formatter):
    def __init__(self, style: Literal["text", "json"]) -> None:
        super().__init__()
        self._json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        at, level = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), record.levelname
        more = {name: value for name, value in vars(record).items() if name not in _USUAL}
        error = self.formatException(record.exc_info) if record.exc_info else ""
        if self._json:
            values = {"at": at, "level": level.lower(), "logger": record.name, "message": record.getMessage(), **more}
            values |= {"error": error} if error else {}
            return json.dumps(_clean(values), ensure_ascii=False).translate(_MARKS)
        tail = "".join([f" {name}={value}" for name, value in more.items()])
        line = _plain(f"{level.lower()} {record.name} {record.getMessage()}{tail}")
        # A line break in user text must not forge a line of its own, nor one in the text of an exception.
        return "\n".join([f"{at} {line}", *(f"  | {_plain(part)}" for part in error.split("\n") if part)])


def _plain(text: str) -> str:
    """A line that neither holds secrets nor forges anything."""
    # Every event writes a line, and most have nothing to replace: asking costs a fifth of replacing.
    return REDACTOR.clean(text if text.isascii() and text.isprintable() else text.translate(_MARKS))


def _clean(value: Any) -> Any:
    """JSON values without secrets; what is none becomes its text."""
    if isinstance(value, dict):
        return {REDACTOR.clean(str(name)): _clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    text = REDACTOR.clean(str(value))
    return value if isinstance(value, int) and text == str(value) else text


class _Handler(logging.StreamHandler[Any]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say where a line was lost; the usual report would print its arguments as they are."""
        sys.stderr.write(f"a line of {record.name} ({record.pathname}:{record.lineno}) could not be logged\n")


def configure_logging(style: Literal["text", "json"], *, secrets: tuple[str, ...] = ()) -> None:
    """Send all logs to stderr, redacted; libraries that would log bodies or tokens are kept quiet."""
    for secret in secrets:
        REDACTOR.add(secret)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Formatter(style))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # No line shows them, and looking them up is a fifth of what a line costs. Source: docs.python.org, logging,
    # "Optimization".
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _report
    threading.excepthook = _report_thread
    sys.unraisablehook = _report_unraisable


def _report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(REDACTOR.clean(text))


def _report_thread(args: threading.ExceptHookArgs) -> None:
    _report(args.exc_type, args.exc_value, args.exc_traceback)


def _report_unraisable(args: sys.UnraisableHookArgs) -> None:
    _report(args.exc_type, args.exc_value, args.exc_traceback)
