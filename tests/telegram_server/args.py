"""Reads a Bot API request: query string, JSON, form or multipart, all into strings and uploads."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.telegram_server.errors import ApiError, bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    filename: str
    mime: str
    data: bytes


@dataclass(slots=True)
class Args:
    """The arguments of one call. Every value is text, as in Telegram's own server; objects are JSON text."""

    fields: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value, or an empty string."""
        return self.fields.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """The value as a number; Telegram reads what is not a number as 0."""
        try:
            return int(self.fields.get(name, default))
        except ValueError:
            return 0

    def number(self, name: str) -> float:
        """A decimal, such as a latitude.

        Raises:
            ApiError: 400 when it is missing or not a number.
        """
        try:
            return float(self.fields[name])
        except (KeyError, ValueError):
            raise bad_request(f"{name} is invalid") from None

    def flag(self, name: str) -> bool:
        """True for `true`, `1`, `yes`."""
        return self.fields.get(name, "").lower() in {"true", "1", "yes"}

    def parsed(self, name: str, what: str) -> Any:
        """The JSON value, or None when absent.

        Raises:
            ApiError: 400 `can't parse <what> JSON object`.
        """
        raw = self.fields.get(name, "")
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def read_args(request: web.Request) -> Args:
    """Collect the arguments of a request, whatever form it has.

    Raises:
        ApiError: 400 for a JSON body that is no object, 413 for more than 50 MB.
    """
    args = Args(dict(request.query))
    if not request.can_read_body:
        return args
    try:
        if request.content_type == "application/json":
            body = await request.json()
            args.fields.update({name: _as_text(value) for name, value in body.items() if value is not None})
            return args
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                args.uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                args.fields[name] = value if isinstance(value, str) else bytes(value).decode()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413) from None
    except (ValueError, AttributeError):
        raise bad_request("can't parse JSON object") from None
    return args
