"""Stock python-telegram-bot: `Application`, its own HTTP backend, one update after the other."""

from __future__ import annotations

import argparse
from pathlib import Path

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from benchmarks.contenders.keeping import Keeper
from benchmarks.sink import TOKEN


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--insert", action="store_true")
    options = parser.parse_args()
    keeper = Keeper(options.folder / "ptb.db") if options.insert else None

    async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if keeper and message:
            keeper.keep(message.chat.id, message.text, message.date.isoformat())
        if update.callback_query:
            await update.callback_query.answer()
        if message:
            await message.reply_text(message.text or "…")

    application = Application.builder().token(TOKEN).base_url(f"{options.api}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, answer))
    application.add_handler(CallbackQueryHandler(answer))
    application.run_polling(allowed_updates=["message", "callback_query"])


if __name__ == "__main__":
    main()
