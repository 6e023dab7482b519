"""The Telegram platform: the only room that knows python-telegram-bot.

request.py HTTP · calls.py the calls of every conversation · poll.py and webhook.py the two ways in
· read.py JSON → Incoming · render.py Card → messages · show.py messages into a chat · marks.py what they are
called afterwards · errors.py what refusals mean · platform.py all of it together.
"""

from bot.platforms.base import Context
from bot.platforms.telegram.platform import TelegramConfig, TelegramPlatform

__all__ = ["TelegramConfig", "TelegramPlatform", "build"]


def build(context: Context) -> TelegramPlatform:
    """Build the platform from the settings. Raises: ValueError: there is no token."""
    settings = context.settings
    if settings.telegram_bot_token is None:
        raise ValueError("TELEGRAM_BOT_TOKEN is not set")
    secret = settings.telegram_webhook_secret
    config = TelegramConfig(
        token=settings.telegram_bot_token.get_secret_value(),
        api_base=settings.telegram_api_base,
        mode=settings.telegram_mode,
        webhook_url=settings.telegram_webhook_url,
        webhook_secret=secret.get_secret_value() if secret else "",
    )
    return TelegramPlatform(config, context.media)
