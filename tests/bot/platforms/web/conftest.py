import pytest

from tests.bot.platforms.web.site import running


@pytest.fixture
async def site(store, media, clock, people):
    """The web chat, running, with the cast in its database."""
    async with running(store, media, clock) as site:
        site.people = people
        yield site


@pytest.fixture
async def lin(site):
    """林's browser, bound."""
    return await site.member(site.people["lin"])


@pytest.fixture
async def chen(site):
    return await site.member(site.people["chen"])


@pytest.fixture
async def he(site):
    """何, a stranger who has opened the page."""
    return await site.open()
