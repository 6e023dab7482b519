"""Settings from the environment or `.env`, parsed once; everything wrong is listed at once.

Every variable stands in `.env.example` with a comment.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.platforms import PLATFORMS

# Source: Telegram Bot API, setWebhook: 1–256 characters A-Z, a-z, 0-9, _ and -; 16 are asked for here.
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{30,}")
ENV_FILE = Path(".env")
PREFIXES = ("TELEGRAM_", "WEB_", "DATABASE_", "MEDIA_", "RULES_", "LOG_")


class WrongSettings(Exception):
    """Some settings are missing or wrong; `problems` has one line for each, with a hint."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Secret:
    """A text that is told only to whoever asks for it by name: never in a log, a traceback or a dump."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """Tell it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        """Compare what is told."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """The same for the same text."""
        return hash(self._text)

    def __repr__(self) -> str:
        """Show nothing, not even the length."""
        return "Secret('**********')"


def _read_text(value: str) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("has to be text")


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None if it has none, since what `urlsplit` says of it repeats its password."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _read_database(value: str) -> str:
    kind, _sep, rest = _read_text(value).partition("://")
    if kind == "sqlite+aiosqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
        return value
    if kind == "postgresql+asyncpg" and (parts := _split(value)) and parts.path.strip("/"):
        return value
    raise ValueError("use sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME")


def _read_token(value: str | Secret) -> Secret:
    token = _read_secret(value)
    if not TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("is not a bot token; BotFather gives one like 123456:ABC…")
    return token


def _read_secret(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(_read_text(value))


def _read_url(value: str) -> str:
    parts = _split(_read_text(value))
    if value and (not parts or parts.scheme not in ("http", "https")):
        raise ValueError("has to begin with http:// or https://")
    return value.rstrip("/")


def _read_listen(value: str) -> str:
    host, _colon, port = _read_text(value).rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError("has to be HOST:PORT, for example 127.0.0.1:8080")
    return value


def _read_platforms(value: str | tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value
    if unknown := [name for name in names if name not in PLATFORMS]:
        raise ValueError(f"unknown: {', '.join(unknown)}; there are {', '.join(PLATFORMS)}")
    return names


def _read_zone(value: str | ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError("is no time zone; try Asia/Shanghai") from error


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"has to be {' or '.join(map(repr, choices))}")
        return value

    return read


_READ = "read"


@attrs.frozen(init=False, kw_only=True)
class Settings:
    """The settings of one process, from the values that are given; `read_settings` finds them."""

    database_url: str = attrs.field(default="sqlite+aiosqlite:///data/wangge.db", metadata={_READ: _read_database})
    media_url: str = attrs.field(default="data/media", metadata={_READ: _read_text})
    telegram_bot_token: Secret | None = attrs.field(default=None, metadata={_READ: _read_token})
    telegram_api_base: str = attrs.field(default="https://api.telegram.org", metadata={_READ: _read_url})
    telegram_mode: Literal["polling", "webhook"] = attrs.field(
        default="polling", metadata={_READ: _one_of("polling", "webhook")}
    )
    telegram_webhook_url: str = attrs.field(default="", metadata={_READ: _read_url})
    telegram_webhook_secret: Secret | None = attrs.field(default=None, metadata={_READ: _read_secret})
    web_listen: str = attrs.field(default="127.0.0.1:8080", metadata={_READ: _read_listen})
    web_base_url: str = attrs.field(default="", metadata={_READ: _read_url})
    platforms: tuple[str, ...] = attrs.field(default=(), metadata={_READ: _read_platforms})
    rules_file: Path = attrs.field(default=Path("rules.toml"), metadata={_READ: Path})
    timezone: ZoneInfo = attrs.field(default=ZoneInfo("Asia/Shanghai"), metadata={_READ: _read_zone})
    log_format: Literal["text", "json"] = attrs.field(default="text", metadata={_READ: _one_of("text", "json")})
    given: frozenset[str] = attrs.field(default=frozenset(), eq=False)

    def __init__(self, **values: Any) -> None:
        """Take what is given of the settings, and leave other names alone.

        Raises: WrongSettings: what single values and what their combination lack, in one list.
        """
        read: dict[str, Any] = {}
        problems: list[str] = []
        for field in attrs.fields(Settings):
            name = field.name
            if name not in values or _READ not in field.metadata:
                continue
            try:
                read[name] = None if values[name] is None else field.metadata[_READ](values[name])
            except ValueError as error:
                problems.append(f"{name.upper()}: {error}")
        told = {problem.partition(":")[0] for problem in problems}
        problems += [line for line in _lacking(values) if line.partition(":")[0] not in told]
        if problems:
            raise WrongSettings(problems) from None  # the values, tokens among them, stay out of tracebacks
        self.__attrs_init__(**read, given=frozenset(read))

    @property
    def active_platforms(self) -> tuple[str, ...]:
        """The platforms to run: as named, else web, and telegram when there is a token."""
        if self.platforms:
            return self.platforms
        return ("web", "telegram") if self.telegram_bot_token else ("web",)

    @property
    def web_address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _colon, port = self.web_listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def base_url(self) -> str:
        """Where people find the web chat."""
        return self.web_base_url or f"http://{self.web_listen}"


SETTINGS = frozenset(field.name for field in attrs.fields(Settings) if _READ in field.metadata)


def read_settings(**overrides: Any) -> Settings:
    """Read the settings: the environment goes before `.env`, and empty means the default.

    Raises: WrongSettings: every wrong, missing or misspelt one, all at once.
    """
    problems = _misspelt(os.environ, PREFIXES)
    try:
        written = read_env_file()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings([*problems, f".env: cannot be read ({error.__class__.__name__})"]) from None
    problems += [*_idle_lines(), *_misspelt(written, ("",))]
    given = {name.lower(): value for source in (written, os.environ) for name, value in source.items() if value}
    try:
        settings = Settings(**{**given, **overrides})
    except WrongSettings as error:
        raise WrongSettings([*error.problems, *problems]) from None
    if problems:
        raise WrongSettings(problems)
    return settings


def _lacking(values: Mapping[str, Any]) -> list[str]:
    """What Telegram needs besides, as the other settings are."""

    def given(name: str) -> str:
        value = values.get(name)
        return value.get_secret_value() if isinstance(value, Secret) else str(value or "")

    problems = []
    is_named = "telegram" in given("platforms")
    if is_named and not given("telegram_bot_token"):
        problems.append("TELEGRAM_BOT_TOKEN: PLATFORMS names telegram, so the bot's token is needed")
    if given("telegram_mode") == "webhook" and (is_named or given("telegram_bot_token")):
        if not given("telegram_webhook_url").startswith("https://"):
            problems.append("TELEGRAM_WEBHOOK_URL: TELEGRAM_MODE=webhook needs a public https:// address")
        if not WEBHOOK_SECRET.fullmatch(given("telegram_webhook_secret")):
            problems.append("TELEGRAM_WEBHOOK_SECRET: TELEGRAM_MODE=webhook needs one, 16 to 256 of A-Z a-z 0-9 _ -")
    return problems


def read_env_file() -> dict[str, str]:
    """What stands in `.env`, as it stands there; empty if there is none. Raises: OSError, UnicodeDecodeError."""
    if not ENV_FILE.is_file():
        return {}
    values = dotenv_values(ENV_FILE, interpolate=False, encoding="utf-8-sig")
    return {name.upper(): value or "" for name, value in values.items()}


def _idle_lines() -> list[str]:
    """The lines of `.env` that set nothing; what stands in them may be a secret."""
    if not ENV_FILE.is_file():
        return []
    with ENV_FILE.open(encoding="utf-8-sig") as lines:
        idle = [part.original for part in parse_stream(lines) if part.error or (part.key and part.value is None)]
    # What the parser gives begins with the empty lines before it.
    numbers = [part.line + len(part.string) - len(part.string.lstrip("\r\n")) for part in idle]
    return [f".env, line {number}: no NAME=value" for number in numbers]


def rules_path(**overrides: Any) -> Path:
    """Where the rules are, also if other settings are wrong."""
    try:
        written = read_env_file()
    except (OSError, UnicodeDecodeError):
        written = {}
    named = overrides.get("rules_file") or os.environ.get("RULES_FILE") or written.get("RULES_FILE")
    return Path(named or "rules.toml")


def _misspelt(given: Mapping[str, str], prefixes: tuple[str, ...]) -> list[str]:
    """Names that look like ours and are not: a misspelt one would be ignored in silence.

    In the environment, where other programs have theirs too, only names that begin like ours count.
    """
    names = sorted(name.upper() for name in SETTINGS)
    problems = []
    for name in sorted(given):
        if not name.startswith(prefixes) or name in names:
            continue
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.8)
        if close:
            problems.append(f"{name}: no such setting; did you mean {close[0]}?")
    return problems
