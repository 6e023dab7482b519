"""Texts in two languages: a sentence is data until the moment it is shown.

The Chinese source sentence is the message id and stands beside the step that says it. A `Text` travels
unrendered through cards and the outbox, so one notice can be read in Chinese by one person and in English
by another.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
LOCALES = Path(__file__).resolve().parent.parent / "locales"
DOMAIN = "wangge"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the product with its fields, not yet in anybody's language."""

    msgid: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class When:
    """A moment (aware, UTC) that is written in the county's time zone when it is shown."""

    at: datetime
    style: Literal["minute", "day", "clock"] = "minute"


@dataclass(frozen=True, slots=True)
class Joined:
    """Several words in a row, joined as the language joins them (、 or a comma)."""

    items: tuple[Line, ...]


Line = str | Text | When | Joined


def _(msgid: str, /, **args: Any) -> Text:
    """Mark a sentence for translation and bind its fields (`{name}` placeholders)."""
    return Text(msgid, args)


def N_(msgid: str, /) -> str:  # noqa: N802 - the name gettext tools know
    """Mark a word for translation without binding it: labels held as plain strings in tables."""
    return msgid


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is rendered: language and time zone."""

    lang: Lang = "zh"
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")

    def read(self, line: Line) -> str:
        """Render a line; user text (plain `str`) comes back as it is."""
        if isinstance(line, str):
            return line
        if isinstance(line, When):
            return self._moment(line)
        if isinstance(line, Joined):
            return ("、" if self.lang == "zh" else ", ").join(self.read(item) for item in line.items)
        pattern = _catalogue(self.lang).gettext(line.msgid) if line.msgid else ""
        if not line.args:
            return pattern
        return pattern.format_map({name: self._field(value) for name, value in line.args.items()})

    def _field(self, value: Any) -> Any:
        return self.read(value) if isinstance(value, Text | When | Joined) else value

    def _moment(self, when: When) -> str:
        local = when.at.astimezone(self.zone)
        if when.style == "clock":
            return f"{local:%H:%M}"
        day = f"{local.year}年{local.month}月{local.day}日" if self.lang == "zh" else f"{local.day} {local:%b %Y}"
        return day if when.style == "day" else f"{day} {local:%H:%M}"


@cache
def _catalogue(lang: Lang) -> gettext.NullTranslations:
    if lang == "zh":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, [lang], fallback=True)


def dump_line(line: Line) -> Any:
    """Turn a line into JSON values; `load_line` is its inverse."""
    if isinstance(line, str):
        return line
    if isinstance(line, When):
        return {"at": line.at.astimezone(UTC).isoformat(), "style": line.style}
    if isinstance(line, Joined):
        return {"all": [dump_line(item) for item in line.items]}
    return {"t": line.msgid, "a": {name: _dump_field(value) for name, value in line.args.items()}}


def _dump_field(value: Any) -> Any:
    return dump_line(value) if isinstance(value, Text | When | Joined) else value


def load_line(value: Any) -> Line:
    """Rebuild a line from `dump_line`'s JSON values."""
    if isinstance(value, str):
        return value
    if "at" in value:
        return When(datetime.fromisoformat(value["at"]), value["style"])
    if "all" in value:
        return Joined(tuple(load_line(item) for item in value["all"]))
    return Text(value["t"], {name: _load_field(item) for name, item in value["a"].items()})


def _load_field(value: Any) -> Any:
    return load_line(value) if isinstance(value, dict) else value
