"""The composition: every part that was begun is ended."""

import asyncio

from bot.platforms.web import WebPlatform
from models.errors import BadCredentials
from tests.journeys.running import running


async def test_platform_that_refuses_our_token_is_stopped_all_the_same(database_url, tmp_path, clock, monkeypatch):
    begun, ended = asyncio.Event(), []

    async def start(_platform, _on_incoming):
        begun.set()
        raise BadCredentials("bad-token")

    async def stop(_platform):
        ended.append("stopped")

    monkeypatch.setattr(WebPlatform, "start", start)
    monkeypatch.setattr(WebPlatform, "stop", stop)
    async with running(database_url, tmp_path, clock):
        await asyncio.wait_for(begun.wait(), 20)
    assert ended == ["stopped"]
