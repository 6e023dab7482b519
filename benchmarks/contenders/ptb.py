"""Stock python-telegram-bot: `Application`, its own HTTP backend, one update after the other.

`--insert`: the handler keeps each message in SQLite (WAL, FULL), one commit each, with the standard library's
driver: the cheapest durable bot that can be written with it.
"""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from benchmarks.sink import TOKEN


def open_table(path: Path) -> sqlite3.Connection:
    """Make the table that `--insert` fills."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE heard (id INTEGER PRIMARY KEY, chat INTEGER, text TEXT, at TEXT)")
    return connection


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--insert", action="store_true")
    options = parser.parse_args()
    table = open_table(options.folder / "ptb.db") if options.insert else None

    async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if table and message:
            row = (message.chat.id, message.text, message.date.isoformat())
            table.execute("INSERT INTO heard (chat, text, at) VALUES (?, ?, ?)", row)
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
