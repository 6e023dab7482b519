"""Cards as Telegram messages: which messages, with which words and buttons. No network here.

Words are sent with entities instead of a parse mode: nothing a person wrote can be taken for formatting, so
nothing has to be escaped. Lengths are UTF-16 units, at most what Telegram counts after parsing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from models.content import Button, Card, File, Picture
from models.texts import Reader, Text, _

# Source: core.telegram.org/bots/api#sendmessage, #sendphoto, #sendmediagroup, #inlinekeyboardmarkup, read 2026-11.
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ALBUM = 10
MAX_BUTTONS = 100
MAX_ROW = 8

_TONES = {"good": "✅ ", "warn": "⚠️ ", "alarm": "🚨 "}
_STYLES = {"primary": "primary", "danger": "danger"}


def units(text: str) -> int:
    """UTF-16 code units, Telegram's measure: most emoji are two."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Part:
    """One call that shows a piece of a card: a text, a photo, an album, a file, or the request for a contact.

    `bold`: the first so many UTF-16 units of `text` are the title. `markup` is the keyboard under or, for
    "ask", beside the message.
    """

    kind: Literal["text", "photo", "album", "file", "ask"]
    text: str = ""
    bold: int = 0
    pictures: tuple[Picture, ...] = ()
    file: File | None = None
    markup: InlineKeyboardMarkup | ReplyKeyboardMarkup | None = None


def render(card: Card, reader: Reader) -> list[Part]:
    """The messages of a card, in order; the one with the words and buttons comes after its pictures.

    One picture or one file carries the words as its caption when they fit; else they are a message of their own.
    """
    text, bold = _words(card, reader)
    markup = _inline(card, reader)
    caption_fits = units(text) <= CAPTION_LIMIT
    if caption_fits and not card.ask and len(card.pictures) + len(card.files) == 1:
        kind: Literal["photo", "file"] = "photo" if card.pictures else "file"
        file = next(iter(card.files), None)
        return [Part(kind, text, bold, card.pictures, file, markup)]
    files = [Part("file", file=file) for file in card.files]
    # The words come last: the card with its buttons stands nearest to the thumb, and is the one to edit.
    return _with_question([*_pictures(card.pictures), *files, *_texts(text, bold, markup)], card, reader)


def _clean(text: str) -> str:
    """Half a surrogate pair, as a browser may send one, cannot be written as UTF-8: it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _words(card: Card, reader: Reader) -> tuple[str, int]:
    """Text and the length of its bold title, without blanks at the ends: Telegram would shift the entities."""
    title = _clean(reader.read(card.title)).strip()
    said = (*card.lines, card.ask_line) if card.ask_line else card.lines
    lines = [_clean(reader.read(line)) for line in said]
    tone = _TONES.get(card.tone, "")
    if title:
        body = "\n".join(lines).rstrip()
        return tone + title + (f"\n{body}" if body.strip() else ""), units(tone + title)
    body = "\n".join(lines).strip()
    return (tone + body if body else ""), 0


def _inline(card: Card, reader: Reader) -> InlineKeyboardMarkup | None:
    rows: list[list[InlineKeyboardButton]] = []
    left = MAX_BUTTONS
    for row in card.buttons:
        # A button without words would vanish without a trace.
        keys = [_button(button, reader) for button in row][:left]
        left -= len(keys)
        rows += [keys[start : start + MAX_ROW] for start in range(0, len(keys), MAX_ROW)]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(button: Button, reader: Reader) -> InlineKeyboardButton:
    label = _clean(reader.read(button.label)).strip() or "…"
    return InlineKeyboardButton(label, callback_data=button.data, style=_STYLES.get(button.style))


def _pictures(pictures: tuple[Picture, ...]) -> list[Part]:
    groups = [pictures[start : start + ALBUM] for start in range(0, len(pictures), ALBUM)]
    return [Part("album" if len(group) > 1 else "photo", pictures=group) for group in groups]


def _texts(text: str, bold: int, markup: InlineKeyboardMarkup | None) -> list[Part]:
    if not text:
        # Buttons need a message to stand under, and Telegram takes no empty ones.
        return [Part("text", "…", markup=markup)] if markup else []
    pieces = split_text(text, TEXT_LIMIT)
    parts = [Part("text", piece) for piece in pieces]
    parts[0] = replace(parts[0], bold=min(bold, units(pieces[0])))
    parts[-1] = replace(parts[-1], markup=markup)
    return parts


def split_text(text: str, limit: int) -> list[str]:
    """Cut a text into pieces of at most `limit` UTF-16 units, at line ends where there are any."""
    pieces: list[str] = []
    current = ""
    for line in text.split("\n"):
        joined = f"{current}\n{line}" if current else line
        if units(joined) <= limit:
            current = joined
            continue
        if current.strip():
            pieces.append(current)
        *full, current = _chop(line, limit)
        pieces += full
    if current.strip():
        pieces.append(current)
    return pieces


def _chop(line: str, limit: int) -> list[str]:
    """Cut one line that is too long by itself, never inside a character."""
    pieces, current, size = [], "", 0
    for char in line:
        width = units(char)
        if size + width > limit:
            pieces.append(current)
            current, size = "", 0
        current += char
        size += width
    return [*pieces, current]


def _with_question(parts: list[Part], card: Card, reader: Reader) -> list[Part]:
    """Ask for the phone number or the location: only a keyboard beside the input can do that."""
    if not card.ask:
        return parts
    label, prompt = _question(card.ask)
    key = KeyboardButton(
        reader.read(label), request_contact=card.ask == "contact", request_location=card.ask == "place"
    )
    keyboard = ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)
    if parts and parts[-1].kind == "text" and parts[-1].markup is None:
        return [*parts[:-1], replace(parts[-1], kind="ask", markup=keyboard)]
    # A message has one keyboard: with buttons under the card, the question is a message of its own.
    return [*parts, Part("ask", reader.read(prompt), markup=keyboard)]


def _question(ask: str) -> tuple[Text, Text]:
    if ask == "contact":
        return _("分享手机号"), _("请点输入框下方的「分享手机号」。")
    return _("发送位置"), _("可以点输入框下方的「发送位置」。")
