"""Settings from the environment or `.env`, parsed once; everything wrong is listed at once.

Every variable stands in `.env.example` with a comment.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

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


class Settings(BaseModel):
    """The settings of one process, from the values that are given; `read_settings` finds them."""

    model_config = ConfigDict(frozen=True)

    database_url: str = "sqlite+aiosqlite:///data/wangge.db"
    media_url: str = "data/media"
    telegram_bot_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr | None = None
    web_listen: str = "127.0.0.1:8080"
    web_base_url: str = ""
    platforms: tuple[str, ...] = Field(default=(), validate_default=True)
    rules_file: Path = Path("rules.toml")
    timezone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    log_format: Literal["text", "json"] = "text"

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str) -> str:
        kind, _sep, rest = value.partition("://")
        if kind == "sqlite+aiosqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
            return value
        if kind == "postgresql+asyncpg" and urlsplit(value).path.strip("/"):
            return value
        raise ValueError("use sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME")

    @field_validator("telegram_bot_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is not a bot token; BotFather gives one like 123456:ABC…")
        return value

    @field_validator("telegram_api_base", "telegram_webhook_url", "web_base_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("has to begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("web_listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        host, _colon, port = value.rpartition(":")
        if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
            raise ValueError("has to be HOST:PORT, for example 127.0.0.1:8080")
        return value

    @field_validator("platforms", mode="before")
    @classmethod
    def _split_platforms(cls, value: Any) -> Any:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @field_validator("platforms")
    @classmethod
    def _check_platforms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in PLATFORMS]
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; there are {', '.join(PLATFORMS)}")
        return value

    @field_validator("timezone", mode="before")
    @classmethod
    def _read_zone(cls, value: Any) -> Any:
        try:
            return ZoneInfo(value) if isinstance(value, str) else value
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone; try Asia/Shanghai") from error

    @model_validator(mode="wrap")
    @classmethod
    def _list_everything(cls, values: dict[str, Any], handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        """What single values and what their combination lack, in one list."""
        problems: list[str] = []
        settings: Settings | None = None
        try:
            settings = handler(values)
        except ValidationError as error:
            problems = [_show_problem(item["loc"], item["msg"]) for item in error.errors()]
        told = {problem.partition(":")[0] for problem in problems}
        problems += [line for line in _lacking(values) if line.partition(":")[0] not in told]
        if settings is None or problems:
            raise WrongSettings(problems) from None  # the values, tokens among them, stay out of tracebacks
        return settings

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


def read_settings(**overrides: Any) -> Settings:
    """Read the settings: the environment goes before `.env`, and empty means the default.

    Raises: WrongSettings: every wrong, missing or misspelt one, all at once.
    """
    problems = _misspelt(os.environ, PREFIXES)
    try:
        written = read_env_file()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings([*problems, f".env: cannot be read ({error.__class__.__name__})"]) from None
    problems += _misspelt(written, ("",))
    given = {name.lower(): value for source in (written, os.environ) for name, value in source.items() if value}
    try:
        settings = Settings(**{**given, **overrides})
    except WrongSettings as error:
        raise WrongSettings([*error.problems, *problems]) from None
    if problems:
        raise WrongSettings(problems)
    return settings


def _show_problem(place: tuple[int | str, ...], reason: str) -> str:
    return f"{'.'.join(map(str, place)).upper()}: {reason.removeprefix('Value error, ')}"


def _lacking(values: Mapping[str, Any]) -> list[str]:
    """What Telegram needs besides, as the other settings are."""

    def given(name: str) -> str:
        value = values.get(name)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")

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


def _misspelt(given: Mapping[str, str], prefixes: tuple[str, ...]) -> list[str]:
    """Names that look like ours and are not: a misspelt one would be ignored in silence.

    In the environment, where other programs have theirs too, only names that begin like ours count.
    """
    names = [name.upper() for name in Settings.model_fields]
    problems = []
    for name in sorted(given):
        if not name.startswith(prefixes) or name in names:
            continue
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.8)
        if close:
            problems.append(f"{name}: no such setting; did you mean {close[0]}?")
    return problems
