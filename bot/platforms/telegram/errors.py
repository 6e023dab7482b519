"""What each of Telegram's refusals means for a delivery.

Source: docs/telegram.md#errors; texts read in Telegram's own server (Client.cpp), 2026-11.
"""

from __future__ import annotations

import re
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.platforms.telegram.request import NotSent
from models.errors import (
    BadCredentials,
    DeliveryError,
    Moved,
    RecipientGone,
    Rejected,
    Throttled,
    Uncertain,
    Unreachable,
)

# 403s that will never heal by themselves. An unknown 403 is tried again: it may be a passing restriction.
_GONE = (
    ("blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("kicked", "kicked"),
    ("not a member", "kicked"),
    ("group chat was deleted", "kicked"),
    ("can't initiate conversation", "chat-not-found"),
    ("can't send messages to bots", "chat-not-found"),
)
_UNKNOWN_CHAT = ("chat not found", "peer_id_invalid", "chat_id is empty")
# The message we wanted to change is no longer there, or is of a kind that cannot become what we want.
_NO_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
    "message identifier is not specified",
)


def read_error(error: TelegramError) -> DeliveryError:
    """Map an error of python-telegram-bot onto the family that the outbox understands.

    The order matters: TimedOut and BadRequest are subclasses of NetworkError.
    """
    text = error.message.lower()
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return Throttled("throttled", retry_after_s=seconds)
    if isinstance(error, ChatMigrated):
        return Moved("moved", address=str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return _forbidden(text)
    if isinstance(error, BadRequest):
        is_gone = any(words in text for words in _UNKNOWN_CHAT)
        return RecipientGone("chat-not-found") if is_gone else Rejected(_slug(text))
    if isinstance(error, InvalidToken | EndPointNotFound):
        return BadCredentials("bad-token")
    return _network(error, text)


def _network(error: TelegramError, text: str) -> DeliveryError:
    if isinstance(error.__cause__, NotSent):
        return Unreachable("no-connection")
    if isinstance(error, Conflict):
        return Unreachable("conflict")
    if "entity too large" in text:
        return Rejected("too-large")
    # A read time-out, a broken connection or a 5xx: the message may well have arrived.
    return Uncertain("no-answer")


def _forbidden(text: str) -> DeliveryError:
    for words, code in _GONE:
        if words in text:
            return RecipientGone(code)
    return Unreachable("forbidden")


def _slug(text: str) -> str:
    """A short code for logs and counters; what people wrote does not appear in Telegram's errors after a colon."""
    return re.sub(r"[^a-z0-9]+", "-", text.split(":", maxsplit=1)[0]).strip("-")[:48] or "bad-request"


def is_unchanged(error: TelegramError) -> bool:
    """Whether an edit failed because the message looks like that already."""
    return isinstance(error, BadRequest) and "message is not modified" in error.message.lower()


def needs_new_message(error: TelegramError) -> bool:
    """Whether an edit failed in a way that a new message repairs."""
    return isinstance(error, BadRequest) and any(words in error.message.lower() for words in _NO_EDIT)


def is_our_markup(error: TelegramError) -> bool:
    """Whether the words would pass without formatting and buttons."""
    signs = ("can't parse entities", "entity", "button", "reply markup is too long", "keyboard")
    return isinstance(error, BadRequest) and any(sign in error.message.lower() for sign in signs)
