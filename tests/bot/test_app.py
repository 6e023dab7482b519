"""The composition: every part that was begun is ended."""

import asyncio

import pytest

from bot.app import build_app, serve
from bot.platforms.web import WebPlatform
from bot.refusal import Refused
from models.errors import BadCredentials
from tests.journeys.running import RULES, make_settings, running


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


async def test_bot_does_not_run_with_a_font_that_cannot_draw(database_url, tmp_path, clock, monkeypatch):
    monkeypatch.setattr("models.media.PROOF", "隐患塅①龘")
    app = build_app(make_settings(database_url, tmp_path), RULES, clock=clock)
    with pytest.raises(Refused, match="no glyph for 龘"):
        await asyncio.wait_for(serve(app), 20)
