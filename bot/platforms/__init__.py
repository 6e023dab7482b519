"""The chat platforms. To add one: its module with `build(context)`, and one line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the settings ask for the names alone, and the contract names the settings
    from bot.platforms.base import Context, Platform

# Modules are named, not imported: a platform that is switched off costs nothing at start-up.
PLATFORMS = {
    "web": "bot.platforms.web",
    "telegram": "bot.platforms.telegram",
}


def build_platform(name: str, context: Context) -> Platform:
    """Build a platform by name. Raises: KeyError: there is none of this name."""
    build: Callable[[Context], Platform] = import_module(PLATFORMS[name]).build
    return build(context)
