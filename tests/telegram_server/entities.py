"""Telegram's text formatting: HTML and MarkdownV2 to plain text and entities, with its errors.

Strict on purpose: what the real server refuses is refused here with the same words, so that an escaping
mistake fails a test and not a warning. Legacy `Markdown` is not offered. Offsets and lengths of entities
are UTF-16 units; offsets in errors are UTF-8 bytes.
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.errors import bad_request
from tests.telegram_server.markdown import parse_markdown_v2

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,8}|#[xX][0-9a-fA-F]{1,6});")
_TAG = re.compile(r"<(/?)([^\s>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"\s*([^\s=>]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+))?")

Entity = dict[str, Any]


def utf16_len(text: str) -> int:
    """UTF-16 code units, Telegram's unit for entity offsets."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    offset: int
    attributes: dict[str, str]


class _HtmlParser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.text = ""
        self.entities: list[Entity] = []
        self.open: list[_Open] = []

    def parse(self) -> tuple[str, list[Entity]]:
        position = 0
        while (start := self.source.find("<", position)) >= 0:
            self._add(self.source[position:start])
            position = self._tag(start)
        self._add(self.source[position:])
        if self.open:
            raise ValueError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return self.text, sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _add(self, piece: str) -> None:
        self.text += _CHARACTER.sub(lambda found: html.unescape(found[0]), piece)

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _tag(self, start: int) -> int:
        found = _TAG.match(self.source, start)
        closing = self.source.startswith("</", start)
        if found is None:
            raise ValueError(f"Unclosed {'end' if closing else 'start'} tag at byte offset {self._byte(start)}")
        if closing:
            self._close(found[2].lower(), start)
        else:
            self._open(found[2].lower(), found[3], start)
        return found.end()

    def _open(self, tag: str, rest: str, start: int) -> None:
        if tag not in _TAGS:
            raise ValueError(f'Unsupported start tag "{tag}" at byte offset {self._byte(start)}')
        pairs = _ATTRIBUTE.findall(rest)
        attributes = {name.lower(): html.unescape((value or "").strip("\"'")) for name, value in pairs}
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise ValueError(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(start)}')
        self.open.append(_Open(tag, utf16_len(self.text), attributes))

    def _close(self, tag: str, start: int) -> None:
        if not self.open:
            raise ValueError(f"Unexpected end tag at byte offset {self._byte(start)}")
        opened = self.open.pop()
        if tag and tag != opened.tag:
            wanted = f'expected "</{opened.tag}>", found "</{tag}>"'
            raise ValueError(f"Unmatched end tag at byte offset {self._byte(start)}, {wanted}")
        length = utf16_len(self.text) - opened.offset
        link = opened.attributes.get("href", "")
        if length == 0 or (opened.tag == "a" and not link):
            return
        entity: Entity = {"type": _TAGS[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            entity["url"] = link
        self.entities.append(entity)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of an HTML-formatted text.

    Raises:
        ValueError: Telegram's sentence about the first mistake.
    """
    return _HtmlParser(source).parse()


def _cleaned(text: str) -> str:
    return "".join(" " if ord(char) < 32 and char != "\n" else char for char in text.replace("\r", ""))


def formatted(source: str, parse_mode: str, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    """What is left of a text after Telegram's parsing: trimmed plain text and shifted entities.

    Raises:
        ApiError: 400 `can't parse entities: …` or `unsupported parse_mode`.
    """
    mode = parse_mode.lower()
    try:
        if mode == "html":
            text, found = parse_html(_cleaned(source))
        elif mode == "markdownv2":
            text, found = parse_markdown_v2(_cleaned(source))
        elif mode in {"", "none"}:
            text, found = _cleaned(source), list(entities or [])
        else:
            raise bad_request("unsupported parse_mode")
    except ValueError as error:
        raise bad_request(f"can't parse entities: {error}") from None
    trimmed = text.strip()
    shift = utf16_len(text) - utf16_len(text.lstrip())
    return trimmed, _shifted(found, shift, utf16_len(trimmed))


def _shifted(entities: list[Entity], shift: int, limit: int) -> list[Entity]:
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        end = min(limit, entity["offset"] + entity["length"] - shift)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return kept
