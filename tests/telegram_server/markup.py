"""Checks a reply_markup as Telegram does, and reads it into what a chat shows."""

from dataclasses import dataclass
from typing import Any

from tests.telegram_server.args import Args
from tests.telegram_server.errors import bad_request

# Source: core.telegram.org/bots/api#inlinekeyboardbutton (1-64 bytes, 100 buttons), read 2026-11.
MAX_CALLBACK_BYTES = 64
MAX_BUTTONS = 100
_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay")

Keyboard = list[list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Markup:
    """A keyboard: `inline` under the message, or `reply` beside the input (a removal has no rows)."""

    inline: Keyboard | None = None
    reply: Keyboard | None = None
    is_one_time: bool = False

    @property
    def is_reply(self) -> bool:
        """A message that carried a non-inline keyboard can never be edited."""
        return self.reply is not None


NO_MARKUP = Markup()


def _inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if not any(action in button for action in _ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    url = button.get("url")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    return button


def _reply_button(button: Any) -> dict[str, Any]:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict) or "text" not in button:
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    return button


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse keyboard markup: Field must be an Array of Arrays")
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def read_markup(args: Args) -> Markup:
    """Read `reply_markup`.

    Raises:
        ApiError: 400 with Telegram's words for data over 64 bytes, over 100 buttons, buttons without action.
    """
    value = args.parsed("reply_markup", "reply keyboard markup")
    if value is None:
        return NO_MARKUP
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in value:
        rows = [[_inline_button(button) for button in row] for row in _rows(value["inline_keyboard"])]
        # Telegram drops buttons without text silently, and rows that are empty then.
        shown = [[button for button in row if str(button.get("text", "")).strip()] for row in rows]
        return Markup(inline=[row for row in shown if row] or None)
    if "keyboard" in value:
        keys = [[_reply_button(button) for button in row] for row in _rows(value["keyboard"])]
        return Markup(reply=keys, is_one_time=bool(value.get("one_time_keyboard")))
    if value.get("remove_keyboard") or value.get("force_reply"):
        return Markup(reply=[])
    return NO_MARKUP
