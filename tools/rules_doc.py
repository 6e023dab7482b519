"""Write docs/rules.md from the comments of rules.toml and the limits of models/rules.py."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin

import attrs

from models.reading import LIMITS
from models.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
RULES, PAGE = ROOT / "rules.toml", ROOT / "docs/rules.md"
FEW = 8  # Texts of a list that are written out.

HEADER = """\
# The rules file

Every number and word that a norm or the county decides stands in `rules.toml` (`RULES_FILE` names another file). It is
read as a whole when the bot starts and by `python -m bot check`: a key that is missing, unknown, of another kind or
beyond its limits is refused, all of them at once, each with its place. `check` also warns of rules that are sound one
by one and odd together (`models/oddities.py`). A change counts from the next start.

This page is made from the comments of `rules.toml` and the limits of `models/rules.py` by `python -m tools.rules_doc`;
a test fails when it is behind. *P* in the last column marks a default chosen for this product, everything else names
its source. Working days are those of the county's calendar.
"""

# What a number counts, by the end of its key; a key may end in several.
_UNITS = (
    ("_per_minute", "a minute"), ("_per_hour", "an hour"), ("_per_day", "a day"), ("_working_days", "working days"),
    ("_days", "days"), ("_hours", "hours"), ("_minutes", "minutes"), ("hour", "o'clock"), ("_weekday", "weekday"),
    ("_km", "km"), ("_m", "m"), ("photos_max", "photos"), ("words_max", "characters"), ("alike_words", "of 100"),
    ("description_min", "characters"), ("description_max", "characters"), ("alike_bits", "of 64 bits"),
    ("_rows", "rows"),
)  # fmt: skip
_TABLE = re.compile(r"(\[{1,2})([\w.]+)\]{1,2}")
_KEY = re.compile(r"(\w+) *=")
_COMMENT = re.compile(r'(?:[^"#]|"[^"]*")*#\s*(.*)')
_SOURCE = re.compile(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")


@dataclass
class Section:
    """What rules.toml says of a table: the comment above or beside it, and those of its keys."""

    about: list[str] = field(default_factory=list)
    comments: dict[str, list[str]] = field(default_factory=dict)


def read_comments(text: str) -> dict[str, Section]:
    """The comments of a rules file by table; tables of the same name are taken together."""
    sections, name, above = {"": Section()}, "", []
    for line in text.splitlines():
        found = _COMMENT.fullmatch(line)
        if line.startswith("#"):
            above.append(line[1:].strip())
            continue
        if table := _TABLE.match(line):
            name = table[2]
            said = [*above, *([found[1]] if found else [])]
            sections.setdefault(name, Section()).about += [words for words in said if words]
        elif (key := _KEY.match(line)) and found:
            sections[name].comments.setdefault(key[1], []).append(found[1].strip())
        above = []
    return sections


def split_source(comment: str) -> tuple[str, str]:
    """Split a comment into what a key means, and where its default comes from (the last brackets)."""
    groups = list(_SOURCE.finditer(comment))
    if not groups:
        return comment, ""
    last = groups[-1]
    rest = comment[: last.start()] + comment[last.end() :]
    return rest.strip(" ;,"), last[1]


def read_sections(kind: type[Any], values: Any, name: str = "") -> Iterator[tuple[str, type[Any], Any]]:
    """Every table below a class: its name, its class, and its values (a list of tables: all of them)."""
    attrs.resolve_types(kind)
    yield name, kind, values
    for item in attrs.fields(kind):
        inner = _class_of(item.type)
        if inner is not None:
            found = values.get(item.name, []) if isinstance(values, Mapping) else []
            yield from read_sections(inner, found, f"{name}.{item.name}".lstrip("."))


def _class_of(kind: Any) -> type[Any] | None:
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return kind if attrs.has(kind) else None


def unit_of(key: str, values: Any) -> str:
    """What a number counts; "" for what is none."""
    numbers = [value for value in _flat(values) if isinstance(value, int) and not isinstance(value, bool)]
    if not numbers:
        return ""
    return next((unit for end, unit in _UNITS if key == end.lstrip("_") or key.endswith(end)), "count")


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, list):
        for value in values:
            yield from _flat(value)
    else:
        yield values


def render(text: str) -> str:
    """The whole page for the text of a rules file."""
    comments, values = read_comments(text), tomllib.loads(text)
    parts = [HEADER]
    for name, kind, found in read_sections(Rules, values):
        section = comments.get(name, Section())
        parts.append(_render_section(name, kind, found, section))
    return "\n".join(parts)


def _render_section(name: str, kind: type[Any], values: Any, section: Section) -> str:
    is_list = isinstance(values, list)
    title = f"`[[{name}]]`" if is_list else f"`[{name}]`" if name else "At the top"
    lines = [f"## {title}", "", " ".join(section.about) or _plain(kind.__doc__ or ""), ""]
    if is_list and values:
        lines += ["As delivered: " + ", ".join(f"`{row['code']}` {row['name']}" for row in values) + ".", ""]
    rows = [
        _row(item, values, section.comments.get(item.name, []))
        for item in attrs.fields(kind)
        if not _class_of(item.type)
    ]
    lines += ["| key | meaning | unit | limits | default | source |", "|---|---|---|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _plain(docstring: str) -> str:
    return " ".join(docstring.split())


def _row(item: Any, values: Any, comments: Sequence[str]) -> str:
    pairs = [split_source(comment) for comment in comments]
    meaning = "; ".join(dict.fromkeys(words for words, _source in pairs if words))
    source = "; ".join(dict.fromkeys(found for _words, found in pairs if found))
    given = (
        [row[item.name] for row in values if item.name in row] if isinstance(values, list) else values.get(item.name)
    )
    cells = (f"`{item.name}`", meaning, unit_of(item.name, given), _limits(item), _default(item.name, values), source)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _limits(item: Any) -> str:
    said: str = item.metadata.get(LIMITS, "")
    if choices := [choice for choice in get_args(item.type) if isinstance(choice, str)]:
        said = " or ".join(choices)
    elif item.type is bool:
        said = "true or false"
    return said if item.default is attrs.NOTHING else f"{said}, may be left out".lstrip(", ")


def _default(key: str, values: Any) -> str:
    if not isinstance(values, list):
        return _short(values.get(key)) if key in values else ""
    if key in ("code", "name"):
        return "see above"
    some = {row["code"]: row[key] for row in values if key in row}
    if sum(isinstance(value, str) for value in _flat(list(some.values()))) > FEW * 2:
        return f"{sum(1 for _value in _flat(list(some.values())))} texts"
    return "; ".join(f"{code}: {_short(value)}" for code, value in some.items())


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_short, value)) if value else "none"
    return str(value)


if __name__ == "__main__":
    PAGE.write_text(render(RULES.read_text("utf-8")), "utf-8")
