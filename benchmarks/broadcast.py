"""A notice to 600 people at Telegram's strictest limits, while somebody talks to the bot."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.contenders.ours import BROADCAST, FIRST_CHAT
from benchmarks.outcome import Outcome, Plan, Target, percentile
from benchmarks.rig import PATIENCE_S, Process, Server

LIMIT_PER_S = 30.0
ROUND_TRIP_S = 0.06
TALK_EVERY_S = 0.5
TALKERS = 10  # So that no chat comes near its own limit of one message a second.


def message(chat: int, text: str) -> dict[str, Any]:
    """An update for the strict server's control endpoint."""
    person = {"id": chat, "is_bot": False, "first_name": "p", "language_code": "zh-hans"}
    home = {"id": chat, "type": "private", "first_name": "p"}
    body = {"message_id": int(time.time() * 1000) % 10**9, "from": person, "chat": home, "date": int(time.time())}
    return {"kind": "message", "chat": chat, "person": chat, "body": body | {"text": text}}


def talk(server: Server, people: int, process: Process) -> list[dict[str, Any]]:
    """Have a notice sent to everybody, and some of them speak now and then; every accepted call."""
    spoken: list[tuple[str, float]] = []
    server.ask("update", message(FIRST_CHAT + people, BROADCAST))
    rows: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE_S
    while len([row for row in rows if BROADCAST in row["fields"].get("text", "")]) < people:
        process.check()
        if time.monotonic() > deadline:
            break
        text = f"在吗 {len(spoken)}"
        spoken.append((text, time.time()))
        chat = FIRST_CHAT + len(spoken) % TALKERS * (people // TALKERS)
        server.ask("update", message(chat, text))
        time.sleep(TALK_EVERY_S)
        rows = server.ask("record?method=sendMessage")
    time.sleep(2)
    rows = server.ask("record?method=sendMessage")
    said_at = dict(spoken)
    for row in rows:
        row["waited_s"] = row["at"] - said_at[row["fields"]["text"]] if row["fields"]["text"] in said_at else None
    return rows


def measure(people: int) -> tuple[list[dict[str, Any]], int]:
    """One broadcast: the accepted messages, and how often the server said 429."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        folder = Path(name)
        arguments = ("--limits", "--open-chats", "--latency-s", ROUND_TRIP_S)
        server = Server(folder, module="tests.telegram_server", arguments=arguments)
        options = ("--api", server.url, "--folder", folder, "--people", people + 1, "--echo", "--paced")
        process = Process("benchmarks.contenders.ours", *options, log=folder / "bot.log")
        try:
            process.says("serving")
            # At the first start everybody gets a menu; that is over before the broadcast begins.
            server.until(lambda state: len(state["commands"]) > people, process, every_s=0.5)
            rows = talk(server, people, process)
            return rows, server.ask("state")["refused"]
        finally:
            process.stop()
            server.process.stop()


def run(plan: Plan) -> Outcome:
    """Once: the clock decides here, not the processor."""
    people = plan.pick(600, 150)
    rows, refused = measure(people)
    sent = [row for row in rows if BROADCAST in row["fields"].get("text", "")]
    waits = [row["waited_s"] for row in rows if row["waited_s"] is not None]
    times = [row["at"] for row in sent]
    elapsed_s = max(times) - min(times)
    replies = sum(min(times) <= row["at"] <= max(times) for row in rows) - len(sent)
    # What the limit lets through: the broadcast and the answers that were given meanwhile.
    ideal_s = (len(sent) + replies - 1) / LIMIT_PER_S
    lost = people - len({row["chat"] for row in sent})
    outcome = Outcome(
        f"broadcast: {people} people, strict server, {LIMIT_PER_S:.0f}/s, {ROUND_TRIP_S * 1000:.0f} ms",
        ("sent", "elapsed s", "ideal s", "429s", "answers meanwhile", "their p50 / p95 s"),
        [
            (
                str(len(sent)), f"{elapsed_s:.2f}", f"{ideal_s:.2f}", str(refused), str(len(waits)),
                f"{percentile(waits, 0.5):.2f} / {percentile(waits, 0.95):.2f}",
            )
        ],
        ["The ideal is one message every 1/30 s; Telegram's bucket would allow 30 more at the very beginning."],
    )  # fmt: skip
    outcome.targets += [
        Target("of the ideal", ideal_s / elapsed_s * 100, 97, unit=" %"),
        Target("lost", lost, 0, unit="", at_least=False),
        Target("429s", refused / (len(rows) + refused) * 100, 1, unit=" %", at_least=False),
        Target("an answer's p95 meanwhile", percentile(waits, 0.95), 1, unit=" s", at_least=False),
    ]
    return outcome
