"""The calls that every conversation makes, without what nobody looks at.

python-telegram-bot builds a `Message` of some ninety attributes from each answer; of a text that was sent, the id is
all that is wanted. These few calls take and give plain JSON: a third of the work (docs/benchmarks.md). Whatever is
rarer, or carries files, goes through the library's `Bot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.platforms.telegram.request import AiohttpRequest

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | None
Json = dict[str, Any]

_NO_PREVIEW = {"is_disabled": True}


class Calls:
    """The calls of one bot. Each raises TelegramError, as `Bot` does."""

    def __init__(self, request: AiohttpRequest, base_url: str) -> None:
        self._request = request
        self._base = base_url

    async def send_text(self, chat: int, text: str, *, bold: int = 0, markup: Markup = None) -> int:
        """Send a text whose first `bold` UTF-16 units are its title; the message's id."""
        message = await self._call("sendMessage", _words(chat, text, bold, markup))
        return int(message["message_id"])

    async def edit_text(self, chat: int, message_id: int, text: str, *, bold: int = 0, markup: Markup = None) -> None:
        """Change a text in place."""
        await self._call("editMessageText", {"message_id": message_id, **_words(chat, text, bold, markup)})

    async def delete(self, chat: int, message_ids: Sequence[int]) -> None:
        """Take messages away."""
        await self._call("deleteMessages", {"chat_id": chat, "message_ids": list(message_ids)})

    async def answer_press(self, press_id: str) -> None:
        """Stop the clock on a pressed button."""
        await self._call("answerCallbackQuery", {"callback_query_id": press_id})

    async def _call(self, method: str, fields: Json) -> Any:
        return await self._request.call(f"{self._base}/{method}", fields)


def _words(chat: int, text: str, bold: int, markup: Markup) -> Json:
    fields: Json = {"chat_id": chat, "text": text, "link_preview_options": _NO_PREVIEW}
    if bold:
        fields["entities"] = [{"type": "bold", "offset": 0, "length": bold}]
    if markup is not None:
        fields["reply_markup"] = markup.to_dict()
    return fields
