"""The real command line and the local Bot API server, each a process of its own; the bot is there to be killed."""

import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp

from tests.telegram_server import TOKEN

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0  # For what surely happens, on a busy machine.


async def until(condition, problem, patience_s=PATIENCE_S):
    """Wait until `condition()` (a coroutine function) gives something true; give that."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            while True:
                if found := await condition():
                    return found
                await asyncio.sleep(0.05)
    raise AssertionError(problem() if callable(problem) else problem)


class TelegramProcess:
    """The Bot API server; what it accepted and what waits in it outlives every bot."""

    def __init__(self, folder):
        self._folder = folder

    async def __aenter__(self):
        command = [sys.executable, "-m", "tests.telegram_server", "--record", str(self._folder / "record.jsonl")]
        command += ["--latency-s", "0.04"]  # so that a kill finds something under way
        # Its traces are of calls that were cut off when the bot was killed.
        quiet = (self._folder / "telegram.log").open("w")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=quiet, text=True)
        quiet.close()
        self.api_base = (await asyncio.to_thread(self._process.stdout.readline)).split()[-1]
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_error):
        await self._session.close()
        self._process.terminate()
        self._process.communicate()

    async def acts(self, person, what, *given):
        """Let a person do something on the phone; False if it cannot be done (the button is not there)."""
        body = {"do": what, "with": list(given)}
        async with self._session.post(f"{self.api_base}/control/phone/{person}", json=body) as answer:
            return answer.status == 200

    async def screen(self, person):
        async with self._session.get(f"{self.api_base}/control/screen/{person}") as answer:
            return await answer.json()

    async def state(self):
        async with self._session.get(f"{self.api_base}/control/state") as answer:
            return await answer.json()

    async def accepted(self, person, method):
        """The calls of one method that were accepted for a person, in order."""
        query = {"chat": person, "method": method}
        async with self._session.get(f"{self.api_base}/control/record", params=query) as answer:
            return await answer.json()


class BotProcess:
    """`python -m bot run` on the local server, polling; started, killed and started again."""

    def __init__(self, folder, database_url, api_base, name="bot"):
        self._log = (folder / f"{name}.log").open("a+")
        self.port = _free_port()
        self.kills = 0
        self._process = None
        rules = folder / "rules.toml"  # The shipped ones without quiet hours: the test runs at all hours.
        rules.write_text(
            (ROOT / "rules.toml").read_text("utf-8").replace("starts_hour = 22", "starts_hour = 7"), "utf-8"
        )
        self._environment = {
            "RULES_FILE": str(rules),
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "MEDIA_URL": str(folder / "media"),
            "PLATFORMS": "telegram",
            "TELEGRAM_API_BASE": api_base,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "WEB_LISTEN": f"127.0.0.1:{self.port}",
        }

    def start(self):
        command = [sys.executable, "-m", "bot", "run"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL
        )

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def crash_often(self, times, dice: random.Random):
        """Start and kill at random moments, some of them while it still starts; leave it running."""
        for _ in range(times):
            self.start()
            await asyncio.sleep(dice.choice((dice.uniform(0.0, 2.0), 1.2 + dice.expovariate(1 / 1.5))))
            assert self._process.poll() is None, f"the bot ended by itself:\n{self.log()}"
            self.kill()
            self.kills += 1
        self.start()

    async def role(self):
        """What /readyz says this process is; empty while it does not answer."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}/readyz") as answer,
            ):
                return (await answer.json())["role"]
        except (aiohttp.ClientError, OSError):
            return ""

    async def ends(self):
        """Wait until it ends by itself; give its exit code."""
        return await asyncio.to_thread(self._process.wait, PATIENCE_S)

    @property
    def pid(self):
        return self._process.pid

    def log(self):
        """Everything it said, in all its lives."""
        self._log.seek(0)
        return self._log.read()

    def close(self):
        self.kill()
        self._log.close()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
