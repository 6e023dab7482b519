"""`python -m bot invite`: an invite for somebody of the roster, with a link for every platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.settings import Settings
from models.people.invites import Invitation, make_invite
from models.rules import Rules
from models.session import open_store


async def make_invitation(settings: Settings, rules: Rules, name: str, *, grid: str, role: str) -> Invitation:
    """Invite somebody by name; `grid` and `role` ("" for any) decide where the name is not enough.

    The links are those the bot noted when it last started; before its first start there is that of the web chat.
    Raises: InvalidInput: nobody of that name on the roster, or several, or no such grid or role.
    """
    store = open_store(settings.database_url)
    try:
        made = await make_invite(store, name, grid=grid, role=role, rules=rules.joining, now=datetime.now(UTC))
    finally:
        await store.close()
    links = {platform: link for platform, link in made.links.items() if platform in settings.active_platforms}
    if "web" in settings.active_platforms:
        links.setdefault("web", f"{settings.base_url}/#join={made.code}")
    return replace(made, links=links)
