"""The answers Telegram gives when it refuses a request, with its own words.

Source: error texts of github.com/tdlib/telegram-bot-api (Client.cpp) and github.com/tdlib/td, read 2026-11.
"""

from typing import Any

MESSAGE_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
TERMINATED_BY_WEBHOOK = "terminated by setWebhook request"
UPGRADED = "group chat was upgraded to a supergroup chat"
BLOCKED = "bot was blocked by the user"
DEACTIVATED = "user is deactivated"
KICKED = "bot was kicked from the group chat"

_PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class ApiError(Exception):
    """A refusal as the Bot API words it: HTTP status, description, optional parameters."""

    def __init__(self, code: int, text: str = "", parameters: dict[str, Any] | None = None) -> None:
        prefix = _PREFIXES.get(code, "Error")
        self.code = code
        self.description = f"{prefix}: {text}" if text else prefix
        self.parameters = parameters
        super().__init__(self.description)

    def to_json(self) -> dict[str, Any]:
        """The response body."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(text: str) -> ApiError:
    """A 400 with Telegram's prefix."""
    return ApiError(400, text)


def too_many_requests(retry_after_s: int) -> ApiError:
    """A 429 with the seconds to wait in `parameters.retry_after`."""
    return ApiError(429, f"retry after {retry_after_s}", {"retry_after": retry_after_s})
